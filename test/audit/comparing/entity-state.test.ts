import { describe, expect, it } from "@jest/globals";
import fc from "fast-check";
import {
  type ColumnAge,
  compareEntity,
  foldEntity,
  type LoggedChange,
  type State,
} from "../../../src/audit/comparing/entity-state.ts";

const FIELDS = ["id", "name", "amount", "tags"];
const KNOWN: ColumnAge = { thereSince: 0n, typedSince: 0n };
const columns = new Map(FIELDS.map((field) => [field, KNOWN]));

const value = fc.oneof(
  fc.constant(null),
  fc.string(),
  fc.boolean(),
  fc.array(fc.integer(), { maxLength: 3 }),
);
const row = fc.record(Object.fromEntries(FIELDS.map((field) => [field, value])));
const step = fc.oneof(
  { weight: 4, arbitrary: fc.record({ to: row }) },
  { weight: 1, arbitrary: fc.constant({ to: undefined }) },
);

const withoutNulls = (state: State): State =>
  Object.fromEntries(Object.entries(state).filter(([, each]) => each !== null));

/** The records that a table's triggers write while a row goes through these states, and the row that is left. */
function recorded(steps: readonly { to?: State | undefined }[]) {
  const changes: LoggedChange[] = [];
  let now: State | undefined;
  steps.forEach(({ to }, place) => {
    const id = BigInt(place + 1);
    const before = now;
    now = to;
    if (before === undefined && to !== undefined) {
      changes.push({ id, operation: "INSERT", newState: withoutNulls(to) });
    } else if (before !== undefined && to === undefined) {
      changes.push({ id, operation: "DELETE" });
    } else if (before !== undefined && to !== undefined) {
      const changed = FIELDS.filter(
        (field) => JSON.stringify(before[field]) !== JSON.stringify(to[field]),
      );
      if (changed.length === 0) return;
      const newState = Object.fromEntries(changed.map((field) => [field, to[field]]));
      changes.push({ id, operation: "UPDATE", newState });
    }
  });
  return { changes, now };
}

describe("a row folded out of its records", () => {
  it("is the row that is there, whatever it went through", () => {
    fc.assert(
      fc.property(fc.array(step, { minLength: 1, maxLength: 12 }), (steps) => {
        const { changes, now } = recorded(steps);
        fc.pre(changes.length > 0);
        expect(compareEntity(foldEntity(changes, false), now, columns)).toBeUndefined();
        if (now) {
          expect(
            compareEntity(foldEntity(changes, false), withoutNulls(now), columns),
          ).toBeUndefined();
        }
      }),
    );
  });

  it("differs in exactly the fields that were changed without a record", () => {
    fc.assert(
      fc.property(
        fc.array(step, { minLength: 1, maxLength: 8 }),
        row,
        row,
        (steps, last, forged) => {
          const { changes } = recorded([...steps, { to: last }]);
          const differing = FIELDS.filter(
            (field) => JSON.stringify(last[field]) !== JSON.stringify(forged[field]),
          );
          expect(compareEntity(foldEntity(changes, false), forged, columns)).toEqual(
            differing.length > 0 ? { kind: "ROW_CHANGED", fields: differing } : undefined,
          );
        },
      ),
    );
  });

  it("is missing, or unknown, when one of the two is not there", () => {
    fc.assert(
      fc.property(fc.array(step, { maxLength: 8 }), row, (steps, last) => {
        const alive = foldEntity(recorded([...steps, { to: last }]).changes, false);
        expect(compareEntity(alive, undefined, columns)).toEqual({ kind: "ROW_MISSING" });
        const gone = foldEntity(
          recorded([...steps, { to: last }, { to: undefined }]).changes,
          false,
        );
        expect(compareEntity(gone, last, columns)).toEqual({ kind: "ROW_UNKNOWN" });
        expect(compareEntity(gone, undefined, columns)).toBeUndefined();
      }),
    );
  });
});

const inserted = (id: bigint, newState: State): LoggedChange => ({
  id,
  operation: "INSERT",
  newState,
});
const updated = (id: bigint, newState: State): LoggedChange => ({
  id,
  operation: "UPDATE",
  newState,
});
const one = (age: Partial<ColumnAge>) => new Map([["name", { ...KNOWN, ...age }]]);

describe("what the log does not tell", () => {
  it("are the columns of a row that is older than the log, until an update tells them", () => {
    const older = foldEntity([], true);
    expect(compareEntity(older, { name: "Ana" }, columns)).toBeUndefined();
    expect(compareEntity(older, undefined, columns)).toEqual({ kind: "ROW_MISSING" });
    const known = foldEntity([updated(5n, { name: "Ana" })], true);
    expect(compareEntity(known, { name: "Bia", amount: "1" }, columns)).toEqual({
      kind: "ROW_CHANGED",
      fields: ["name"],
    });
    expect(compareEntity(foldEntity([], false), { name: "Ana" }, columns)).toEqual({
      kind: "ROW_UNKNOWN",
    });
  });

  it("is a column that was added after the insertion; of a later one it says that it was null", () => {
    const before = foldEntity([inserted(3n, {})], false);
    const after = foldEntity([inserted(9n, {})], false);
    const row = { name: "x" };
    expect(compareEntity(before, row, one({ thereSince: 5n }))).toBeUndefined();
    expect(compareEntity(before, row, one({ thereSince: undefined }))).toBeUndefined();
    expect(compareEntity(after, row, one({ thereSince: 5n }))).toMatchObject({ fields: ["name"] });
  });

  it("is a value that was told before the column got another type", () => {
    const logged = foldEntity([inserted(3n, { name: "1" })], false);
    expect(compareEntity(logged, { name: "1.00" }, one({ typedSince: 5n }))).toBeUndefined();
    expect(compareEntity(logged, { name: "1.00" }, one({ typedSince: 2n }))).toBeDefined();
  });

  it("is what it only commits to, unless somebody reveals it", () => {
    const commitment = Buffer.alloc(32).toString("base64");
    const logged = foldEntity([inserted(3n, { name: { commitment } })], false);
    expect(compareEntity(logged, { name: "Ana" }, one({}))).toBeUndefined();
    const reveal = (record: bigint, field: string, text: string) =>
      record === 3n && field === "name" && text === commitment ? "Ana" : undefined;
    expect(compareEntity(logged, { name: "Ana" }, one({}), reveal)).toBeUndefined();
    expect(compareEntity(logged, { name: "Bia" }, one({}), reveal)).toEqual({
      kind: "ROW_CHANGED",
      fields: ["name"],
    });
  });

  it("is compared however deep it is", () => {
    const deep = (value: string) =>
      JSON.parse(`${"[".repeat(50_000)}${value}${"]".repeat(50_000)}`) as unknown;
    const logged = foldEntity([inserted(3n, { name: deep("1") })], false);
    expect(compareEntity(logged, { name: deep("1") }, one({}))).toBeUndefined();
    expect(compareEntity(logged, { name: deep("2") }, one({}))).toEqual({
      kind: "ROW_CHANGED",
      fields: ["name"],
    });
  });

  it("is nothing after a truncation, of older rows either", () => {
    const truncated: LoggedChange = { id: 7n, operation: "TRUNCATE" };
    const row = { name: "Ana" };
    expect(compareEntity(foldEntity([truncated], true), undefined, columns)).toBeUndefined();
    expect(compareEntity(foldEntity([inserted(3n, row), truncated], false), row, columns)).toEqual({
      kind: "ROW_UNKNOWN",
    });
    expect(
      compareEntity(
        foldEntity([inserted(3n, {}), truncated, inserted(8n, row)], false),
        row,
        columns,
      ),
    ).toBeUndefined();
  });

  it("is not told otherwise by the numbers of the log's first formats", () => {
    const logged = foldEntity([inserted(3n, { name: 1000.5 })], false);
    expect(compareEntity(logged, { name: "1000.50" }, one({}))).toBeUndefined();
    expect(compareEntity(logged, { name: "1000.51" }, one({}))).toBeDefined();
  });
});
