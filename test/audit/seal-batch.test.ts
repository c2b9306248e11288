import { createHash } from "node:crypto";
import { afterAll, afterEach, beforeAll, describe, expect, it } from "@jest/globals";
import fc from "fast-check";
import type pg from "pg";
import { beat } from "../../src/audit/heartbeat.ts";
import { openTree } from "../../src/audit/log-tree.ts";
import { FROM_THE_FIRST } from "../../src/audit/low-water-mark.ts";
import { sealBatch } from "../../src/audit/seal-batch.ts";
import { createTestDatabase, type TestDatabase } from "../database/test-database.ts";
import { testKeys } from "./test-keys.ts";

let database: TestDatabase;
let owner: pg.Pool;
let sealer: pg.PoolClient;
beforeAll(async () => {
  database = await createTestDatabase();
  owner = database.pool("migrator");
  sealer = await database.pool("sealer").connect();
});
afterAll(async () => {
  sealer.release();
  await database.drop();
});
afterEach(async () => {
  while ((await seal(1000)) > 0);
});

let mark = FROM_THE_FIRST;
let isMarkKept = false;
/** Seals as the sealing process does; how many records it were. */
async function seal(limit: number): Promise<number> {
  const { given } = await beat(sealer);
  const batch = await sealBatch(
    sealer,
    await openTree(sealer),
    testKeys,
    limit,
    isMarkKept ? mark : FROM_THE_FIRST,
    given,
  );
  mark = batch.mark;
  return batch.sealed;
}

interface Leaf {
  index: number;
  record_id: string;
  hash: Buffer;
  entry: string;
}

/** The leaves in their order, with the bytes that the log has for them. */
async function leaves(): Promise<Leaf[]> {
  const { rows } = await sealer.query<Leaf>(
    `select (run.first_index + place - 1)::int as index, record_id,
       substr(run.leaf_hashes, 32 * (place - 1)::int + 1, 32) as hash, r.entry
     from blindagem_audit.sealed_runs run
     cross join unnest(run.record_ids) with ordinality as sealed (record_id, place)
     join blindagem_audit.audit_log_immutable r on r.id = record_id
     order by 1`,
  );
  return rows;
}

async function addPeople(client: pg.ClientBase | pg.Pool, ...subjects: string[]): Promise<void> {
  await client.query(
    "insert into blindagem.people (subject, name) select subject, 'Pessoa ' || subject from unnest($1::text[]) as subject",
    [subjects],
  );
}

async function recordOf(subject: string): Promise<string> {
  const { rows } = await owner.query<{ id: string }>(
    "select id from blindagem_audit.records where new_state->>'subject' = $1",
    [subject],
  );
  return rows[0]?.id ?? "none";
}

describe("leaf_hash", () => {
  // Leaf hashes of the reference tree of certificate-transparency-go (merkle tree test inputs), RFC 6962.
  it.each([
    ["", "6e340b9cffb37a989ca544e6bb780a2c78901d3fb33738768511a30617afa01d"],
    ["00", "96a296d224f285c67bee93c30f8a309157f0daa35dc5b87e410b78630a09cfc7"],
    ["10", "0298d122906dcfc10892cb53a73992fc5b9f493ea4c9badb27b791b4127a7fe7"],
    ["2021", "07506a85fd9dd2f120eb694f86011e5bb4662e5c415a62917033d4a9624487e7"],
  ])("of %j", async (hex, expected) => {
    const { rows } = await sealer.query("select blindagem_audit.leaf_hash($1) as hash", [
      Buffer.from(hex, "hex"),
    ]);
    expect(rows[0]?.hash.toString("hex")).toBe(expected);
  });
});

describe.each([
  ["from the first row", false],
  ["from its low-water mark", true],
])("sealBatch, looking %s,", (_, keepsMark) => {
  beforeAll(() => {
    isMarkKept = keepsMark;
  });
  /** A name that no other test has used. */
  const own = (subject: string) => `${subject} ${keepsMark}`;

  it("gives dense indexes in the order of the records, batch by batch, until nothing waits", async () => {
    for (const subject of ["a", "b", "c", "d", "e"]) await addPeople(owner, own(subject));
    const waiting = "select from blindagem_audit.pending_records cross join unnest(record_ids)";
    const before = (await owner.query(waiting)).rowCount ?? 0;
    const sealedBefore = (await leaves()).length;
    expect(await seal(before - 2)).toBe(before - 2);
    expect(await seal(1000)).toBe(2);
    expect(await seal(1000)).toBe(0);
    const all = await leaves();
    expect(all.map(({ index }) => index)).toEqual(all.map((_, index) => index));
    const ids = all.slice(sealedBefore).map(({ record_id }) => BigInt(record_id));
    expect(ids).toHaveLength(before);
    expect(ids).toEqual(ids.toSorted((a, b) => (a < b ? -1 : 1)));
    expect((await owner.query(waiting)).rowCount).toBe(0);
  });

  it("keeps the records of a statement together, also above the limit", async () => {
    await addPeople(owner, own("one"), own("two"), own("three"));
    await addPeople(owner, own("four"));
    expect(await seal(1)).toBe(3);
    expect(await seal(1)).toBe(1);
  });

  it("hashes the bytes of the record, as a leaf of RFC 6962", async () => {
    await addPeople(owner, own("João d'Água"));
    await seal(1000);
    const id = await recordOf(own("João d'Água"));
    const leaf = (await leaves()).find(({ record_id }) => record_id === id);
    const hashed = Buffer.concat([Buffer.of(0x00), Buffer.from(leaf?.entry ?? "", "utf8")]);
    expect(leaf?.hash).toEqual(createHash("sha256").update(hashed).digest());
    expect(JSON.parse(leaf?.entry ?? "null")).toMatchObject({ id, entity_type: "people" });
  });

  it("can be asked for a record's place", async () => {
    await addPeople(owner, own("placed"));
    const id = await recordOf(own("placed"));
    const place = async () =>
      (await owner.query("select blindagem_audit.leaf_index($1) as place", [id])).rows[0]?.place;
    expect(await place()).toBeNull();
    await seal(1000);
    const leaf = (await leaves()).find(({ record_id }) => record_id === id);
    expect(await place()).toBe(String(leaf?.index));
  });

  it("neither skips nor waits for a transaction that took its id earlier and commits later", async () => {
    const slow = await owner.connect();
    try {
      await slow.query("begin");
      await addPeople(slow, own("slow"));
      await addPeople(owner, own("quick"));
      expect(await seal(1000)).toBe(1);
      await slow.query("commit");
      expect(await seal(1000)).toBe(1);
      const [quick, slowRecord] = (await leaves()).slice(-2).map(({ record_id }) => record_id);
      expect(quick).toBe(await recordOf(own("quick")));
      expect(slowRecord).toBe(await recordOf(own("slow")));
    } finally {
      slow.release();
    }
  });

  it("neither skips nor waits for a prepared transaction", async () => {
    const client = await owner.connect();
    try {
      await client.query("begin");
      await addPeople(client, own("prepared"));
      await client.query("prepare transaction 'blindagem test'");
      await addPeople(owner, own("meanwhile"));
      expect(await seal(1000)).toBe(1);
      await client.query("commit prepared 'blindagem test'");
      expect(await seal(1000)).toBe(1);
      expect((await leaves()).at(-1)?.record_id).toBe(await recordOf(own("prepared")));
    } finally {
      client.release();
    }
  });

  it.each([
    ["each as soon as it can be seen", true],
    ["all at the end", false],
  ])(
    "keeps the order of a row's changes when an earlier transaction changes it later, sealed %s",
    async (_, between) => {
      const subject = own(`row ${between}`);
      const rename = (client: pg.ClientBase | pg.Pool, name: string) =>
        client.query("update blindagem.people set name = $2 where subject = $1", [subject, name]);
      await addPeople(owner, subject);
      const early = await owner.connect();
      try {
        await early.query("begin");
        await addPeople(early, own(`first id ${between}`));
        await rename(owner, "by the later one");
        if (between) await seal(1000);
        await rename(early, "by the earlier one");
        await early.query("commit");
        await seal(1);
        await seal(1000);
      } finally {
        early.release();
      }
      const shown = new Map(
        (
          await owner.query<{ id: string; name: string }>(
            `select id, new_state->>'name' as name from blindagem_audit.records
             where operation = 'UPDATE' and new_state->>'name' like '% one'`,
          )
        ).rows.map(({ id, name }) => [id, name]),
      );
      const names = (await leaves()).flatMap(({ record_id }) => shown.get(record_id) ?? []);
      expect(names.slice(-2)).toEqual(["by the later one", "by the earlier one"]);
    },
  );

  it("seals nothing of a transaction that was rolled back, and leaves no hole", async () => {
    const client = await owner.connect();
    await client.query("begin");
    await addPeople(client, own("never"));
    await client.query("rollback");
    client.release();
    await addPeople(owner, own("after"));
    await seal(1000);
    const all = await leaves();
    expect(all.at(-1)?.index).toBe(all.length - 1);
    expect(all.some(({ entry }) => entry.includes(own("never")))).toBe(false);
  });

  it("stops at a record that waits and is not in the log, and seals nothing", async () => {
    const auditor = await owner.connect();
    try {
      await auditor.query(`set role ${database.prefix}_audit_owner`);
      await auditor.query(
        "insert into blindagem_audit.pending_records values (999999, '{999999}', now())",
      );
      await expect(seal(1000)).rejects.toThrow("Record 999999 waits for its seal");
      await auditor.query(
        "delete from blindagem_audit.pending_records where first_record_id = 999999",
      );
    } finally {
      await auditor.query("reset role");
      auditor.release();
    }
  });
});

describe("sealBatch beside transactions that come and go in any order", () => {
  beforeAll(() => {
    isMarkKept = true;
  });

  const step = fc.oneof(
    { weight: 4, arbitrary: fc.record({ do: fc.constant("write" as const), who: fc.nat(3) }) },
    { weight: 3, arbitrary: fc.record({ do: fc.constant("rename" as const), who: fc.nat(3) }) },
    { weight: 1, arbitrary: fc.record({ do: fc.constant("nest" as const), who: fc.nat(3) }) },
    { weight: 3, arbitrary: fc.record({ do: fc.constant("commit" as const), who: fc.nat(3) }) },
    { weight: 1, arbitrary: fc.record({ do: fc.constant("rollback" as const), who: fc.nat(3) }) },
    { weight: 1, arbitrary: fc.record({ do: fc.constant("prepare" as const), who: fc.nat(3) }) },
    { weight: 1, arbitrary: fc.constant({ do: "finish" as const }) },
    { weight: 3, arbitrary: fc.constant({ do: "beat" as const }) },
    {
      weight: 4,
      arbitrary: fc.record({
        do: fc.constant("seal" as const),
        limit: fc.constantFrom(1, 3, 1000),
      }),
    },
  );

  it("leaves nothing behind that can be seen, and keeps the order of a row's changes", async () => {
    let run = 0;
    await fc.assert(
      fc.asyncProperty(fc.array(step, { minLength: 30, maxLength: 60 }), async (steps) => {
        run += 1;
        await playThrough(steps, `run ${run}`);
      }),
      { numRuns: 15 },
    );
  }, 60_000);

  type Step = typeof step extends fc.Arbitrary<infer T> ? T : never;

  async function playThrough(steps: Step[], name: string): Promise<void> {
    await addPeople(owner, name);
    const writers = await Promise.all([0, 1, 2, 3].map(() => owner.connect()));
    const isOpen = writers.map(() => false);
    const prepared: string[] = [];
    let { given } = await beat(sealer);
    let written = 0;
    let preparations = 0;
    const open = async (who: number) => {
      const client = writers[who] as pg.PoolClient;
      if (!isOpen[who]) await client.query("begin");
      isOpen[who] = true;
      return client;
    };
    const end = async (who: number, how: string) => {
      if (isOpen[who]) await writers[who]?.query(how);
      isOpen[who] = false;
    };
    const look = async (limit: number) => {
      const tree = await openTree(sealer);
      ({ mark } = await sealBatch(sealer, tree, testKeys, limit, mark, given));
    };
    const play = async (one: Step) => {
      switch (one.do) {
        case "beat":
          ({ given } = await beat(sealer));
          return;
        case "seal":
          await look(one.limit);
          if (one.limit === 1000) expect(await waiting()).toBe(0);
          return;
        case "write":
          return addPeople(await open(one.who), `${name}, ${++written}`);
        case "rename":
          await (await open(one.who)).query(
            `update blindagem.people set name = $2
             where id = (select id from blindagem.people where subject = $1 for update skip locked)`,
            [name, `Nome ${++written}`],
          );
          return;
        case "nest": {
          const client = await open(one.who);
          await client.query("savepoint nested");
          await addPeople(client, `${name}, ${++written}`);
          if (written % 2 === 0) await client.query("rollback to nested");
          return;
        }
        case "prepare":
          if (!isOpen[one.who]) return;
          prepared.push(`blindagem ${name} ${++preparations}`);
          return end(one.who, `prepare transaction '${prepared.at(-1)}'`);
        case "finish": {
          const oldest = prepared.shift();
          if (oldest !== undefined) await owner.query(`commit prepared '${oldest}'`);
          return;
        }
        default:
          return end(one.who, one.do);
      }
    };
    try {
      for (const one of steps) await play(one);
    } finally {
      for (const who of writers.keys()) await end(who, "commit");
      for (const gid of prepared) await owner.query(`commit prepared '${gid}'`);
      for (const client of writers) client.release();
    }
    await look(1000);
    expect(await waiting()).toBe(0);
    const { rows } = await owner.query("select id from blindagem.people where subject = $1", [
      name,
    ]);
    const { rows: told } = await owner.query<{ id: string; before: string; after: string }>(
      `select id, previous_state->>'name' as before, new_state->>'name' as after from blindagem_audit.records
       where entity_type = 'people' and entity_id = $1`,
      [rows[0]?.id],
    );
    const byRecord = new Map(told.map((record) => [record.id, record]));
    const states = (await leaves()).flatMap(({ record_id }) => byRecord.get(record_id) ?? []);
    expect(states.slice(1).map(({ before }) => before)).toEqual(
      states.slice(0, -1).map(({ after }) => after),
    );
  }

  async function waiting(): Promise<number> {
    return (await owner.query("select from blindagem_audit.pending_records")).rowCount ?? 0;
  }
});
