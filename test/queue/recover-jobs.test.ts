import { afterAll, beforeAll, expect, it } from "@jest/globals";
import { pino } from "pino";
import { DEAD_AFTER_MS } from "../../src/queue/liveness.ts";
import { recoverJobs } from "../../src/queue/recover-jobs.ts";
import { createTestDatabase, type TestDatabase } from "../database/test-database.ts";

let database: TestDatabase;
beforeAll(async () => {
  database = await createTestDatabase();
});
afterAll(() => database.drop());

it("frees the jobs of all that are dead with one heartbeat, though a look takes ten of them", async () => {
  const client = await database.pool("worker").connect();
  await client.query(
    `insert into blindagem_private.workers (id, host, pid, concurrency, pool_ids, heartbeat_at)
     select gen_random_uuid(), 'host', n, '{}', array['pool-' || n], clock_timestamp() - interval '1 minute'
     from generate_series(1, 25) as n`,
  );
  const lines: string[] = [];
  const logger = pino({ level: "warn" }, { write: (line: string) => void lines.push(line) });
  await recoverJobs(client, DEAD_AFTER_MS, logger);
  const { rows } = await client.query(
    "select count(*)::int as dead from blindagem_private.workers where died and stopped_at is not null",
  );
  client.release();
  expect(rows).toEqual([{ dead: 25 }]);
  expect(lines).toHaveLength(25);
});
