--! Previous: sha1:becd435c216ed7ce6408c53e01d69dc762bbe689
--! Hash: sha1:92fdd44a21799eaf2ced84df70920406120ab987

-- A page of figures asks for the percentiles of its own minutes, not of all that the filter has: 3.5 instead of 7.5 milliseconds
-- for an hour. The view has no condition of its own that a barrier would keep: row-level security of its table decides.

set local role :OWNER;

alter view blindagem.queue_figures set (security_barrier = false);

reset role;
