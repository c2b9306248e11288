import { loadEnvironment } from "../config.ts";
import { openSession } from "../database/open-session.ts";
import { count } from "../validation/catalogue/portuguese.ts";
import { type NotReplayed, type ReplayDifference, replayDecision } from "../validation/replay.ts";
import { storedDecisions } from "../validation/stored-decisions.ts";
import { loginConnection } from "./database-session.ts";

export interface ReplayOptions {
  organization?: string;
  condominium?: string;
  json?: true;
}

type Outcome = ReplayDifference | NotReplayed;

/** Of how many expenses the decision came out how. */
interface Tally {
  /** Made again, with whatever outcome. */
  replayed: number;
  different: number;
  otherLogic: number;
  erased: number;
}

/** Makes the decisions on expenses again and tells which come out otherwise, are altered or gone; status 1 if any is. */
export async function replay({ organization, condominium, json }: ReplayOptions): Promise<void> {
  for (const [option, id] of Object.entries({ organization, condominium })) {
    if (id !== undefined && !/^\d{1,18}$/.test(id)) throw new Error(`--${option} é um número.`);
  }
  const client = await openSession({
    connectionString: await loginConnection(loadEnvironment(), "worker"),
    application_name: "blindagem command",
  });
  const tally: Tally = { replayed: 0, different: 0, otherLogic: 0, erased: 0 };
  try {
    await client.query("begin isolation level repeatable read, read only");
    const scope = { organizationId: organization, condominiumId: condominium };
    for await (const expense of storedDecisions(client, scope)) {
      const { condominiumId, expenseId, attestedHash, decision } = expense;
      const outcome = replayDecision(decision, attestedHash);
      addTo(tally, outcome);
      if (outcome === undefined) continue;
      process.stdout.write(
        json
          ? `${JSON.stringify({ condominiumId, expenseId, ...outcome })}\n`
          : `Condomínio ${condominiumId}, despesa ${expenseId}: ${textOf(outcome)}\n`,
      );
    }
  } finally {
    await client.end();
  }
  if (!json) process.stdout.write(`${summaryOf(tally)}\n`);
  if (tally.different > 0) process.exitCode = 1;
}

function addTo(tally: Tally, outcome: Outcome | undefined): void {
  switch (outcome?.code) {
    case "FACTS_ERASED":
      tally.erased++;
      break;
    case "OTHER_LOGIC":
      tally.otherLogic++;
      break;
    case undefined:
      tally.replayed++;
      break;
    case "OTHER_STATUS":
    case "OTHER_REASONS":
      tally.replayed++;
      tally.different++;
      break;
    default:
      tally.different++;
  }
}

function textOf(outcome: Outcome): string {
  switch (outcome.code) {
    case "DECISION_MISSING":
      return "a decisão sumiu; a despesa diz que houve uma, com o hash dos fatos.";
    case "FACTS_ERASED":
      return "os fatos foram apagados (LGPD): não dá para refazê-la.";
    case "FACTS_ALTERED":
      return "os fatos guardados não são os da decisão (o hash que a despesa traz não confere).";
    case "RULES_ALTERED":
      return "as regras guardadas não são as da decisão (o hash não confere).";
    case "FACTS_UNREADABLE":
      return "os fatos guardados não têm a forma que esta versão lê.";
    case "OTHER_LOGIC":
      return `feita por outra versão das regras (${outcome.stored}; esta é a ${outcome.now}): não dá para refazê-la aqui.`;
    case "OTHER_STATUS":
      return `a decisão foi ${outcome.stored}; refeita, dá ${outcome.replayed}.`;
    case "OTHER_REASONS":
      return `os motivos foram ${listOf(outcome.stored)}; refeita, são ${listOf(outcome.replayed)}.`;
  }
}

const listOf = (codes: readonly string[]) => (codes.length > 0 ? codes.join(", ") : "nenhum");

/** What could not be made again is no proof that it was right: then not everything agrees. */
function summaryOf({ replayed, different, otherLogic, erased }: Tally): string {
  const parts = [`${count(replayed, "decisão refeita", "decisões refeitas")}.`];
  if (otherLogic + erased > 0) {
    const causes = [
      ...(otherLogic > 0
        ? [`${otherLogic} por ${otherLogic === 1 ? "ser" : "serem"} de outra versão das regras`]
        : []),
      ...(erased > 0
        ? [`${erased} por ${erased === 1 ? "ter" : "terem"} os fatos apagados (LGPD)`]
        : []),
    ];
    parts.push(
      `${count(otherLogic + erased, "não pôde ser refeita", "não puderam ser refeitas")}: ${causes.join(", ")}.`,
    );
  }
  if (different > 0)
    return [`NÃO CONFERE: ${count(different, "diferença", "diferenças")}.`, ...parts].join(" ");
  if (otherLogic + erased > 0) {
    return ["CONFERE EM PARTE: nenhuma diferença no que foi refeito.", ...parts].join(" ");
  }
  if (replayed === 0) return "NADA A CONFERIR: nenhuma despesa decidida pelas regras.";
  return ["CONFERE: nenhuma diferença.", ...parts].join(" ");
}
