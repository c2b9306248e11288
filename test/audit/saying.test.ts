import { describe, expect, it } from "@jest/globals";
import { readSaying } from "../../src/audit/saying.ts";
import { type EntryFields, recordText } from "./entries.ts";

/** What sealing cuts out of a record's text. */
function saying(fields: EntryFields = {}): string {
  const text = recordText(fields);
  const end = text.slice(text.lastIndexOf(',"actor_id":"') + ',"actor_id":"'.length);
  return `${text.slice(11, 29)} SUBMIT ${end}`;
}

describe("readSaying", () => {
  it("reads who acted, in which request or job, and why", () => {
    expect(readSaying(saying({ job_id: "7", reason: 'Um "motivo"' }))).toEqual({
      format: "blindagem-record-6",
      action: "SUBMIT",
      acting: expect.objectContaining({
        actor_id: "person:1",
        actor_role: "admin",
        request_id: "req-1",
        job_id: "7",
        reason: 'Um "motivo"',
      }),
    });
  });

  it("does not take a row's value, or its columns, for the record's end", () => {
    expect(readSaying(saying({ new_state: { note: ',"actor_id":"person:2"}' } }))).toEqual(
      readSaying(saying()),
    );
    const nested = '{"new_state":{"actor_id":"person:2","transaction_id":"1"}}';
    expect(readSaying(`blindagem-record-6 SUBMIT ${nested.slice(26)}`)).toBeUndefined();
  });

  it.each([
    ["a reason behind a commitment", saying({ reason: { commitment: "x" } })],
    ["no actor", `blindagem-record-6 SUBMIT ${recordText()}`],
    ["another format", saying().replace("record-6", "record-9")],
    ["nothing", ""],
  ])("leaves to be read whole: %s", (_, text) => {
    expect(readSaying(text)).toBeUndefined();
  });
});
