import { storeCheckpoint } from "../../../src/audit/checkpoint-store.ts";
import type { ListedKey } from "../../../src/audit/key-list.ts";
import { generateKey, loadSigner } from "../../../src/audit/keys.ts";
import { openTree } from "../../../src/audit/log-tree.ts";
import { proveRecord } from "../../../src/audit/prove-record.ts";
import { sealBatch } from "../../../src/audit/seal-batch.ts";
import { createCheckpointSigner } from "../../../src/audit/sign-checkpoint.ts";
import { ED25519 } from "../../../src/audit/verifier-key.ts";
import { roleName } from "../../../src/database/role-names.ts";
import type { Installation } from "../installation.ts";

export interface ProofLatency {
  leaves: number;
  proofs: number;
  medianMs: number;
  p95Ms: number;
}

const PROOFS = 1000;
const STATEMENT = 10_000;

/** How long a proof takes, verified, on a connection that is there, of records anywhere in a log of so many. */
export async function measureProve(
  installation: Installation,
  records: number,
): Promise<ProofLatency> {
  const owner = await installation.connect("migrator");
  await owner.query(
    "insert into blindagem.organizations (name, cnpj) values ('Provas', '11222333000181')",
  );
  for (let made = 0; made < records; made += STATEMENT) {
    await owner.query(
      "insert into blindagem.bank_connections (organization_id, provider_item_id) select 1, (n + $1)::text from generate_series(1, $2::int) as n",
      [made, STATEMENT],
    );
  }
  const { keys, leaves } = await sealAndSign(installation);
  const { rows } = await owner.query<{ id: string }>(
    "select id from blindagem_audit.audit_log_immutable where organization_id = 1 order by random() limit $1",
    [PROOFS],
  );
  const client = await installation.connect("authenticator");
  await client.query("begin isolation level repeatable read read only");
  await client.query(
    "select set_config('role', $1, true), set_config('blindagem.role', 'admin', true), set_config('blindagem.organization_id', '1', true)",
    [roleName(installation.prefix, "admin")],
  );
  const times: number[] = [];
  for (const { id } of rows) {
    const started = performance.now();
    await proveRecord(client, id, keys);
    times.push(performance.now() - started);
  }
  times.sort((one, other) => one - other);
  const at = (share: number) =>
    Math.round((times[Math.floor(times.length * share)] ?? 0) * 100) / 100;
  return { leaves, proofs: times.length, medianMs: at(0.5), p95Ms: at(0.95) };
}

async function sealAndSign(
  installation: Installation,
): Promise<{ keys: readonly ListedKey[]; leaves: number }> {
  const sealer = await installation.connect("sealer");
  const signer = createCheckpointSigner(
    [await loadSigner({ text: generateKey("registro.example", ED25519).text })],
    [],
  );
  let tree = await openTree(sealer);
  for (let sealed = 1; sealed > 0; ) {
    const batch = await sealBatch(sealer, tree, [], 5000);
    ({ sealed, tree } = batch);
  }
  await storeCheckpoint(sealer, {
    size: tree.size,
    root: tree.root(),
    note: await signer.sign(tree),
  });
  return { keys: signer.keys, leaves: tree.size };
}
