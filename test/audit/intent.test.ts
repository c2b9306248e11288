import { beforeAll, describe, expect, it } from "@jest/globals";
import { formatIntent, type Intent, openIntent, signIntent } from "../../src/audit/intent.ts";
import { type Signer, signNote } from "../../src/audit/note.ts";
import { faultOf } from "./expect-fault.ts";
import { listed, newSigner, newWitness } from "./signing.ts";

let process: Signer;
beforeAll(async () => {
  process = await newSigner("processo.example/worker");
});

const ROOT = Buffer.alloc(32, 7).toString("base64");

function intentOf(fields: Partial<Intent> = {}): Intent {
  return {
    transaction_id: "100",
    actor_id: "person:1",
    actor_role: "admin",
    reason: "Envio de despesas",
    request_id: "req-1",
    actions: ["SUBMIT"],
    records: 1,
    groups: [{ records: 1, root: ROOT }],
    ...fields,
  };
}

describe("openIntent", () => {
  it("reads what was signed", async () => {
    const intent = intentOf({ job_id: 'é\n"', reason: { commitment: "x" } });
    const note = await signIntent(intent, process);
    expect(note.split("\n")[0]).toBe("blindagem/intent");
    expect(openIntent(note, [listed("intent", process)], 5)).toEqual(intent);
  });

  it("refuses altered notes, unknown keys, keys of another role, and keys past their range", async () => {
    const note = await signIntent(intentOf(), process);
    const keys = [listed("intent", process, { from: 2, until: 6 })];
    expect(openIntent(note, keys, 5).actor_id).toBe("person:1");
    const open =
      (source: string, known = keys, index = 5) =>
      () =>
        openIntent(source, known, index);
    expect(open(note.replace("person:1", "person:2"))).toThrow(faultOf("FORGED"));
    const stranger = await newSigner("processo.example/worker");
    expect(open(note, [listed("intent", stranger)])).toThrow(faultOf("UNSIGNED"));
    expect(open(note, [listed("log", process)])).toThrow(faultOf("UNSIGNED"));
    expect(open(note, keys, 6)).toThrow(faultOf("KEY_OUT_OF_RANGE"));
    expect(open(note, keys, 1)).toThrow(faultOf("KEY_OUT_OF_RANGE"));
  });

  it.each([
    "blindagem/intent\n",
    "blindagem/intent\nnonsense\n",
    "blindagem/intent\n{}\n",
    "registro.example\n7\n4RIvqhfxn7oxcnf7H7VvLEIc7iDzjJb4Ad+XHnnzxLw=\n",
    `blindagem/intent\n${JSON.stringify(intentOf({ records: 2 }))}\n`,
    `${formatIntent(intentOf())}more\n`,
    formatIntent(intentOf()).replace("intent", "other"),
  ])("refuses a signed text that is no intent: %j", async (text) => {
    const note = await signNote(text, [process]);
    expect(() => openIntent(note, [listed("intent", process)], 0)).toThrow(faultOf("MALFORMED"));
  });

  it("is not made with a witness's key, nor of counts that do not fit", async () => {
    const witness = await newWitness("testemunha.example");
    await expect(signIntent(intentOf(), witness)).rejects.toThrow(faultOf("MALFORMED"));
    expect(() => formatIntent(intentOf({ records: 3 }))).toThrow(faultOf("MALFORMED"));
  });
});
