import type pg from "pg";
import { formatDecimal } from "../money/centavos.ts";
import type { Reason } from "../validation/reason.ts";
import { rowChanges } from "./row-changes.ts";

/** A link between two things, with what it carries. */
export interface Edge {
  ends: readonly [from: string, to: string];
  amount: bigint;
  confidence: number;
  reasons: Reason[];
  /** The person who decided it; null for the machine's. */
  decidedBy: string | null;
}

/** Where edges are kept: the table, and the columns of both ends. */
export interface EdgeTable {
  name: "payments" | "refunds";
  from: "payable_id" | "credit_id";
  to: "transaction_id" | "debit_id";
}

/**
 * Makes the machine-made edges of a condominium those that a run found, and writes only what differs. People's are never
 * touched.
 *
 * @param standing what there is; `fixed` is what the run built upon
 * @returns how many rows were removed and written
 */
export async function storeEdges(
  client: pg.ClientBase,
  condominiumId: string,
  table: EdgeTable,
  wanted: readonly Edge[],
  standing: readonly (Edge & { fixed: boolean })[],
): Promise<{ removed: number; written: number }> {
  const people = new Set(standing.filter(({ decidedBy }) => decidedBy !== null).map(pairOf));
  const open = standing.filter(({ decidedBy, fixed }) => decidedBy === null && !fixed);
  const { removed, added, changed } = rowChanges(
    open.map(({ fixed: _, ...edge }): Edge => edge),
    wanted.filter((edge) => !people.has(pairOf(edge))),
    // One of another amount goes before the new one comes: so no movement is claimed beyond its amount in between.
    (edge) => `${pairOf(edge)} ${edge.amount}`,
  );
  const write = async (what: string, text: string, edges: readonly Edge[]) => {
    if (edges.length === 0) return;
    await client.query({
      name: `${what} ${table.name}`,
      text,
      values: [condominiumId, JSON.stringify(edges.map(row))],
    });
  };
  await write("remove", removal(table), removed);
  await write("insert", insertion(table), added);
  await write("update", update(table), changed);
  return { removed: removed.length, written: added.length + changed.length };
}

const removal = ({ name, from, to }: EdgeTable) =>
  `delete from blindagem.${name} e
   using jsonb_to_recordset($2) as l ("from" bigint, "to" bigint)
   where e.condominium_id = $1 and e.${from} = l."from" and e.${to} = l."to"`;

const insertion = ({ name, from, to }: EdgeTable) =>
  `insert into blindagem.${name} (condominium_id, ${from}, ${to}, amount, confidence, reasons, decided_by)
   select $1, "from", "to", amount, confidence, reasons, decided_by
   from jsonb_to_recordset($2) as l (
     "from" bigint, "to" bigint, amount numeric, confidence numeric, reasons jsonb, decided_by bigint)
   order by "from", "to"`;

const update = ({ name, from, to }: EdgeTable) =>
  `update blindagem.${name} e
   set confidence = l.confidence, reasons = l.reasons, decided_by = l.decided_by
   from jsonb_to_recordset($2) as l (
     "from" bigint, "to" bigint, confidence numeric, reasons jsonb, decided_by bigint)
   where e.condominium_id = $1 and e.${from} = l."from" and e.${to} = l."to"`;

function pairOf({ ends }: Pick<Edge, "ends">): string {
  return ends.join(" ");
}

function row({ ends: [from, to], amount, confidence, reasons, decidedBy }: Edge) {
  return { from, to, amount: formatDecimal(amount), confidence, reasons, decided_by: decidedBy };
}
