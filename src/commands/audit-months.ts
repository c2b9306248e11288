import path from "node:path";
import type pg from "pg";
import { archiveMonth } from "../audit/bundle/archive.ts";
import { FAULTS_OF_THE_LOG, requireMonthIn } from "../audit/bundle/month-bundle.ts";
import type { ListedKey } from "../audit/key-list.ts";
import { isOlderThan, type Month, parseMonth } from "../audit/month.ts";
import { loadEnvironment } from "../config.ts";
import { count } from "../validation/catalogue/portuguese.ts";
import { asCommand, asSealer } from "./database-session.ts";

/** Writes a bundle of a whole month, of all administradoras. */
export async function archive(
  monthText: string,
  directory: string,
  keys: readonly ListedKey[],
): Promise<void> {
  const month = parseMonth(monthText);
  const now = new Date();
  const records = await asSealer((client) => archiveMonth(client, { directory, month, keys, now }));
  process.stdout.write(
    `${directory}: ${count(records, "registro", "registros")} de ${month}, de todas as administradoras. Confira com \`blindagem audit verify ${directory}\`.\n`,
  );
}

export interface DetachOptions {
  bundle: string;
  reason: string;
  known?: string[];
}

/** Takes a month out of the log that is old enough and that the bundle holds whole. */
export async function detach(
  monthText: string,
  { bundle, reason, known = [] }: DetachOptions,
  keys: readonly ListedKey[],
): Promise<void> {
  const month = parseMonth(monthText);
  if (reason.trim() === "") throw new Error("Diga por que o mês sai do registro: --reason.");
  const { AUDIT_KEEP_MONTHS } = loadEnvironment();
  if (!isOlderThan(month, AUDIT_KEEP_MONTHS, new Date())) {
    throw new Error(
      `O mês ${month} ainda tem de ficar no banco: AUDIT_KEEP_MONTHS é ${AUDIT_KEEP_MONTHS}.`,
    );
  }
  const accepted = known.map(knownFault);
  const { records, root, forgedWitnesses } = await asSealer((client) =>
    requireMonthIn(client, bundle, month, keys, accepted),
  );
  for (const { name, size } of forgedWitnesses) {
    process.stderr.write(
      `Aviso: no pacote, a assinatura em nome da testemunha ${name} sob o checkpoint de ${size} folhas é falsa (FORGED). Nada diz contra os registros, e o mês sai assim mesmo; veja o remédio em docs/auditoria.md, em Testemunhas.\n`,
    );
  }
  const told =
    accepted.length > 0 ? `${reason} (falhas conhecidas: ${accepted.join(", ")})` : reason;
  const kept = await asCommand({ role: "operator", reason: told }, (client) =>
    detachMonth(client, month, records, root, path.resolve(bundle)),
  );
  process.stdout.write(
    `${month}: ${records - kept} de ${count(records, "registro", "registros")} ${records - kept === 1 ? "saiu" : "saíram"} do registro de auditoria e ${records - kept === 1 ? "está" : "estão"} em blindagem_archive; a raiz deles é ${root}. As provas continuam valendo. Guarde ${bundle} em mais de um lugar antes de apagar a tabela.\n`,
  );
}

/** @throws Error for a fault that makes a bundle worthless */
function knownFault(text: string): (typeof FAULTS_OF_THE_LOG)[number] {
  const fault = FAULTS_OF_THE_LOG.find((each) => each === text);
  if (fault) return fault;
  throw new Error(
    `"${text}" não se aceita: só falhas do próprio registro, ${FAULTS_OF_THE_LOG.join(", ")}.`,
  );
}

/** @returns how many of the records stay in the log */
async function detachMonth(
  client: pg.ClientBase,
  month: Month,
  records: number,
  root: string,
  bundle: string,
): Promise<number> {
  const { rows } = await client.query<{ kept: number }>(
    "select cardinality(blindagem_audit.detach_month(to_date($1, 'YYYY-MM'), $2, $3, $4)) as kept",
    [month, records, root, bundle],
  );
  return rows[0]?.kept ?? 0;
}
