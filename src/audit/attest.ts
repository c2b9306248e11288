import type pg from "pg";
import { z } from "zod";
import type { Actor, Attest } from "../database/actor.ts";
import { encodeBase64 } from "./base64.ts";
import { type Intent, signIntent } from "./intent.ts";
import { rootOfLeafHashes } from "./leaf-hashes.ts";
import type { Signer } from "./note.ts";
import { HASH_SIZE } from "./tree.ts";

/**
 * Signs for what transactions write, each as its last act: what the log has recorded of it is bound to the actor, the
 * request and this process's key, in an intent that becomes a record of the log itself. Two round trips, and only where
 * something was recorded.
 *
 * @param load the key; asked for once, when first needed
 */
export function createAttest(load: () => Promise<Signer>): Attest {
  let loading: Promise<Signer> | undefined;
  return async (client, actor) => {
    const groups = await transactionGroups(client);
    if (groups.length === 0) return;
    loading ??= load().catch((error: unknown) => {
      // A key that is put right is found by the next one.
      loading = undefined;
      throw error;
    });
    const note = await signIntent(intentOf(actor, groups), await loading);
    await client.query({
      name: "blindagem attest",
      text: "select blindagem_audit.attest($1)",
      values: [note],
    });
  };
}

const group = z.object({
  transaction_id: z.string(),
  leaf_hashes: z.instanceof(Buffer),
  actions: z.array(z.string()),
});
type Group = z.infer<typeof group>;

async function transactionGroups(client: pg.ClientBase): Promise<Group[]> {
  const { rows } = await client.query({
    name: "blindagem transaction groups",
    text: `select pg_current_xact_id_if_assigned()::text as transaction_id, leaf_hashes, actions
           from blindagem_audit.transaction_groups()`,
  });
  return z.array(group).parse(rows);
}

function intentOf(actor: Actor, groups: readonly Group[]): Intent {
  const signed = groups.map(({ leaf_hashes }) => ({
    records: leaf_hashes.length / HASH_SIZE,
    root: encodeBase64(rootOfLeafHashes(leaf_hashes)),
  }));
  return {
    transaction_id: groups[0]?.transaction_id ?? "",
    actor_id: actor.id,
    actor_role: actor.role,
    reason: actor.reason,
    ...(actor.requestId && { request_id: actor.requestId }),
    ...(actor.jobId && { job_id: actor.jobId }),
    actions: [...new Set(groups.flatMap(({ actions }) => actions))].sort(),
    records: signed.reduce((sum, { records }) => sum + records, 0),
    groups: signed.sort((one, other) => (one.root < other.root ? -1 : 1)),
  };
}
