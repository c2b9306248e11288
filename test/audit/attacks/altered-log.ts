import { parseCheckpoint } from "../../../src/audit/checkpoint.ts";
import { parseNote, type Signer } from "../../../src/audit/note.ts";
import { idBytes } from "../../../src/audit/verifier-key.ts";
import { cosignNewest } from "../cosigning.ts";
import { listed, newWitness } from "../signing.ts";
import { anotherAmount } from "./another-amount.ts";
import { type Attack, bySuperuser } from "./attack.ts";
import type { Stage } from "./stage.ts";

const LOG = "blindagem_audit.audit_log_immutable";

/** Changes the log behind its guards. */
async function alters(stage: Stage, change: (table: string, record: string) => string) {
  const table = await stage.partition();
  const record = await stage.recordOfExpense();
  await stage.asSuperuser(...(await stage.behind(table, change(table, record))));
}

/** Takes a month's partition out, changes it there, and puts it back. */
async function takesOut(stage: Stage, change: (table: string, record: string) => string) {
  const table = await stage.partition();
  const record = await stage.recordOfExpense();
  const bounds = await stage.one(
    "select pg_get_expr(relpartbound, oid) as value from pg_class where oid = $1::regclass",
    table,
  );
  await stage.asMigrator(
    ...(await stage.behind(
      table,
      `alter table ${LOG} detach partition ${table}`,
      change(table, record),
      `alter table ${LOG} attach partition ${table} ${bounds}`,
    )),
  );
}

const REWRITE = (table: string, record: string) =>
  `update ${table} set entry = ${anotherAmount("entry")} where id = ${record}`;

/** Seals again what the log says now. */
const RESEAL = `update blindagem_audit.sealed_runs run set leaf_hashes = (
  select string_agg(sha256('\\x00'::bytea || convert_to(r.entry, 'UTF8')), '' order by place)
  from unnest(run.record_ids) with ordinality as s (id, place)
  join ${LOG} r on r.id = s.id)`;

/** Changes of the log, of what waits for its seal, and of the seal. */
export const ALTERED_LOG: Attack[] = [
  bySuperuser({
    name: "alterar o texto de um registro, com as guardas desligadas",
    detections: [
      "comparison RECORD_ALTERED",
      "comparison ROW_CHANGED",
      "verification LEAF_MISMATCH",
      "verification UNATTESTED",
    ],
    run: (stage) => alters(stage, REWRITE),
  }),
  bySuperuser({
    name: "alterar a quem um registro pertence, para que outro o veja ou ninguém",
    detections: ["comparison RECORD_ALTERED", "verification UNATTESTED"],
    run: (stage) =>
      alters(
        stage,
        (table, record) => `update ${table} set condominium_id = 999 where id = ${record}`,
      ),
  }),
  bySuperuser({
    name: "esconder um registro entre as intenções (entity_type = intents)",
    detections: ["comparison RECORD_ALTERED", "comparison ROW_UNKNOWN"],
    run: (stage) =>
      alters(
        stage,
        (table, record) => `update ${table} set entity_type = 'intents' where id = ${record}`,
      ),
  }),
  bySuperuser({
    name: "excluir um registro, com as guardas desligadas",
    detections: ["comparison RECORD_MISSING", "comparison ROW_UNKNOWN", "verification UNATTESTED"],
    run: (stage) => alters(stage, (table, record) => `delete from ${table} where id = ${record}`),
  }),
  {
    name: "desligar a partição de um mês, alterar nela um registro, e religá-la",
    as: "quem instalou",
    detections: [
      "comparison RECORD_ALTERED",
      "comparison ROW_CHANGED",
      "verification LEAF_MISMATCH",
      "verification UNATTESTED",
    ],
    run: (stage) => takesOut(stage, REWRITE),
  },
  {
    name: "desligar a partição de um mês, excluir dela um registro, e religá-la",
    as: "quem instalou",
    detections: ["comparison RECORD_MISSING", "comparison ROW_UNKNOWN", "verification UNATTESTED"],
    run: (stage) => takesOut(stage, (table, record) => `delete from ${table} where id = ${record}`),
  },
  {
    name: "alterar uma despesa e excluir o que espera o selo, na mesma transação",
    as: "quem instalou",
    detections: ["auditor OUT_OF_BAND", "comparison RECORD_UNSEALED", "log OUT_OF_BAND"],
    run: (stage) =>
      stage.asMigrator(
        "begin",
        "update blindagem.expenses set payee_name = 'Outra'",
        "delete from blindagem_audit.pending_records where transaction_id = pg_current_xact_id()",
        "commit",
      ),
  },
  bySuperuser({
    name: "excluir as últimas folhas seladas",
    detections: ["comparison RECORD_UNSEALED", "comparison TREE", "sealing ROLLBACK"],
    run: async (stage) => {
      await stage.asSuperuser(
        ...(await stage.behind(
          "blindagem_audit.sealed_runs",
          "delete from blindagem_audit.sealed_runs where first_index = (select max(first_index) from blindagem_audit.sealed_runs)",
        )),
      );
      // What comes next finds no place to go on from.
      await stage.submit("3");
    },
  }),
  bySuperuser({
    name: "alterar um registro e a folha dele",
    detections: [
      "comparison ROW_CHANGED",
      "comparison TREE",
      "verification LEAF_MISMATCH",
      "verification UNATTESTED",
    ],
    run: async (stage) => {
      const [table, record] = [await stage.partition(), await stage.recordOfExpense()];
      await stage.asSuperuser(
        ...(await stage.behind(table, REWRITE(table, record))),
        ...(await stage.behind("blindagem_audit.sealed_runs", RESEAL)),
      );
    },
  }),
  bySuperuser({
    name: "alterar os blocos da árvore",
    detections: ["comparison TREE", "verification FORK", "verification ROOT_MISMATCH"],
    run: alterTile,
  }),
  bySuperuser({
    name: "alterar os blocos da árvore; a selagem recomeça depois",
    detections: [
      "comparison TREE",
      "sealing FORK",
      "verification FORK",
      "verification ROOT_MISMATCH",
    ],
    run: async (stage) => {
      await alterTile(stage);
      await stage.stopSealing();
      await stage.startSealing();
    },
  }),
  bySuperuser({
    name: "alterar a assinatura de uma testemunha, com as guardas desligadas",
    detections: ["verification FORGED"],
    run: async (stage) => {
      await cosignNewest(stage.database, await witnessOf(stage));
      stage.begins();
      await stage.asSuperuser(
        ...(await stage.behind(
          "blindagem_audit.cosignatures",
          "update blindagem_audit.cosignatures set signature = set_byte(signature, 71, get_byte(signature, 71) # 1)",
        )),
      );
    },
  }),
  {
    name: "pôr uma assinatura falsa em nome de uma testemunha",
    as: "quem tem a senha da API",
    detections: ["verification FORGED"],
    run: async (stage) => putFalse(stage, await witnessOf(stage), 1),
  },
  {
    name: "pôr 64 assinaturas falsas em nome de uma testemunha, antes da verdadeira",
    as: "quem tem a senha da API",
    detections: ["verification FORGED"],
    run: async (stage) => {
      const witness = await witnessOf(stage);
      await putFalse(stage, witness, 64);
      await cosignNewest(stage.database, witness);
    },
  },
];

/** As many false signatures in its name under the newest checkpoint. */
async function putFalse(stage: Stage, { key }: Signer, count: number): Promise<void> {
  const { text } = parseNote(await stage.newestCheckpoint());
  const falseOnes = Array.from({ length: count }, (_, at) =>
    Buffer.concat([Buffer.alloc(8), Buffer.alloc(64, at)]),
  );
  await stage.database
    .pool("authenticator")
    .query("select blindagem_audit.store_cosignatures($1, $2, $3, $4, $5)", [
      text,
      parseCheckpoint(text).size,
      falseOnes.map(() => key.name),
      falseOnes.map(() => idBytes(key)),
      falseOnes,
    ]);
}

/** A witness that readers know. */
async function witnessOf(stage: Stage): Promise<Signer> {
  const witness = await newWitness("conselho.example");
  stage.keys = [...stage.keys, listed("witness", witness)];
  return witness;
}

async function alterTile(stage: Stage): Promise<void> {
  await stage.asSuperuser(
    ...(await stage.behind(
      "blindagem_audit.tiles",
      "update blindagem_audit.tiles set hashes = sha256('x') || substr(hashes, 33) where level = 0 and index = 0",
    )),
  );
}
