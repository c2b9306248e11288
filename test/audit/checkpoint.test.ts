import { beforeAll, describe, expect, it } from "@jest/globals";
import fc from "fast-check";
import {
  type Checkpoint,
  formatCheckpoint,
  openCheckpoint,
  openEarlierCheckpoint,
  parseCheckpoint,
} from "../../src/audit/checkpoint.ts";
import type { ListedKey } from "../../src/audit/key-list.ts";
import { type Signer, signNote } from "../../src/audit/note.ts";
import { EMPTY_ROOT, leafHash } from "../../src/audit/tree.ts";
import { faultOf } from "./expect-fault.ts";
import { listed, newSigner } from "./signing.ts";

const ORIGIN = "registro.example/condominios";
const ROOT = leafHash("root");
const checkpoint: Checkpoint = { origin: ORIGIN, size: 7, root: ROOT, extensions: [] };

let log: Signer;
beforeAll(async () => {
  log = await newSigner(ORIGIN);
});

const signed = (of: Checkpoint, signer = log) => signNote(formatCheckpoint(of), [signer]);

describe("parseCheckpoint", () => {
  it("reads the example of the specification", () => {
    const text =
      "example.com/behind-the-sofa\n20852163\nCsUYapGGPo4dkMgIAUqom/Xajj7h2fB2MPA3j2jxq2I=\n";
    const read = parseCheckpoint(text);
    expect(read).toMatchObject({ origin: "example.com/behind-the-sofa", size: 20852163 });
    expect(formatCheckpoint(read)).toBe(text);
  });

  it("reads back what it wrote, with extensions", () => {
    const line = fc.stringMatching(/^[^\n]+$/);
    fc.assert(
      fc.property(
        line,
        fc.maxSafeNat().filter((size) => size > 0),
        fc.uint8Array({ minLength: 32, maxLength: 32 }),
        fc.array(line),
        (origin, size, root, extensions) => {
          const read = parseCheckpoint(formatCheckpoint({ origin, size, root, extensions }));
          expect(read).toEqual({ origin, size, root: Buffer.from(root), extensions });
        },
      ),
    );
  });

  const root = Buffer.from(ROOT).toString("base64");
  it.each([
    ["no lines", ""],
    ["no origin", `\n7\n${root}\n`],
    ["no root", "origin\n7\n"],
    ["a size with a leading zero", `origin\n07\n${root}\n`],
    ["a negative size", `origin\n-7\n${root}\n`],
    ["a size that is no integer", `origin\n7.0\n${root}\n`],
    ["a size beyond what can be counted", `origin\n9007199254740993\n${root}\n`],
    ["a short root", `origin\n7\n${root.slice(4)}\n`],
    ["an empty tree with a root", `origin\n0\n${root}\n`],
    ["an empty line", `origin\n7\n${root}\n\nextension\n`],
    ["no final newline", `origin\n7\n${root}`],
  ])("refuses %s", (_, text) => {
    expect(() => parseCheckpoint(text)).toThrow(faultOf("MALFORMED"));
  });

  it("of an empty tree is one", () => {
    const empty = { ...checkpoint, size: 0, root: EMPTY_ROOT };
    expect(parseCheckpoint(formatCheckpoint(empty)).size).toBe(0);
  });

  it.each([
    { ...checkpoint, origin: "" },
    { ...checkpoint, origin: "two\nlines" },
    { ...checkpoint, extensions: [""] },
    { ...checkpoint, extensions: ["two\nlines"] },
    { ...checkpoint, root: ROOT.subarray(1) },
    { ...checkpoint, size: -1 },
  ])("cannot be written of what is none", (wrong) => {
    expect(() => formatCheckpoint(wrong)).toThrow(faultOf("MALFORMED"));
  });
});

describe("openCheckpoint", () => {
  it("takes one of the log's own keys", async () => {
    const opened = openCheckpoint(await signed(checkpoint), [listed("log", log)], ORIGIN);
    expect(opened).toMatchObject({ ...checkpoint, root: Buffer.from(ROOT) });
  });

  it("refuses other origins, altered sizes, strangers, and keys of another role", async () => {
    const note = await signed(checkpoint);
    const keys = [listed("log", log)];
    expect(() => openCheckpoint(note, keys, "other")).toThrow(faultOf("WRONG_ORIGIN"));
    const altered = note.replace("\n7\n", "\n8\n");
    expect(() => openCheckpoint(altered, keys, ORIGIN)).toThrow(faultOf("FORGED"));
    const strange = await signed(checkpoint, await newSigner(ORIGIN));
    expect(() => openCheckpoint(strange, keys, ORIGIN)).toThrow(faultOf("UNSIGNED"));
    const intents = [listed("intent", log)];
    expect(() => openCheckpoint(note, intents, ORIGIN)).toThrow(faultOf("UNSIGNED"));
  });

  it("refuses a key outside the sizes for which it is valid, and takes either while they overlap", async () => {
    const next = await newSigner(ORIGIN);
    const keys = [listed("log", log, { until: 10 }), listed("log", next, { from: 5 })];
    const open = async (size: number, signer: Signer) =>
      openCheckpoint(await signed({ ...checkpoint, size }, signer), keys, ORIGIN).size;
    expect(await open(9, log)).toBe(9);
    expect(await open(5, next)).toBe(5);
    await expect(open(10, log)).rejects.toThrow(faultOf("KEY_OUT_OF_RANGE"));
    await expect(open(4, next)).rejects.toThrow(faultOf("KEY_OUT_OF_RANGE"));
  });
});

describe("openEarlierCheckpoint", () => {
  const FORMER = "registro.antigo";
  const open = async (size: number, keys: readonly ListedKey[], origin = FORMER, signer = log) =>
    openEarlierCheckpoint(await signed({ ...checkpoint, origin, size }, signer), keys, ORIGIN).size;

  it("takes the log's present name, as openCheckpoint does", async () => {
    expect(await open(7, [listed("log", log)], ORIGIN)).toBe(7);
    const strange = await newSigner(ORIGIN);
    await expect(open(7, [listed("log", log)], ORIGIN, strange)).rejects.toThrow(
      faultOf("UNSIGNED"),
    );
  });

  it("takes a name that the list gives to a key, up to where it was replaced", async () => {
    const keys = [
      { ...listed("log", log, { until: 10 }), origin: FORMER },
      listed("log", log, { from: 10 }),
    ];
    expect(await open(9, keys)).toBe(9);
    await expect(open(10, keys)).rejects.toThrow(faultOf("KEY_OUT_OF_RANGE"));
    // Under its present name the key counts from its own line on.
    await expect(open(9, keys, ORIGIN)).rejects.toThrow(faultOf("KEY_OUT_OF_RANGE"));
    expect(await open(10, keys, ORIGIN)).toBe(10);
  });

  it("takes a former key's own name, of that key alone", async () => {
    const old = await newSigner(FORMER);
    const keys = [listed("log", old, { until: 10 }), listed("log", log, { from: 10 })];
    expect(await open(9, keys, FORMER, old)).toBe(9);
    await expect(open(10, keys, FORMER, old)).rejects.toThrow(faultOf("KEY_OUT_OF_RANGE"));
    await expect(open(9, keys, FORMER, log)).rejects.toThrow(faultOf("UNSIGNED"));
  });

  it("refuses a name that the log never had", async () => {
    await expect(open(7, [listed("log", log)])).rejects.toThrow(faultOf("WRONG_ORIGIN"));
    const intents = [listed("log", log), listed("intent", await newSigner(FORMER))];
    await expect(open(7, intents)).rejects.toThrow(faultOf("WRONG_ORIGIN"));
  });
});
