import type pg from "pg";
import { type AuditedTable, auditedTableNames, loadAuditedTable } from "./audited-tables.ts";
import { type Baseline, loadBaseline } from "./baseline.ts";
import { compareDecisions, DECIDED } from "./compare-decisions.ts";
import { compareDefinitions } from "./compare-definitions.ts";
import { compareEntities } from "./compare-entities.ts";
import { compareRecords, greatestRecordId } from "./compare-records.ts";
import { type SignedTree, TreeWalk } from "./compare-tree.ts";
import { compareCarried } from "./detachments.ts";
import type { Compared } from "./divergence.ts";
import { BEGINNING, nextEntities, type Place } from "./entity-pages.ts";
import type { Snapshot } from "./snapshot.ts";

/** Fewer records at once cost as much: a run of seals has 5,000, and is read whole. */
const RECORDS = 2_000;

export interface ComparisonOptions {
  /** Of the installation's role names. */
  rolePrefix: string;
  /** Rows that are looked at in one snapshot. */
  slice: number;
  /** The checkpoint that the tree has to reach; without one the tree is left out. */
  signed?: () => Promise<SignedTree | undefined>;
  /** Called for a table that could not be compared; the others are, all the same. Without it the comparison ends there. */
  onFailed?: (table: string, error: unknown) => void;
}

/**
 * Compares everything once, slice by slice, each in a snapshot of its own: definitions; each table from both sides, row
 * by row and entity by entity of the log; each decision with its expense; each record with its seal; what was carried over
 * from months that are kept elsewhere with its hash; the tree with what was signed.
 */
export async function* compareAll(
  snapshot: Snapshot,
  options: ComparisonOptions,
): AsyncGenerator<Compared, void, undefined> {
  // For the tables, too: a migration that comes later makes it tell less, and nothing that is wrong.
  const { baseline, definitions } = await snapshot(async (client) => {
    const baseline = await loadBaseline(client);
    return {
      baseline,
      definitions: await compareDefinitions(client, baseline, options.rolePrefix),
    };
  });
  if (definitions) yield definitions;
  for (const table of await snapshot(auditedTableNames)) {
    try {
      yield* comparePagesOf(snapshot, table, baseline, options.slice);
    } catch (error) {
      if (!options.onFailed) throw error;
      options.onFailed(table, error);
    }
  }
  yield* compareAllRecords(snapshot, Math.max(options.slice, RECORDS));
  yield await snapshot(compareCarried);
  const signed = await options.signed?.();
  if (!signed?.size) return;
  const walk = new TreeWalk(signed);
  while (!walk.isThrough) yield await snapshot((client) => walk.step(client));
}

/** Compares one table with the log, from both sides; expenses with their decisions, too. */
export async function* compareTable(
  snapshot: Snapshot,
  table: string,
  slice: number,
): AsyncGenerator<Compared, void, undefined> {
  yield* comparePagesOf(snapshot, table, await snapshot(loadBaseline), slice);
}

/** The table is looked at anew for each page: a migration may have come between. */
async function* comparePagesOf(
  snapshot: Snapshot,
  name: string,
  baseline: Baseline,
  slice: number,
): AsyncGenerator<Compared, void, undefined> {
  let from: Place | undefined = BEGINNING;
  while (from !== undefined) {
    const place: Place = from;
    const step = await snapshot(async (client) => {
      const table = await loadAuditedTable(client, name);
      if (table === undefined) return undefined;
      const { ids, next } = await nextEntities(client, table, place, slice);
      return { compared: await compareRows(client, table, baseline, ids), next };
    });
    if (step === undefined) return;
    yield* step.compared;
    from = step.next;
  }
}

/** Rows of one table; expenses with their decisions. */
async function compareRows(
  client: pg.ClientBase,
  table: AuditedTable,
  baseline: Baseline,
  ids: readonly string[],
): Promise<Compared[]> {
  if (ids.length === 0) return [];
  const compared = [await compareEntities(client, table, baseline, ids)];
  if (table.name === DECIDED) compared.push(await compareDecisions(client, ids));
  return compared;
}

async function* compareAllRecords(
  snapshot: Snapshot,
  slice: number,
): AsyncGenerator<Compared, void, undefined> {
  const last = await snapshot(greatestRecordId);
  for (let from = 1n; from <= last; from += BigInt(slice)) {
    const to = from + BigInt(slice) - 1n;
    yield await snapshot((client) => compareRecords(client, from, to));
  }
}

/**
 * Compares the entities of which these records tell, table by table, and expenses with their decisions.
 *
 * The records are looked up one by one (lateral): of a month that is being filled the planner's statistics know little, and
 * for a list of ids it read whole ranges of the log (168 ms for 250 records while 11,000 a second came in).
 */
export async function compareChanged(
  client: pg.ClientBase,
  recordIds: readonly string[],
): Promise<Compared[]> {
  const { rows } = await client.query<{ entity_type: string; ids: string[] }>(
    `select r.entity_type, array_agg(distinct r.entity_id) as ids
     from unnest($1::bigint[]) as sealed (id)
     cross join lateral (
       select l.entity_type, l.entity_id from blindagem_audit.audit_log_immutable l where l.id = sealed.id offset 0) as r
     group by r.entity_type order by r.entity_type`,
    [recordIds],
  );
  const audited = new Set(await auditedTableNames(client));
  const baseline: Baseline = await loadBaseline(client);
  const compared: Compared[] = [];
  for (const { entity_type, ids } of rows) {
    const table = audited.has(entity_type)
      ? await loadAuditedTable(client, entity_type)
      : undefined;
    if (table) compared.push(...(await compareRows(client, table, baseline, ids)));
  }
  return compared;
}
