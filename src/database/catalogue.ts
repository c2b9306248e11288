import type pg from "pg";
import { CATALOGUE_QUERIES } from "./catalogue-queries.ts";
import { ROLES, roleName } from "./role-names.ts";

interface Entry {
  section: number;
  object: string;
  part: number;
  detail: string;
  /** Of a monthly partition without its month, so that equal ones are equal. */
  statement: string;
}

/**
 * Our schemas as text, for people to read and for tests to compare: tables, views, functions, types, constraints,
 * indexes, triggers, policies, grants and comments. One content gives one text, whatever the server's version (15 to
 * 18), the installation's role prefix, or the month: of the log's monthly partitions one is shown.
 *
 * pg_dump would say much the same, but its output changes with its version, and the embedded server comes without it.
 *
 * @param prefix prefix of the installation's role names; in the text it is "blindagem"
 */
export async function describeSchema(client: pg.ClientBase, prefix: string): Promise<string> {
  await client.query("begin read only");
  try {
    const entries = (await readEntries(client, prefix)).map((entry) => ({
      ...entry,
      object: withoutMonth(entry.object),
      detail: withoutMonth(entry.detail),
    }));
    entries.sort(byPlace);
    return `${paragraphs(entries).join("\n\n")}\n`;
  } finally {
    await client.query("rollback");
  }
}

/**
 * The same by the names of the objects, each monthly partition by its own. Partitions that are as they should be have
 * equal texts. Of the running transaction it takes the search path away.
 */
export async function definitionTexts(
  client: pg.ClientBase,
  prefix: string,
): Promise<Map<string, string>> {
  const entries = (await readEntries(client, prefix)).sort(byPlace);
  const objects = Map.groupBy(entries, ({ object }) => object);
  return new Map(
    [...objects].map(([object, parts]) => [
      object,
      parts.map(({ statement }) => statement).join("\n"),
    ]),
  );
}

async function readEntries(client: pg.ClientBase, prefix: string): Promise<Entry[]> {
  // Names then come with their schema, whoever asks.
  await client.query("set local search_path to ''");
  const roles = new RegExp(
    `\\b(?:${ROLES.map((role) => roleName(prefix, role)).join("|")})\\b`,
    "g",
  );
  const neutral = new Map(ROLES.map((role) => [roleName(prefix, role), `blindagem_${role}`]));
  const withNeutralRoles = (text: string) =>
    text.replaceAll(roles, (role) => neutral.get(role) ?? role).trimEnd();
  const entries: Entry[] = [];
  for (const query of CATALOGUE_QUERIES) {
    const { rows } = await client.query<unknown[]>({ text: query, rowMode: "array" });
    entries.push(...rows.map((row) => entryOf(row, withNeutralRoles)));
  }
  return entries;
}

function entryOf(row: readonly unknown[], withNeutralRoles: (text: string) => string): Entry {
  const [object = "", detail = "", statement = ""] = [row[1], row[3], row[4]].map((value) =>
    withNeutralRoles(String(value)),
  );
  const text = withoutMonth(statement);
  return {
    section: Number(row[0]),
    object,
    part: Number(row[2]),
    detail,
    statement: text.startsWith("create view") ? withoutQualifiers(text) : text,
  };
}

/** One month for all. */
function withoutMonth(text: string): string {
  return text
    .replaceAll(/audit_log_\d{4}_\d{2}/g, "audit_log_YYYY_MM")
    .replaceAll(
      /FOR VALUES FROM \('.*?'\) TO \('.*?'\)/g,
      "FOR VALUES FROM (month) TO (next month)",
    );
}

/**
 * Up to version 15 PostgreSQL qualifies a view's columns even where there is but one relation to have them, be it a
 * derived table, whose name stands at its end.
 */
function withoutQualifiers(view: string): string {
  const qualifier = /(?<![\w.])(?!blindagem)([a-z_]+)\.(?=[a-z_"])/g;
  const derived = /\n {3}FROM \( SELECT [\s\S]*\) ([a-z_]+)(?:\n {2}WHERE [^\n]*)?;\s*$/.exec(
    view,
  )?.[1];
  const rest = view.replaceAll(qualifier, (text, relation) => (relation === derived ? "" : text));
  const relations = new Set([...rest.matchAll(qualifier)].map(([, relation]) => relation));
  return relations.size === 1 ? rest.replaceAll(qualifier, "") : rest;
}

function byPlace(a: Entry, b: Entry): number {
  return (
    a.section - b.section ||
    compare(a.object, b.object) ||
    a.part - b.part ||
    compare(a.detail, b.detail) ||
    compare(a.statement, b.statement)
  );
}

/** By code units: the server's collation must not decide. */
function compare(a: string, b: string): number {
  if (a === b) return 0;
  return a < b ? -1 : 1;
}

/** The statements of one object together; equal ones (of the monthly partitions) once. */
function paragraphs(entries: readonly Entry[]): string[] {
  const objects = new Map<string, Set<string>>();
  for (const { section, object, statement } of entries) {
    const key = `${section} ${object}`;
    const statements = objects.get(key) ?? new Set();
    objects.set(key, statements.add(statement));
  }
  return [...objects.values()].map((statements) => [...statements].join("\n"));
}
