import { isNativeError } from "node:util/types";
import pg from "pg";
import { publicError } from "../api/errors.ts";

/** What was done wrong, where the constraint that stopped it says more than its code; by the constraint's name. */
const BY_CONSTRAINT: Readonly<Record<string, string>> = {
  organizations_cnpj_key: "Já existe uma administradora com este CNPJ.",
  organizations_name_check: "O nome da administradora tem de 2 a 200 caracteres.",
  people_name_check: "O nome da pessoa tem de 2 a 200 caracteres.",
  people_email_check: "O e-mail não é um endereço: espera-se nome@dominio.",
  people_subject_check: "O sub do token tem de 1 a 200 caracteres.",
  condominiums_cnpj: "Já existe um condomínio com este CNPJ.",
  condominiums_name_check: "O nome do condomínio tem de 2 a 200 caracteres.",
  condominiums_state_check: "A UF tem duas letras maiúsculas.",
  managements_code_check: "O código do condomínio tem de 1 a 60 caracteres.",
  managements_code_of_organization: "Este código já é de outro condomínio da administradora.",
  members_organization_id_person_id_role_daterange_excl: "A pessoa já tem este papel.",
  grants_check: "A data --until deve ser posterior a hoje.",
  bank_connections_provider_item_id_key: "Este item da Pluggy já está ligado.",
  settings_name_check:
    "Este ajuste não existe. Há: fact_deadline_hours, receipt_date_tolerance_days, split_window_days, payee_account_hold_days, debit_without_expense_days, stale_bank_hours.",
  api_keys_name_check: "O nome da chave tem de 1 a 100 caracteres.",
};

/** An error as the person at the command line is told it: in Portuguese, without the stored values it may quote. */
export function messageOf(error: unknown): string {
  if (error instanceof pg.DatabaseError) return messageOfDatabase(error);
  if (!isNativeError(error)) return String(error);
  const code = textOf(error, "code");
  const path = textOf(error, "path");
  if (code !== undefined && path !== undefined) {
    return code === "ENOENT"
      ? `${path}: o arquivo não existe.`
      : `${path}: não pode ser lido nem gravado (${code}).`;
  }
  if (code === "EADDRINUSE") {
    return `A porta ${Reflect.get(error, "port")} já está em uso: escolha outra com PORT.`;
  }
  if (publicError(error).code === "BLD14") {
    return `O banco de dados não responde (${code ?? error.message}): confira DATABASE_URL, ou se \`npm start\` está rodando aqui.`;
  }
  return error.message || "A operação falhou.";
}

function messageOfDatabase(error: pg.DatabaseError): string {
  const constraint = error.constraint ?? "";
  if (Object.hasOwn(BY_CONSTRAINT, constraint)) return BY_CONSTRAINT[constraint] ?? "";
  const answer = publicError(error);
  // What nobody foresaw is about the installation (a login refused, a database that is not there): told as it is.
  if (answer.code === "INTERNAL") return `O banco de dados recusou: ${error.message}`;
  return constraint ? `${answer.message} (${constraint})` : answer.message;
}

function textOf(error: Error, name: string): string | undefined {
  const value: unknown = Reflect.get(error, name);
  return typeof value === "string" ? value : undefined;
}
