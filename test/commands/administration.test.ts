import { mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir, userInfo } from "node:os";
import path from "node:path";
import { afterAll, beforeAll, describe, expect, it, jest } from "@jest/globals";
import { z } from "zod";
import { apiKeyCommand } from "../../src/commands/api-key.ts";
import { condominiumCommand } from "../../src/commands/condominium.ts";
import { grantCommand } from "../../src/commands/grant.ts";
import { jobsCommand } from "../../src/commands/jobs.ts";
import { memberCommand } from "../../src/commands/member.ts";
import { organizationCommand } from "../../src/commands/organization.ts";
import { settingCommand } from "../../src/commands/setting.ts";
import { type ApiFixture, pick, SECRET, startApi } from "../api/api-fixture.ts";
import {
  commandRunner,
  environmentOf,
  failureInProcess,
  messageOfFailure,
  type RunCommand,
} from "./run-command.ts";

// Processes start slowly on a machine that does other things too.
jest.setTimeout(180_000);

let api: ApiFixture;
let run: RunCommand;
let folder: string;

beforeAll(async () => {
  folder = await mkdtemp(path.join(tmpdir(), "blindagem-administration-"));
  // Commands sign tokens by the machine's clock.
  api = await startApi({ clock: () => new Date() });
  const environment = environmentOf(api.database, { JWT_SECRET: SECRET });
  run = commandRunner(environment);
  // Jest gives each file an environment of its own.
  Object.assign(process.env, environment);
});
afterAll(async () => {
  await api.close();
  await rm(folder, { recursive: true, force: true });
});

/** Runs a command that must succeed; what it printed. */
async function done(...args: string[]): Promise<string> {
  const { status, stdout, stderr } = await run(...args);
  expect({ args, status, stderr }).toEqual({ args, status: 0, stderr: "" });
  return stdout;
}

const COMMANDS = {
  "api-key": apiKeyCommand,
  condominium: condominiumCommand,
  grant: grantCommand,
  jobs: jobsCommand,
  member: memberCommand,
  organization: organizationCommand,
  setting: settingCommand,
};
type Name = keyof typeof COMMANDS;

/** Runs a command that must fail, in this process; what it says. */
function refused(name: Name, ...args: string[]): Promise<string> {
  return failureInProcess(COMMANDS[name](), args);
}

async function query(text: string, values: unknown[] = []): Promise<unknown[]> {
  return (await api.database.pool("migrator").query(text, values)).rows;
}

const count = z.tuple([z.object({ count: z.int() })]);

/** How many rows every table that these commands write holds, and the audit log. */
async function rowsStored(): Promise<number> {
  const tables = [
    "blindagem.organizations",
    "blindagem.people",
    "blindagem.members",
    "blindagem.grants",
    "blindagem.condominiums",
    "blindagem.managements",
    "blindagem.settings",
    "blindagem.api_keys",
    "blindagem.bank_connections",
    "blindagem_audit.audit_log_immutable",
  ];
  const sum = tables.map((table) => `(select count(*) from ${table})`).join(" + ");
  return count.parse(await query(`select (${sum})::int as count`))[0].count;
}

/** What the audit log says that a person at the command line did to that table, the newest first. */
function audited(entity: string): Promise<unknown[]> {
  return query(
    `select organization_id::text as organization, actor_role as role, reason, new_state->>'name' as name
     from blindagem_audit.records
     where entity_type = $1 and actor_id = $2 order by id desc`,
    [entity, `command:${userInfo().username}`],
  );
}

describe("organization create and operator create", () => {
  it("make an administradora with its administrator, and an operator, both in the audit log", async () => {
    const [organization] = await Promise.all([
      done(
        ...["organization", "create", "Gama Ltda", "--cnpj", "11.444.777/0001-61"],
        ...["--admin-subject", "gil", "--admin-name", "Gil", "--admin-email", "gil@example.com"],
      ),
      done("operator", "create", "--subject", "plantao", "--name", "Plantão"),
    ]);
    const id = /^Administradora (\d+) criada\.\n$/.exec(organization)?.[1];
    expect(
      await query("select name, cnpj from blindagem.organizations where id = $1", [id]),
    ).toEqual([{ name: "Gama Ltda", cnpj: "11444777000161" }]);
    expect(await audited("organizations")).toEqual([
      {
        organization: id,
        role: "operator",
        reason: "Criação de administradora por comando",
        name: "Gama Ltda",
      },
    ]);
    expect(await audited("members")).toMatchObject([{ organization: id, role: "operator" }]);
    expect(await audited("grants")).toMatchObject([{ reason: "Criação de operador por comando" }]);
    expect(
      await query(
        `select g.role from blindagem.grants g join blindagem.people p on p.id = g.person_id
         where p.subject = 'plantao'`,
      ),
    ).toEqual([{ role: "operator" }]);
  });
});

describe("organization weight", () => {
  it("sets the weight of an administradora in the queue, with its reason in the audit log", async () => {
    const id = api.ids.alfa;
    expect(
      await done("organization", "weight", id, "2,5", "--reason", "Contrato com prioridade"),
    ).toContain("Peso guardado");
    const weights =
      "select organization_id::text as id, weight from blindagem.organization_weights";
    expect(await query(weights)).toEqual([{ id, weight: "2.50" }]);
    expect(await audited("organization_weights")).toMatchObject([
      { organization: id, role: "operator", reason: "Contrato com prioridade" },
    ]);
    const weight = (...args: string[]) =>
      refused("organization", "weight", ...args, "--reason", "Contrato");
    expect(await weight(id, "0")).toContain("O peso vai de 0,01 a 100");
    expect(await weight("999999", "2")).toContain("A administradora não existe.");
    expect(await weight(id, "muito")).toContain('"muito" não é um número.');
    expect(await query(weights)).toEqual([{ id, weight: "2.50" }]);
  });
});

describe("member add, grant, condominium create, setting set, bank connect", () => {
  it("do what they say, for the organization, in the audit log", async () => {
    const { alfa, sol } = api.ids;
    const of = ["--organization", alfa];
    const [created] = await Promise.all([
      done(
        ...["condominium", "create", "Edifício Rio", ...of, "--code", "RIO"],
        ...["--cnpj", "11.444.777/0001-61", "--city", "Niterói", "--state", "RJ"],
      ),
      done("member", "add", ...of, "--subject", "bia", "--name", "Bia", "--role", "integrator"),
      done(
        ...["grant", ...of, "--subject", "caio", "--name", "Caio", "--role", "sindico"],
        ...["--condominium", sol, "--until", "2099-12-31"],
      ),
      done("setting", "set", "split_window_days", "45", ...of, "--reason", "Política da casa"),
      done("bank", "connect", ...of, "--condominium", sol, "--item", "item-1"),
    ]);
    const id = /^Condomínio (\d+) cadastrado\.\n$/.exec(created)?.[1];
    expect(
      await query(
        `select c.name, c.cnpj, c.city, c.state, m.code, m.organization_id::text as organization
         from blindagem.condominiums c join blindagem.managements m on m.condominium_id = c.id where c.id = $1`,
        [id],
      ),
    ).toEqual([
      {
        name: "Edifício Rio",
        cnpj: "11444777000161",
        city: "Niterói",
        state: "RJ",
        code: "RIO",
        organization: alfa,
      },
    ]);
    expect(await audited("condominiums")).toMatchObject([{ name: "Edifício Rio", role: "admin" }]);
    expect((await audited("members"))[0]).toMatchObject({
      organization: alfa,
      role: "admin",
      reason: "Inclusão de membro por comando",
    });
    expect((await audited("grants"))[0]).toMatchObject({ reason: "Concessão por comando" });
    expect(await audited("settings")).toMatchObject([
      { organization: alfa, reason: "Política da casa" },
    ]);
    expect(await audited("bank_connections")).toMatchObject([{ organization: alfa }]);
    expect(
      await query(
        `select g.role, g.valid_to::text as until, g.condominium_id::text as condominium
         from blindagem.grants g join blindagem.people p on p.id = g.person_id where p.subject = 'caio'`,
      ),
    ).toEqual([{ role: "sindico", until: "2099-12-31", condominium: sol }]);
  });
});

describe("condominium import", () => {
  const HEADER = "codigo;nome;cnpj;cidade;uf;desde";
  const importing = async (name: string, lines: string[], organization: string) => {
    const file = path.join(folder, name);
    await writeFile(file, `${[HEADER, ...lines].join("\r\n")}\r\n`);
    return ["import", file, "--organization", organization];
  };

  it("registers all, or with one bad line none and says which lines are bad", async () => {
    const { beta } = api.ids;
    const before = await rowsStored();
    const bad = ["UM;Edifício Um;;;;", "DOIS;Dois;11444777000162;;;", ";Três;;;;"];
    const message = messageOfFailure(
      await run("condominium", ...(await importing("bad.csv", bad, beta))),
    );
    expect(message).toBe(
      "Nada foi cadastrado:\nlinha 3: o CNPJ não confere\nlinha 4: falta o código\n",
    );
    const taken = ["QUATRO;Edifício Quatro;;;;", "LUA;Outra Lua;;;;"];
    expect(await refused("condominium", ...(await importing("taken.csv", taken, beta)))).toContain(
      "Este código já é de outro condomínio",
    );
    expect(await rowsStored()).toBe(before);

    const good = ["UM;Edifício Um;;São Paulo;SP;01/02/2024", "DOIS;Edifício Dois;;;;"];
    expect(await done("condominium", ...(await importing("good.csv", good, beta)))).toBe(
      "2 condomínios cadastrados.\n",
    );
    expect(
      await query(
        `select code, valid_from::text as since from blindagem.managements
         where organization_id = $1 and code in ('UM', 'DOIS') order by code`,
        [beta],
      ),
    ).toEqual([
      { code: "DOIS", since: expect.any(String) },
      { code: "UM", since: "2024-02-01" },
    ]);
  });
});

describe("api-key create and token", () => {
  it("give what the API takes", async () => {
    const { alfa } = api.ids;
    const [key, token] = await Promise.all([
      done("api-key", "create", "ERP", "--organization", alfa),
      done("token", "--subject", "ana", "--role", "admin", "--organization", alfa),
    ]);
    const ask = async (headers: Record<string, string>) => {
      const { body } = await api.request("/graphql", {
        method: "POST",
        headers: { "content-type": "application/json", ...headers },
        body: JSON.stringify({ query: "{ organizations { nodes { name } } }" }),
      });
      return pick(body, "data", "organizations", "nodes");
    };
    expect(await ask({ authorization: `Bearer ${token.trim()}` })).toEqual([{ name: "Alfa" }]);
    expect(await ask({ authorization: `Bearer ${key.trim()}`, "on-behalf-of": "ana" })).toEqual([
      { name: "Alfa" },
    ]);
    expect(await audited("api_keys")).toMatchObject([{ organization: alfa, name: "ERP" }]);
  });
});

describe("jobs", () => {
  it("shows the queue to operators whole, and to an organization its own", async () => {
    const { alfa, beta } = api.ids;
    await done("bank", "connect", "--organization", alfa, "--item", "item-alfa");
    await done("bank", "connect", "--organization", beta, "--item", "item-beta");
    const [all, ofBeta, asText, finished] = await Promise.all([
      done("jobs", "--json"),
      done("jobs", "--json", "--organization", beta),
      done("jobs", "--organization", beta, "--state", "waiting", "--limit", "1"),
      done("jobs", "--organization", beta, "--state", "FINISHED"),
    ]);
    const organizationsOf = (output: string) =>
      output
        .trimEnd()
        .split("\n")
        .map((line) => pick(JSON.parse(line), "organization_id"));
    expect(organizationsOf(all)).toEqual(expect.arrayContaining([alfa, beta]));
    expect(organizationsOf(ofBeta)).toEqual([beta]);
    expect(asText).toMatch(/^ *\d+ {2}pluggy_sync +esperando +0x .*\n$/);
    expect(finished).toBe("Nenhuma tarefa.\n");
  });

  it("shows the newest first, by number and not by letter", async () => {
    const { alfa } = api.ids;
    await query(
      `select blindagem_private.enqueue_jobs(jsonb_agg(jsonb_build_object('task', 'reconcile', 'organizationId', $1::text,
         'payload', jsonb_build_object('condominiumId', n)))) from generate_series(1, 12) as n`,
      [alfa],
    );
    const shown = (await done("jobs", "--json", "--limit", "12")).trimEnd().split("\n");
    const ids = shown.map((line) => Number(pick(JSON.parse(line), "id")));
    expect(Math.max(...ids)).toBeGreaterThan(9);
    expect(ids).toEqual(ids.toSorted((a, b) => b - a));
  });

  it("shows those of one batch", async () => {
    const batch = "987654321";
    await query(
      `select blindagem_private.enqueue_jobs(jsonb_build_array(
         jsonb_build_object('task', 'reconcile_batch', 'organizationId', $1::text, 'batchId', $2::text),
         jsonb_build_object('task', 'reconcile_batch', 'organizationId', $1::text, 'batchId', '7')))`,
      [api.ids.alfa, batch],
    );
    const shown = (await done("jobs", "--json", "--batch", batch)).trimEnd().split("\n");
    expect(shown.map((line) => pick(JSON.parse(line), "batch_id"))).toEqual([batch]);
  });
});

describe("a command that cannot be done", () => {
  it("changes nothing, and says what to do about it", async () => {
    const before = await rowsStored();
    const { alfa, lua } = api.ids;
    const of = ["--organization", alfa];
    const person = ["--subject", "eva", "--name", "Eva"];
    const cases: [message: string, name: Name, ...args: string[]][] = [
      [
        "A administradora 999999 não existe.",
        "condominium",
        "create",
        "Ilha",
        "--organization",
        "999999",
        "--code",
        "I",
      ],
      [
        "A administradora 999999 não existe.",
        "member",
        "add",
        ...person,
        "--organization",
        "999999",
        "--role",
        "admin",
      ],
      ['"lote-7" não é o número de um lote.', "jobs", "--batch", "lote-7"],
      ["A administradora 999999 não existe.", "jobs", "--organization", "999999"],
      [
        '"alfa" não é o número de uma administradora.',
        "api-key",
        "create",
        "ERP",
        "--organization",
        "alfa",
      ],
      [
        '"11.222.333/0001-82" não é um CNPJ',
        "condominium",
        "create",
        "Ilha",
        ...of,
        "--code",
        "I",
        "--cnpj",
        "11.222.333/0001-82",
      ],
      [
        "Já existe um condomínio com este CNPJ.",
        "condominium",
        "create",
        "Ilha",
        ...of,
        "--code",
        "I",
        "--cnpj",
        "11222333000181",
      ],
      [
        "Este código já é de outro condomínio",
        "condominium",
        "create",
        "Ilha",
        ...of,
        "--code",
        "SOL",
      ],
      [
        "O e-mail não é um endereço",
        "member",
        "add",
        ...person,
        ...of,
        "--role",
        "admin",
        "--email",
        "eva",
      ],
      [
        "A pessoa já tem este papel.",
        "member",
        "add",
        "--subject",
        "ana",
        "--name",
        "Ana",
        ...of,
        "--role",
        "admin",
      ],
      [
        "Allowed choices are admin, reviewer, integrator",
        "member",
        "add",
        ...person,
        ...of,
        "--role",
        "chefe",
      ],
      [
        "O condomínio não existe ou não está ao seu alcance.",
        "grant",
        ...person,
        ...of,
        "--role",
        "sindico",
        "--condominium",
        lua,
      ],
      ["Um síndico é de um condomínio", "grant", ...person, ...of, "--role", "sindico"],
      [
        "A concessão deve terminar depois de hoje.",
        "grant",
        ...person,
        ...of,
        "--role",
        "auditor",
        "--until",
        "2020-01-01",
      ],
      [
        '"31/12/2099" não é uma data AAAA-MM-DD.',
        "grant",
        ...person,
        ...of,
        "--role",
        "auditor",
        "--until",
        "31/12/2099",
      ],
      [
        '"-1" não é um número inteiro.',
        "setting",
        "set",
        "split_window_days",
        ...of,
        "--reason",
        "Política",
        "--",
        "-1",
      ],
      ["Há: fact_deadline_hours, ", "setting", "set", "prazo", "1", ...of, "--reason", "Política"],
      ["Diga o motivo", "setting", "set", "split_window_days", "1", ...of, "--reason", "x"],
      ["--state é um destes: WAITING", "jobs", "--state", "DONE"],
      ["condominios.csv: o arquivo não existe.", "condominium", "import", "condominios.csv", ...of],
    ];
    for (const [message, name, ...args] of cases) {
      expect(await refused(name, ...args)).toContain(message);
    }
    expect(await rowsStored()).toBe(before);
  });

  it("names every setting that there is", async () => {
    const names = z
      .tuple([z.object({ check: z.string() })])
      .parse(
        await query(
          "select pg_get_constraintdef(oid) as check from pg_constraint where conname = 'settings_name_check'",
        ),
      );
    const known = [...names[0].check.matchAll(/'([a-z_]+)'/g)].map(([, name]) => name);
    const message = await refused(
      "setting",
      ...["set", "prazo", "1", "--organization", api.ids.alfa, "--reason", "Política"],
    );
    expect(known.length).toBeGreaterThan(3);
    expect(message).toBe(`Este ajuste não existe. Há: ${known.join(", ")}.`);
  });

  it("says so when the database cannot be reached", async () => {
    const nowhere = commandRunner({
      ...environmentOf(api.database),
      AUTHENTICATOR_DATABASE_URL: "postgresql://x@127.0.0.1:1/x",
    });
    expect(messageOfFailure(await nowhere("jobs"))).toContain("O banco de dados não responde");
  });
});
