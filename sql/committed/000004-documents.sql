--! Previous: sha1:1e5a7a24199975d462ecc34df718f7a20644d546
--! Hash: sha1:10f47b08cbd0cbdc40392ef6b961c5cbe3235370

-- Documents: the bytes lie in object storage under their hash, the row knows the hash. The same bytes are stored
-- and read once, whoever sends them; who may see them is a matter of document_uses.

set local role :OWNER;

create table blindagem.documents (
  sha256 blindagem.sha256 primary key,
  format text not null check (format in ('PNG', 'JPEG', 'PDF')),
  size int not null check (size between 1 and 10485760),
  stored_at timestamptz not null default now()
);
comment on table blindagem.documents is 'A receipt, invoice or boleto, by the SHA-256 of its bytes.';

create table blindagem.document_uploads (
  organization_id bigint not null references blindagem.organizations,
  sha256 blindagem.sha256 not null references blindagem.documents,
  file_name text not null check (length(file_name) between 1 and 255),
  uploaded_by bigint references blindagem.people,
  uploaded_at timestamptz not null default now(),
  primary key (organization_id, sha256, file_name)
);
comment on table blindagem.document_uploads is 'Which organization handed in which document, under which name: a batch may refer to either.';
create index document_uploads_name on blindagem.document_uploads (organization_id, file_name);

create table blindagem.document_readings (
  id bigint generated always as identity primary key,
  sha256 blindagem.sha256 not null references blindagem.documents,
  reader_version text not null,
  kind text not null,
  verdict text not null check (verdict in ('ACCEPTED', 'MANUAL_REVIEW')),
  reading jsonb not null,
  read_at timestamptz not null default now(),
  unique (sha256, reader_version)
);
comment on table blindagem.document_readings is 'What was read in a document, per version of the reader: reading again keeps the old reading.';

create table blindagem.document_identifiers (
  sha256 blindagem.sha256 not null references blindagem.documents,
  kind text not null check (kind in ('PIX_END_TO_END', 'BOLETO_LINE', 'DFE_KEY', 'BR_CODE')),
  value text not null,
  primary key (kind, value, sha256)
);
comment on table blindagem.document_identifiers is 'Identifiers with right check digits that documents carry; the same one on two expenses is a duplicate receipt.';
create index document_identifiers_sha256 on blindagem.document_identifiers (sha256);

alter table blindagem.documents enable row level security;
alter table blindagem.document_readings enable row level security;
alter table blindagem.document_identifiers enable row level security;
create policy worker on blindagem.documents to :WORKER using (true) with check (true);
create policy worker on blindagem.document_readings to :WORKER using (true) with check (true);
create policy worker on blindagem.document_identifiers to :WORKER using (true) with check (true);
grant select, insert on blindagem.documents, blindagem.document_readings, blindagem.document_identifiers to :WORKER;
grant select on blindagem.documents, blindagem.document_readings, blindagem.document_identifiers
  to :ADMIN, :REVIEWER, :SINDICO, :AUDITOR, :INTEGRATOR;
select blindagem_private.scope_by_organization('blindagem.document_uploads');

reset role;
