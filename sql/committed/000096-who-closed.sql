--! Previous: sha1:2bb40cf5b841452858eed39b5cfd5231e3894d90
--! Hash: sha1:3bcd1b2faef550f6495a23108173331f95998ac8

-- Who may see a closing may see who closed it: an auditor has the condominium by a grant and sees no members of the
-- administradora, and a síndico who closed is none of them.

set local role :OWNER;

create policy closers on blindagem.people for select to :ADMIN, :REVIEWER, :AUDITOR
  using (exists (select from blindagem.closings c where c.closed_by = people.id));

reset role;
