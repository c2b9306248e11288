import { mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, describe, expect, it, jest } from "@jest/globals";
import { type VerifyOptions, verifyBundle } from "../../src/audit/bundle/verify.ts";
import { formatKeyList, parseKeyList } from "../../src/audit/key-list.ts";
import { TAMPERINGS } from "../audit/bundle/tamperings.ts";
import { testBundle, writeTestBundle } from "../audit/bundle/test-bundle.ts";
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
    }
  });

  it.each(TAMPERINGS)("names $name as ours does", async ({ codes, write }) => {
    const given = await write(directory);
    const { ours, independent } = await both(given);
    expect(Object.keys(independent.faultCounts).sort()).toEqual(codes.toSorted());
    expect(independent).toMatchObject({ status: 1, ok: false, faultCounts: ours.faultCounts });
  });
});
