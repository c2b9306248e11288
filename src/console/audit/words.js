/** What the log calls things, in the words of the people who read it. */

export const ENTITIES = {
  expenses: "Despesa",
  payables: "Parcela a pagar",
  payments: "Pagamento",
  refunds: "Estorno",
  retentions: "Retenção",
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
  organizations: "Administradora",
  members: "Membro da administradora",
  grants: "Concessão de acesso",
  people: "Pessoa",
  settings: "Configuração",
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

const FIELDS = {
  status: "situação",
  status_reasons: "motivos da situação",
  payment_status: "pagamento",
  category: "categoria",
  competence: "competência",
  gross_amount: "valor bruto",
  amount: "valor",
  balance: "saldo",
  payee_kind: "tipo de favorecido",
  payee_document: "CPF ou CNPJ do favorecido",
  payee_name: "favorecido",
  payee_pix_key: "chave Pix",
  pix_key: "chave Pix",
  description: "descrição",
  document_kind: "tipo de documento",
  document_number: "número do documento",
  external_id: "número no seu sistema",
  issue_date: "emissão",
  due_date: "vencimento",
  decided_at: "decidida em",
  submitted_at: "enviada em",
  submitted_by: "enviada por (pessoa)",
  submitted_through: "enviada por (chave de API)",
  fact_deadline: "prazo dos fatos",
  facts_hash: "hash dos fatos",
  content_hash: "hash do conteúdo",
  row_count: "linhas",
  refused_rows: "linhas recusadas",
  idempotency_key: "chave de idempotência",
  second_approval: "segunda aprovação",
  retention: "retenção",
  position: "posição",
  uploaded_at: "recebido em",
  uploaded_by: "recebido de (pessoa)",
  counts: "quantas linhas de cada tabela",
  kept: "o que fica, e por quê",
  targets: "linhas",
  record_ids: "registros",
  documents: "documentos",
  requested_at: "pedido em",
  requested_by: "pedido por (pessoa)",
  person_id: "pessoa",
  grant_id: "concessão",
  accessed_at: "consultado em",
  request_id: "pedido",
  operation: "operação",
  document: "texto da consulta",
  variables: "valores da consulta",
  entity_ids: "números consultados",
  ip: "endereço",
  code: "código",
  city: "cidade",
  state: "UF ou estado",
  starts_on: "desde",
  ends_on: "até",
  condominium_id: "condomínio",
  organization_id: "administradora",
  expense_id: "despesa",
  payable_id: "parcela",
  batch_id: "lote",
  transaction_id: "movimento",
  debit_id: "débito",
  credit_id: "crédito",
  account_id: "conta",
  id: "número",
  name: "nome",
  email: "e-mail",
  file_name: "nome do arquivo",
  sha256: "SHA-256 do documento",
  reason: "motivo",
  reasons: "motivos",
  outcome: "decisão",
  resolved_by: "decidida por (pessoa)",
  resolved_at: "decidida em",
  resolution_reason: "motivo da decisão",
  subject: "de que se trata",
  kind: "tipo",
  role: "papel",
  value: "valor",
  valid_from: "vale desde",
  valid_to: "vale até",
  posted_on: "lançado em",
  posted_at: "lançado em",
  counterparty_name: "outra parte",
  counterparty_document: "CPF ou CNPJ da outra parte",
  month: "mês",
  revision: "revisão",
  tree_size: "folhas do registro",
  root: "raiz do registro",
  closed_at: "fechado em",
  closed_by: "fechado por (pessoa)",
  sensitivity: "sigilo",
  confidence: "confiança",
  verdict: "conclusão",
};

const VALUES = {
  PENDING: "pendente",
  APPROVED: "aprovada",
  REJECTED: "rejeitada",
  CANCELLED: "cancelada",
  MANUAL_REVIEW: "em revisão",
  AWAITING_SECOND_APPROVAL: "espera a segunda aprovação",
  UNPAID: "não paga",
  PARTIALLY_PAID: "paga em parte",
  PAID: "paga",
  PARTIALLY_REFUNDED: "estornada em parte",
  REFUNDED: "estornada",
  ORDINARY: "comum",
  SALARY: "salário",
};

const ROLES = {
  admin: "administrador",
  reviewer: "revisor",
  sindico: "síndico",
  auditor: "auditor",
  integrator: "integração",
  operator: "operador",
  worker: "processo da plataforma",
  migrator: "instalação ou atualização",
};

const money = new Intl.NumberFormat("pt-BR", { style: "currency", currency: "BRL" });
const instant = new Intl.DateTimeFormat("pt-BR", {
  dateStyle: "short",
  timeStyle: "medium",
  timeZone: "America/Sao_Paulo",
});

/** "2026-11-05T15:00:00Z" as in Brasília. */
export const timeText = (text) => instant.format(new Date(text));

export const dayText = (text) => text.slice(0, 10).split("-").reverse().join("/");

export const monthText = (text) => text.slice(0, 7).split("-").reverse().join("/");

export const entityText = (type, id) => `${ENTITIES[type] ?? type} ${id}`;

/** Where a divergence is: a row, a record, the tree, a definition. */
export const placeText = (type, id) =>
  type === "tree" ? PLACES.tree : PLACES[type] ? `${PLACES[type]} ${id}` : entityText(type, id);

export const fieldText = (name) => FIELDS[name] ?? name.replaceAll("_", " ");

const ACTORS = {
  person: "pessoa",
  api_key: "chave de API",
  system: "tarefa",
  command: "comando de",
};

/** "pessoa 7", as the page writes it, as the log has it; what it has already stays. */
export function actorIdOf(text) {
  const typed = text.trim();
  for (const [kind, words] of Object.entries(ACTORS)) {
    if (typed.toLowerCase().startsWith(`${words.toLowerCase()} `)) {
      return `${kind}:${typed.slice(words.length + 1)}`;
    }
  }
  return typed;
}

/** "person:7" in words, with the role. */
export function actorText(actorId, role) {
  if (!actorId) return "ninguém que se saiba";
  const [kind, name = ""] = actorId.split(/:(.*)/s);
  const who = ACTORS[kind] && `${ACTORS[kind]} ${name}`;
  return `${who ?? actorId}${ROLES[role] ? ` (${ROLES[role]})` : ""}`;
}

/** A value of a record as people read it. */
export function valueText(name, value) {
  if (value === null || value === undefined || value === "") return "—";
  if (typeof value === "boolean") return value ? "sim" : "não";
  if (Array.isArray(value) && value.length === 0) return "nenhum";
  if (typeof value === "object") return JSON.stringify(value);
  const text = String(value);
  if (/amount$|balance$/.test(name) && /^-?\d+(?:\.\d+)?$/.test(text)) return money.format(text);
  if (/^\d{4}-\d{2}-\d{2}T/.test(text)) return timeText(text);
  if (name === "competence" || name === "month") return monthText(text);
  if (/^\d{4}-\d{2}-\d{2}$/.test(text)) return dayText(text);
  return VALUES[text] ?? text;
}
