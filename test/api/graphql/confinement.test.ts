import { afterAll, beforeAll, describe, expect, it } from "@jest/globals";
import {
  buildClientSchema,
  type GraphQLField,
  type GraphQLObjectType,
  type GraphQLOutputType,
  type GraphQLSchema,
  getIntrospectionQuery,
  getNamedType,
  getNullableType,
  type IntrospectionQuery,
  isLeafType,
  isListType,
  isNonNullType,
  isObjectType,
} from "graphql";
import { sealAll } from "../../audit/seal-all.ts";
import { createTestDatabase, type TestDatabase } from "../../database/test-database.ts";
import { type Asker, ask, cnpjOf, createTenant, type Tenant } from "../../database/world.ts";
import { type ServedApi, serveApi, signToken } from "../api-fixture.ts";

let database: TestDatabase;
let served: ServedApi;
let schema: GraphQLSchema;
let ours: Tenant;
let theirs: Tenant;
/** Another condominium of the same administradora. */
let neighbour: string;
beforeAll(async () => {
  database = await createTestDatabase();
  ours = await createTenant(database);
  theirs = await createTenant(database);
  const [created] = await ask<{ id: string }>(
    database,
    ours.askers.admin,
    "select id from blindagem.create_condominium('Edifício Vizinho', 'VIZINHO', null)",
  );
  neighbour = created?.id ?? "";
  await sealAll(database);
  served = await serveApi(database);
  const answer = await asked(ours.askers.auditor, getIntrospectionQuery());
  schema = buildClientSchema(answer.data as unknown as IntrospectionQuery);
});
afterAll(async () => {
  await served.close();
  await database.drop();
});

interface Answered {
  data?: Record<string, unknown>;
  errors?: { message: string }[];
}

async function asked({ settings }: Asker, query: string): Promise<Answered> {
  const { rows } = await database
    .pool("migrator")
    .query<{ subject: string }>("select subject from blindagem.people where id = $1", [
      settings.person_id,
    ]);
  const token = await signToken({ sub: rows[0]?.subject, app_metadata: { role: "auditor" } });
  const { body } = await served.request("/graphql", {
    method: "POST",
    headers: { "content-type": "application/json", authorization: `Bearer ${token}` },
    body: JSON.stringify({ query }),
  });
  return body as Answered;
}

type Field = GraphQLField<unknown, unknown>;

const isRequired = ({ args }: Field) =>
  args.some(({ type, defaultValue }) => isNonNullType(type) && defaultValue === undefined);

/** Not only by its name: there are connections with banks. */
function isConnection(type: GraphQLOutputType): boolean {
  const named = getNamedType(type);
  return isObjectType(named) && "pageInfo" in named.getFields();
}

/** All that a type tells: its own fields, and those of what it leads to, so many steps far. */
function partsOf(type: GraphQLObjectType, steps: number): string[] {
  return Object.values(type.getFields()).flatMap((field) => {
    const inner = getNamedType(field.type);
    if (isRequired(field)) return [];
    if (isLeafType(inner)) return [field.name];
    if (!isObjectType(inner) || steps === 0 || inner.name === "Query") return [];
    return [fieldText(field, "", inner, steps - 1)];
  });
}

function selectionOf(type: GraphQLObjectType, steps: number): string {
  return partsOf(type, steps).join(" ") || "__typename";
}

function fieldText(field: Field, given: string, type: GraphQLObjectType, steps: number): string {
  if (!isConnection(field.type)) return `${field.name}${given} { ${selectionOf(type, steps)} }`;
  const { nodes, totalCount } = type.getFields();
  const node = nodes && getNamedType(nodes.type);
  if (!isObjectType(node)) throw new Error(`${type.name} has no nodes.`);
  const page = given || "(first: 3)";
  return `${field.name}${page} { ${totalCount ? "totalCount" : ""} nodes { ${selectionOf(node, steps)} } }`;
}

const rootFields = () => Object.values(schema.getQueryType()?.getFields() ?? {});

interface Question {
  query: string;
  /** The same in pieces, where a part of it is not for the role: that refuses all of it. */
  pieces: string[];
}

/** A query for each root field that needs no arguments, with what its rows lead to. */
function pages(): Question[] {
  return rootFields().flatMap((field) => {
    const type = getNamedType(field.type);
    if (isRequired(field) || !isObjectType(type) || type.name === "Query") return [];
    const given = isConnection(field.type) ? "(first: 100)" : "";
    const { nodes } = type.getFields();
    const node = nodes && isConnection(field.type) ? getNamedType(nodes.type) : undefined;
    const pieces = isObjectType(node)
      ? partsOf(node, 1).map((part) => `{ ${field.name}${given} { nodes { ${part} } } }`)
      : [];
    return [{ query: `{ ${fieldText(field, given, type, 1)} }`, pieces }];
  });
}

/** As many looks in one document as may be. */
const ALIASES = 25;

/** Of each root field that takes keys, queries with those keys. */
function byKeys(values: Readonly<Record<string, readonly string[]>>): Question[] {
  return rootFields().flatMap((field) => {
    const type = getNamedType(field.type);
    if (!isRequired(field) || !isObjectType(type)) return [];
    const required = field.args.filter(({ type }) => isNonNullType(type));
    const combined = required.reduce<string[]>(
      (before, { name, type: given }) =>
        before.flatMap((head) =>
          (values[name] ?? values[getNamedType(given).name] ?? values.BigInt ?? []).map((value) => {
            const text = getNamedType(given).name === "Int" ? value : JSON.stringify(value);
            return `${head}${head && ", "}${name}: ${isListType(getNullableType(given)) ? `[${text}]` : text}`;
          }),
        ),
      [""],
    );
    const looks = combined.map(
      (given, index) => `look${index}: ${fieldText(field, `(${given})`, type, 0)}`,
    );
    return Array.from({ length: Math.ceil(looks.length / ALIASES) }, (_, page) => ({
      query: `{ ${looks.slice(page * ALIASES, (page + 1) * ALIASES).join(" ")} }`,
      pieces: [],
    }));
  });
}

/** Where in an answer something stands that is another's. */
function foreign(value: unknown, own: Own, path = ""): string[] {
  if (Array.isArray(value)) {
    return value.flatMap((each, index) => foreign(each, own, `${path}[${index}]`));
  }
  if (typeof value === "object" && value !== null) {
    return Object.entries(value).flatMap(([name, inner]) => foreign(inner, own, `${path}.${name}`));
  }
  if (value === null || value === undefined) return [];
  const text = String(value);
  const isForeign =
    (/\.condominiumId$/.test(path) && !own.condominiums.includes(text)) ||
    (/\.organizationId$/.test(path) && !own.organizations.includes(text)) ||
    own.never.some((marker) => text.includes(marker));
  return isForeign ? [`${path}: ${text.slice(0, 80)}`] : [];
}

interface Own {
  condominiums: readonly string[];
  organizations: readonly string[];
  /** What must stand nowhere, in no error either. */
  never: readonly string[];
}

/** What only another administradora has. */
const markers = () => [
  ...["Administradora 2", "Edifício 2", "COND-2", "admin 2", "sindico-condominium 2", "request-2"],
  ...[cnpjOf(1002), cnpjOf(2002), theirs.sha256],
];

const NOT_FOR_ROLE = "O papel de quem pede não permite esta operação.";

interface Walked {
  /** Where something of another's stood. */
  found: string[];
  /** What was not answered, but for what no auditor may ask. */
  errors: string[];
  /** Root fields under which there was a row. */
  full: number;
}

async function walk(asker: Asker, own: Own): Promise<Walked> {
  const keys = {
    BigInt: [theirs.condominiumId, theirs.expenseId, theirs.salaryId, theirs.creditId],
    Int: ["1"],
    Date: ["2026-11-01"],
    Datetime: ["2026-11-05T15:00:00Z"],
    UUID: ["00000000-0000-4000-8000-000000000000"],
    organizationId: [theirs.organizationId],
    condominiumId: [theirs.condominiumId],
    sha256: [theirs.sha256],
    cnpj: [cnpjOf(1002)],
  };
  const walked: Walked = { found: [], errors: [], full: 0 };
  const look = async (query: string) => {
    const answer = await asked(asker, query);
    const at = query.slice(0, 60);
    walked.found.push(...foreign(answer, own).map((where) => `${at} → ${where}`));
    const errors = (answer.errors ?? []).filter(({ message }) => message !== NOT_FOR_ROLE);
    walked.errors.push(...errors.map(({ message }) => `${at} → ${message}`));
    if (JSON.stringify(answer.data ?? {}).includes('"nodes":[{')) walked.full += 1;
    return answer;
  };
  for (const { query, pieces } of [...pages(), ...byKeys(keys)]) {
    const { errors = [] } = await look(query);
    if (errors.length > 0) for (const piece of pieces) await look(piece);
  }
  return walked;
}

const accesses = async ({ settings }: Asker) => {
  const { rows } = await database
    .pool("migrator")
    .query<{ count: number }>(
      "select count(distinct request_id)::int as count from blindagem.auditor_accesses where person_id = $1",
      [settings.person_id],
    );
  return rows[0]?.count ?? 0;
};

describe("an auditor who asks for everything that the schema has", () => {
  it("of one condominium sees nothing of another, by whatever way, and each look is written down", async () => {
    const { conselho } = ours.askers;
    const before = await accesses(conselho);
    const { found, errors, full } = await walk(conselho, {
      condominiums: [ours.condominiumId],
      organizations: [ours.organizationId],
      never: [...markers(), "VIZINHO", "Vizinho"],
    });
    expect(found).toEqual([]);
    expect(errors).toEqual([]);
    expect(full).toBeGreaterThan(20);
    expect((await accesses(conselho)) - before).toBeGreaterThan(rootFields().length / 2);
  }, 300_000);

  it("of an administradora sees nothing of another's", async () => {
    const { found, errors, full } = await walk(ours.askers.auditor, {
      condominiums: [ours.condominiumId, neighbour],
      organizations: [ours.organizationId],
      never: markers(),
    });
    expect(found).toEqual([]);
    expect(errors).toEqual([]);
    expect(full).toBeGreaterThan(20);
  }, 300_000);

  it("has no answer with any row once the grant has ended", async () => {
    const { conselho } = ours.askers;
    await database.pool("migrator").query(
      `update blindagem.grants set valid_from = blindagem_private.today() - 2, valid_to = blindagem_private.today() - 1
       where person_id = $1`,
      [conselho.settings.person_id],
    );
    const { found } = await walk(conselho, {
      condominiums: [],
      organizations: [],
      never: [...markers(), "COND-1", "Edifício 1", "Administradora 1"],
    });
    expect(found).toEqual([]);
  }, 300_000);
});
