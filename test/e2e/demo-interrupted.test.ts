import { access, mkdtemp, readdir, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import path from "node:path";
import { afterEach, beforeEach, describe, expect, it, jest } from "@jest/globals";
import { embeddedHome } from "../../src/database/embedded.ts";
import { resultOf, runCli, startCli } from "../cli-process.ts";
import { childrenOf, isAlive } from "../start/processes.ts";
import { waitFor } from "../wait-for.ts";

// Processes start slowly on a machine that does other things too.
jest.setTimeout(180_000);
const START_MS = 120_000;

/** Where the demo makes its directory. */
let temporary: string;
beforeEach(async () => {
  temporary = await mkdtemp(path.join(tmpdir(), "blindagem-interrupted-"));
});
afterEach(() => rm(temporary, { recursive: true, force: true }));

describe("blindagem demo", () => {
  it("stops and removes everything when Ctrl-C interrupts it", async () => {
    const cli = startCli(["demo"], { environment: { TMPDIR: temporary, OCR_PROCESSES: "1" } });
    await waitFor("the first customer", () => cli.stdout().includes("Cadastrando"), START_MS);
    const [directory = ""] = await readdir(temporary);
    const home = embeddedHome(path.join(temporary, directory, ".blindagem"));
    await access(path.join(home, "postgresql", "postmaster.pid"));
    const children = await childrenOf(cli.process.pid ?? 0);
    expect(children.length).toBeGreaterThan(2);

    cli.process.kill("SIGINT");
    expect(await resultOf(cli)).toMatchObject({
      status: 130,
      stderr: "Interrompido; tudo foi parado e apagado.\n",
    });
    for (const { pid } of children) expect(await isAlive(pid)).toBe(false);
    expect(await readdir(temporary)).toEqual([]);
    await expect(access(home)).rejects.toMatchObject({ code: "ENOENT" });
  });

  it("says what went wrong with a step, and removes everything, too", async () => {
    const environment = { TMPDIR: temporary, ROLE_PREFIX: "Não serve" };
    const result = await runCli(["demo", "--json"], { environment });
    expect(result).toMatchObject({ status: 1, stdout: "" });
    expect(result.stderr).toContain('The role prefix "Não serve" must be');
    expect(await readdir(temporary)).toEqual([]);
  });
});
