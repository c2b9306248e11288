/** What the log calls things, in the words of the people who read it. */

export const ENTITIES = {
  expenses: "Despesa",
  payables: "Parcela a pagar",
  payments: "Pagamento",
  refunds: "Estorno",
  retentions: "Retenção",
  reading_corrections: "Correção de leitura",
  expense_documents: "Documento de despesa",
  document_uploads: "Documento recebido",
  expense_batches: "Lote de despesas",
  reviews: "Revisão",
  bank_transactions: "Movimento bancário",
  movement_verdicts: "Conclusão sobre um movimento",
  match_decisions: "Decisão sobre um pagamento",
  bank_accounts: "Conta bancária",
  bank_connections: "Ligação com o banco",
  bank_statements: "Extrato",
  statement_files: "Arquivo de extrato",
  statement_exceptions: "Falha num extrato",
  statement_doubts: "Dúvida num extrato",
  returned_payments: "Pagamento no retorno do banco",
  payee_accounts: "Chave Pix de favorecido",
  closings: "Fechamento de mês",
  condominiums: "Condomínio",
  managements: "Administração de condomínio",
  pool_doubts: "Dúvida na conta pool",
  organizations: "Administradora",
  members: "Membro da administradora",
  grants: "Concessão de acesso",
  people: "Pessoa",
  settings: "Configuração",
  organization_weights: "Peso na fila",
  approval_limits: "Alçada",
  api_keys: "Chave de API",
  rules: "Regra",
  categories: "Categoria",
  auditor_accesses: "Consulta de auditor",
  erasures: "Apagamento (LGPD)",
  log_detachments: "Mês arquivado",
  reader_thresholds: "Limiar do leitor de documentos",
  checkpoint_thinnings: "Checkpoints antigos retirados",
  job_interventions: "Intervenção na fila",
  definitions: "Definições do banco de dados",
};

export const ACTIONS = {
  SUBMIT: "Enviou",
  APPROVE: "Aprovou",
  REJECT: "Rejeitou",
  CANCEL: "Cancelou",
  SEND_TO_REVIEW: "Mandou à revisão",
  REQUEST_SECOND_APPROVAL: "Pediu segunda aprovação",
  MATCH: "Ligou ao pagamento",
  UNDO_MATCH: "Desfez a ligação ao pagamento",
  REFUND: "Ligou ao estorno",
  UNDO_REFUND: "Desfez a ligação ao estorno",
  OPEN_REVIEW: "Abriu revisão",
  RESOLVE_REVIEW: "Decidiu a revisão",
  CLOSE_PERIOD: "Fechou o mês",
  ERASURE: "Apagou dados pessoais",
  OUT_OF_BAND: "Mudou fora da plataforma",
  INSERT: "Incluiu",
  UPDATE: "Alterou",
  DELETE: "Excluiu",
  TRUNCATE: "Esvaziou a tabela",
};

/** What diverges is not always a row. */
const PLACES = {
  records: "Registro",
  tree: "Árvore do registro",
  definitions: "Definição",
};

export const DIVERGENCES = {
  ROW_CHANGED: "A linha não é o que o registro diz",
  ROW_MISSING: "A linha sumiu sem registro",
  ROW_UNKNOWN: "A linha apareceu sem registro",
  FACTS_ALTERED: "Os fatos da decisão não são os que o registro atesta",
  DECISION_MISSING: "A decisão automática sumiu",
  RECORD_ALTERED: "Um registro foi alterado",
  RECORD_MISSING: "Um registro sumiu",
  RECORD_UNSEALED: "Um registro ficou sem selo",
  TREE: "O selo não é o que foi assinado",
  DEFINITIONS: "Definições do banco foram trocadas",
};

/** Why a record that names an actor is not believed, by what sealing found of its intent (src/audit/attestation.ts). */
export const UNATTESTED = {
  NO_INTENT: "Nenhum processo da plataforma assinou isto",
  INVALID_INTENT: "A assinatura que acompanha isto não vale",
  OTHER_RECORDS:
    "O que foi assinado nessa transação é outra coisa: um registro foi alterado, acrescentado ou tirado",
  CONTRADICTED:
    "Quem tem a chave assinou isto, mas a assinatura diz outra coisa: outro autor, papel, pedido, tarefa, ação ou motivo",
};

export const ROLES = {
  admin: "administrador",
  reviewer: "revisor",
  sindico: "síndico",
  auditor: "auditor",
  integrator: "integração",
  operator: "operador",
  worker: "processo da plataforma",
  migrator: "instalação ou atualização",
};

const instant = new Intl.DateTimeFormat("pt-BR", {
  dateStyle: "short",
  timeStyle: "medium",
  timeZone: "America/Sao_Paulo",
});

/** "2026-11-05T15:00:00Z" as in Brasília. */
export const timeText = (text) => instant.format(new Date(text));

export const dayText = (text) => text.slice(0, 10).split("-").reverse().join("/");

export const monthText = (text) => text.slice(0, 7).split("-").reverse().join("/");

/** Tables of which the log has no records, but which it and the comparison speak of. */
const OTHER_TABLES = {
  decisions: "Decisão automática",
  documents: "Documento",
  document_readings: "Leitura de documento",
  document_identifiers: "Identificador de documento",
  companies: "Empresa",
};

export const tableText = (name) => ENTITIES[name] ?? OTHER_TABLES[name] ?? name;

export const entityText = (type, id) => `${tableText(type)} ${id}`;

/** Where a divergence is: a row, a record, the tree, a definition. */
export const placeText = (type, id) =>
  type === "tree" ? PLACES.tree : PLACES[type] ? `${PLACES[type]} ${id}` : entityText(type, id);

const ACTORS = {
  person: "pessoa",
  api_key: "chave de API",
  system: "tarefa",
  command: "comando de",
};

/** What the platform does by itself, and the name of the task that does it. */
export const TASKS = {
  cnpj_lookup: "consultar um CNPJ",
  erase_documents: "apagar documentos",
  housekeeping: "arrumar o banco de dados",
  manage_jobs: "intervir na fila",
  migrate: "instalar ou atualizar",
  ocr_triage: "ler documento",
  pluggy_sync: "buscar no banco",
  prepare_day_five: "preparar o dia 5",
  reconcile: "conciliar",
  reconcile_batch: "conciliar vários condomínios",
  review_deadly_expense: "mandar à revisão o que derruba processos",
  review_divergences: "mandar divergências à revisão",
  review_pool: "mandar à revisão a conta pool",
  review_unexplained_debits: "mandar à revisão débitos sem despesa",
  seal_audit_log: "selar o registro",
  sync_all_banks: "buscar em todos os bancos",
  validate_expenses: "validar despesas",
  validate_overdue: "validar o que passou do prazo",
};

const TASK_NAMES = new Map(
  Object.entries(TASKS).map(([name, words]) => [words.toLowerCase(), name]),
);

/** "pessoa 7", as the page writes it, as the log has it; what it has already stays. */
export function actorIdOf(text) {
  const typed = text.trim();
  for (const [kind, words] of Object.entries(ACTORS)) {
    if (typed.toLowerCase().startsWith(`${words.toLowerCase()} `)) {
      const name = typed.slice(words.length + 1);
      return `${kind}:${(kind === "system" && TASK_NAMES.get(name.toLowerCase())) || name}`;
    }
  }
  return typed;
}

/** "person:7" in words, with the role. */
export function actorText(actorId, role) {
  if (!actorId) return "ninguém que se saiba";
  const [kind, name = ""] = actorId.split(/:(.*)/s);
  const told = kind === "system" ? (TASKS[name] ?? name) : name;
  const who = ACTORS[kind] && `${ACTORS[kind]} ${told}`;
  return `${who ?? actorId}${ROLES[role] ? ` (${ROLES[role]})` : ""}`;
}
