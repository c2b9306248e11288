import type pg from "pg";
import { type Actor, type Attest, transaction } from "./actor.ts";

/** Who writes what a version brings with it; the log takes this id from no other login without an intent. */
export const MIGRATION: Actor = {
  id: "system:migrate",
  role: "migrator",
  reason: "Instalação ou atualização (blindagem migrate)",
};

/**
 * Runs `use` in one transaction of `blindagem migrate`, and signs for what it wrote.
 *
 * @param attest without it nobody is named: what is written is out of band, as the log says of it
 */
export async function migrationStep<T>(
  client: pg.ClientBase,
  attest: Attest | undefined,
  use: (client: pg.ClientBase) => Promise<T>,
): Promise<T> {
  return attest
    ? transaction(client, attest, MIGRATION, use)
    : transaction(client, unsigned, MIGRATION, use, unnamed);
}

const unsigned: Attest = async () => undefined;
const unnamed = async () => undefined;
