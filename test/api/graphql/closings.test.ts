import { afterAll, beforeAll, describe, expect, it } from "@jest/globals";
import { type ApiFixture, expenseRow, type Person, pick, startApi } from "../api-fixture.ts";
import { sealAll } from "../seal-all.ts";

let fixture: ApiFixture;
beforeAll(async () => {
  fixture = await startApi();
});
afterAll(() => fixture.close());

async function close(person: Person, input: Record<string, unknown> = {}) {
  const { body } = await fixture.graphql(
    person,
    `mutation ($input: ClosePeriodInput!) { closePeriod(input: $input) {
       result { id month revision treeSize root reason closer { name } condominium { name } } } }`,
    {
      input: {
        condominiumId: fixture.ids.sol,
        month: "2026-10-01",
        reason: "Mês conferido",
        ...input,
      },
    },
  );
  return (
    pick(body, "data", "closePeriod", "result") ?? pick(body, "errors", 0, "extensions", "code")
  );
}

const LATER = `query ($id: BigInt!) { closing(id: $id) { laterChanges(first: 50) {
  nodes { recordId entityType entityId action actorId leafIndex } } } }`;

async function submit(competence: string): Promise<void> {
  const retentions = [{ kind: "INSS", amount: "11.00" }];
  const rows = [expenseRow({ externalId: `late-${competence}`, competence, retentions })];
  const { body } = await fixture.graphql(
    "admin",
    "mutation ($input: SubmitExpenseBatchInput!) { submitExpenseBatch(input: $input) { accepted errors { message } } }",
    { input: { rows } },
  );
  expect(pick(body, "data", "submitExpenseBatch")).toEqual({ accepted: 1, errors: [] });
}

describe("closePeriod", () => {
  it("closes on a signed checkpoint, by administrator and síndico, with a reason", async () => {
    expect(await close("admin")).toBe("BLD14");
    const size = await sealAll(fixture.database);
    expect(await close("admin", { reason: "" })).toBe("BLD08");
    expect(await close("admin", { month: "2199-01-01" })).toBe("BLD06");
    expect(await close("otto")).toBe("BLD03");
    for (const person of ["reviewer", "auditor", "operator"] as const) {
      expect(await close(person)).toBe("BLD02");
    }
    expect(await close("admin")).toMatchObject({
      month: "2026-10-01",
      revision: 1,
      treeSize: String(size),
      closer: { name: expect.stringContaining("ana") },
      condominium: { name: expect.stringContaining("SOL") },
    });
    expect(await close("sindico")).toMatchObject({ revision: 2 });
  });

  it("tells whoever sees the condominium who closed it", async () => {
    for (const [closer, name] of [
      ["admin", "ana"],
      ["sindico", "Nome"],
    ] as const) {
      const id = pick(await close(closer), "id");
      for (const person of ["admin", "reviewer", "auditor"] as const) {
        const { body } = await fixture.graphql(
          person,
          "query ($id: BigInt!) { closing(id: $id) { closer { name } } }",
          { id },
        );
        expect(body).toEqual({
          data: { closing: { closer: { name: expect.stringContaining(name) } } },
        });
      }
    }
  });

  it("tells what changed later, to whoever sees the condominium", async () => {
    const closing = await close("admin");
    await submit("2026-10");
    await submit("2026-11");
    await sealAll(fixture.database);
    for (const person of ["admin", "sindico", "auditor"] as const) {
      const { body } = await fixture.graphql(person, LATER, { id: pick(closing, "id") });
      const changes = pick(body, "data", "closing", "laterChanges", "nodes");
      expect(changes).toEqual(
        expect.arrayContaining([
          expect.objectContaining({ entityType: "expenses", action: "SUBMIT" }),
          expect.objectContaining({ entityType: "payables", action: "INSERT" }),
        ]),
      );
      const types = Array.isArray(changes)
        ? changes.map((change) => pick(change, "entityType"))
        : [];
      expect(types.filter((type) => type === "expenses")).toHaveLength(1);
    }
    const { body } = await fixture.graphql("otto", LATER, { id: pick(closing, "id") });
    expect(pick(body, "data")).toEqual({ closing: null });
  });
});
