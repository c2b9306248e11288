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

const COMPLETENESS = "Manual da Blindagem, extratos completos";

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
  STATEMENT_GAP: {
    severity: "REVIEW",
    source: COMPLETENESS,
    name: "dias sem extrato",
    example: { from: "2026-11-01", to: "2026-11-09" },
    text: (e: Evidence) =>
      `Nenhum extrato cobre de ${day(e.from)} a ${day(e.to)}, e os saldos vizinhos não são conhecidos. Importe o extrato desses dias.`,
  },
  STATEMENT_DIFFERENCE: {
    severity: "REVIEW",
    source: COMPLETENESS,
    name: "saldos de extratos que não se ligam",
    example: { from: "2026-12-01", to: "2026-12-01", expected: "1000.00", found: "950.00" },
    text: (e: Evidence) =>
      `O extrato que segue ${day(e.from)} começa com ${money(e.expected)}, mas o saldo anterior e os movimentos dão ${money(e.found)}. Falta um extrato ou um movimento: importe o período inteiro.`,
  },
  STATEMENT_MOVEMENTS: {
    severity: "REVIEW",
    source: COMPLETENESS,
    name: "movimentos que não somam o saldo",
    example: { from: "2026-11-01", to: "2026-11-30", expected: "1000.00", found: "950.00" },
    text: (e: Evidence) =>
      `De ${day(e.from)} a ${day(e.to)} o extrato termina com ${money(e.expected)}, mas o saldo inicial e os movimentos guardados dão ${money(e.found)}. Veja os movimentos em dúvida e os que só uma das fontes traz.`,
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
