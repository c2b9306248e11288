import { mkdtemp, readFile, rm, stat, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, it, jest } from "@jest/globals";
import { formatKeyList } from "../../src/audit/key-list.ts";
import { generateKey } from "../../src/audit/keys.ts";
import { formatProof } from "../../src/audit/proof.ts";
import { TileReader } from "../../src/audit/tile-reader.ts";
import { COSIGNATURE_V1, parseVerifierKey } from "../../src/audit/verifier-key.ts";
import {
  editRecords,
  type TestBundle,
  testBundle,
  writeTestBundle,
} from "../audit/bundle/test-bundle.ts";
import { commandRunner, messageOfFailure } from "./run-command.ts";

// Processes start slowly on a machine that does other things too.
jest.setTimeout(60_000);

const run = commandRunner({});

let directory: string;
let bundle: TestBundle;
const at = (name: string) => join(directory, name);
beforeAll(async () => {
  directory = await mkdtemp(join(tmpdir(), "blindagem-audit-"));
  bundle = await testBundle();
  await writeTestBundle(at("bundle"), bundle);
  await writeFile(at("keys"), formatKeyList(bundle.keys));
});
afterAll(() => rm(directory, { recursive: true }));

describe("blindagem audit verify", () => {
  it("says that a bundle is right, for people and for programs", async () => {
    const people = await run("audit", "verify", at("bundle"));
    expect(people).toMatchObject({ status: 0, stderr: "" });
    expect(people.stdout).toContain("CONFERE: nada de errado");
    expect(people.stdout).toContain("Aviso KEYS_FROM_BUNDLE");
    const since = at("since");
    await writeFile(since, await bundle.log.checkpoint([bundle.logSigner], { size: 9 }));
    const options = ["--keys", at("keys"), "--since", since, "--json"];
    const program = await run("audit", "verify", at("bundle"), ...options);
    expect(program.status).toBe(0);
    expect(JSON.parse(program.stdout)).toMatchObject({ ok: true, faults: [] });
  });

  it("says what is wrong, where, and how to read it, and ends with status 1", async () => {
    await writeTestBundle(at("wrong"), bundle);
    await editRecords(at("wrong"), ([first, ...lines]) => {
      if (first === undefined) throw new Error("unreachable");
      return [{ ...first, entry: first.entry.replace('"10.00"', '"99.00"') }, ...lines];
    });
    const { status, stdout } = await run("audit", "verify", at("wrong"));
    expect(status).toBe(1);
    expect(stdout).toContain("Falha LEAF_MISMATCH, índice 0");
    expect(stdout).toContain("foi alterado depois");
    expect(stdout).toContain("NÃO CONFERE.");
  });

  it("says of a directory that is no bundle that it is none", async () => {
    const { status, stdout } = await run("audit", "verify", directory);
    expect(status).toBe(1);
    expect(stdout).toMatch(/^Este diretório não é um pacote/);
    expect(stdout).not.toContain("0 folhas");
  });
});

describe("what is given instead of a bundle or of keys", () => {
  it.each([
    ["a directory that is not there", ["nowhere"], "nowhere: o arquivo não existe."],
    ["an archive that was not unpacked", ["bundle.tar"], "tar -xf"],
    ["a directory for the keys", ["bundle", "--keys", "bundle"], "é um diretório"],
  ])("%s is told as what it is", async (_, args, message) => {
    await writeFile(at("bundle.tar"), "ustar");
    const paths = args.map((name) => (name.startsWith("--") ? name : at(name)));
    const { status, stdout, stderr } = await run("audit", "verify", ...paths);
    expect({ status, stdout }).toEqual({ status: 1, stdout: "" });
    expect(stderr).toContain(message);
  });
});

describe("blindagem audit verify-proof", () => {
  it("proves an entry that the proof brings, or one beside it, and nothing else", async () => {
    const { log, logSigner, witness } = bundle;
    const index = 3;
    const entry = log.entries[index] ?? "";
    const tiles = new Map(log.tiles().map(({ path, bytes }) => [path, bytes]));
    const tree = new TileReader(async (path) => {
      const bytes = tiles.get(path);
      if (bytes === undefined) throw new Error(path);
      return bytes;
    }, log.entries.length);
    const checkpoint = await log.checkpoint([logSigner], { witnesses: [witness] });
    const path = await tree.inclusion(index);
    const bare = { index, path, checkpoint };
    await writeFile(at("a.tlog-proof"), formatProof({ ...bare, extra: Buffer.from(entry) }));
    await writeFile(at("b.tlog-proof"), formatProof(bare));
    await writeFile(at("entry"), entry);
    await writeFile(at("other"), entry.replace("PENDING", "APPROVED"));
    const prove = (...args: string[]) =>
      run("audit", "verify-proof", ...args, "--keys", at("keys"));
    const [own, given, other, none] = await Promise.all([
      prove(at("a.tlog-proof")),
      prove(at("b.tlog-proof"), "--entry", at("entry")),
      prove(at("b.tlog-proof"), "--entry", at("other")),
      prove(at("b.tlog-proof")),
    ]);
    expect(own).toMatchObject({ status: 0, stdout: expect.stringContaining("a folha 3 das") });
    expect(own?.stdout).toContain("Testemunha conselho.example");
    expect(given).toMatchObject({ status: 0 });
    if (!other || !none) throw new Error("unreachable");
    expect(messageOfFailure(other)).toContain("não está provada");
    expect(messageOfFailure(none)).toContain("--entry");
  });
});

describe("blindagem audit keygen", () => {
  it("writes a key that its owner alone can read, and overwrites none", async () => {
    const made = await run("audit", "keygen", "--name", "registro.example", "--out", at("key"));
    expect(made.status).toBe(0);
    expect(parseVerifierKey(made.stdout.trim()).name).toBe("registro.example");
    expect((await stat(at("key"))).mode & 0o777).toBe(0o600);
    const before = await readFile(at("key"), "utf8");
    const again = await run("audit", "keygen", "--name", "registro.example", "--out", at("key"));
    expect(messageOfFailure(again)).toContain(at("key"));
    expect(await readFile(at("key"), "utf8")).toBe(before);
  });
});

describe("blindagem witness cosign", () => {
  it("prints the cosignature of a log in a directory", async () => {
    const { text } = generateKey("conselho.example", COSIGNATURE_V1);
    await writeFile(at("witness"), `${text}\n`, { mode: 0o600 });
    const options = ["--keys", at("keys"), "--key", at("witness"), "--state", at("state")];
    const cosigned = await run("witness", "cosign", at("bundle"), ...options);
    expect(cosigned.status).toBe(0);
    expect(cosigned.stdout).toMatch(/^— conselho\.example \S+\n$/u);
    expect(cosigned.stderr).toContain("Primeira assinatura");
    const earlier = at("bundle/checkpoints/256");
    const shrunk = await run(
      "witness",
      "cosign",
      at("bundle"),
      ...options,
      "--checkpoint",
      earlier,
    );
    expect(messageOfFailure(shrunk)).toContain("encolheu");
  });
});
