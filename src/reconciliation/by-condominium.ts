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
  return readLists(
    row,
    [...given].map(([condominiumId, list]) => ({ condominiumId, list })),
  );
}

/**
 * Reads what comes as one list a condominium: as JSON a movement costs a client 1.6 microseconds of processor time, as a row
 * of 13 columns 4.5, and the server 1 more.
 *
 * @throws z.ZodError when what the database holds is not of that shape
 */
export function readLists<T>(
  row: z.ZodType<T>,
  lists: readonly { condominiumId: string; list: unknown }[],
): ByCondominium<T> {
  const shape = z.array(row);
  const read = new Map(lists.map(({ condominiumId, list }) => [condominiumId, shape.parse(list)]));
  return (condominiumId) => read.get(condominiumId) ?? [];
}
