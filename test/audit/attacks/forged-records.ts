import { loadSigner } from "../../../src/audit/keys.ts";
import { MIGRATION } from "../../../src/database/migration-step.ts";
import { listed, newSigner } from "../signing.ts";
import { INTENT_KEY } from "../test-keys.ts";
import { anotherAmount } from "./another-amount.ts";
import { type Attack, bySuperuser } from "./attack.ts";
import { type Stage, WORKER } from "./stage.ts";

const DECIDE = "update blindagem.expenses set status = 'APPROVED'";
const ACTS_AS_ANA = [
  "set blindagem.actor_id to 'person:1'",
  "set blindagem.role to 'admin'",
  "set blindagem.reason to 'Conferido'",
];

/** The intent that the platform signed for its newest transaction. */
const lastIntent = (stage: Stage) =>
  stage.one(
    `select entry::json->>'note' as value from blindagem_audit.audit_log_immutable
     where entity_type = 'intents' order by id desc limit 1`,
  );

/**
 * What writes a record and its place among those that wait, with the text that `entry` makes of the last one of that kind
 * (r.entry). By way of a trigger of the attacker's own, since the log takes records from triggers alone.
 */
const forging = (entry: string, entityType = "expenses"): string[] => [
  "create temp table trick (once int)",
  `create function pg_temp.trick() returns trigger language plpgsql as $$
     declare
       record blindagem_audit.audit_log_immutable;
     begin
       select * into record from blindagem_audit.audit_log_immutable r where r.entity_type = '${entityType}' order by id desc limit 1;
       record.entry := (select ${entry} from (select record.entry, record.id) as r);
       record.id := nextval('blindagem_audit.record_id');
       record.entry := regexp_replace(record.entry, '"id":"[0-9]+"', '"id":"' || record.id || '"');
       record.entry := regexp_replace(record.entry, '"transaction_id":"[0-9]+"', '"transaction_id":"' || pg_current_xact_id() || '"');
       insert into blindagem_audit.audit_log_immutable select record.*;
       insert into blindagem_audit.pending_records (first_record_id, record_ids, recorded_at)
       values (record.id, array[record.id], record.recorded_at);
       return null;
     end
   $$`,
  "create trigger trick after insert on trick execute function pg_temp.trick()",
  "insert into trick values (1)",
];

/** What says that somebody acted who did not. */
export const FORGED_RECORDS: Attack[] = [
  {
    name: "decidir despesas em SQL com a senha dos workers, dizendo-se outra pessoa",
    as: "quem tem a senha dos workers",
    detections: ["sealing UNATTESTED", "verification UNATTESTED"],
    run: async (stage) => {
      const client = await stage.database.pool("worker").connect();
      try {
        for (const statement of [...ACTS_AS_ANA, DECIDE]) await client.query(statement);
      } finally {
        client.release(true);
      }
    },
  },
  {
    name: "enviar despesas em SQL com a senha da API, dizendo-se outra pessoa",
    as: "quem tem a senha da API",
    detections: ["sealing UNATTESTED", "verification UNATTESTED"],
    run: async (stage) => {
      const { role, settings } = stage.admin;
      await stage.database.asRequest(role, { ...settings, reason: "Envio" }, (client) =>
        client.query("select blindagem.set_setting('split_window_days', 40, 'Política')"),
      );
    },
  },
  {
    name: "alterar uma regra em SQL, dizendo-se `blindagem migrate`",
    as: "quem instalou",
    detections: ["sealing UNATTESTED", "verification UNATTESTED"],
    run: (stage) =>
      stage.asMigrator(
        "set application_name to 'blindagem migrate'",
        ...Object.entries({
          actor_id: MIGRATION.id,
          role: MIGRATION.role,
          reason: MIGRATION.reason,
        }).map(([name, value]) => `set blindagem.${name} to '${value}'`),
        "update blindagem.rules set severity = 'REVIEW' where code = (select min(code) from blindagem.rules)",
      ),
  },
  {
    name: "trocar, por um gatilho escondido, quem age numa transação verdadeira",
    as: "quem instalou",
    detections: ["comparison DEFINITIONS", "sealing UNATTESTED", "verification UNATTESTED"],
    run: async (stage) => {
      await stage.asMigrator(
        `create function public.hidden() returns trigger language plpgsql as $$
           begin
             perform set_config('blindagem.actor_id', 'person:999', true);
             return new;
           end
         $$`,
        "create trigger hidden before update on blindagem.bank_connections for each row execute function public.hidden()",
      );
      await stage.asWorker("update blindagem.bank_connections set state_cause = 'x'");
    },
  },
  {
    name: "assinar com uma chave que não é da lista",
    as: "quem tem a senha dos workers",
    detections: ["sealing UNATTESTED", "verification UNATTESTED", "verification UNSIGNED"],
    run: async (stage) =>
      stage.asWorker(DECIDE, stage.attest(await newSigner("teste/blindagem/intent"))),
  },
  {
    name: "copiar uma intenção verdadeira para outra mudança (replay)",
    as: "quem tem a senha dos workers",
    detections: ["sealing UNATTESTED", "verification INTENT_MISMATCH", "verification UNATTESTED"],
    run: async (stage) => {
      const note = await lastIntent(stage);
      await stage.asWorker(DECIDE, async (client) => {
        await client.query("select blindagem_audit.attest($1)", [note]);
      });
    },
  },
  {
    name: "gravar mais depois da intenção, na mesma transação",
    as: "quem tem a senha dos workers",
    detections: ["sealing UNATTESTED", "verification UNATTESTED"],
    run: async (stage) => {
      const sign = stage.attest();
      await stage.asWorker(
        "update blindagem.bank_connections set state_cause = 'x'",
        async (client) => {
          await sign(client, WORKER);
          await client.query(DECIDE);
        },
      );
    },
  },
  {
    name: "assinar com a chave da API roubada, depois da troca",
    as: "quem tem a senha dos workers e a chave antiga",
    detections: ["sealing UNATTESTED", "verification KEY_OUT_OF_RANGE", "verification UNATTESTED"],
    run: async (stage) => {
      await stage.stopSealing();
      const old = await loadSigner({ text: INTENT_KEY });
      const size = await stage.treeSize();
      const next = await newSigner(old.key.name);
      stage.keys = [
        ...stage.keys.filter(({ role }) => role !== "intent"),
        listed("intent", old, { until: size }),
        listed("intent", next, { from: size }),
      ];
      await stage.startSealing();
      stage.begins();
      await stage.asWorker(DECIDE, stage.attest(old));
    },
  },
  bySuperuser({
    name: "forjar um registro e o lugar dele entre os que esperam",
    detections: [
      "comparison ROW_CHANGED",
      "sealing UNATTESTED",
      "verification BROKEN_CHAIN",
      "verification UNATTESTED",
    ],
    run: (stage) => stage.asSuperuser(...forging(anotherAmount("r.entry"))),
  }),
  bySuperuser({
    name: "forjar um registro escrito de outra forma (um espaço a mais)",
    detections: [
      "comparison ROW_CHANGED",
      "sealing UNATTESTED",
      "verification BROKEN_CHAIN",
      "verification UNATTESTED",
    ],
    run: (stage) => stage.asSuperuser(...forging(`'{ ' || substr(${anotherAmount("r.entry")}, 2)`)),
  }),
  bySuperuser({
    name: "forjar um registro no formato de antes das intenções",
    detections: [
      "comparison ROW_CHANGED",
      "sealing UNATTESTED",
      "verification BROKEN_CHAIN",
      "verification OLD_FORMAT",
    ],
    run: (stage) =>
      stage.asSuperuser(
        ...forging(anotherAmount("regexp_replace(r.entry, 'record-[0-9]+', 'record-3')")),
      ),
  }),
  bySuperuser({
    name: "forjar registro e linha que combinam",
    detections: ["sealing UNATTESTED", "verification UNATTESTED"],
    run: async (stage) => {
      // A change of the platform's is the pattern: the same again, of another value.
      await stage.asWorker("update blindagem.bank_connections set state_cause = 'um'");
      await stage.sealed();
      stage.begins();
      await stage.asSuperuser(
        "begin",
        ...forging(
          `replace(replace(r.entry, '"state_cause":"um"', '"state_cause":"dois"'), '"state_cause":null', '"state_cause":"um"')`,
          "bank_connections",
        ),
        ...(
          await stage.behind(
            "blindagem.bank_connections",
            "update blindagem.bank_connections set state_cause = 'dois'",
          )
        ).filter((statement) => statement !== "begin"),
      );
    },
  }),
  bySuperuser({
    name: "apagar o que a selagem achou (unattested_records)",
    detections: ["sealing UNATTESTED", "verification UNATTESTED"],
    run: async (stage) => {
      await stage.asWorker(DECIDE, async () => undefined);
      await stage.until(["sealing UNATTESTED"]);
      await stage.asSuperuser(
        ...(await stage.behind(
          "blindagem_audit.unattested_records",
          "delete from blindagem_audit.unattested_records",
        )),
      );
    },
  }),
];
