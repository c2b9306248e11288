import type { PgClient, PgSelectSingleStep } from "postgraphile/@dataplan/pg";
import { loadOneWithPgClient } from "postgraphile/@dataplan/pg";
import type { NodePostgresPgClient } from "postgraphile/adaptors/pg";
import { wrapPlans } from "postgraphile/utils";
import { checkpointsOfSizes } from "../../audit/cosigned-checkpoints.ts";
import type { ListedKey } from "../../audit/key-list.ts";

/**
 * Checkpoints' notes as they are served elsewhere: with true lines of the list's witnesses, whom the database does not know.
 *
 * @param keys the key list; its witnesses count
 */
export function auditCheckpointsPlugin(keys: readonly ListedKey[]): GraphileConfig.Plugin {
  // One for all requests: by it the loads of a page are known to be one.
  const load = async (pgClient: PgClient, sizes: readonly string[]) => {
    const client = (pgClient as NodePostgresPgClient).rawClient;
    const checkpoints = await checkpointsOfSizes(client, keys, sizes);
    const notes = new Map(checkpoints.map(({ size, note }) => [size, note]));
    return sizes.map((size) => notes.get(size) ?? null);
  };
  return wrapPlans(
    (build) => {
      const { main: executor } = build.input.pgRegistry.pgExecutors;
      if (!executor) throw new Error("The schema blindagem is not there; run `blindagem migrate`.");
      return {
        AuditCheckpoint: {
          note: (_, $checkpoint) =>
            loadOneWithPgClient(
              executor,
              ($checkpoint as PgSelectSingleStep).get("tree_size"),
              load,
            ),
        },
      };
    },
    { name: "BlindagemAuditCheckpointsPlugin" },
  );
}
