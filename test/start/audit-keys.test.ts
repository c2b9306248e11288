import { mkdtemp, readFile, rm, stat, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import path from "node:path";
import { afterEach, beforeEach, describe, expect, it } from "@jest/globals";
import { intentSigner, keyListText, logSigners } from "../../src/audit/configured-keys.ts";
import { keysOf, parseKeyList } from "../../src/audit/key-list.ts";
import { loadEnvironment } from "../../src/config.ts";
import { ensureAuditKeys } from "../../src/start/audit-keys.ts";

let directory: string;
beforeEach(async () => {
  directory = await mkdtemp(path.join(tmpdir(), "blindagem-keys-"));
});
afterEach(() => rm(directory, { recursive: true }));

describe("ensureAuditKeys", () => {
  it("makes keys that the processes find by the state directory, with their public halves in the list", async () => {
    await ensureAuditKeys(directory);
    const environment = loadEnvironment({ STATE_DIRECTORY: directory });
    const list = parseKeyList(await keyListText(environment));
    const [log] = await logSigners(environment);
    expect(keysOf(list, "log").map(({ text }) => text)).toEqual([log.key.text]);
    const intent = await intentSigner(environment);
    expect(keysOf(list, "intent").map(({ text }) => text)).toEqual([intent.key.text]);
    expect((await stat(path.join(directory, "keys", "log.key"))).mode & 0o777).toBe(0o600);
  });

  it("keeps what is there, and adds a public half that is missing", async () => {
    await ensureAuditKeys(directory);
    const list = path.join(directory, "keys", "keys");
    const before = await readFile(list, "utf8");
    await ensureAuditKeys(directory);
    expect(await readFile(list, "utf8")).toBe(before);
    await writeFile(list, "# minhas notas\n");
    await ensureAuditKeys(directory);
    expect(await readFile(list, "utf8")).toBe(`# minhas notas\n${before}`);
  });
});
