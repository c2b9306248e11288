import { mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, it, jest } from "@jest/globals";
import { formatKeyList } from "../../src/audit/key-list.ts";
import type { Signer } from "../../src/audit/note.ts";
import { formatProof, type Proof } from "../../src/audit/proof.ts";
import { inclusionPath } from "../../src/audit/tree.ts";
import { TestLog } from "../audit/bundle/test-log.ts";
import { cosignedBy } from "../audit/cosigning.ts";
import { plainRoot } from "../audit/merkle.ts";
import { listed, newSigner, newWitness } from "../audit/signing.ts";
import { runVerifier, verifierReport } from "./run-verifier.ts";

// Processes start slowly on a machine that does other things too.
jest.setTimeout(60_000);

const INDEX = 13;

let directory: string;
let proof: Proof;
let council: Signer;
beforeAll(async () => {
  directory = await mkdtemp(join(tmpdir(), "blindagem-proof-"));
  const log = new TestLog();
  for (let count = 0; count < 21; count++) log.record();
  const signer = await newSigner("registro.example");
  council = await newWitness("conselho.example");
  const keys = [listed("log", signer), listed("witness", council)];
  await writeFile(join(directory, "keys"), formatKeyList(keys));
  const leaves = log.hashes();
  proof = {
    index: INDEX,
    path: inclusionPath(INDEX, leaves.length).map(({ start, end }) =>
      plainRoot(leaves.slice(start, end)),
    ),
    checkpoint: await log.checkpoint([signer]),
    extra: Buffer.from(log.entries[INDEX] ?? ""),
  };
});
afterAll(() => rm(directory, { recursive: true }));

async function report(text: string, ...args: string[]) {
  const file = join(directory, "a.tlog-proof");
  await writeFile(file, text);
  return verifierReport("proof", file, "--keys", join(directory, "keys"), ...args);
}

describe("the independent verifier", () => {
  it("takes a proof, of the entry that it brings or of one beside it", async () => {
    expect(await report(formatProof(proof))).toMatchObject({ status: 0, ok: true });
    const entry = join(directory, "entry");
    await writeFile(entry, proof.extra ?? "");
    const { extra: _, ...bare } = proof;
    expect(await report(formatProof(bare), "--entry", entry)).toMatchObject({ status: 0 });
    expect(await report(formatProof(bare))).toMatchObject({ status: 1 });
  });

  it.each([
    ["a proof that is not there", ["proof", "none"], "none: o arquivo não existe"],
    ["keys that are not there", ["proof", "keys", "--keys", "none"], "none: o arquivo não existe"],
    ["a directory as a proof", ["proof", "."], ": é um diretório, e espera-se um arquivo"],
    ["a bundle that is not there", ["bundle", "none"], "none: o diretório não existe"],
    [
      "vectors that are not there",
      ["selftest", "none"],
      ": o arquivo não existe; diga o diretório",
    ],
  ])("says in words, and with status 1, that it was given %s", async (_what, args, words) => {
    const known = (name: string) => join(directory, name);
    const given = args.map((word) => (["none", "keys", "."].includes(word) ? known(word) : word));
    const keys = args[0] === "proof" && !args.includes("--keys") ? ["--keys", known("keys")] : [];
    const { status, stdout, stderr } = await runVerifier(...given, ...keys);
    expect({ status, stderr }).toEqual({ status: 1, stderr: "" });
    expect(stdout).toContain(words);
  });

  it("tells which witness of the list cosigned and when, and finds a false one", async () => {
    const stranger = await newWitness("outro.example");
    const checkpoint = await cosignedBy(proof.checkpoint, [stranger, council]);
    const witness = { name: "conselho.example", at: "2026-11-24T12:00:00.000Z", size: 21 };
    expect(await report(formatProof({ ...proof, checkpoint }))).toMatchObject({
      status: 0,
      witnesses: [witness],
    });
    const file = join(directory, "a.tlog-proof");
    const { stdout } = await runVerifier("proof", file, "--keys", join(directory, "keys"));
    expect(stdout).toContain(`Testemunha ${witness.name} assinou em ${witness.at}`);
    const lines = checkpoint.split("\n");
    const [name = "", bytes = ""] = (lines.at(-2) ?? "").split(/ (?=[^ ]+$)/);
    const altered = Buffer.from(bytes, "base64");
    altered[20] = (altered[20] ?? 0) ^ 1;
    const forged = [...lines.slice(0, -2), `${name} ${altered.toString("base64")}`, ""].join("\n");
    expect(await report(formatProof({ ...proof, checkpoint: forged }))).toMatchObject({
      status: 1,
      faultCounts: { FORGED: 1 },
    });
  });

  it.each([
    ["MALFORMED", (text: string) => text.replace("@v1", "@v2")],
    ["MALFORMED", (text: string) => text.replace("index 13", "index 013")],
    ["NOT_INCLUDED", (text: string) => text.replace("index 13", "index 12")],
    ["NOT_INCLUDED", (text: string) => text.replace(/index 13\n.*\n/, "index 13\n")],
    ["NOT_INCLUDED", (text: string) => text.replace(/extra .*/, "extra e30=")],
    ["FORGED", (text: string) => text.replace("\n21\n", "\n22\n")],
    ["UNSIGNED", (text: string) => text.replace("— registro.example", "— outro.example")],
  ])("refuses one with %s", async (code, edit) => {
    const found = await report(edit(formatProof(proof)));
    expect(found).toMatchObject({ status: 1, ok: false, faultCounts: { [code]: 1 } });
  });
});
