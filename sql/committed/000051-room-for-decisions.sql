--! Previous: sha1:04299f625b83c49e20e2bac627d44c72b48274ba
--! Hash: sha1:29783e3df21dcc04d9d5636735c7c1a4aa19b952

-- Room for a decision on the page of its expense.

set local role :OWNER;

-- A decision makes a row longer by its reasons and the hash of its facts. Of 29,460 decided rows a quarter did not fit on
-- their page at 45, and each wrote six index entries; at 35 all fit, and the table is smaller by a tenth.
alter table blindagem.expenses set (fillfactor = 35);

reset role;
