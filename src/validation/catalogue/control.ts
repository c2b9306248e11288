import type { Entry } from "./entry.ts";
import {
  category,
  count,
  day,
  list,
  money,
  rate,
  sameIdentifier,
  text,
  type Value,
} from "./portuguese.ts";

const FACTS: Readonly<Record<string, string>> = {
  SUPPLIER: "a consulta do CNPJ do fornecedor",
  EARLIER_RECEIPT: "a leitura do comprovante de uma despesa anterior igual a esta",
  RECEIPT: "a leitura dos documentos anexados",
};

/** Missing facts, retained taxes, the payee's account, duplicates, limits. */
export const controlTexts = {
  FACT_MISSING: {
    name: "dado não chegou no prazo",
    example: { facts: ["SUPPLIER", "RECEIPT"], deadline: "2026-11-08T12:00:00.000Z" },
    text: (e) =>
      `Até o prazo (${day(e.deadline)}) não chegou: ${facts(e.facts)}. Anexe o que falta ou confira por outro meio e decida.`,
  },
  RETENTION_SUM_MISMATCH: {
    name: "retenções não cabem no valor bruto",
    example: { retained: "1200.00", grossAmount: "1000.00" },
    text: (e) =>
      `As retenções somam ${money(e.retained)} e não cabem no valor bruto de ${money(e.grossAmount)}. Corrija as retenções conforme a nota e envie a despesa de novo.`,
  },
  RETENTION_INSS_UNEXPECTED: {
    name: "retenção de INSS fora da alíquota",
    example: {
      retained: "1000.00",
      expected: "1100.00",
      grossAmount: "10000.00",
      rateBasisPoints: 1100,
    },
    text: (e) =>
      `A retenção de INSS é ${money(e.retained)}; ${rate(e.rateBasisPoints)} de ${money(e.grossAmount)} são ${money(e.expected)}. Confira na nota se há material ou equipamento deduzido da base; se não houver, corrija a retenção.`,
  },
  RETENTION_INSS_MISSING: {
    name: "retenção de INSS ausente",
    example: { category: "LIMPEZA", grossAmount: "10000.00", regimeKnown: true },
    text: (e) =>
      `A despesa de ${category(e.category)}, de ${money(e.grossAmount)}, é de mão de obra cedida e não tem retenção de INSS. ${
        e.regimeKnown === false
          ? "O regime tributário do fornecedor (Simples ou MEI) não é conhecido: confira-o."
          : "O fornecedor não é do Simples nem MEI."
      } Retenha o INSS ou anexe a declaração que o dispensa.`,
  },
  SIMPLES_CEDED_LABOUR: {
    name: "mão de obra cedida por empresa do Simples",
    example: { category: "PORTARIA_ZELADORIA" },
    text: (e) =>
      `O fornecedor é do Simples Nacional e presta ${category(e.category)}. Portaria com mão de obra cedida não cabe no Simples, e limpeza sofre retenção de INSS: peça ao contador que confira.`,
  },
  RETENTION_CSRF_UNEXPECTED: {
    name: "retenção de CSRF fora da alíquota",
    example: {
      retained: "400.00",
      expected: "465.00",
      grossAmount: "10000.00",
      rateBasisPoints: 465,
    },
    text: (e) =>
      `A retenção de CSRF (PIS, Cofins e CSLL) é ${money(e.retained)}; ${rate(e.rateBasisPoints)} de ${money(e.grossAmount)} são ${money(e.expected)}. Confira a retenção na nota e a alíquota da data de emissão.`,
  },
  PAYEE_ACCOUNT_CHANGED: {
    name: "conta do favorecido mudou há pouco",
    example: { changedOn: "2026-10-28", submittedOn: "2026-11-05", days: 30 },
    text: (e) =>
      `A conta ou chave Pix do favorecido neste condomínio mudou em ${day(e.changedOn)}, a ${count(e.days, "dia", "dias")} ou menos do envio da despesa (${day(e.submittedOn)}). Confirme a mudança com o fornecedor por um telefone já conhecido antes de pagar.`,
  },
  DUPLICATE_DOCUMENT: {
    name: "documento já lançado",
    example: {
      externalId: "COND7-0042",
      documentKind: "NFSE",
      documentNumber: "1234",
      instalment: "2/3",
    },
    text: (e) =>
      `O documento ${text(e.documentNumber)} deste favorecido${
        e.instalment === null || e.instalment === undefined
          ? ""
          : `, parcela ${text(e.instalment)},`
      } já está na despesa ${text(e.externalId)} do mesmo condomínio. Se for outro documento, corrija o número; se for outra parcela, informe-a.`,
  },
  DUPLICATE_SUSPECTED: {
    name: "mesmo favorecido, valor e mês",
    example: { externalId: "COND7-0042", grossAmount: "850.00", competence: "2026-11" },
    text: (e) =>
      `A despesa ${text(e.externalId)} do mesmo condomínio tem o mesmo favorecido, o mesmo valor (${money(e.grossAmount)}) e a mesma competência (${text(e.competence)}). Confira se são dois serviços; se for o mesmo, recuse esta.`,
  },
  DUPLICATE_RECEIPT: {
    name: "documento anexado já usado",
    example: { externalId: "COND7-0042", identifier: "PIX_END_TO_END" },
    text: (e) =>
      `O documento anexado tem ${sameIdentifier(e.identifier)} da despesa ${text(e.externalId)}. Anexe o documento desta despesa, ou cancele a que está repetida.`,
  },
  RECEIPT_SHARED: {
    name: "nota em despesas de vários condomínios",
    example: { externalId: "COND8-0013", identifier: "DFE_KEY" },
    text: (e) =>
      `O documento anexado tem ${sameIdentifier(e.identifier)} da despesa ${text(e.externalId)}, de outro condomínio. Se a nota é rateada entre condomínios, confira a parte deste; se não é, anexe o documento desta despesa.`,
  },
  DUPLICATE_RECEIPT_ELSEWHERE: {
    name: "documento anexado usado por outra administradora",
    example: { identifier: "PIX_END_TO_END" },
    text: (e) =>
      `O documento anexado tem ${sameIdentifier(e.identifier)} de uma despesa de outra administradora, cujos dados não podem ser mostrados. Confira com o fornecedor se o documento é mesmo deste condomínio.`,
  },
  SPLIT_BELOW_LIMIT: {
    name: "despesas divididas abaixo da alçada",
    example: {
      amount: "4000.00",
      others: 2,
      sum: "12000.00",
      limit: "10000.00",
      days: 30,
    },
    text: (e) =>
      `Com ${count(e.others, "outra despesa", "outras despesas")} do mesmo favorecido em ${count(e.days, "dia", "dias")}, a soma é ${money(e.sum)} e passa da alçada de ${money(e.limit)}, embora cada uma fique abaixo. Confira se é uma só compra dividida.`,
  },
  APPROVAL_LIMIT: {
    name: "valor acima da alçada",
    example: { amount: "15000.00", limit: "10000.00", requires: "CONDOMINIUM" },
    text: (e) =>
      `O valor de ${money(e.amount)} passa da alçada de ${money(e.limit)}: falta a aprovação ${approver(e.requires)}.`,
  },
  ADMINISTRATION_FEE: {
    name: "despesa da própria administradora",
    example: {
      amount: "2500.00",
      category: "ADMINISTRACAO_CONDOMINIAL",
      requires: "CONDOMINIUM",
    },
    text: (e) =>
      `A despesa de ${category(e.category)}, de ${money(e.amount)}, é paga à própria administradora: falta a aprovação ${approver(e.requires)}.`,
  },
} satisfies Record<string, Entry>;

function facts(value: Value): string {
  return Array.isArray(value) ? list(value.map((fact) => FACTS[fact] ?? fact)) : text(value);
}

function approver(value: Value): string {
  return value === "CONDOMINIUM"
    ? "de alguém do condomínio (síndico ou conselho)"
    : "de uma segunda pessoa, que não seja quem enviou";
}
