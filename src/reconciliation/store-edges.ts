import type pg from "pg";
import { formatDecimal } from "../money/centavos.ts";
import type { Reason } from "../validation/reason.ts";
import { type RowChanges, rowChanges } from "./row-changes.ts";
import { type CondominiumChanges, rowsOf, writeRows } from "./write-rows.ts";

/** A link between two things, with what it carries. */
export interface Edge {
  ends: readonly [from: string, to: string];
  amount: bigint;
  confidence: number;
  reasons: Reason[];
  /** The person who decided it; null for the machine's. */
  decidedBy: string | null;
}

/** Where edges are kept: the table, the columns of both ends, and what of a link they are. */
export interface EdgeTable<Ends> {
  name: "payments" | "refunds";
  from: "payable_id" | "credit_id";
  to: "transaction_id" | "debit_id";
  ends(link: Ends): Edge["ends"];
}

/** The links of a kind that a run found in a condominium, and those that there are. */
export interface CondominiumLinks<Ends> {
  condominiumId: string;
  found: readonly (Ends & Pick<Edge, "amount" | "confidence" | "reasons">)[];
  /** People's answers that no link holds yet. */
  decided: readonly (Ends & Pick<Edge, "amount" | "reasons" | "decidedBy">)[];
  /** `fixed` is what the run built upon. */
  standing: readonly (Ends & Omit<Edge, "ends"> & { fixed: boolean })[];
}

/**
 * Makes the machine-made edges of condominiums those that a run found, and writes only what differs. People's are never
 * touched.
 *
 * @returns what changed, in the order given
 */
export async function storeEdges<Ends>(
  client: pg.ClientBase,
  table: EdgeTable<Ends>,
  condominiums: readonly CondominiumLinks<Ends>[],
): Promise<RowChanges<Edge>[]> {
  const changes = condominiums.map((links) => changesOf(table, links));
  await writeRows(
    client,
    `remove ${table.name}`,
    removal(table),
    rowsOf(changes, "removed", columns),
  );
  await writeRows(
    client,
    `insert ${table.name}`,
    insertion(table),
    rowsOf(changes, "added", columns),
  );
  await writeRows(
    client,
    `update ${table.name}`,
    update(table),
    rowsOf(changes, "changed", columns),
  );
  return changes;
}

function changesOf<Ends>(
  table: EdgeTable<Ends>,
  { condominiumId, found, decided, standing }: CondominiumLinks<Ends>,
): CondominiumChanges<Edge> {
  const edgeOf = (link: Ends & Omit<Edge, "ends">): Edge => {
    const { amount, confidence, reasons, decidedBy } = link;
    return { ends: table.ends(link), amount, confidence, reasons, decidedBy };
  };
  const wanted = [
    ...found.map((link) => edgeOf({ ...link, decidedBy: null })),
    ...decided.map((link) => edgeOf({ ...link, confidence: 1 })),
  ];
  const people = standing.filter(({ decidedBy }) => decidedBy !== null).map(edgeOf);
  const taken = new Set(people.map(pairOf));
  const open = standing.filter(({ decidedBy, fixed }) => decidedBy === null && !fixed);
  const changes = rowChanges(
    open.map(edgeOf),
    wanted.filter((edge) => !taken.has(pairOf(edge))),
    // One of another amount goes before the new one comes: so no movement is claimed beyond its amount in between.
    (edge) => `${pairOf(edge)} ${edge.amount}`,
  );
  return { condominiumId, ...changes };
}

type Columns = Omit<EdgeTable<unknown>, "ends">;

const removal = ({ name, from, to }: Columns) =>
  `delete from blindagem.${name} e
   using jsonb_to_recordset($1) as l (condominium_id bigint, "from" bigint, "to" bigint)
   where e.condominium_id = l.condominium_id and e.${from} = l."from" and e.${to} = l."to"`;

const insertion = ({ name, from, to }: Columns) =>
  `insert into blindagem.${name} (condominium_id, ${from}, ${to}, amount, confidence, reasons, decided_by)
   select condominium_id, "from", "to", amount, confidence, reasons, decided_by
   from jsonb_to_recordset($1) as l (
     condominium_id bigint, "from" bigint, "to" bigint, amount numeric, confidence numeric, reasons jsonb, decided_by bigint)
   order by condominium_id, "from", "to"`;

const update = ({ name, from, to }: Columns) =>
  `update blindagem.${name} e
   set confidence = l.confidence, reasons = l.reasons, decided_by = l.decided_by
   from jsonb_to_recordset($1) as l (
     condominium_id bigint, "from" bigint, "to" bigint, confidence numeric, reasons jsonb, decided_by bigint)
   where e.condominium_id = l.condominium_id and e.${from} = l."from" and e.${to} = l."to"`;

function pairOf({ ends }: Pick<Edge, "ends">): string {
  return ends.join(" ");
}

function columns({ ends: [from, to], amount, confidence, reasons, decidedBy }: Edge) {
  return { from, to, amount: formatDecimal(amount), confidence, reasons, decided_by: decidedBy };
}
