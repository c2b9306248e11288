import type pg from "pg";
import { CERTIFICATE, LEAST_PROBABILITY } from "../receipts/probability.ts";
import { READER_VERSION } from "../receipts/store-reading.ts";
import { CATEGORIES } from "../suppliers/categories.ts";
import { DEFAULT_RULES } from "../validation/rule-set.ts";
import type { Attest } from "./actor.ts";
import { migrationStep } from "./migration-step.ts";
import { roleName } from "./role-names.ts";

/** Salaries are hidden from the conselho and from operators. */
const SALARY_CATEGORIES = ["FOLHA_PAGAMENTO"];

/** Categories whose expenses are never approved without a document that was read. */
const CATEGORIES_WITH_RECEIPT = ["MATERIAIS", "OBRAS_REFORMA", "JURIDICO", "SEGURO_CONDOMINIO"];

/**
 * Stores the categories, the rules and the reader's threshold with which an installation begins; what is there stays as it is.
 *
 * @param client of the migrating role
 * @param attest signs for what was not there
 */
export async function seedReferenceData(
  client: pg.ClientBase,
  prefix: string,
  attest?: Attest,
): Promise<void> {
  await migrationStep(client, attest, async () => {
    await client.query(`set local role ${roleName(prefix, "owner")}`);
    await insertCategories(client);
    await insertRules(client);
    await seedReaderThreshold(client, READER_VERSION, LEAST_PROBABILITY);
    await client.query("reset role");
  });
}

async function insertCategories(client: pg.ClientBase): Promise<void> {
  const categories = Object.entries(CATEGORIES).map(([code, name]) => ({
    code,
    name,
    sensitivity: SALARY_CATEGORIES.includes(code) ? "SALARY" : "ORDINARY",
    requires_receipt: CATEGORIES_WITH_RECEIPT.includes(code),
  }));
  await client.query(
    `insert into blindagem.categories (code, name, sensitivity, requires_receipt)
     select code, name, sensitivity, requires_receipt
     from jsonb_to_recordset($1) as c (code text, name text, sensitivity text, requires_receipt boolean)
     on conflict (code) do nothing`,
    [JSON.stringify(categories)],
  );
}

/** In code a rule's `validTo` is its last day; in SQL, as in every dated table, it is the first day without it. */
async function insertRules(client: pg.ClientBase): Promise<void> {
  await client.query(
    `insert into blindagem.rules (code, version, facts, severity, parameters, source, valid_from, valid_to)
     select code, version, "factsNeeded", severity, parameters, source, "validFrom", "validTo" + 1
     from jsonb_to_recordset($1) as r (
       code text, version int, "factsNeeded" text[], severity text, parameters jsonb, source text,
       "validFrom" date, "validTo" date)
     on conflict (code, version) do nothing`,
    [JSON.stringify(DEFAULT_RULES)],
  );
}

/**
 * The threshold with which a version of the reader is released, or the one in force where that is stricter: what an
 * operator asked for is not loosened by an update. What was put in force since stays.
 *
 * @param client as the tables' owner
 */
export async function seedReaderThreshold(
  client: pg.ClientBase,
  version: string,
  least: number,
): Promise<void> {
  await client.query(
    `insert into blindagem.reader_thresholds (reader_version, basis, least_probability, evidence, reason)
     values ($1, 'RELEASE', greatest($2, blindagem_private.reader_threshold()), $3, 'Certificado com a versão do leitor')
     on conflict (reader_version) where basis = 'RELEASE' do nothing`,
    [version, least, JSON.stringify(CERTIFICATE)],
  );
}
