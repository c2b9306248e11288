import type { TestDatabase } from "./test-database.ts";
import type { Asker } from "./world.ts";

/** Shared by all tenants on purpose: registry data, categories, rules, and the signed hashes of the whole log. */
const PUBLIC_TABLES: readonly string[] = [
  "audit_checkpoints",
  "audit_cosignatures",
  "categories",
  "companies",
  "rules",
];

/** Rows by the table or view of schema blindagem that shows them, each as JSON of the columns that can be read. */
export type Seen = ReadonlyMap<string, string[]>;

/** What a request sees in every table and view of schema blindagem that is not shared by all tenants. */
export async function seenBy(database: TestDatabase, asker: Asker): Promise<Seen> {
  const { rows: relations } = await database
    .pool("migrator")
    .query<{ name: string; columns: string | null }>(
      `select c.relname as name, (
         select string_agg(quote_ident(a.attname), ', ' order by a.attnum) from pg_attribute a
         where a.attrelid = c.oid and a.attnum > 0 and not a.attisdropped
           and has_column_privilege($1, c.oid, a.attnum, 'select')) as columns
       from pg_class c
       where c.relnamespace = 'blindagem'::regnamespace and c.relkind in ('r', 'p', 'v') and c.relname <> all ($2)
       order by c.relname`,
      [`${database.prefix}_${asker.role}`, PUBLIC_TABLES],
    );
  return database.asRequest(asker.role, asker.settings, async (client) => {
    const seen = new Map<string, string[]>();
    for (const { name, columns } of relations) {
      if (columns === null) {
        seen.set(name, []);
        continue;
      }
      const { rows } = await client.query<{ row: string }>(
        `select to_jsonb(r)::text as row from (select ${columns} from blindagem.${name}) as r order by 1`,
      );
      seen.set(
        name,
        rows.map(({ row }) => row),
      );
    }
    return seen;
  });
}
