--! Previous: sha1:1872c831687041ffb97120fd1851c1cafd828ecf
--! Hash: sha1:0a68675ed0c2a647bd8e0fa9f7a5290a86a38b0b

-- Who may see a closing may see who closed it: an auditor has the condominium by a grant and sees no members of the
-- administradora, and a síndico who closed is none of them.

set local role :OWNER;

create policy closers on blindagem.people for select to :ADMIN, :REVIEWER, :AUDITOR
  using (exists (select from blindagem.closings c where c.closed_by = people.id));

reset role;
