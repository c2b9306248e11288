import { mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import path from "node:path";
import { afterAll, beforeAll, describe, expect, it } from "@jest/globals";
import { parseProof, verifyProof } from "../../../src/audit/proof.ts";
import { leafHash } from "../../../src/audit/tree.ts";
import { testKeys } from "../../audit/test-keys.ts";
import { runCli } from "../../cli-process.ts";
import { type ApiFixture, expenseRow, type Person, startApi } from "../api-fixture.ts";
import { sealAll } from "../seal-all.ts";

let fixture: ApiFixture;
let recordId: string;
let entry: string;
beforeAll(async () => {
  fixture = await startApi();
  const { status } = await fixture.request("/batch-expenses", {
    method: "POST",
    headers: { "content-type": "application/json" },
    body: JSON.stringify([expenseRow()]),
    person: "admin",
  });
  expect(status).toBe(201);
  const { rows } = await fixture.database
    .pool("migrator")
    .query<{ id: string; entry: string }>(
      "select id, entry from blindagem_audit.audit_log_immutable where action = 'SUBMIT'",
    );
  recordId = rows[0]?.id ?? "";
  entry = rows[0]?.entry ?? "";
});
afterAll(() => fixture.close());

const get = (what: "entry" | "proof", person: Person | undefined, id = recordId) =>
  fixture.request(`/audit/records/${id}/${what}`, { person });

describe("GET /audit/records/:id/entry", () => {
  it("gives whoever may see the record the bytes that are hashed", async () => {
    for (const person of ["admin", "reviewer", "auditor", "sindico"] as const) {
      const { status, headers, body } = await get("entry", person);
      expect(status).toBe(200);
      expect(JSON.stringify(body)).toBe(entry);
      expect(headers.get("content-disposition")).toBe(
        `attachment; filename="registro-${recordId}.json"`,
      );
    }
  });

  it.each([
    ["of another administradora", "otto", undefined, 404, "BLD03"],
    ["that there is none of", "admin", "999999999999", 404, "BLD03"],
    ["whose id is no number", "admin", "1%20or%201", 400, "BLD04"],
    ["of a tenant for operators", "operator", undefined, 404, "BLD03"],
    ["without a token", undefined, undefined, 401, "BLD01"],
  ] as const)("gives none %s", async (_, person, id, status, code) => {
    for (const what of ["entry", "proof"] as const) {
      const answer = await get(what, person, id);
      expect(answer).toMatchObject({ status, body: { error: { code } } });
    }
  });

  it("shows no intent: it belongs to nobody", async () => {
    const { rows } = await fixture.database
      .pool("migrator")
      .query<{ id: string }>(
        "select id from blindagem_audit.audit_log_immutable where entity_type = 'intents' limit 1",
      );
    expect((await get("entry", "admin", rows[0]?.id)).status).toBe(404);
  });
});

describe("GET /audit/records/:id/proof", () => {
  it("asks to come again while the record waits for its seal", async () => {
    expect(await get("proof", "admin")).toMatchObject({
      status: 503,
      body: { error: { code: "BLD14" } },
    });
  });

  it("is a file that proves the record without us", async () => {
    const size = await sealAll(fixture.database);
    const { status, headers, body } = await get("proof", "auditor");
    expect(status).toBe(200);
    expect(headers.get("content-disposition")).toBe(
      `attachment; filename="registro-${recordId}.tlog-proof"`,
    );
    const proof = parseProof(String(body));
    expect(Buffer.from(proof.extra ?? []).toString()).toBe(entry);
    const { checkpoint } = verifyProof(proof, leafHash(entry), testKeys);
    expect(checkpoint.size).toBe(size);
    expect(() => verifyProof(proof, leafHash(`${entry} `), testKeys)).toThrow();
  });

  it("proves to everybody who reads the log, operators too, what concerns everybody", async () => {
    const { rows } = await fixture.database
      .pool("migrator")
      .query<{ id: string; entry: string }>(
        "select id, entry from blindagem_audit.audit_log_immutable where entity_type = 'rules' limit 1",
      );
    for (const person of ["auditor", "sindico", "otto", "operator"] as const) {
      const { status, body } = await get("proof", person, rows[0]?.id);
      expect(status).toBe(200);
      verifyProof(parseProof(String(body)), leafHash(rows[0]?.entry ?? ""), testKeys);
    }
  });

  it("passes `blindagem audit verify-proof` with the public keys", async () => {
    const directory = await mkdtemp(path.join(tmpdir(), "blindagem-proof-"));
    try {
      const file = path.join(directory, "registro.tlog-proof");
      await writeFile(file, String((await get("proof", "auditor")).body));
      const keys = path.join("test", "fixtures", "audit", "keys");
      const { stdout } = await runCli(["audit", "verify-proof", file, "--keys", keys], {
        environment: {},
      });
      expect(stdout).toMatch(/^CONFERE/);
    } finally {
      await rm(directory, { recursive: true });
    }
  });
});
