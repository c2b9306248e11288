import { describe, expect, it } from "@jest/globals";
import fc from "fast-check";
import { EntryScanner } from "../../../src/audit/bundle/entry-scanner.ts";
import { idIn, type RecordView, viewOf } from "../../../src/audit/bundle/record-view.ts";
import { StateText } from "../../../src/audit/bundle/state-text.ts";
import { isRecord, parseEntry } from "../../../src/audit/entry.ts";
import { recordText } from "../entries.ts";
import { committed } from "./test-log.ts";

/** One for all, as in a verification: what it remembers of an entry must not show in the next. */
const scanner = new EntryScanner();

function scanned(text: string): object | undefined {
  const bytes = Buffer.from(`7 ${text}\n8 {}`);
  const view = scanner.scan(bytes, 2, bytes.length - 5);
  return view && plain(view);
}

function parsed(text: string): object {
  const entry = parseEntry(text);
  if (!isRecord(entry)) throw new Error("The text is no record.");
  return plain(viewOf(entry, undefined));
}

function plain({ before, after, acting, entity, ...view }: RecordView): object {
  const values = (side: RecordView["before"]) => [
    ...(side instanceof StateText ? side.values() : side),
  ];
  return {
    ...view,
    entity: idIn(entity),
    acting: { ...acting },
    before: values(before),
    after: values(after),
  };
}

const name = fc.oneof(
  fc.constantFrom("id", "status", "__proto__", "constructor", "commitment", "note"),
  fc.stringMatching(/^[a-e_][a-c0-9_]?$/),
);
const optional = <T>(arbitrary: fc.Arbitrary<T>) => fc.option(arbitrary, { nil: undefined });
const id = fc.bigInt({ min: 0n, max: 10n ** 18n }).map(String);
const plainText = fc.stringMatching(/^[^"\\\p{C}]*$/u);

/** As PostgreSQL writes it: jsonb spaced, and the rest not. */
const value = fc.oneof(
  fc.string().map((text) => JSON.stringify(text)),
  fc.constantFrom("null", "true", "false", '"12.50"', "[]", '["A", "B"]', "-1.5e3", "0"),
  fc.string().map((text) => JSON.stringify(committed("new_state.x", text))),
  fc
    .array(
      fc.dictionary(
        name,
        fc.oneof(fc.double({ noNaN: true, noDefaultInfinity: true }), fc.string()),
      ),
    )
    .map((rows) => `[${rows.map(spaced).join(", ")}]`),
);
const state = fc
  .uniqueArray(fc.tuple(name, value), { selector: ([key]) => key, maxLength: 30 })
  .map((fields) => `{${fields.map(([key, text]) => `"${key}":${text}`).join(",")}}`);

function spaced(row: object): string {
  const fields = Object.entries(row).map(
    ([key, each]) => `${JSON.stringify(key)}: ${JSON.stringify(each)}`,
  );
  return `{${fields.join(", ")}}`;
}

/** What the capture functions write. */
const captured = fc
  .record({
    fields: fc.record({
      id,
      organization_id: optional(fc.oneof(fc.constantFrom("1", "10", "100"), id)),
      condominium_id: optional(id),
      sensitivity: fc.constantFrom("ORDINARY", "SALARY"),
      entity_type: fc.constantFrom("expenses", "payables"),
      entity_id: plainText,
      operation: fc.constantFrom("INSERT", "UPDATE", "DELETE", "TRUNCATE"),
      action: fc.constantFrom("SUBMIT", "APPROVE", "OUT_OF_BAND"),
      actor_id: optional(plainText),
      actor_role: optional(plainText),
      on_behalf_of: optional(fc.string()),
      reason: optional(
        fc.oneof(
          fc.string(),
          fc.string().map((text) => committed("reason", text)),
        ),
      ),
      ip: optional(fc.constant(committed("ip", "::1"))),
      request_id: optional(plainText),
      job_id: optional(plainText),
      transaction_id: id,
    }),
    after: optional(state),
    before: optional(state),
  })
  .map(({ fields, after, before }) =>
    recordText({
      ...fields,
      ...(after !== undefined && { new_state: "NEW" }),
      ...(before !== undefined && { previous_state: "OLD" }),
    })
      .replace('"new_state":"NEW"', () => `"new_state":${after}`)
      .replace('"previous_state":"OLD"', () => `"previous_state":${before}`),
  );

describe("EntryScanner", () => {
  it("reads what the capture functions write as a parser does", () => {
    fc.assert(
      fc.property(captured, (text) => {
        expect(scanned(text)).toEqual(parsed(text));
      }),
      { numRuns: 500 },
    );
  });

  it("takes nothing that a parser reads otherwise, or not at all", () => {
    const pieces = fc.constantFrom(
      ...'"\\{}[]:,0-e. \n\u0000nullé'.split(""),
      '"id":"1",',
      ',"status":"x"',
      '{"commitment":"x"}',
      '"commitment"',
      "\\u0022",
      "\\ud800",
      "1e999",
      "",
      ..."aZ7",
    );
    let taken = 0;
    fc.assert(
      fc.property(
        captured,
        fc.array(fc.tuple(fc.nat(), fc.nat({ max: 3 }), pieces), { minLength: 1, maxLength: 2 }),
        (text, edits) => {
          let edited = text;
          for (const [place, length, put] of edits) {
            const at = place % (edited.length + 1);
            edited = edited.slice(0, at) + put + edited.slice(at + length);
          }
          fc.pre(edited.isWellFormed());
          const view = scanned(edited);
          if (view === undefined) return;
          taken += 1;
          expect(view).toEqual(parsed(edited));
        },
      ),
      { numRuns: 2000 },
    );
    expect(taken).toBeGreaterThan(50);
  });

  it.each([
    ["another format", recordText({ format: "blindagem-record-3" })],
    ["a field that it does not know", recordText({ zebra: "1" })],
    ["what is no JSON", recordText().slice(0, -1)],
    ["a number with a zero before it", recordText({ id: "01" })],
    ["a number that no id is", recordText({ id: `1${"0".repeat(19)}` })],
    [
      "a column that comes twice",
      recordText({ new_state: { a: "1", b: "2" } }).replace('"b"', '"a"'),
    ],
    ["a commitment in disguise", recordText({ new_state: { a: { commitment: "x" } } })],
    [
      "an inner object whose keys look like columns",
      recordText({ new_state: { a: [{ b: "1" }] } }),
    ],
    ["an actor with an escape", recordText({ actor_id: 'a"b' })],
  ])("leaves %s to the parser", (_, text) => {
    expect(scanned(text)).toBeUndefined();
  });
});
