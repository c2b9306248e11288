import type { Evidence } from "../reason.ts";
import type { OwnEntry } from "./entry.ts";
import { count, day, money } from "./portuguese.ts";

/** Why a bank connection no longer brings data, as `freshness` in src/banking calls it. */
const CAUSES: Readonly<Record<string, string>> = {
  LOGIN_ERROR: "o banco recusou o acesso",
  WAITING_USER_INPUT: "o banco pede uma confirmação do titular",
  WAITING_USER_ACTION: "o banco pede uma autorização do titular",
  CONSENT_EXPIRED: "o consentimento venceu",
  ITEM_NOT_FOUND: "a conexão não existe mais no provedor",
};

/** What a bank connection asks of a person. */
export const bankTexts = {
  BANK_CONNECTION_BROKEN: {
    severity: "REVIEW",
    source:
      "Open Finance Brasil (Resolução Conjunta 1/2020), consentimento; docs.pluggy.ai, ciclo de vida de um item",
    name: "conexão bancária interrompida",
    example: { cause: "CONSENT_EXPIRED" },
    text: (evidence: Evidence) =>
      `O extrato deixou de chegar: ${cause(evidence)}. Quem é titular da conta precisa conectá-la de novo; até lá não se sabe o que foi pago.`,
  },
  STATEMENT_ENTRY_AMBIGUOUS: {
    severity: "REVIEW",
    source: "Manual da Blindagem, extratos por arquivo",
    name: "movimento que talvez já seja conhecido",
    example: { day: "2026-11-05", amount: "-500.00", transactionIds: ["71", "72"] },
    text: (e: Evidence) =>
      `O extrato traz, em ${day(e.day)}, um movimento de ${money(e.amount)}; a conta já tem ${count(Array.isArray(e.transactionIds) ? e.transactionIds.length : null, "movimento", "movimentos")} desse dia e valor, e nada diz se é o mesmo. Aprove se for outro movimento; recuse se já estiver registrado.`,
  },
} satisfies Record<string, OwnEntry>;

function cause({ cause }: Evidence): string {
  const known = typeof cause === "string" ? CAUSES[cause] : undefined;
  return known ?? "o provedor não informou a causa";
}
