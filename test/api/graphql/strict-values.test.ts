import { afterAll, beforeAll, describe, expect, it } from "@jest/globals";
import { type ApiFixture, type Person, pick, startApi } from "../api-fixture.ts";

let fixture: ApiFixture;
beforeAll(async () => {
  fixture = await startApi();
});
afterAll(() => fixture.close());

const REASON = "Conferência";

/** Calls the mutation with a value that is to be refused; the error's code and words. */
async function refusal(name: string, input: Record<string, unknown>, person: Person = "operator") {
  const type = `${name.charAt(0).toUpperCase()}${name.slice(1)}Input`;
  const { status, body } = await fixture.graphql(
    person,
    `mutation ($input: ${type}!) { ${name}(input: $input) { clientMutationId } }`,
    { input },
  );
  return {
    status,
    code: pick(body, "errors", 0, "extensions", "code"),
    message: pick(body, "errors", 0, "message"),
  };
}

/** Beside a value that is no number, day or instant the answer tells where it stands and what is expected. */
const said = (where: string, what: string) => ({
  status: 400,
  code: "BLD04",
  message: expect.stringMatching(new RegExp(`at "input\\.${where}"; .*${what}`)),
});

describe("a value of a mutation", () => {
  it.each([
    "abc",
    "1.5",
    "1; drop table x",
    "",
    " 1",
    "0x10",
    "99999999999999999999",
    1.5,
    2 ** 60,
  ])("is no id if it is %p", async (id) => {
    expect(await refusal("cancelJobs", { reason: REASON, jobIds: ["1", id] })).toEqual(
      said("jobIds\\[1\\]", "um número inteiro"),
    );
  });

  it.each([[["1"]], [{ id: "1" }], [true]])("is no id if it is %j", async (id) => {
    expect(await refusal("cancelJobs", { reason: REASON, jobIds: [id] })).toEqual(
      said("jobIds\\[0\\]", "um número inteiro"),
    );
  });

  it.each(["abc", "NaN", "Infinity", "1,5", "1e308", "", "1'; --", "9".repeat(60), true, [1]])(
    "is no amount if it is %j",
    async (weight) => {
      const input = { organizationId: fixture.ids.alfa, weight, reason: REASON };
      expect(await refusal("setOrganizationWeight", input)).toEqual(
        said("weight", "um número, como"),
      );
    },
  );

  it.each(["2026-02-30", "2026-10", "01/10/2026", "infinity", "-infinity", "today", "", 20261001])(
    "is no day if it is %p",
    async (month) => {
      const input = { condominiumId: fixture.ids.sol, month, reason: REASON };
      expect(await refusal("closePeriod", input, "admin")).toEqual(
        said("month", "um dia do calendário, como"),
      );
    },
  );

  it.each([
    "amanhã",
    "2026-02-30T00:00:00Z",
    "2026-11-05T25:00:00Z",
    "2026-11-05T10:00:00",
    "2026-11-05",
    "yesterday",
    "now",
    "infinity",
    "-infinity",
    "",
    1_762_300_800,
  ])("is no instant if it is %p", async (enqueuedBefore) => {
    const input = { reason: REASON, filter: { task: "reconcile", enqueuedBefore } };
    expect(await refusal("cancelJobs", input)).toEqual(
      said("filter.enqueuedBefore", "um instante com fuso, como"),
    );
  });

  it("changes nothing where it is refused", async () => {
    const { rows } = await fixture.database
      .pool("migrator")
      .query(
        "select (select count(*)::int from blindagem.organization_weights) as weights, (select count(*)::int from blindagem.closings) as closings, (select count(*)::int from blindagem.job_interventions) as interventions",
      );
    expect(rows).toEqual([{ weights: 0, closings: 0, interventions: 0 }]);
  });

  it.each(["2", "2.5", 2.5, 3, "0.01"])("is taken as a weight if it is %p", async (weight) => {
    const input = { organizationId: fixture.ids.alfa, weight, reason: REASON };
    expect(await refusal("setOrganizationWeight", input)).toEqual({
      status: 200,
      code: undefined,
      message: undefined,
    });
  });
});

describe("a value in a query", () => {
  const messageOf = async (filter: string) =>
    pick(
      (await fixture.graphql("auditor", `{ auditLog(filter: ${filter}) { nodes { id } } }`)).body,
      "errors",
      0,
    );

  it.each([
    ['{ organizationId: { equalTo: "x" } }', "um número inteiro"],
    ['{ organizationId: { in: ["1", ""] } }', "um número inteiro"],
    ['{ recordedAt: { lessThan: "2026-02-30T00:00:00Z" } }', "um instante com fuso"],
    ['{ recordedAt: { greaterThanOrEqualTo: "now" } }', "um instante com fuso"],
  ])("is refused in %s with words on what is expected", async (filter, words) => {
    expect(await messageOf(filter)).toMatchObject({
      message: expect.stringContaining(words),
      extensions: { code: "BLD04" },
      locations: [expect.anything()],
    });
  });

  it("may be a number, written as one", async () => {
    expect(await messageOf(`{ organizationId: { equalTo: ${fixture.ids.alfa} } }`)).toBe(undefined);
    const instant = "2026-11-05T10:00:00.123456-03:00";
    expect(await messageOf(`{ recordedAt: { lessThan: "${instant}" } }`)).toBe(undefined);
  });
});
