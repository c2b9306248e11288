import { describe, expect, it } from "@jest/globals";
import fc from "fast-check";
import {
  FROM_THE_FIRST,
  lookAfter,
  parseSnapshot,
  raiseMark,
  type Snapshot,
} from "../../src/audit/low-water-mark.ts";

const snapshot = (text: string): Snapshot => parseSnapshot(text);

describe("parseSnapshot", () => {
  it("reads what PostgreSQL writes", () => {
    expect(snapshot("10:20:10,14,15")).toEqual({
      xmin: 10n,
      xmax: 20n,
      running: new Set([10n, 14n, 15n]),
    });
    expect(snapshot("7:7:").running.size).toBe(0);
  });

  it.each(["", "1:2", "1:2:3,", "a:b:c", "1:2:3:4"])("refuses %j", (text) => {
    expect(() => snapshot(text)).toThrow("no snapshot");
  });
});

describe("the low-water mark", () => {
  it("rises to the last given id when nobody runs", () => {
    const mark = raiseMark(FROM_THE_FIRST, snapshot("50:50:"), 1000n);
    expect(lookAfter(mark, snapshot("60:60:"))).toBe(1000n);
  });

  it("rises past a transaction that goes on running, and goes back once for what it brings", () => {
    const before = raiseMark(FROM_THE_FIRST, snapshot("50:50:"), 100n);
    let mark = raiseMark(before, snapshot("50:60:50"), 2000n);
    mark = raiseMark(mark, snapshot("50:70:50"), 3000n);
    expect(lookAfter(mark, snapshot("50:80:50"))).toBe(3000n);
    expect(lookAfter(mark, snapshot("80:80:"))).toBe(100n);
    expect(lookAfter(mark, snapshot("60:80:61"))).toBe(100n);
    const after = raiseMark(mark, snapshot("80:80:"), 3000n);
    expect(lookAfter(after, snapshot("90:90:"))).toBe(3000n);
  });

  it("stays where a look that left rows has come to", () => {
    const mark = raiseMark(FROM_THE_FIRST, snapshot("50:50:"), 1000n, 400n);
    expect(lookAfter(mark, snapshot("60:60:"))).toBe(400n);
    expect(raiseMark(mark, snapshot("60:60:"), 1000n, 1200n).recordId).toBe(1000n);
  });

  it("never hides a row: each look finds what one from the first row would", () => {
    const step = fc.oneof(
      { weight: 3, arbitrary: fc.constant({ do: "begin" } as const) },
      { weight: 6, arbitrary: fc.record({ do: fc.constant("takeId" as const), who: fc.nat(7) }) },
      { weight: 5, arbitrary: fc.record({ do: fc.constant("write" as const), who: fc.nat(7) }) },
      { weight: 4, arbitrary: fc.record({ do: fc.constant("commit" as const), who: fc.nat(7) }) },
      { weight: 1, arbitrary: fc.record({ do: fc.constant("abort" as const), who: fc.nat(7) }) },
      {
        weight: 12,
        arbitrary: fc.record({
          do: fc.constant("seal" as const),
          limit: fc.integer({ min: 1, max: 6 }),
        }),
      },
    );
    fc.assert(
      fc.property(fc.array(step, { minLength: 60, maxLength: 150 }), (steps) => {
        const log = new ModelLog();
        for (const each of steps) {
          if (each.do === "begin") log.begin();
          else if (each.do === "seal") log.seal(each.limit);
          else log[each.do](each.who);
        }
        log.endAll();
        while (log.seal(1000) > 0);
        expect(log.waiting()).toEqual([]);
      }),
      { numRuns: 1000 },
    );
  });
});

/** As much of PostgreSQL as the mark rests on; a sealing process goes on in it by single steps, between others'. */
class ModelLog {
  #nextXid = 3n;
  #latestCompleted = 2n;
  #lastId = 0n;
  #running: { xid: bigint; taken: bigint[]; written: bigint[] }[] = [];
  #visible: bigint[] = [];
  #mark = FROM_THE_FIRST;
  /** Where the sealing process is: each call of `seal` takes one of its steps. */
  #given: { id: bigint; isBeaten: boolean } | undefined;

  begin(): void {
    this.#running.push({ xid: this.#nextXid++, taken: [], written: [] });
  }

  takeId(who: number): void {
    this.#at(who)?.taken.push(++this.#lastId);
  }

  write(who: number): void {
    const one = this.#at(who);
    const id = one?.taken.shift();
    if (id !== undefined) one?.written.push(id);
  }

  commit(who: number): void {
    const one = this.#at(who);
    if (one) this.#visible.push(...one.written);
    this.abort(who);
  }

  abort(who: number): void {
    const one = this.#at(who);
    if (!one) return;
    this.#running = this.#running.filter((other) => other !== one);
    this.#complete(one.xid);
  }

  endAll(): void {
    while (this.#running.length > 0) this.commit(0);
  }

  waiting(): bigint[] {
    return this.#visible.toSorted((a, b) => (a < b ? -1 : 1));
  }

  /** @returns how many rows a look took; 1 for the steps before a look */
  seal(limit: number): number {
    if (!this.#given) {
      this.#given = { id: this.#lastId, isBeaten: false };
      return 1;
    }
    if (!this.#given.isBeaten) {
      this.#complete(this.#nextXid++);
      this.#given.isBeaten = true;
      return 1;
    }
    const seen = this.#snapshot();
    const after = lookAfter(this.#mark, seen);
    expect(this.waiting().filter((id) => id > after)).toEqual(this.waiting());
    const due = this.waiting().slice(0, limit);
    this.#visible = this.waiting().slice(limit);
    const isCut = due.length === limit;
    this.#mark = raiseMark(this.#mark, seen, this.#given.id, isCut ? due.at(-1) : undefined);
    this.#given = undefined;
    return due.length;
  }

  #at(who: number) {
    return this.#running[who % this.#running.length];
  }

  #complete(xid: bigint): void {
    if (xid > this.#latestCompleted) this.#latestCompleted = xid;
  }

  /** As GetSnapshotData makes it: xmax follows what has ended, and whoever has a later xid is not listed. */
  #snapshot(): Snapshot {
    const xmax = this.#latestCompleted + 1n;
    const running = this.#running.map(({ xid }) => xid).filter((xid) => xid < xmax);
    return {
      xmin: running[0] ?? xmax,
      xmax,
      running: new Set(running),
    };
  }
}
