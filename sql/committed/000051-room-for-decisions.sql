--! Previous: sha1:5389af175b03172560ae9c2c25e1c49fe4a90815
--! Hash: sha1:12038895b8bdca9420cebb515bac498f07a1fc9e

-- Room for a decision on the page of its expense.

set local role :OWNER;

-- A decision makes a row longer by its reasons and the hash of its facts. Of 29,460 decided rows a quarter did not fit on
-- their page at 45, and each wrote six index entries; at 35 all fit, and the table is smaller by a tenth.
alter table blindagem.expenses set (fillfactor = 35);

reset role;
