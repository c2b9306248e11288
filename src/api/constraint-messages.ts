/** What was done wrong, where the constraint that stopped it says more than its code; by the constraint's name. */
const BY_CONSTRAINT: Readonly<Record<string, string>> = {
  amount_is_a_number: "O valor não é um número.",
  api_keys_name_check: "O nome da chave tem de 1 a 100 caracteres.",
  bank_connections_provider_item_id_key: "Este item da Pluggy já está ligado.",
  cnpj_check:
    "O CNPJ (cnpj) não confere: são 14 letras maiúsculas e dígitos, sem pontuação, com os dígitos verificadores certos.",
  condominiums_cnpj: "Já existe um condomínio com este CNPJ.",
  condominiums_name_check: "O nome do condomínio tem de 2 a 200 caracteres.",
  condominiums_state_check: "A UF tem duas letras maiúsculas.",
  grants_dates: "A concessão não pode terminar antes de começar.",
  managements_code_check: "O código do condomínio tem de 1 a 60 caracteres.",
  managements_code_of_organization: "Este código já é de outro condomínio da administradora.",
  members_organization_id_person_id_role_daterange_excl: "A pessoa já tem este papel.",
  organizations_cnpj_key: "Já existe uma administradora com este CNPJ.",
  organizations_name_check: "O nome da administradora tem de 2 a 200 caracteres.",
  people_email_check: "O e-mail não é um endereço: espera-se nome@dominio.",
  people_name_check: "O nome da pessoa tem de 2 a 200 caracteres.",
  people_subject_check: "O sub do token tem de 1 a 200 caracteres.",
  settings_name_check:
    "Este ajuste não existe. Há: fact_deadline_hours, receipt_date_tolerance_days, split_window_days, payee_account_hold_days, debit_without_expense_days, stale_bank_hours, receipt_least_confidence, receipt_hour_required.",
  settings_value_check: "O valor de um ajuste não é negativo.",
  settings_value_in_range: "O valor de um ajuste vai até 999.999.",
};

/** The message of a constraint that people run into; undefined for all others. Portuguese, without values. */
export function messageOfConstraint(name: string | undefined): string | undefined {
  // Never what an object inherits.
  return name !== undefined && Object.hasOwn(BY_CONSTRAINT, name) ? BY_CONSTRAINT[name] : undefined;
}
