import type pg from "pg";
import { differingObjects, readDefinitions } from "../../database/definitions.ts";
import { DEFINITIONS_LOCK } from "../../database/store-definitions.ts";
import type { Baseline } from "./baseline.ts";
import { loadDetachments } from "./detachments.ts";
import { type Compared, DEFINITIONS } from "./divergence.ts";

/**
 * Compares what is defined in our schemas now with what the newest migration left, by the log. A definition that was
 * stored again without a new migration counts as well: nobody but a forger has a reason to.
 *
 * @param client in a transaction, whose search path this takes away
 * @param prefix of the installation's role names
 * @returns undefined while a migration runs
 */
export async function compareDefinitions(
  client: pg.ClientBase,
  baseline: Baseline,
  prefix: string,
): Promise<Compared | undefined> {
  const { rows } = await client.query<{ free: boolean }>(
    `select pg_try_advisory_xact_lock_shared(${DEFINITIONS_LOCK}) as free`,
  );
  if (!rows[0]?.free) return undefined;
  const now = await readDefinitions(client, prefix);
  const { carriedDigests } = await loadDetachments(client);
  const detached = new Set([...carriedDigests.keys()].map(partitionOf));
  const differing =
    baseline.objects === undefined
      ? ["blindagem.definitions"]
      : differingObjects(baseline.objects, now, detached);
  const repeated = baseline.versions.filter(
    ({ version }, place) => baseline.versions[place - 1]?.version === version,
  );
  const names = [
    ...differing,
    ...repeated.map(({ record }) => `blindagem.definitions, registro ${record}`),
  ];
  return {
    entityType: DEFINITIONS,
    scope: "all",
    kinds: ["DEFINITIONS"],
    count: now.size,
    divergences: names.map((name) => ({
      kind: "DEFINITIONS",
      entityType: DEFINITIONS,
      entityId: name,
      organizationId: undefined,
      condominiumId: undefined,
      sensitivity: "ORDINARY",
      fields: [],
    })),
  };
}

function partitionOf(month: string): string {
  return `blindagem_audit.audit_log_${month.replace("-", "_")}`;
}
