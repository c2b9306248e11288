import type pg from "pg";

/** So many movements are reconciled in one transaction, unless they are one condominium's: it lasts a second or two. */
const MOST_MOVEMENTS = 5_000;

/** Divides condominiums into portions, each of which is loaded and stored at once, in one transaction. */
export async function portionsOf(
  client: pg.ClientBase,
  condominiumIds: readonly string[],
): Promise<string[][]> {
  if (condominiumIds.length === 1) return [[...condominiumIds]];
  const { rows } = await client.query<{ condominiumId: string; movements: number }>({
    name: "movements of condominiums",
    text: `select c.id::text as "condominiumId", (
       select count(*)::int from blindagem.bank_transactions t where t.condominium_id = c.id) as movements
     from unnest($1::bigint[]) as c (id)
     order by c.id`,
    values: [condominiumIds],
  });
  const portions: string[][] = [];
  let room = 0;
  for (const { condominiumId, movements } of rows) {
    const last = portions.at(-1);
    if (last && movements <= room) {
      last.push(condominiumId);
      room -= movements;
    } else {
      portions.push([condominiumId]);
      room = MOST_MOVEMENTS - movements;
    }
  }
  return portions;
}
