/**
 * Up to where the table of pending records need not be looked through, although a cursor over ids would skip whoever
 * commits late. A look from the mark finds exactly what one from the first row would; what was taken out before, and
 * cannot be cleaned up while somebody holds an old snapshot, is not walked over again at each look.
 *
 * What it rests on: a transaction has its xid before it takes an id of a record (the audit triggers see to that), and
 * ids are given one by one, in order. So a row that is not visible yet and has an id up to one that was given before
 * some instant belongs to a transaction that had its xid by then: it stands among those that the next snapshot shows as
 * running, a prepared one included. Whoever is not there can only bring later ids.
 */
export interface LowWaterMark {
  /** No row with an id up to this one is still to come, save from a transaction in `running`. */
  recordId: bigint;
  /** Transactions that ran at the last look, each with an id below all that it has taken: a mark before its xid. */
  running: ReadonlyMap<bigint, bigint>;
}

/** Of whoever knows nothing yet: the look begins with the first row. */
export const FROM_THE_FIRST: LowWaterMark = { recordId: 0n, running: new Map() };

/** A PostgreSQL snapshot: transactions below `xmin`, and those below `xmax` that are not `running`, have ended. */
export interface Snapshot {
  xmin: bigint;
  xmax: bigint;
  running: ReadonlySet<bigint>;
}

/**
 * @param text as pg_current_snapshot() has it: xmin:xmax:running,…
 * @throws Error when it is anything else
 */
export function parseSnapshot(text: string): Snapshot {
  const found = /^(\d+):(\d+):((?:\d+(?:,\d+)*)?)$/.exec(text);
  if (!found) throw new Error(`${text} is no snapshot of PostgreSQL.`);
  const [, xmin = "", xmax = "", running = ""] = found;
  return {
    xmin: BigInt(xmin),
    xmax: BigInt(xmax),
    running: new Set(running === "" ? [] : running.split(",").map(BigInt)),
  };
}

/**
 * The id after which a look under that snapshot begins: the mark, or what lies below all ids of those transactions that
 * ran at the look before and have ended since.
 */
export function lookAfter(mark: LowWaterMark, snapshot: Snapshot): bigint {
  let after = mark.recordId;
  for (const [transaction, floor] of mark.running) {
    if (hasEnded(transaction, snapshot) && floor < after) after = floor;
  }
  return after;
}

function hasEnded(transaction: bigint, { xmin, xmax, running }: Snapshot): boolean {
  return transaction < xmin || (transaction < xmax && !running.has(transaction));
}

/**
 * The mark after a look has taken what it found.
 *
 * @param given the last id that was given at some instant, after which, and before the snapshot, a transaction got its
 *   xid and ended (a beat of the heart): without such a one between them the snapshot might not show whoever held that id
 * @param taken the last id in the order of which rows were taken, if the look left some
 */
export function raiseMark(
  mark: LowWaterMark,
  snapshot: Snapshot,
  given: bigint,
  taken?: bigint,
): LowWaterMark {
  const running = new Map<bigint, bigint>();
  // One that was not there at the look before began after it, and so after the ids up to its mark were given.
  for (const xid of snapshot.running) running.set(xid, mark.running.get(xid) ?? mark.recordId);
  return { recordId: taken !== undefined && taken < given ? taken : given, running };
}
