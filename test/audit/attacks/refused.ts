import type { Attack } from "./attack.ts";
import { tryEveryPartition, tryEveryTable } from "./every-table.ts";
import type { Attempt, Stage } from "./stage.ts";

const LOG = "blindagem_audit.audit_log_immutable";

/** The four ways to change a table. */
const changesOf = (table: string, assignment: string): string[] => [
  `insert into ${table} overriding system value select * from ${table}`,
  `update ${table} set ${assignment}`,
  `delete from ${table}`,
  `truncate ${table} cascade`,
];
const LOG_CHANGES = changesOf(LOG, "entry = '{}'");
const EXPENSE_CHANGES = changesOf("blindagem.expenses", "payee_name = 'Outra'");

/** What every try is refused with. */
function refusedWith(
  name: string,
  as: Attempt["as"],
  codes: readonly string[],
  run: (stage: Stage) => Promise<void>,
): Attack {
  return {
    name,
    as: as === "migrator" ? "quem instalou" : as === "superuser" ? "superusuário" : `papel ${as}`,
    detections: codes.map((code) => `database ${code}` as const),
    ...(as === "superuser" && { superuser: true }),
    run,
  };
}

function refused(
  name: string,
  as: Attempt["as"],
  statements: readonly string[],
  ...codes: string[]
): Attack {
  return refusedWith(name, as, codes, (stage) =>
    stage.attempt(...statements.map((statement) => ({ as, statement }))),
  );
}

const REQUESTS = [
  "anonymous",
  "admin",
  "reviewer",
  "sindico",
  "auditor",
  "integrator",
  "operator",
] as const;
const OTHERS = ["authenticator", "worker", "sealer", "access_log", "queue", "owner"] as const;

const ON_LOG = "inserir, alterar, excluir, esvaziar (TRUNCATE) o registro";
const ON_PARTITIONS = "inserir, alterar, excluir, esvaziar cada partição do registro";
const ON_EVERY_TABLE =
  "inserir, alterar, excluir, esvaziar cada tabela do negócio, do registro (partição por partição) e do selo";
const ON_SEAL = "alterar folhas, blocos da árvore, checkpoints e divergências";
const SEAL_CHANGES = [
  "update blindagem_audit.sealed_runs set leaf_hashes = ''",
  "delete from blindagem_audit.sealed_runs",
  "delete from blindagem_audit.tiles",
  "update blindagem_audit.checkpoints set note = ''",
  "update blindagem_audit.cosignatures set signature = ''",
  "delete from blindagem_audit.cosignatures",
  "delete from blindagem_audit.unattested_records",
  "delete from blindagem_audit.divergences",
  "truncate blindagem_audit.tiles, blindagem_audit.checkpoints, blindagem_audit.sealed_runs",
];

const ON_KEYS = "mudar as chaves de linhas";
const KEY_CHANGES = [
  "update blindagem.people set id = default",
  "update blindagem.members set organization_id = organization_id + 1",
  "update blindagem.managements set condominium_id = condominium_id + 1",
  "update blindagem.expenses set condominium_id = condominium_id + 1",
];

/** What the two logins write as their work; what they write of the business is told by the log. */
const WORK = {
  worker: [
    ...["movement_verdicts", "payments", "refunds"].map((table) => `delete blindagem.${table}`),
    ...[
      ...["bank_accounts", "bank_statements", "bank_transactions", "companies", "decisions"],
      ...[
        "document_identifiers",
        "document_readings",
        "documents",
        "movement_verdicts",
        "payments",
      ],
      ...["pool_doubts", "refunds", "reviews", "statement_doubts", "statement_exceptions"],
    ].map((table) => `insert blindagem.${table}`),
    ...[
      ...["bank_accounts", "bank_connections", "bank_statements", "bank_transactions", "companies"],
      ...["expenses", "movement_verdicts", "payables", "payments", "pool_doubts", "refunds"],
      ...["reviews", "statement_exceptions"],
    ].map((table) => `update blindagem.${table}`),
  ],
  sealer: [
    ...["pending_records", "split_transactions"].map((table) => `delete blindagem_audit.${table}`),
    ...[
      ...["checkpoints", "divergences", "sealed_runs", "sealer_heartbeat", "split_transactions"],
      ...["tiles", "unattested_records"],
    ].map((table) => `insert blindagem_audit.${table}`),
    ...["divergences", "sealer_heartbeat", "split_transactions", "tiles"].map(
      (table) => `update blindagem_audit.${table}`,
    ),
  ],
};

/** What the database refuses at once: for want of rights (42501), or by a guard (BLD06, BLD08). */
export const REFUSED: Attack[] = [
  ...[...REQUESTS, ...OTHERS].map((role) => refused(ON_LOG, role, LOG_CHANGES, "42501")),
  refused(ON_LOG, "audit_owner", LOG_CHANGES, "BLD06"),
  refused(ON_LOG, "migrator", LOG_CHANGES, "BLD06"),
  refused(ON_LOG, "superuser", LOG_CHANGES, "BLD06"),
  refused(
    `${ON_LOG} com session_replication_role = replica`,
    "superuser",
    LOG_CHANGES.map((statement) => `set session_replication_role to replica; ${statement}`),
    "BLD06",
  ),
  ...(["audit_owner", "migrator", "superuser"] as const).map((role) =>
    refusedWith(ON_PARTITIONS, role, ["BLD06"], (stage) => tryEveryPartition(stage, role)),
  ),
  ...([...REQUESTS, "authenticator", "access_log", "queue"] as const).map((role) =>
    refusedWith(ON_EVERY_TABLE, role, ["42501"], (stage) => tryEveryTable(stage, role, [])),
  ),
  ...(["worker", "sealer"] as const).map((role) =>
    refusedWith(`${ON_EVERY_TABLE}, fora do próprio trabalho`, role, ["42501"], (stage) =>
      tryEveryTable(stage, role, WORK[role]),
    ),
  ),
  refused("excluir, esvaziar despesas", "owner", EXPENSE_CHANGES.slice(2), "BLD06"),
  refused("excluir, esvaziar despesas", "superuser", EXPENSE_CHANGES.slice(2), "BLD06"),
  refused(ON_KEYS, "migrator", KEY_CHANGES, "BLD06"),
  refused(
    `${ON_KEYS} com session_replication_role = replica`,
    "superuser",
    KEY_CHANGES.map((statement) => `set session_replication_role to replica; ${statement}`),
    "BLD06",
  ),
  refused(ON_SEAL, "admin", SEAL_CHANGES, "42501"),
  refused(ON_SEAL, "worker", SEAL_CHANGES, "42501"),
  refused(ON_SEAL, "sealer", SEAL_CHANGES, "42501"),
  refused(ON_SEAL, "audit_owner", SEAL_CHANGES, "BLD06"),
  refused(
    "trocar hashes num bloco da árvore",
    "sealer",
    ["update blindagem_audit.tiles set hashes = sha256('x')"],
    "BLD06",
  ),
  refused(
    "mudar o estado de uma despesa sem dizer quem",
    "worker",
    [
      "set blindagem.actor_id to ''; set blindagem.reason to ''; update blindagem.expenses set status = 'REJECTED'",
    ],
    "BLD08",
  ),
];
