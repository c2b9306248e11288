import type { Rule } from "./rule.ts";
import type { RuleCode } from "./rule-code.ts";

/** The first day of the calendar: for rules of ours that hold whatever the document's date is. */
const ALWAYS = "0001-01-01";

/** Labour that a company cedes to the condominium (Lei 8.212/1991, art. 31, § 4º). */
const CEDED_LABOUR = ["LIMPEZA", "PORTARIA_ZELADORIA", "SEGURANCA_VIGILANCIA"];

const MANUAL = "Manual da Blindagem";
const REGISTRY_LAW = "IN RFB 2.119/2022 (situação cadastral no CNPJ)";
const CNAE = "CNAE 2.3 (IBGE/Concla); Manual da Blindagem, categorias e CNAE";
const ACCOUNTS_LAW = "Código Civil, art. 1.348, VIII (prestação de contas)";
const INSS_LAW = "Lei 8.212/1991, art. 31; IN RFB 2.110/2022";
const CSRF_LAW = "Lei 10.833/2003, arts. 30 e 31";

/** The row of a rule that needs no figure and has no end. */
function plain(
  code: RuleCode,
  severity: Rule["severity"],
  source: string,
  factsNeeded: Rule["factsNeeded"] = [],
): Rule {
  return {
    code,
    version: 1,
    validFrom: ALWAYS,
    validTo: null,
    factsNeeded,
    severity,
    parameters: {},
    source,
  };
}

/**
 * The rows with which the table `rules` begins. Where the law changes a figure, the old row ends and a
 * new one follows; nothing is edited.
 */
export const DEFAULT_RULES: readonly Rule[] = [
  plain("FACT_MISSING", "REVIEW", MANUAL),

  plain("SUPPLIER_NOT_FOUND", "BLOCK", REGISTRY_LAW, ["SUPPLIER"]),
  plain("SUPPLIER_REFUSED_BY_REGISTRY", "REVIEW", "IN RFB 2.229/2024 (CNPJ alfanumérico)", [
    "SUPPLIER",
  ]),
  plain("SUPPLIER_INACTIVE", "BLOCK", REGISTRY_LAW, ["SUPPLIER"]),
  plain("SUPPLIER_OPENED_AFTER_ISSUE", "REVIEW", REGISTRY_LAW, ["SUPPLIER"]),
  plain("PAYEE_WITHOUT_CNPJ", "NOTE", MANUAL),

  plain("CNAE_ACCEPTED", "NOTE", CNAE, ["SUPPLIER"]),
  plain("CNAE_SECONDARY", "NOTE", CNAE, ["SUPPLIER"]),
  plain("CNAE_MISMATCH", "REVIEW", CNAE, ["SUPPLIER"]),
  plain("CNAE_CONDOMINIUM", "REVIEW", CNAE, ["SUPPLIER"]),
  plain("CNAE_NOT_APPLICABLE", "NOTE", CNAE, ["SUPPLIER"]),

  plain("RECEIPT_NEEDS_REVIEW", "REVIEW", ACCOUNTS_LAW, ["RECEIPT"]),
  plain("RECEIPT_SCHEDULED", "REVIEW", ACCOUNTS_LAW, ["RECEIPT"]),
  plain("RECEIPT_AMOUNT_MISMATCH", "REVIEW", ACCOUNTS_LAW, ["RECEIPT"]),
  plain("RECEIPT_AMOUNT_OF_WHOLE_DOCUMENT", "NOTE", MANUAL, ["RECEIPT"]),
  plain("RECEIPT_TAKER_MISMATCH", "REVIEW", ACCOUNTS_LAW, ["RECEIPT"]),
  plain("RECEIPT_PAYEE_MISMATCH", "REVIEW", ACCOUNTS_LAW, ["RECEIPT"]),
  plain("RECEIPT_DATE_MISMATCH", "REVIEW", ACCOUNTS_LAW, ["RECEIPT"]),
  plain("RECEIPT_FIELD_UNREAD", "NOTE", MANUAL, ["RECEIPT"]),

  plain("RETENTION_SUM_MISMATCH", "BLOCK", MANUAL),
  {
    code: "RETENTION_INSS_UNEXPECTED",
    version: 1,
    validFrom: "1999-02-01",
    validTo: null,
    factsNeeded: [],
    severity: "REVIEW",
    parameters: { rateBasisPoints: 1100, categories: CEDED_LABOUR },
    source: INSS_LAW,
  },
  {
    code: "RETENTION_INSS_MISSING",
    version: 1,
    validFrom: "1999-02-01",
    validTo: null,
    factsNeeded: ["SUPPLIER"],
    severity: "REVIEW",
    parameters: { categories: CEDED_LABOUR },
    source: INSS_LAW,
  },
  {
    code: "SIMPLES_CEDED_LABOUR",
    version: 1,
    validFrom: "2007-07-01",
    validTo: null,
    factsNeeded: ["SUPPLIER"],
    severity: "NOTE",
    parameters: { categories: ["LIMPEZA", "PORTARIA_ZELADORIA"] },
    source: "LC 123/2006, arts. 17, XII, e 18, § 5º-H",
  },
  {
    code: "RETENTION_CSRF_UNEXPECTED",
    version: 1,
    validFrom: "2004-02-01",
    validTo: "2026-12-31",
    factsNeeded: [],
    severity: "REVIEW",
    parameters: { rateBasisPoints: 465 },
    source: `${CSRF_LAW} (CSLL 1%, Cofins 3%, PIS 0,65%)`,
  },
  // PIS and Cofins give way to CBS on 2027-01-01 (LC 214/2025). That 1 % of CSLL stays is our reading
  // of a law that has not been regulated yet: unverified, hence a row of its own that can be replaced.
  {
    code: "RETENTION_CSRF_UNEXPECTED",
    version: 2,
    validFrom: "2027-01-01",
    validTo: null,
    factsNeeded: [],
    severity: "REVIEW",
    parameters: { rateBasisPoints: 100 },
    source: `${CSRF_LAW}, sem PIS e Cofins (LC 214/2025; a confirmar)`,
  },

  plain("PAYEE_ACCOUNT_CHANGED", "REVIEW", MANUAL),

  plain("DUPLICATE_DOCUMENT", "BLOCK", MANUAL),
  plain("DUPLICATE_RECEIPT", "BLOCK", MANUAL, ["RECEIPT"]),
  plain("RECEIPT_SHARED", "REVIEW", MANUAL, ["RECEIPT"]),
  plain("DUPLICATE_RECEIPT_ELSEWHERE", "REVIEW", MANUAL, ["RECEIPT"]),
  plain("DUPLICATE_SUSPECTED", "REVIEW", MANUAL),

  plain("SPLIT_BELOW_LIMIT", "REVIEW", "Manual da Blindagem, alçada"),
  plain("APPROVAL_LIMIT", "NOTE", "Manual da Blindagem, alçada"),
  {
    code: "ADMINISTRATION_FEE",
    version: 1,
    validFrom: ALWAYS,
    validTo: null,
    factsNeeded: [],
    severity: "NOTE",
    parameters: { categories: ["ADMINISTRACAO_CONDOMINIAL"] },
    source: "Manual da Blindagem, alçada (parte relacionada)",
  },
];
