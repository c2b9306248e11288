import { readFileSync } from "node:fs";
import { beforeAll, describe, expect, it } from "@jest/globals";
import { formatKeyList, isValidAt, keysOf, parseKeyList } from "../../src/audit/key-list.ts";
import type { Signer } from "../../src/audit/note.ts";
import { faultOf } from "./expect-fault.ts";
import { newSigner, newWitness } from "./signing.ts";

interface Vectors {
  valid: { name: string; text: string; keys: object[] }[];
  malformed: string[];
}
const vectors: Vectors = JSON.parse(
  readFileSync(new URL("../fixtures/audit/key-list.json", import.meta.url), "utf8"),
);

let former: Signer;
let current: Signer;
let witness: Signer;
beforeAll(async () => {
  former = await newSigner("registro.example");
  current = await newSigner("registro.example");
  witness = await newWitness("testemunha.example");
});

describe("a list of keys", () => {
  it("has roles, ranges, comments and empty lines, and is written as it is read", () => {
    const lines = [
      `log ${former.key.text} until 100`,
      `log ${current.key.text} from 90`,
      `intent ${former.key.text} from 0 until 7`,
      `witness ${witness.key.text}`,
    ];
    const keys = parseKeyList(`# chaves\n\n${lines.join("\n")}\n`);
    expect(keys.map(({ role, from, until }) => [role, from, until])).toEqual([
      ["log", 0, 100],
      ["log", 90, Number.POSITIVE_INFINITY],
      ["intent", 0, 7],
      ["witness", 0, Number.POSITIVE_INFINITY],
    ]);
    expect(formatKeyList(keys)).toBe(`${lines.join("\n").replace(" from 0", "")}\n`);
    expect(parseKeyList(formatKeyList(keys))).toEqual(keys);
    expect(keysOf(keys, "log").map(({ text }) => text)).toEqual([
      former.key.text,
      current.key.text,
    ]);
  });

  it("has the name under which the log's key signed before it was given another", () => {
    const text = `log ${former.key.text} until 100 origin registro.antigo\nlog ${former.key.text} from 100\n`;
    const keys = parseKeyList(text);
    expect(keys.map(({ origin }) => origin)).toEqual(["registro.antigo", undefined]);
    expect(formatKeyList(keys)).toBe(text);
  });

  it.each(vectors.valid)("is read as by every verifier: $name", ({ text, keys }) => {
    const told = parseKeyList(text).map(({ role, key, from, until, origin }) => ({
      role,
      name: key.name,
      from,
      until: Number.isFinite(until) ? until : null,
      origin: origin ?? null,
    }));
    expect(told).toEqual(keys);
  });

  it.each(vectors.malformed)("is refused as by every verifier: %j", (text) => {
    expect(() => parseKeyList(text)).toThrow(faultOf("MALFORMED"));
  });

  it("says at which places a key is valid for a role", () => {
    const keys = parseKeyList(
      `log ${former.key.text} from 5 until 10\nlog ${former.key.text} from 20`,
    );
    const valid = [0, 4, 5, 9, 10, 19, 20, 1e9].filter((at) =>
      isValidAt(keys, "log", former.key, at),
    );
    expect(valid).toEqual([5, 9, 20, 1e9]);
    expect(isValidAt(keys, "intent", former.key, 5)).toBe(false);
    expect(isValidAt(keys, "log", current.key, 5)).toBe(false);
  });

  it("names the line that is wrong", () => {
    const note = former.key.text;
    for (const wrong of [
      `owner ${note}`,
      "log",
      "log nonsense",
      `log ${note} from`,
      `log ${note} from x`,
      `log ${note} from -1`,
      `log ${note} since 1`,
      `log ${note} 5 10`,
      `log ${note} origin`,
      `intent ${note} origin registro.antigo`,
      `witness ${note}`,
      `log ${witness.key.text}`,
    ]) {
      expect(() => parseKeyList(`# 1\n# 2\n${wrong}`)).toThrow(faultOf("MALFORMED"));
      expect(() => parseKeyList(`# 1\n# 2\n${wrong}`)).toThrow("linha 3");
    }
  });
});
