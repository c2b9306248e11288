import path from "node:path";
import type pg from "pg";
import { openCheckpointDirectory } from "../audit/checkpoint-directory.ts";
import { newestCheckpoint } from "../audit/checkpoint-store.ts";
import { auditedTableNames } from "../audit/comparing/audited-tables.ts";
import { compareAll, compareTable } from "../audit/comparing/compare-all.ts";
import { type SignedTree, storedCheckpoint } from "../audit/comparing/compare-tree.ts";
import type { Compared, Divergence, DivergenceKind } from "../audit/comparing/divergence.ts";
import { storeDivergences } from "../audit/comparing/divergence-store.ts";
import { type Snapshot, snapshotsOn } from "../audit/comparing/snapshot.ts";
import { verifiedTree } from "../audit/comparing/verified-tree.ts";
import { keyListText } from "../audit/configured-keys.ts";
import { keysOf, parseKeyList } from "../audit/key-list.ts";
import { type Environment, loadEnvironment } from "../config.ts";
import { openSession } from "../database/open-session.ts";
import { count } from "../validation/catalogue/portuguese.ts";
import { loginConnection } from "./database-session.ts";

const SLICE = 1_000;

export interface CompareOptions {
  table?: string;
  json?: boolean;
}

/** Compares tables and log once, keeps what it finds, and ends with status 1 when that is anything. */
export async function compare(options: CompareOptions): Promise<void> {
  const environment = loadEnvironment();
  const client = await openSession({
    connectionString: await loginConnection(environment, "sealer"),
    application_name: "blindagem audit compare",
  });
  try {
    const snapshot = snapshotsOn(client);
    if (options.table !== undefined) await requireTable(snapshot, options.table);
    const steps =
      options.table === undefined
        ? compareAll(snapshot, {
            rolePrefix: environment.ROLE_PREFIX,
            slice: SLICE,
            signed: () => signedTree(environment, snapshot),
          })
        : compareTable(snapshot, options.table, SLICE);
    const report = await gather(client, steps);
    process.stdout.write(options.json ? `${JSON.stringify(report)}\n` : formatted(report));
    if (report.divergences.length > 0) process.exitCode = 1;
  } finally {
    await client.end();
  }
}

/** Without public keys nothing can be verified: then the tree is held against what the database says, and that is told. */
async function signedTree(
  environment: Environment,
  snapshot: Snapshot,
): Promise<SignedTree | undefined> {
  const keys = parseKeyList(await keyListText(environment));
  if (keysOf(keys, "log").length === 0) {
    process.stderr.write(
      "A árvore foi comparada com o checkpoint do próprio banco, sem conferir a assinatura: defina AUDIT_KEYS_FILE.\n",
    );
    return snapshot(storedCheckpoint);
  }
  const { CHECKPOINT_DIRECTORY, LOG_ORIGIN, STATE_DIRECTORY } = environment;
  return verifiedTree({
    directory: openCheckpointDirectory(
      CHECKPOINT_DIRECTORY ?? path.join(STATE_DIRECTORY, "checkpoints"),
    ),
    stored: () => snapshot(newestCheckpoint),
    keys,
    origin: LOG_ORIGIN,
  });
}

interface Report {
  /** Rows and entities of the log, records and leaves. */
  compared: number;
  divergences: Divergence[];
}

async function gather(
  client: pg.ClientBase,
  steps: AsyncGenerator<Compared, void, undefined>,
): Promise<Report> {
  const found = new Map<string, Divergence>();
  let compared = 0;
  for await (const step of steps) {
    await storeDivergences(client, step);
    compared += step.count;
    for (const each of step.divergences) {
      found.set(`${each.kind} ${each.entityType} ${each.entityId}`, each);
    }
  }
  return { compared, divergences: [...found.values()] };
}

async function requireTable(snapshot: Snapshot, table: string): Promise<void> {
  const tables = await snapshot(auditedTableNames);
  if (tables.includes(table)) return;
  throw new Error(`"${table}" não é uma tabela auditada; as que há: ${tables.join(", ")}.`);
}

const MEANINGS: Readonly<Record<DivergenceKind, string>> = {
  ROW_CHANGED: "a linha não é a que o registro conta",
  ROW_MISSING: "o registro conta uma linha que não existe mais",
  ROW_UNKNOWN: "a linha existe, mas para o registro não",
  FACTS_ALTERED: "os fatos guardados com a decisão não são os que o registro atesta",
  DECISION_MISSING: "o registro conta uma decisão automática que não existe mais",
  RECORD_ALTERED: "o registro de auditoria não é o que foi selado",
  RECORD_MISSING: "o registro de auditoria foi selado e sumiu",
  RECORD_UNSEALED: "o registro de auditoria não está selado nem espera pelo selo",
  TREE: "as folhas seladas não dão a árvore que foi assinada",
  DEFINITIONS: "a definição não é a que a última migração deixou",
};

function formatted({ compared, divergences }: Report): string {
  const lines = divergences.map(({ kind, entityType, entityId, fields }) => {
    const where = kind === "DEFINITIONS" ? entityId : `${entityType} ${entityId}`;
    return `${kind} ${where}: ${MEANINGS[kind]}${fields.length > 0 ? ` (campos: ${fields.join(", ")})` : ""}.`;
  });
  const end =
    divergences.length === 0
      ? `CONFERE: ${count(compared, "comparação", "comparações")}, nenhuma divergência.`
      : `NÃO CONFERE: ${count(divergences.length, "divergência", "divergências")} em ${count(compared, "comparação", "comparações")}. O que fazer: docs/operations.md, "Divergências".`;
  return `${[...lines, end].join("\n")}\n`;
}
