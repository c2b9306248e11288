import { cp, mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { afterEach, beforeEach, describe, expect, it, jest } from "@jest/globals";
import { type VerifyOptions, verifyBundle } from "../../src/audit/bundle/verify.ts";
import { formatKeyList, parseKeyList } from "../../src/audit/key-list.ts";
import { formatNote, parseNote } from "../../src/audit/note.ts";
import { nested, TAMPERINGS } from "../audit/bundle/tamperings.ts";
import { editFile, testBundle, writeTestBundle } from "../audit/bundle/test-bundle.ts";
import { ORIGIN } from "../audit/bundle/test-log.ts";
import { recordText } from "../audit/entries.ts";
import { listed, newSigner, newWitness } from "../audit/signing.ts";
import { runVerifier, verifierReport } from "./run-verifier.ts";

// Processes start slowly on a machine that does other things too.
jest.setTimeout(60_000);

let parent: string;
let directory: string;
beforeEach(async () => {
  parent = await mkdtemp(join(tmpdir(), "blindagem-verifier-"));
  directory = join(parent, "bundle");
});
afterEach(() => rm(parent, { recursive: true }));

/** What both verifiers find, the reader's own keys and checkpoint given to both. */
async function both({ keys, since }: { keys?: string; since?: string } = {}) {
  const options: VerifyOptions = {};
  const args = ["bundle", directory];
  if (keys !== undefined) {
    options.trustedKeys = parseKeyList(keys);
    await writeFile(join(parent, "keys"), keys);
    args.push("--keys", join(parent, "keys"));
  }
  if (since !== undefined) {
    options.previousCheckpoint = since;
    await writeFile(join(parent, "since"), since);
    args.push("--since", join(parent, "since"));
  }
  return {
    ours: await verifyBundle(directory, options),
    independent: await verifierReport(...args),
  };
}

describe("the independent verifier", () => {
  it("passes the vectors that both have in common", async () => {
    expect(await runVerifier("selftest", "test/fixtures/audit")).toMatchObject({
      status: 0,
      stderr: "",
    });
  });

  it("finds nothing wrong with a bundle that is right, and gives the same notices", async () => {
    const bundle = await testBundle();
    await writeTestBundle(directory, bundle);
    const since = await bundle.log.checkpoint([bundle.logSigner], { size: 77 });
    for (const given of [{}, { keys: formatKeyList(bundle.keys), since }]) {
      const { ours, independent } = await both(given);
      expect(independent).toMatchObject({ status: 0, ok: true, faultCounts: {} });
      const notices = ours.notices.map(({ code, count }) => [code, count]);
      expect(independent.notices).toEqual(Object.fromEntries(notices));
      expect(independent.witnesses).toEqual(ours.witnesses);
    }
  });

  it("reads numbers and values as ours does, however they are written and however deep they are", async () => {
    const bundle = await testBundle();
    const { log } = bundle;
    const row = { entity_id: "77", action: "OUT_OF_BAND" };
    const update = { operation: "UPDATE", previous_state: { value: "@" }, new_state: { value: 1 } };
    log.append(
      nested(recordText({ ...row, id: "5000", new_state: { value: "@" } }), '{"a":1,"b":0}'),
    );
    log.append(nested(recordText({ ...row, id: "5001", ...update }), '{"b":-0, "a":1.0}'));
    await writeTestBundle(directory, bundle);
    await editFile(directory, "manifest.json", (text) =>
      text.replace(/"treeSize": \d+/, (size) => `${size}.0`),
    );
    const { ours, independent } = await both();
    expect(ours.faults).toEqual([]);
    expect(independent).toMatchObject({ status: 0, ok: true, faultCounts: {} });
  });

  it("takes records of formats 1 and 2, as they stand in the logs of the oldest installations, as ours does", async () => {
    const bundle = await testBundle();
    const { entries } = bundle.log;
    // Of one row: inserted in format 1, changed in 2, whose times depend on a session, and again in 4.
    entries.splice(
      0,
      2,
      '{"action":"SUBMIT","actor_id":"person:1","actor_role":"admin","application_name":"blindagem-api","client_address":null,"condominium_id":"20","entity_id":"90","entity_type":"expenses","format":"blindagem-record-1","id":"1","intent":null,"ip":"203.0.113.9","job_id":null,"new_state":{"amount":"10.00","at":"2026-01-01T00:00:00+00:00","id":"90","note":null},"on_behalf_of":null,"operation":"INSERT","organization_id":"10","previous_state":null,"reason":"Envio","recorded_at":"2026-01-01T00:00:00.000000Z","request_id":"req-1","sensitivity":"ORDINARY","session_login":"blindagem_authenticator","transaction_id":"1","user_agent":null}',
      '{"format":"blindagem-record-2","id":"2","recorded_at":"2026-01-02T00:00:00.000000Z","organization_id":"10","condominium_id":"20","sensitivity":"ORDINARY","entity_type":"expenses","entity_id":"90","operation":"UPDATE","action":"APPROVE","actor_id":"person:1","previous_state":{"at": "2026-01-01T01:00:00+01:00"},"new_state":{"at": "2026-01-02T01:00:00+01:00"},"reason":"Visto","ip":"203.0.113.9","session_login":"blindagem_authenticator","transaction_id":"2"}',
    );
    bundle.log.record({
      id: "5000",
      entity_id: "90",
      operation: "UPDATE",
      action: "OUT_OF_BAND",
      previous_state: { at: "2026-01-02T00:00:00Z", amount: "10.00" },
      new_state: { at: "2026-01-03T00:00:00Z", amount: "11.00" },
    });
    await writeTestBundle(directory, bundle);
    const { ours, independent } = await both();
    expect(ours.faults).toEqual([]);
    expect(ours.notices).toContainEqual(
      expect.objectContaining({ code: "BEFORE_INTENTS", count: 3 }),
    );
    expect(independent).toMatchObject({ status: 0, ok: true, faultCounts: {} });

    await editFile(directory, "records", (text) => text.replace("10.00", "99.00"));
    const altered = await both();
    expect(altered.ours.faultCounts).toEqual({ LEAF_MISMATCH: 1 });
    expect(altered.independent.faultCounts).toEqual(altered.ours.faultCounts);
  });

  it("takes a record of format 5 with a typed reason in words, which its intent does not have, as ours does", async () => {
    // Made by version 46: a month that was closed, and the intent behind it.
    const old = fileURLToPath(new URL("../fixtures/audit/bundle-of-format-5", import.meta.url));
    await cp(old, directory, { recursive: true });
    const right = await both();
    expect(right.ours).toMatchObject({ ok: true, faults: [], counts: { attested: 1, intents: 1 } });
    expect(right.independent).toMatchObject({ status: 0, ok: true, faultCounts: {} });

    await editFile(directory, "records", (text) => text.replace("record-5", "record-6"));
    const altered = await both();
    expect(altered.ours.faultCounts).toEqual({ LEAF_MISMATCH: 1, UNATTESTED: 1 });
    expect(altered.independent).toMatchObject({ status: 1, faultCounts: altered.ours.faultCounts });
  });

  it("tells of witnesses of earlier checkpoints, of the bundle and of the reader's own", async () => {
    const bundle = await testBundle();
    const { log, logSigner, witness } = bundle;
    await writeTestBundle(directory, bundle);
    const put = async (path: string, given: Parameters<typeof log.checkpoint>[1]) =>
      writeFile(join(directory, path), await log.checkpoint([logSigner], given));
    await put("checkpoint", {});
    await put("checkpoints/256", { size: 256, witnesses: [witness] });
    const keys = formatKeyList(bundle.keys);
    const at = "2026-11-24T12:00:00.000Z";
    const cosigned = (size: number) => ({ name: "conselho.example", at, size });
    const before = await both({ keys });
    expect(before.ours.witnesses).toEqual([cosigned(256)]);
    expect(before.independent.witnesses).toEqual(before.ours.witnesses);
    expect(before.independent.notices).not.toHaveProperty("UNWITNESSED");

    const since = await log.checkpoint([logSigner], { size: 300, witnesses: [witness] });
    const kept = await both({ keys, since });
    expect(kept.ours.witnesses).toEqual([cosigned(256), cosigned(300)]);
    expect(kept.independent.witnesses).toEqual(kept.ours.witnesses);
    const { stdout } = await runVerifier(
      "bundle",
      directory,
      "--keys",
      join(parent, "keys"),
      "--since",
      join(parent, "since"),
    );
    expect(stdout).toContain(
      `Testemunha conselho.example assinou em ${at} as primeiras 300 folhas; antes, mais 1.`,
    );
  });

  it("tells of a false signature in a witness's name, and of the others beside it all the same", async () => {
    const bundle = await testBundle();
    const { log, logSigner, witness } = bundle;
    const other = await newWitness("síndico.example");
    bundle.keys.push(listed("witness", other));
    await writeTestBundle(directory, bundle);
    const note = parseNote(await log.checkpoint([logSigner], { witnesses: [other, witness] }));
    const signatures = note.signatures.map((each) =>
      each.name === other.key.name ? { ...each, bytes: Buffer.alloc(72) } : each,
    );
    await writeFile(join(directory, "checkpoint"), formatNote({ ...note, signatures }));
    const { ours, independent } = await both();
    expect(ours.faultCounts).toEqual({ FORGED: 1 });
    expect(ours.forgedWitnesses).toEqual([{ name: other.key.name, size: log.entries.length }]);
    expect(ours.witnesses).toMatchObject([{ name: witness.key.name }]);
    expect(independent).toMatchObject({ status: 1, faultCounts: ours.faultCounts });
    expect(independent.witnesses).toEqual(ours.witnesses);
  });

  it("follows a log through a new name, by its keys", async () => {
    const bundle = await testBundle();
    const { log, keys, logSigner } = bundle;
    const others = keys.filter(({ role }) => role !== "log");
    const size = log.entries.length;
    await writeTestBundle(directory, bundle);
    const name = "registro.novo.example";
    const successor = await newSigner(name);
    await writeFile(
      join(directory, "checkpoint"),
      await log.checkpoint([successor], { origin: name }),
    );
    await editFile(directory, "manifest.json", (text) => text.replace(ORIGIN, name));
    const list = (...ofLog: string[]) => `${ofLog.join("\n")}\n${formatKeyList(others)}`;
    const since = await log.checkpoint([logSigner], { size: 77 });
    const now = `log ${successor.key.text}`;
    // The old key has the log's old name, which was the log's.
    const followed = await both({ keys: list(now, `log ${logSigner.key.text} until 401`), since });
    expect(followed.independent).toMatchObject({ status: 0, ok: true, faultCounts: {} });
    expect(followed.ours.faults).toEqual([]);
    const late = await both({ keys: list(now, `log ${logSigner.key.text} until 400`), since });
    expect(late.ours.faultCounts).toEqual({ KEY_OUT_OF_RANGE: 1 });
    expect(late.independent.faultCounts).toEqual(late.ours.faultCounts);

    // One key under two names, which the list has to tell.
    const older = "registro.antigo.example";
    for (const at of bundle.earlier) {
      const note = await log.checkpoint([successor], { size: at, origin: older });
      await writeFile(join(directory, "checkpoints", String(at)), note);
    }
    const unlisted = await both({ keys: list(now) });
    expect(unlisted.ours.faultCounts).toEqual({ WRONG_ORIGIN: bundle.earlier.length });
    expect(unlisted.independent.faultCounts).toEqual(unlisted.ours.faultCounts);
    const renamed = await both({
      keys: list(`${now} from ${size}`, `${now} until ${size} origin ${older}`),
    });
    expect(renamed.independent).toMatchObject({ status: 0, ok: true, faultCounts: {} });
    expect(renamed.ours.faults).toEqual([]);
  });

  it("tells what is no bundle at all, an archive that was not unpacked", async () => {
    await writeFile(directory, "ustar");
    const { status, stdout } = await runVerifier("bundle", directory);
    expect({ status, stdout }).toEqual({ status: 1, stdout: expect.stringContaining("em tar") });
  });

  it("takes numbers in whatever way JSON writes them", async () => {
    const bundle = await testBundle();
    await writeTestBundle(directory, bundle);
    const size = bundle.log.entries.length;
    for (const written of [`${size / 100}e2`, `${size}.0`]) {
      await editFile(directory, "manifest.json", (text) =>
        text.replace(/\d[\d.e]*(?=\s*}\s*$)/, written),
      );
      const { ours, independent } = await both();
      expect(ours.faultCounts).toEqual({});
      expect(independent).toMatchObject({ status: 0, ok: true, faultCounts: {} });
    }
  });

  it.each(TAMPERINGS)("names $name as ours does", async ({ codes, write }) => {
    const given = await write(directory);
    const { ours, independent } = await both(given);
    expect(Object.keys(independent.faultCounts).sort()).toEqual(codes.toSorted());
    expect(independent).toMatchObject({ status: 1, ok: false, faultCounts: ours.faultCounts });
  });
});
