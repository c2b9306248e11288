import { randomUUID } from "node:crypto";
import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import path from "node:path";
import { jest } from "@jest/globals";
import { SignJWT } from "jose";
import { type Logger, pino } from "pino";
import type { ApiOptions } from "../../src/api/options.ts";
import { type Api, createApi } from "../../src/api/server.ts";
import { createDirectoryStore, type DocumentStore } from "../../src/receipts/document-store.ts";
import { attest } from "../audit/test-keys.ts";
import { createTestDatabase, type TestDatabase } from "../database/test-database.ts";

// Each file builds a schema from a database of its own: seconds, on a machine that does other things too.
jest.setTimeout(60_000);

export const SECRET = "a secret of the tests, longer than 32 characters";
export const WEBHOOK_SECRET = "a webhook secret of the tests";
/** A Thursday noon in Brasília. */
export const NOW = new Date("2026-11-05T15:00:00Z");

/** CNPJs with right check digits, nobody's: one for each condominium. */
export const CNPJS = { sol: "11222333000181", lua: "12ABC34501DE35" };

/** People by the subject of their tokens, and the roles they have. */
export const PEOPLE = {
  operator: { sub: "op-1", role: "operator" },
  admin: { sub: "ana", role: "admin" },
  reviewer: { sub: "rui", role: "reviewer" },
  sindico: { sub: "sara", role: "sindico" },
  auditor: { sub: "ada", role: "auditor" },
  /** Of the other administradora. */
  otto: { sub: "otto", role: "admin" },
} as const;
export type Person = keyof typeof PEOPLE;

export interface Answer {
  status: number;
  headers: Headers;
  body: unknown;
}

/** Ids of what is there from the beginning. */
export interface Seeded {
  alfa: string;
  beta: string;
  sol: string;
  mar: string;
  lua: string;
}

/** An API on a database that somebody has furnished. */
export interface ServedApi {
  api: Api;
  url: string;
  documents: DocumentStore;
  /** Lines that the API logged. */
  log: string[];
  token(person: Person, claims?: Record<string, unknown>): Promise<string>;
  /** POSTs a GraphQL request as that person, or anonymously. */
  graphql(
    person: Person | undefined,
    query: string,
    variables?: Record<string, unknown>,
  ): Promise<Answer>;
  /** Any request; `person` adds the token. */
  request(target: string, init?: RequestInit & { person?: Person | undefined }): Promise<Answer>;
  close(): Promise<void>;
}

/** An API on a database of its own: two administradoras, Alfa (with Sol and Mar) and Beta (with Lua). */
export interface ApiFixture extends ServedApi {
  database: TestDatabase;
  ids: Seeded;
}

/** Call in `beforeAll`, and `close` in `afterAll`. */
export async function startApi(overrides: Partial<ApiOptions> = {}): Promise<ApiFixture> {
  const database = await createTestDatabase();
  const ids = await seed(database);
  const served = await serveApi(database, overrides);
  return {
    ...served,
    database,
    ids,
    async close() {
      await served.close();
      await database.drop();
    },
  };
}

/** Serves that database, in which whoever asks has to have the role that PEOPLE says. */
export async function serveApi(
  database: TestDatabase,
  overrides: Partial<ApiOptions> = {},
): Promise<ServedApi> {
  const directory = await mkdtemp(path.join(tmpdir(), "blindagem-api-"));
  const documents = createDirectoryStore(directory);
  const log: string[] = [];
  const api = await createApi({
    databaseUrl: database.url("authenticator"),
    rolePrefix: database.prefix,
    host: "127.0.0.1",
    port: 0,
    jwt: { secret: SECRET },
    trustedProxies: [],
    documents,
    attest,
    auditKeys: "# nenhuma\n",
    pluggyWebhook: { signature: { header: "x-pluggy-signature", secrets: [WEBHOOK_SECRET] } },
    logger: collectingLogger(log),
    clock: () => NOW,
    sandbox: false,
    ...overrides,
  });
  const { url } = await api.listen();
  const token = (person: Person, claims: Record<string, unknown> = {}) =>
    signToken({ sub: PEOPLE[person].sub, app_metadata: { role: PEOPLE[person].role }, ...claims });

  const request: ServedApi["request"] = async (target, { person, ...init } = {}) => {
    const headers = new Headers(init.headers);
    if (person) headers.set("authorization", `Bearer ${await token(person)}`);
    const response = await fetch(`${url}${target}`, { ...init, headers });
    const text = await response.text();
    const isJson = response.headers.get("content-type")?.includes("json");
    return {
      status: response.status,
      headers: response.headers,
      body: isJson ? JSON.parse(text) : text,
    };
  };
  return {
    api,
    url,
    documents,
    log,
    token,
    request,
    graphql: (person, query, variables = {}) =>
      request("/graphql", {
        method: "POST",
        headers: { "content-type": "application/json" },
        body: JSON.stringify({ query, variables }),
        person,
      }),
    async close() {
      await api.close();
      await rm(directory, { recursive: true, force: true });
    },
  };
}

/** A token valid for an hour round NOW. */
export function signToken(claims: Record<string, unknown>, secret = SECRET): Promise<string> {
  const seconds = NOW.getTime() / 1000;
  return new SignJWT({ iat: seconds, exp: seconds + 3600, ...claims })
    .setProtectedHeader({ alg: "HS256" })
    .sign(new TextEncoder().encode(secret));
}

/** A row without fault; `changes` make it what a test needs. */
export function expenseRow(changes: Record<string, unknown> = {}): Record<string, unknown> {
  return {
    externalId: randomUUID(),
    condominium: "SOL",
    category: "LIMPEZA",
    documentKind: "NFSE",
    documentNumber: "4711",
    issueDate: "2026-11-03",
    competence: "2026-11",
    grossAmount: "1234.56",
    payeeDocument: "11222333000181",
    payeeName: "Limpa Tudo Ltda",
    dueDate: "2026-11-20",
    ...changes,
  };
}

function collectingLogger(lines: string[]): Logger {
  return pino({ level: "info" }, { write: (line: string) => void lines.push(line) });
}

async function seed(database: TestDatabase): Promise<Seeded> {
  const as = (
    role: "operator" | "admin",
    organizationId: string,
    sql: string,
    values: (string | null)[],
  ) =>
    database.asRequest(
      role,
      { actor_id: "person:1", organization_id: organizationId },
      async (client) => {
        const { rows } = await client.query<{ id: string }>(sql, values);
        return rows[0]?.id ?? "";
      },
    );
  const organization = (name: string, subject: string) =>
    as("operator", "", "select id from blindagem.create_organization($1, null, $2, $3, $4)", [
      name,
      subject,
      `Pessoa ${subject}`,
      `${subject}@example.com`,
    ]);
  const condominium = (organizationId: string, code: string, cnpj: string | null) =>
    as(
      "admin",
      organizationId,
      "select id from blindagem.create_condominium($1, $2, $3, 'São Paulo', 'SP', '2020-01-01')",
      [`Condomínio ${code}`, code, cnpj],
    );
  const GRANT = "select id from blindagem.grant_role($1, 'Nome', $1 || '@example.com', $2, $3)";

  await as(
    "operator",
    "",
    "select id from blindagem_private.grant_operator('op-1', 'Opera', 'op@example.com')",
    [],
  );
  const alfa = await organization("Alfa", "ana");
  const beta = await organization("Beta", "otto");
  const sol = await condominium(alfa, "SOL", CNPJS.sol);
  const mar = await condominium(alfa, "MAR", null);
  const lua = await condominium(beta, "LUA", CNPJS.lua);
  await as(
    "admin",
    alfa,
    "select id from blindagem.add_member('rui', 'Rui', 'rui@example.com', 'reviewer')",
    [],
  );
  await as("admin", alfa, GRANT, ["sara", "sindico", sol]);
  await as("admin", alfa, GRANT, ["ada", "auditor", null]);
  return { alfa, beta, sol, mar, lua };
}

/** What lies at a path of an answer: `pick(body, "data", "expenses", "nodes", 0, "id")`; undefined where it ends. */
export function pick(value: unknown, ...path: (string | number)[]): unknown {
  return path.reduce<unknown>(
    (inner, key) =>
      typeof inner === "object" && inner !== null ? Reflect.get(inner, key) : undefined,
    value,
  );
}
