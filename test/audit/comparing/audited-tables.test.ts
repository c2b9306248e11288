import { afterAll, beforeAll, describe, expect, it } from "@jest/globals";
import {
  auditedTableNames,
  keyValues,
  loadAuditedTable,
  UNAUDITED_TABLES,
} from "../../../src/audit/comparing/audited-tables.ts";
import { snapshotsOn } from "../../../src/audit/comparing/snapshot.ts";
import { createTestDatabase, type TestDatabase } from "../../database/test-database.ts";
import { createTenant } from "../../database/world.ts";

let database: TestDatabase;
beforeAll(async () => {
  database = await createTestDatabase();
  await createTenant(database);
});
afterAll(() => database.drop());

describe("the audited tables, as the comparison knows them", () => {
  it("are all but those that the log has for exceptions", async () => {
    const { rows } = await database
      .pool("migrator")
      .query<{ tables: string[] }>("select blindagem_audit.unaudited_tables() as tables");
    expect([...UNAUDITED_TABLES].sort()).toEqual(rows[0]?.tables.sort());
  });

  it("have their rows' text and key from the same expressions as the log, and can be read by the sealer", async () => {
    const sealer = await database.pool("sealer").connect();
    const snapshot = snapshotsOn(sealer);
    const names = await snapshot(auditedTableNames);
    expect(names.length).toBeGreaterThan(25);
    for (const name of names) {
      const table = await snapshot((client) => loadAuditedTable(client, name));
      if (!table) throw new Error(`${name} has no key.`);
      const { rows } = await database
        .pool("migrator")
        .query<{ open: string; committed: string | null; personal: string }>(
          `select blindagem_audit.state_source(t, 'r', false) as open, blindagem_audit.committed_source(t, 'r',
             $$coalesce(',"%1$s":' || p.%3$I, '')$$) as committed,
             coalesce(blindagem_audit.personal_source(t, 'r', false), 'null') as personal
           from (select format('blindagem.%I', $1::text)::regclass as t) as of_table`,
          [name],
        );
      const { open = "", committed, personal = "" } = rows[0] ?? {};
      const logged = `'{' || substr((${open}) || ${committed ?? "''"}, 2) || '}'`;
      const differing = await snapshot((client) =>
        client.query(
          `select from blindagem.${name} r cross join lateral (select ${personal}) as p
           where (${table.stateSource})::jsonb is distinct from (${logged})::jsonb`,
        ),
      );
      expect({ name, differing: differing.rowCount }).toEqual({ name, differing: 0 });
    }
    sealer.release();
  });
});

describe("keyValues", () => {
  const number = { digits: 18 };
  const text = { digits: undefined };

  it.each([
    ["12", [number], ["12"]],
    ["12/34", [number, number], ["12", "34"]],
    ["7/a1/nota 1/2.pdf", [number, text, text], ["7", "a1", "nota 1/2.pdf"]],
    ["LIMPEZA", [text], ["LIMPEZA"]],
    ["12", [number, number], undefined],
    ["12/34", [number], undefined],
    ["people", [number], undefined],
    ["9999999999999999999", [number], undefined],
    ["", [number], undefined],
  ])("%j", (id, key, expected) => {
    expect(keyValues(id, key)).toEqual(expected);
  });
});
