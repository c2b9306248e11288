import { afterAll, beforeAll, describe, expect, it } from "@jest/globals";
import { z } from "zod";
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

async function seenBy(person: Person): Promise<unknown[]> {
  const { body } = await fixture.graphql(
    person,
    `{ auditDivergences(filter: { resolvedAt: { isNull: true } }, orderBy: ID_ASC) {
       nodes { kind entityType entityId condominiumId fields firstSeenAt lastSeenAt resolvedAt }
     } }`,
  );
  expect(pick(body, "errors")).toBeUndefined();
  return z.array(z.unknown()).parse(pick(body, "data", "auditDivergences", "nodes"));
}

const ofCondominiums = async (person: Person) =>
  (await seenBy(person)).filter((node) => pick(node, "condominiumId") !== null);

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
    expect(await ofCondominiums("admin")).toEqual([ofSol, ofMar]);
    expect(await ofCondominiums("auditor")).toEqual([ofSol, ofMar]);
    expect(await ofCondominiums("sindico")).toEqual([ofSol]);
    expect(await ofCondominiums("otto")).toEqual([
      expect.objectContaining({ entityId: fixture.ids.lua }),
    ]);
  });

  it("shows to everybody what belongs to nobody, and to operators nothing else", async () => {
    const ofNobody = [
      expect.objectContaining({ kind: "DEFINITIONS", entityId: "blindagem.people" }),
      expect.objectContaining({ kind: "ROW_UNKNOWN", entityType: "people" }),
    ];
    for (const person of ["admin", "reviewer", "sindico", "auditor", "otto", "operator"] as const) {
      expect(await seenBy(person)).toEqual(expect.arrayContaining(ofNobody));
    }
    expect(await ofCondominiums("operator")).toEqual([]);
  });
});
