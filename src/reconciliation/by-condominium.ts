import { z } from "zod";

/** What a statement found of each condominium that it was asked about; nothing where it found nothing. */
export type ByCondominium<T> = (condominiumId: string) => T[];

/**
 * Reads the rows of several condominiums, each condominium's in the order given.
 *
 * @param rows with `condominiumId` beside what `row` reads
 * @throws z.ZodError when what the database holds is not of that shape
 */
export function readByCondominium<T>(
  row: z.ZodType<T>,
  rows: readonly { condominiumId: string }[],
): ByCondominium<T> {
  const given = Map.groupBy(rows, ({ condominiumId }) => condominiumId);
  const list = z.array(row);
  const read = new Map([...given].map(([condominiumId, its]) => [condominiumId, list.parse(its)]));
  return (condominiumId) => read.get(condominiumId) ?? [];
}
