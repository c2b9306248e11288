import { afterAll, beforeAll, describe, expect, it } from "@jest/globals";
import { findDivergences, sealAll } from "../../audit/comparing/compare.ts";
import { type ApiFixture, type Person, pick, startApi } from "../api-fixture.ts";

let fixture: ApiFixture;
beforeAll(async () => {
  fixture = await startApi();
  await sealAll(fixture.database);
  await fixture.database.pool("migrator").query(
    `alter table blindagem.condominiums disable trigger user;
     update blindagem.condominiums set name = name || '!';
     alter table blindagem.condominiums enable trigger user;
     alter table blindagem.people disable trigger audit_insert;
     insert into blindagem.people (subject, name) values ('ghost', 'Fantasma')`,
  );
  await findDivergences(fixture.database);
});
afterAll(() => fixture.close());

async function seenBy(person: Person): Promise<unknown> {
  const { body } = await fixture.graphql(
    person,
    `{ auditDivergences(filter: { resolvedAt: { isNull: true } }, orderBy: ID_ASC) {
       nodes { kind entityType entityId condominiumId fields firstSeenAt lastSeenAt resolvedAt }
     } }`,
  );
  expect(pick(body, "errors")).toBeUndefined();
  return pick(body, "data", "auditDivergences", "nodes");
}

describe("auditDivergences", () => {
  it("shows to whom a condominium is in reach what of it diverges", async () => {
    const ofSol = expect.objectContaining({
      kind: "ROW_CHANGED",
      entityType: "condominiums",
      entityId: fixture.ids.sol,
      condominiumId: fixture.ids.sol,
      fields: ["name"],
      firstSeenAt: expect.any(String),
      resolvedAt: null,
    });
    const ofMar = expect.objectContaining({ entityId: fixture.ids.mar });
    expect(await seenBy("admin")).toEqual([ofSol, ofMar]);
    expect(await seenBy("auditor")).toEqual([ofSol, ofMar]);
    expect(await seenBy("sindico")).toEqual([ofSol]);
    expect(await seenBy("otto")).toEqual([expect.objectContaining({ entityId: fixture.ids.lua })]);
  });

  it("shows to operators what belongs to nobody", async () => {
    const seen = await seenBy("operator");
    expect(seen).toEqual(
      expect.arrayContaining([
        expect.objectContaining({ kind: "DEFINITIONS", entityId: "blindagem.people" }),
        expect.objectContaining({ kind: "ROW_UNKNOWN", entityType: "people" }),
      ]),
    );
    expect(seen).not.toContainEqual(expect.objectContaining({ entityType: "condominiums" }));
  });
});
