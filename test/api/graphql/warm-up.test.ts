import { afterAll, beforeAll, describe, expect, it } from "@jest/globals";
import { type ApiFixture, startApi } from "../api-fixture.ts";

let fixture: ApiFixture;
beforeAll(async () => {
  fixture = await startApi();
});
afterAll(() => fixture.close());

describe("before the API listens", () => {
  it("has asked what people ask first, as nobody: nothing is noted of it", async () => {
    const { rows } = await fixture.database.pool("migrator").query(
      `select (select count(*)::int from blindagem.auditor_accesses) as accesses,
         (select count(*)::int from blindagem_audit.records where request_id = 'warm-up') as records`,
    );
    expect(rows).toEqual([{ accesses: 0, records: 0 }]);
    expect(fixture.log.filter((line) => line.includes("graphql"))).toEqual([]);
  });

  it("refuses to listen when the database does not answer it, and says so", async () => {
    const { database, api } = fixture;
    const right = "select on blindagem.expenses";
    await database.pool("migrator").query(`revoke ${right} from ${database.prefix}_admin`);
    try {
      await expect(api.listen()).rejects.toThrow(
        `O GraphQL não pode ser servido: confira se AUTHENTICATOR_DATABASE_URL é a conexão de ${database.prefix}_authenticator`,
      );
    } finally {
      await database.pool("migrator").query(`grant ${right} to ${database.prefix}_admin`);
    }
  });
});
