import type pg from "pg";
import { z } from "zod";
import { type Company, isActive } from "./company.ts";

const row = z.object({
  cnpj: z.string(),
  name: z.string().nullable(),
  status: z.string(),
  status_date: z.iso.date().nullable(),
  opened_on: z.iso.date().nullable(),
  main_cnae: z.string().nullable(),
  secondary_cnaes: z.array(z.string()),
  mei: z.boolean().nullable(),
  simples: z.boolean().nullable(),
  source_date: z.iso.date(),
});

/**
 * The company with that CNPJ (14 characters) in the local mirror of the open data, or undefined if the
 * mirror lacks it, which does not mean that it does not exist: the mirror is as old as its dump.
 */
export async function readFromMirror(
  client: Pick<pg.ClientBase, "query">,
  cnpj: string,
): Promise<Company | undefined> {
  const { rows } = await client.query(
    `select cnpj, name, status, status_date::text, opened_on::text, main_cnae, secondary_cnaes,
            mei, simples, source_date::text
       from blindagem_private.company_mirror
      where cnpj = $1`,
    [cnpj],
  );
  if (rows[0] === undefined) return undefined;
  const raw = row.parse(rows[0]);
  return {
    cnpj: raw.cnpj,
    name: raw.name,
    status: raw.status,
    active: isActive(raw.status),
    statusDate: raw.status_date,
    openedOn: raw.opened_on,
    mainCnae: raw.main_cnae,
    secondaryCnaes: raw.secondary_cnaes,
    mei: raw.mei,
    simples: raw.simples,
    source: "MIRROR",
    sourceDate: raw.source_date,
    raw,
  };
}
