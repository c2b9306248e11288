import { afterAll, beforeAll, describe, expect, it } from "@jest/globals";
import { z } from "zod";
import { openCheckpoint } from "../../../src/audit/checkpoint.ts";
import { leafHash, verifyInclusion } from "../../../src/audit/tree.ts";
import { checkpointSigner } from "../../audit/test-keys.ts";
import { type ApiFixture, expenseRow, pick, startApi } from "../api-fixture.ts";
import { sealAll } from "../seal-all.ts";

let fixture: ApiFixture;
beforeAll(async () => {
  fixture = await startApi();
  const rows = Array.from({ length: 24 }, (_, n) =>
    expenseRow({ condominium: n % 2 ? "SOL" : "MAR", documentNumber: String(n) }),
  );
  const { status } = await fixture.request("/batch-expenses", {
    method: "POST",
    headers: { "content-type": "application/json" },
    body: JSON.stringify(rows),
    person: "admin",
  });
  expect(status).toBe(201);
});
afterAll(() => fixture.close());

const page = z.object({
  nodes: z.array(z.object({ id: z.string(), action: z.string() })),
  pageInfo: z.object({
    hasNextPage: z.boolean(),
    hasPreviousPage: z.boolean(),
    startCursor: z.string().nullable(),
    endCursor: z.string().nullable(),
  }),
});

/** A page of the log as the administradora's admin gets it. */
async function ask(args: string, variables: Record<string, unknown> = {}) {
  const { body } = await fixture.graphql(
    "admin",
    `query ($after: Cursor, $before: Cursor, $filter: AuditLogFilter) {
       auditLog(${args}, after: $after, before: $before, filter: $filter) {
         nodes { id action } pageInfo { hasNextPage hasPreviousPage startCursor endCursor } } }`,
    variables,
  );
  expect(pick(body, "errors")).toBeUndefined();
  return page.parse(pick(body, "data", "auditLog"));
}

async function idsSeen(where = "true"): Promise<string[]> {
  const settings = { organization_id: fixture.ids.alfa, person_id: "2" };
  return fixture.database.asRequest("admin", settings, async (client) => {
    const { rows } = await client.query<{ id: string }>(
      `select id from blindagem.audit_log where ${where} order by id`,
    );
    return rows.map(({ id }) => id);
  });
}

describe("pages of the log", () => {
  it.each(["ID_ASC", "ID_DESC"])(
    "are whole and without overlap in both directions, by %s",
    async (order) => {
      const ids = await idsSeen();
      const all = order === "ID_DESC" ? ids.reverse() : ids;
      expect(all.length).toBeGreaterThan(30);
      const forwards: string[] = [];
      for (let after: string | null = null; ; ) {
        const { nodes, pageInfo } = await ask(`first: 7, orderBy: ${order}`, { after });
        forwards.push(...nodes.map(({ id }) => id));
        after = pageInfo.endCursor;
        if (!pageInfo.hasNextPage) break;
      }
      expect(forwards).toEqual(all);
      const backwards: string[] = [];
      for (let before: string | null = null; ; ) {
        const { nodes, pageInfo } = await ask(`last: 7, orderBy: ${order}`, { before });
        backwards.unshift(...nodes.map(({ id }) => id));
        before = pageInfo.startCursor;
        if (!pageInfo.hasPreviousPage) break;
      }
      expect(backwards).toEqual(all);
    },
  );

  it("do not move when records come: a cursor is an id", async () => {
    const first = await ask("first: 3, orderBy: ID_DESC");
    const next = await ask("first: 3, orderBy: ID_DESC", { after: first.pageInfo.endCursor });
    await fixture.graphql(
      "admin",
      `mutation { setSetting(input: { name: "split_window_days", value: 9, reason: "x" }) { result { value } } }`,
    );
    const again = await ask("first: 3, orderBy: ID_DESC", { after: first.pageInfo.endCursor });
    expect(again).toEqual(next);
  });

  it("are refused with a cursor of something else, or too large", async () => {
    const errorOf = async (args: string) => {
      const { body } = await fixture.graphql("admin", `{ auditLog(${args}) { nodes { id } } }`);
      return pick(body, "errors", 0);
    };
    const codeOf = async (args: string) => pick(await errorOf(args), "extensions", "code");
    expect(await errorOf("first: -1")).toMatchObject({
      message: "Uma página tem de 0 a 500 registros.",
      extensions: { code: "BLD13" },
    });
    expect(await errorOf('filter: { condominiumId: { equalTo: "-1" } }')).toMatchObject({
      message: expect.stringContaining("organizationId e condominiumId"),
      extensions: { code: "BLD04" },
    });
    expect(await codeOf('first: 2, after: "x"')).toBe("BLD04");
    expect(await codeOf("first: 501")).toBe("BLD13");
    expect(await codeOf('filter: { recordedAt: { lessThan: "ontem" } }')).toBe("BLD04");
    expect(await codeOf('filter: { condominiumId: { equalTo: "x" } }')).toBe("BLD04");
    expect(await codeOf('filter: { reason: { equalTo: "x" } }')).toBe("BLD04");
  });

  it.each([
    ["entityType", { equalTo: "expenses" }, "entity_type = 'expenses'"],
    ["entityType", { in: ["payables", "settings"] }, "entity_type in ('payables', 'settings')"],
    ["action", { equalTo: "SUBMIT" }, "action = 'SUBMIT'"],
    ["action", { equalTo: "SUBMIT", in: ["INSERT"] }, "false"],
    ["actorId", { equalTo: "person:1" }, "actor_id = 'person:1'"],
    ["organizationId", { equalTo: "1" }, "organization_id = 1"],
    ["condominiumId", { equalTo: "1" }, "condominium_id = 1"],
    ["recordedAt", { greaterThanOrEqualTo: "2020-01-01T00:00:00Z" }, "true"],
    ["recordedAt", { lessThan: "2020-01-01T00:00:00Z" }, "false"],
  ])("are filtered by %s %j", async (field, operators, where) => {
    const { nodes } = await ask("first: 500, orderBy: ID_ASC", { filter: { [field]: operators } });
    expect(nodes.map(({ id }) => id)).toEqual(await idsSeen(where));
  });

  it("never show an intent, nor what another administradora did", async () => {
    expect(
      (await ask("first: 5", { filter: { entityType: { equalTo: "intents" } } })).nodes,
    ).toEqual([]);
    const filter = { organizationId: { equalTo: fixture.ids.beta } };
    expect((await ask("first: 5", { filter })).nodes).toEqual([]);
  });

  it("find a record without a valid intent as OUT_OF_BAND, and not by the action that it claims", async () => {
    const submitted = await ask("first: 5", { filter: { action: { equalTo: "SUBMIT" } } });
    const [forged, ...honest] = submitted.nodes;
    await fixture.database.pool("sealer").query(
      `insert into blindagem_audit.unattested_records (record_id, cause, scope)
         select id, 'NO_INTENT', coalesce(condominium_id, organization_id) from blindagem_audit.audit_log_immutable where id = $1`,
      [forged?.id],
    );
    const after = await ask("first: 4", { filter: { action: { equalTo: "SUBMIT" } } });
    expect(after.nodes).toEqual(honest);
    const outOfBand = await ask("first: 500", { filter: { action: { equalTo: "OUT_OF_BAND" } } });
    expect(outOfBand.nodes).toContainEqual({ id: forged?.id, action: "OUT_OF_BAND" });
    expect(outOfBand.nodes.map(({ id }) => id)).toEqual(await idsSeen("action = 'OUT_OF_BAND'"));
  });
});

const proven = z.object({
  nodes: z.array(
    z.object({
      id: z.string(),
      leafIndex: z.string().nullable(),
      inclusionProof: z
        .object({
          leafIndex: z.string(),
          hashes: z.array(z.base64()),
          treeSize: z.string(),
          checkpoint: z.object({ treeSize: z.string(), root: z.string(), note: z.string() }),
        })
        .nullable(),
    }),
  ),
});
const PROOFS = `{ auditLog(first: 30, orderBy: ID_ASC) { nodes {
  id leafIndex inclusionProof { leafIndex hashes treeSize checkpoint { treeSize root note } } } } }`;

describe("proofs of records", () => {
  it("are not there before the records are sealed", async () => {
    const { body } = await fixture.graphql("admin", PROOFS);
    const { nodes } = proven.parse(pick(body, "data", "auditLog"));
    expect(nodes.filter(({ leafIndex, inclusionProof }) => leafIndex ?? inclusionProof)).toEqual(
      [],
    );
  });

  it("lead from each record of a page to the newest checkpoint", async () => {
    const size = await sealAll(fixture.database);
    const { keys, origin } = await checkpointSigner();
    const { body } = await fixture.graphql("auditor", PROOFS);
    expect(pick(body, "errors")).toBeUndefined();
    const { nodes } = proven.parse(pick(body, "data", "auditLog"));
    expect(nodes).toHaveLength(30);
    for (const { id, leafIndex, inclusionProof: proof } of nodes) {
      const { rows } = await fixture.database
        .pool("migrator")
        .query<{ entry: string }>(
          "select entry from blindagem_audit.audit_log_immutable where id = $1",
          [id],
        );
      if (!proof) throw new Error(`Record ${id} has no proof.`);
      const checkpoint = openCheckpoint(proof.checkpoint.note, keys, origin);
      expect(checkpoint.size).toBe(size);
      expect(proof).toMatchObject({ leafIndex, treeSize: String(size) });
      expect(Buffer.from(checkpoint.root).toString("base64")).toBe(proof.checkpoint.root);
      verifyInclusion({
        index: Number(leafIndex),
        size,
        leafHash: leafHash(rows[0]?.entry ?? ""),
        path: proof.hashes.map((hash) => Buffer.from(hash, "base64")),
        root: checkpoint.root,
      });
    }
  });

  it("take no statement per record", async () => {
    const count = async (first: number) => {
      const before = statements;
      const query = `{ auditLog(first: ${first}) { nodes { leafIndex inclusionProof { hashes } } } }`;
      const { body } = await fixture.graphql("admin", query);
      expect(pick(body, "data", "auditLog", "nodes", first - 1)).toBeDefined();
      return statements - before;
    };
    let statements = 0;
    const client = await import("pg");
    const query = client.default.Client.prototype.query;
    client.default.Client.prototype.query = function counting(...args: never[]) {
      statements += 1;
      return Reflect.apply(query, this, args);
    };
    try {
      await count(1);
      expect(await count(30)).toBe(await count(1));
    } finally {
      client.default.Client.prototype.query = query;
    }
  });
});

describe("auditCheckpoints", () => {
  it.each(["admin", "reviewer", "sindico", "auditor"] as const)(
    "shows a %s every signed checkpoint, the newest first",
    async (person) => {
      const size = await sealAll(fixture.database);
      const { body } = await fixture.graphql(
        person,
        "{ auditCheckpoints(first: 2, orderBy: TREE_SIZE_DESC) { nodes { treeSize root note signedAt } pageInfo { endCursor } } }",
      );
      const { keys, origin } = await checkpointSigner();
      const newest = pick(body, "data", "auditCheckpoints", "nodes", 0);
      expect(newest).toMatchObject({ treeSize: String(size), signedAt: expect.any(String) });
      const opened = openCheckpoint(String(pick(newest, "note")), keys, origin);
      expect(Buffer.from(opened.root).toString("base64")).toBe(pick(newest, "root"));
    },
  );

  it("is closed to operators", async () => {
    const { body } = await fixture.graphql(
      "operator",
      "{ auditCheckpoints(first: 1) { nodes { root } } }",
    );
    expect(pick(body, "errors", 0, "extensions", "code")).toBe("BLD02");
  });
});
