import type pg from "pg";
import { storableJson } from "../database/storable-json.ts";
import type { LookupOutcome } from "./company.ts";
import { readFromMirror } from "./company-mirror.ts";

/** What of an answer is stored: a company, or that the registry does not have or refuses the CNPJ. */
export type StorableOutcome = Extract<
  LookupOutcome,
  { kind: "FOUND" } | { kind: "NOT_FOUND" } | { kind: "INVALID" }
>;

const STATES = { FOUND: "FOUND", NOT_FOUND: "NOT_FOUND", INVALID: "REFUSED" } as const;

/** How long an answer serves before it is asked again. */
export const FRESH_DAYS = 30;

/** Whether the registry's answer on a CNPJ is known and recent. */
export async function isKnown(client: pg.ClientBase, cnpj: string, now: Date): Promise<boolean> {
  const { rowCount } = await client.query(
    `select from blindagem.companies
     where cnpj = $1 and fetched_at > $2::timestamptz - $3 * interval '1 day'`,
    [cnpj, now, FRESH_DAYS],
  );
  return rowCount === 1;
}

/** The company from the local mirror of the open data, which lacks what was founded after its dump. */
export async function lookUpInMirror(
  client: pg.ClientBase,
  cnpj: string,
): Promise<StorableOutcome | undefined> {
  const company = await readFromMirror(client, cnpj);
  // Without a name the mirror was loaded without the companies' file: ask the registry instead.
  return company?.name ? { kind: "FOUND", company } : undefined;
}

/** Stores the answer on a CNPJ, in place of an older one. */
export async function storeCompany(
  client: pg.ClientBase,
  cnpj: string,
  source: "MIRROR" | "CNPJWS",
  outcome: StorableOutcome,
  now: Date,
): Promise<void> {
  const company = outcome.kind === "FOUND" ? outcome.company : undefined;
  await client.query(
    `insert into blindagem.companies (
       cnpj, state, name, status, status_date, opened_on, main_cnae, secondary_cnaes, mei, simples,
       source, source_date, fetched_at)
     values ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13)
     on conflict (cnpj) do update set
       state = excluded.state, name = excluded.name, status = excluded.status, status_date = excluded.status_date,
       opened_on = excluded.opened_on, main_cnae = excluded.main_cnae, secondary_cnaes = excluded.secondary_cnaes,
       mei = excluded.mei, simples = excluded.simples, source = excluded.source,
       source_date = excluded.source_date, fetched_at = excluded.fetched_at`,
    [
      cnpj,
      STATES[outcome.kind],
      company?.name ?? null,
      company?.status ?? null,
      company?.statusDate ?? null,
      company?.openedOn ?? null,
      company?.mainCnae ?? null,
      company?.secondaryCnaes ?? [],
      company?.mei ?? null,
      company?.simples ?? null,
      source,
      company?.sourceDate ?? null,
      now,
    ],
  );
}

/** Keeps the answer as it came, whatever it was; of a failure the cause. */
export async function keepAnswer(
  client: pg.ClientBase,
  cnpj: string,
  source: "MIRROR" | "CNPJWS",
  outcome: LookupOutcome,
  now: Date,
): Promise<void> {
  await client.query(
    `insert into blindagem_private.company_answers (cnpj, source, outcome, raw, answered_at)
     values ($1, $2, $3, $4, $5)`,
    [cnpj, source, outcome.kind, rawOf(outcome), now],
  );
}

function rawOf(outcome: LookupOutcome): string | null {
  if (outcome.kind === "FOUND") return storableJson(outcome.company.raw);
  return outcome.kind === "UNAVAILABLE" ? storableJson({ cause: outcome.cause }) : null;
}
