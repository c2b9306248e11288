import { type Attack, bySuperuser } from "./attack.ts";

const RENAME = "update blindagem.expenses set payee_name = 'Outra'";

/** Changes decisions that were made before, with the rights of their owner and without their triggers. */
function behindDecisions(
  name: string,
  detections: Attack["detections"],
  statement: string,
): Attack {
  return {
    name,
    as: "quem instalou, que se concede o dono",
    detections,
    run: async (stage) => {
      await stage.decide();
      stage.begins();
      await stage.asMigrator(
        `grant ${stage.database.prefix}_owner to current_user`,
        `set role ${stage.database.prefix}_owner`,
        ...(await stage.behind("blindagem.decisions", statement)),
      );
    },
  };
}

/** Changes of the business's tables, in sight of the triggers or behind their backs. */
export const CHANGED_ROWS: Attack[] = [
  {
    name: "alterar o favorecido de uma despesa em SQL",
    as: "quem instalou",
    detections: ["auditor OUT_OF_BAND", "log OUT_OF_BAND"],
    run: (stage) => stage.asMigrator(RENAME),
  },
  {
    name: "inserir uma linha em SQL",
    as: "quem instalou",
    detections: ["log OUT_OF_BAND"],
    run: (stage) =>
      stage.asMigrator("insert into blindagem.people (subject, name) values ('x', 'Xis')"),
  },
  {
    name: "excluir linhas em SQL",
    as: "quem instalou, que se concede o dono",
    detections: ["auditor OUT_OF_BAND", "log OUT_OF_BAND"],
    run: (stage) =>
      stage.asMigrator(
        `grant ${stage.database.prefix}_owner to current_user`,
        `set role ${stage.database.prefix}_owner`,
        "delete from blindagem.members",
      ),
  },
  {
    name: "esvaziar uma tabela em SQL",
    as: "quem instalou, que se concede o dono",
    detections: ["auditor OUT_OF_BAND", "log OUT_OF_BAND"],
    run: (stage) =>
      stage.asMigrator(
        `grant ${stage.database.prefix}_owner to current_user`,
        `set role ${stage.database.prefix}_owner`,
        "truncate blindagem.retentions",
      ),
  },
  bySuperuser({
    name: "alterar uma regra, que vale para todas as administradoras",
    detections: ["auditor OUT_OF_BAND", "log OUT_OF_BAND"],
    run: (stage) =>
      stage.asSuperuser("update blindagem.rules set severity = 'NOTE' where severity = 'BLOCK'"),
  }),
  bySuperuser({
    name: "alterar despesas com session_replication_role = replica",
    detections: ["auditor OUT_OF_BAND", "log OUT_OF_BAND"],
    run: (stage) => stage.asSuperuser("set session_replication_role to replica", RENAME),
  }),
  bySuperuser({
    name: "mudar a chave de uma linha com a guarda das chaves desligada, e religá-la",
    detections: ["log OUT_OF_BAND", "auditor OUT_OF_BAND"],
    run: (stage) =>
      stage.asSuperuser(
        "begin",
        "alter table blindagem.bank_connections disable trigger audit_keys",
        "update blindagem.bank_connections set id = default",
        "alter table blindagem.bank_connections enable always trigger audit_keys",
        "commit",
      ),
  }),
  {
    name: "alterar despesas com os gatilhos desligados, e religá-los",
    as: "quem instalou, que se concede o dono",
    detections: ["comparison ROW_CHANGED"],
    run: async (stage) =>
      stage.asMigrator(
        `grant ${stage.database.prefix}_owner to current_user`,
        `set role ${stage.database.prefix}_owner`,
        ...(await stage.behind("blindagem.expenses", RENAME)),
      ),
  },
  bySuperuser({
    name: "inserir uma linha com os gatilhos desligados, e religá-los",
    detections: ["comparison ROW_UNKNOWN"],
    run: async (stage) =>
      stage.asSuperuser(
        ...(await stage.behind(
          "blindagem.people",
          "insert into blindagem.people (subject, name) values ('x', 'Xis')",
        )),
      ),
  }),
  bySuperuser({
    name: "excluir linhas com os gatilhos desligados, e religá-los",
    detections: ["comparison ROW_MISSING"],
    run: async (stage) =>
      stage.asSuperuser(
        ...(await stage.behind("blindagem.retentions", "delete from blindagem.retentions")),
      ),
  }),
  behindDecisions(
    "reescrever os fatos de decisões, e o hash deles, com os gatilhos desligados, e religá-los",
    ["comparison FACTS_ALTERED"],
    `update blindagem.decisions d set facts = forged.facts, facts_hash = encode(sha256(convert_to(forged.facts, 'UTF8')), 'hex')
     from (select id, replace(facts, '"documentCount":0', '"documentCount":1') as facts from blindagem.decisions) as forged
     where forged.id = d.id`,
  ),
  behindDecisions(
    "dar por apagados (LGPD) os fatos de decisões, com os gatilhos desligados, e religá-los",
    ["comparison FACTS_ALTERED"],
    `update blindagem.decisions set facts = '{"erased":true}'`,
  ),
  behindDecisions(
    "excluir decisões com os gatilhos desligados, e religá-los",
    ["comparison DECISION_MISSING"],
    "delete from blindagem.decisions",
  ),
  {
    name: "inventar a decisão de uma despesa que ninguém decidiu, com os gatilhos desligados, e religá-los",
    as: "quem instalou, que se concede o dono",
    detections: ["comparison FACTS_ALTERED"],
    run: async (stage) =>
      stage.asMigrator(
        `grant ${stage.database.prefix}_owner to current_user`,
        `set role ${stage.database.prefix}_owner`,
        "insert into blindagem_private.rule_sets (hash, rules) values (repeat('d', 64), '[]')",
        ...(await stage.behind(
          "blindagem.decisions",
          // As of before the facts were kept as the text that is hashed: without as_of.
          `insert into blindagem.decisions (condominium_id, expense_id, status, reasons, rule_version, thresholds, facts_hash, rule_set, facts)
           select condominium_id, id, 'APPROVED', '[]', '1.0', '{}', encode(sha256('{"a":"b"}'), 'hex'), repeat('d', 64), '{"a":"b"}'
           from blindagem.expenses`,
        )),
      ),
  },
  bySuperuser({
    name: "deixar os gatilhos desligados",
    detections: ["comparison DEFINITIONS"],
    run: (stage) => stage.asSuperuser("alter table blindagem.expenses disable trigger user"),
  }),
  bySuperuser({
    name: "tirar o ALWAYS de um gatilho, alterar sob replica, e devolvê-lo",
    detections: ["comparison ROW_CHANGED"],
    run: (stage) =>
      stage.asSuperuser(
        "begin",
        "alter table blindagem.expenses enable trigger audit_update",
        "set local session_replication_role to replica",
        RENAME,
        "set local session_replication_role to origin",
        "alter table blindagem.expenses enable always trigger audit_update",
        "commit",
      ),
  }),
  {
    name: "reescrever uma coluna (ALTER COLUMN … USING)",
    as: "quem instalou",
    detections: ["comparison ROW_CHANGED"],
    run: (stage) =>
      stage.asMigrator(
        "alter table blindagem.retentions alter column amount type blindagem.amount using amount + 1",
      ),
  },
  {
    name: "trocar a função de um gatilho por uma que nada grava",
    as: "quem instalou",
    detections: ["comparison DEFINITIONS", "comparison ROW_CHANGED"],
    run: (stage) =>
      stage.asMigrator(
        "create or replace function blindagem_audit.capture_update_expenses() returns trigger language plpgsql as $$ begin return null; end $$",
        RENAME,
      ),
  },
  bySuperuser({
    name: "editar pg_trigger, e inserir",
    detections: ["comparison DEFINITIONS", "comparison ROW_UNKNOWN"],
    run: (stage) =>
      stage.asSuperuser(
        "update pg_trigger set tgenabled = 'D' where tgrelid = 'blindagem.people'::regclass and tgname = 'audit_insert'",
        "insert into blindagem.people (subject, name) values ('x', 'Xis')",
      ),
  }),
  bySuperuser({
    name: "declarar certas as definições trocadas (definitions)",
    detections: ["comparison DEFINITIONS", "log OUT_OF_BAND"],
    run: (stage) =>
      stage.asSuperuser(
        "drop policy salaries on blindagem.expenses",
        `insert into blindagem.definitions (schema_version, server_version, fingerprint, objects, columns, unrecorded)
         select schema_version, server_version, fingerprint, objects - 'blindagem.expenses', columns, unrecorded
         from blindagem.definitions order by id desc limit 1`,
      ),
  }),
];
