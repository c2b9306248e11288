import pg from "pg";
import { loadEnvironment } from "../config.ts";
import { type ReplayDifference, replayDecision } from "../validation/replay.ts";
import { storedDecisions } from "../validation/stored-decisions.ts";
import { loginConnection } from "./database-session.ts";

export interface ReplayOptions {
  organization?: string;
  condominium?: string;
  json?: true;
}

/** Makes stored decisions again and tells which come out otherwise; status 1 if any does. */
export async function replay({ organization, condominium, json }: ReplayOptions): Promise<void> {
  for (const [option, id] of Object.entries({ organization, condominium })) {
    if (id !== undefined && !/^\d{1,18}$/.test(id)) throw new Error(`--${option} é um número.`);
  }
  const client = new pg.Client({
    connectionString: await loginConnection(loadEnvironment(), "worker"),
    application_name: "blindagem command",
  });
  await client.connect();
  let replayed = 0;
  let otherLogic = 0;
  let erased = 0;
  let different = 0;
  try {
    await client.query("begin isolation level repeatable read, read only");
    const scope = { organizationId: organization, condominiumId: condominium };
    for await (const { condominiumId, expenseId, stored } of storedDecisions(client, scope)) {
      replayed++;
      for (const difference of replayDecision(stored)) {
        if (difference.code === "OTHER_LOGIC") otherLogic++;
        else if (difference.code === "FACTS_ERASED") erased++;
        else different++;
        const where = { condominiumId, expenseId };
        process.stdout.write(
          json
            ? `${JSON.stringify({ ...where, ...difference })}\n`
            : `Condomínio ${condominiumId}, despesa ${expenseId}: ${textOf(difference)}\n`,
        );
      }
    }
  } finally {
    await client.end();
  }
  if (!json) process.stdout.write(`${summaryOf(replayed, different, otherLogic, erased)}\n`);
  if (different > 0) process.exitCode = 1;
}

function textOf(difference: ReplayDifference): string {
  switch (difference.code) {
    case "FACTS_ERASED":
      return "os fatos foram apagados (LGPD): não dá para refazê-la.";
    case "FACTS_ALTERED":
      return "os fatos guardados não são os da decisão (o hash não confere).";
    case "RULES_ALTERED":
      return "as regras guardadas não são as da decisão (o hash não confere).";
    case "FACTS_UNREADABLE":
      return "os fatos guardados não têm a forma que esta versão lê.";
    case "OTHER_LOGIC":
      return `feita por outra versão das regras (${difference.stored}; esta é a ${difference.now}): não dá para refazê-la aqui.`;
    case "OTHER_STATUS":
      return `a decisão foi ${difference.stored}; refeita, dá ${difference.replayed}.`;
    case "OTHER_REASONS":
      return `os motivos foram ${listOf(difference.stored)}; refeita, são ${listOf(difference.replayed)}.`;
  }
}

const listOf = (codes: readonly string[]) => (codes.length > 0 ? codes.join(", ") : "nenhum");

function summaryOf(
  replayed: number,
  different: number,
  otherLogic: number,
  erased: number,
): string {
  const verdict =
    different === 0 ? "CONFERE: nenhuma diferença." : `NÃO CONFERE: ${different} diferenças.`;
  const other = otherLogic > 0 ? ` ${otherLogic} são de outra versão das regras.` : "";
  const gone = erased > 0 ? ` ${erased} têm os fatos apagados.` : "";
  return `${verdict} ${replayed} decisões refeitas.${other}${gone}`;
}
