import { readFileSync } from "node:fs";
import { beforeAll, describe, expect, it } from "@jest/globals";
import fc from "fast-check";
import { loadSigner } from "../../src/audit/keys.ts";
import { formatNote, parseNote, type Signer, signNote, verifyNote } from "../../src/audit/note.ts";
import { parseVerifierKey } from "../../src/audit/verifier-key.ts";
import { faultOf } from "./expect-fault.ts";
import { newSigner, newWitness } from "./signing.ts";

interface Vectors {
  valid: { name: string; key: string; note: string }[];
  signer: { key: string; verifierKey: string };
  malformed: { name: string; note: string }[];
  keys: string[];
}
const vectors: Vectors = JSON.parse(
  readFileSync(new URL("../fixtures/audit/note.json", import.meta.url), "utf8"),
);

let one: Signer;
let other: Signer;
beforeAll(async () => {
  one = await newSigner("registro.example/um");
  other = await newSigner("registro.example/outro");
});

describe("verifyNote", () => {
  it.each(vectors.valid)("takes the example of $name, and writes it as it was", ({ key, note }) => {
    const parsed = parseNote(Buffer.from(note));
    const verifier = parseVerifierKey(key);
    expect(verifyNote(parsed, [verifier])).toEqual([verifier]);
    expect(formatNote(parsed)).toBe(note);
  });

  it("takes a note with one known signature among unknown ones", async () => {
    const note = await signNote("texto\n\ncom linha vazia\n", [other, one]);
    expect(verifyNote(parseNote(note), [one.key])).toEqual([one.key]);
    expect(verifyNote(parseNote(note), [one.key, other.key])).toEqual([other.key, one.key]);
  });

  it("refuses a note that no known key has signed, and one whose known signature is wrong", async () => {
    const note = await signNote("texto\n", [one, other]);
    const stranger = await newSigner("registro.example/um");
    expect(() => verifyNote(parseNote(note), [stranger.key])).toThrow(faultOf("UNSIGNED"));
    expect(() => verifyNote(parseNote(note), [])).toThrow(faultOf("UNSIGNED"));
    const altered = parseNote(note.replace("texto", "outro"));
    expect(() => verifyNote(altered, [one.key])).toThrow(faultOf("FORGED"));
  });

  it("refuses the whole note for one wrong signature of a known key", async () => {
    const { text, signatures } = parseNote(await signNote("texto\n", [one, other]));
    const [first, second] = signatures;
    if (!first || !second) throw new Error("unreachable");
    const forged = { text, signatures: [first, { ...second, bytes: first.bytes }] };
    expect(() => verifyNote(forged, [one.key, other.key])).toThrow(faultOf("FORGED"));
    expect(verifyNote(forged, [one.key])).toEqual([one.key]);
    const short = { text, signatures: [{ ...first, bytes: first.bytes.subarray(1) }] };
    expect(() => verifyNote(short, [one.key])).toThrow(faultOf("FORGED"));
  });
});

describe("parseNote", () => {
  it.each(vectors.malformed)("refuses a note with $name", ({ note }) => {
    expect(() => parseNote(note)).toThrow(faultOf("MALFORMED"));
  });

  it("refuses what is no UTF-8, too large, or has too many signatures", async () => {
    const note = await signNote("texto\n", [one]);
    const bytes = Buffer.from(note);
    bytes[1] = 0xff;
    expect(() => parseNote(bytes)).toThrow(faultOf("MALFORMED"));
    expect(() => parseNote(`\ud800${note}`)).toThrow(faultOf("MALFORMED"));
    expect(() => parseNote(`${"x".repeat(1024 * 1024)}\n${note}`)).toThrow(faultOf("MALFORMED"));
    const [line = ""] = note.split("\n").slice(-2);
    const signed = (count: number) => `texto\n\n${`${line}\n`.repeat(count)}`;
    expect(parseNote(signed(64)).signatures).toHaveLength(64);
    expect(() => parseNote(signed(65))).toThrow(faultOf("MALFORMED"));
  });

  it("reads back whatever can be signed", async () => {
    await fc.assert(
      fc.asyncProperty(fc.string({ unit: "grapheme" }), async (content) => {
        const text = `${content.replace(/[^\P{Cc}\n]/gu, "")}\n`;
        const note = parseNote(await signNote(text, [one]));
        expect(note.text).toBe(text);
        expect(verifyNote(note, [one.key])).toEqual([one.key]);
      }),
      { numRuns: 50 },
    );
  });
});

describe("signNote", () => {
  it("writes the reference's note with the reference's key", async () => {
    const signer = await loadSigner({ text: vectors.signer.key });
    expect(signer.key.text).toBe(vectors.signer.verifierKey);
    const [, example] = vectors.valid;
    const { text } = parseNote(example?.note ?? "");
    expect(await signNote(text, [signer])).toBe(example?.note);
  });

  it.each(["no newline", "", "tab\t\n", "\ud800\n"])("refuses the text %j", async (text) => {
    await expect(signNote(text, [one])).rejects.toThrow(faultOf("MALFORMED"));
  });

  it("refuses a key that is not for notes", async () => {
    const witness = await newWitness("testemunha.example");
    await expect(signNote("texto\n", [witness])).rejects.toThrow(faultOf("MALFORMED"));
  });
});

describe("parseVerifierKey", () => {
  it.each(vectors.keys)("refuses %j", (text) => {
    expect(() => parseVerifierKey(text)).toThrow(faultOf("MALFORMED"));
  });
});
