import type { Evidence } from "../reason.ts";
import type { Entry, OwnEntry } from "./entry.ts";
import { count, money, text } from "./portuguese.ts";

const SOURCE = "Manual da Blindagem, conciliação de estornos";
const PIX_SOURCE = "Regulamento do Pix (Resolução BCB 1/2020), devolução";
const PIX_ID = { endToEndId: "E12345678202611051712AbCdEfGhIjK", days: 1 };
const MEMO = { rule: "RETURNED", amount: "1234.56", days: 1, supplier: "FROM_DEBIT" };

/** Money that came back, or went back, and movements that are neither income nor expense. */
export const refundTexts = {
  // What a review asks.
  REFUND_AMBIGUOUS: question({
    name: "mais de um débito possível para o estorno",
    example: {},
    text: () =>
      "Mais de um débito combina com o estorno. Escolha o que ele desfaz; até lá o valor não é receita.",
  }),
  REFUND_EXCEEDS_DEBIT: question({
    name: "estorno maior que o débito",
    example: {},
    text: () =>
      "Os estornos ligados a um débito somam mais do que ele. Confira quais lhe pertencem; até lá o valor não é receita.",
  }),
  REFUND_SUSPECTED: question({
    name: "crédito que parece estorno",
    example: {},
    text: () =>
      "Um crédito sem histórico de estorno repete um pagamento, ou vem de quem o condomínio paga. Diga se é estorno, transferência ou receita.",
  }),
  REFUND_SEVERAL_DEBITS: question({
    name: "vários débitos para o estorno",
    example: { creditIds: ["7f6c…"], amount: "500.00", debits: 2 },
    text: (e) =>
      `Há ${count(e.debits, "débito que combina", "débitos que combinam")} com ${credits(e)} de ${money(e.amount)}. Escolha o que cada estorno desfaz; até lá o valor não é receita.`,
  }),
  REFUND_MORE_THAN_DEBIT: question({
    name: "estornos somam mais que o débito",
    example: { creditIds: ["7f6c…"], amount: "500.00", debits: 1 },
    text: (e) =>
      `O débito que o identificador aponta não comporta ${credits(e)} de ${money(e.amount)}: é menor, ou já foi devolvido. Confira com o banco; até lá o valor não é receita.`,
  }),
  CREDIT_MIRRORS_PAYMENT: question({
    name: "crédito igual a um pagamento anterior",
    example: { creditId: "7f6c…", amount: "500.00", debits: 1 },
    text: (e) =>
      `O crédito de ${money(e.amount)} vem de quem recebeu ${count(e.debits, "débito", "débitos")} do mesmo valor, sem dizer que é estorno. Diga se é estorno ou receita.`,
  }),
  CREDIT_FROM_PAYEE: question({
    name: "crédito de um fornecedor",
    example: { creditId: "7f6c…", amount: "500.00", debits: 3 },
    text: (e) =>
      `O crédito de ${money(e.amount)} vem de uma empresa que o condomínio paga (${count(e.debits, "débito anterior", "débitos anteriores")}), sem dizer que é estorno. Diga se é devolução ou receita.`,
  }),
  CREDIT_CORRECTS_DEBIT: question({
    name: "ajuste do banco igual a um débito anterior",
    example: { creditId: "7f6c…", amount: "500.00", debits: 1 },
    text: (e) =>
      `O banco lançou um ajuste de ${money(e.amount)} a crédito, e ${count(e.debits, "débito anterior tem", "débitos anteriores têm")} o mesmo valor. Diga se é estorno ou receita.`,
  }),
  CREDIT_MIRRORS_OTHER_ACCOUNT: question({
    name: "crédito igual a um débito de outra conta",
    example: { creditId: "7f6c…", amount: "5000.00", debits: 1 },
    text: (e) =>
      `O mesmo valor, ${money(e.amount)}, saiu de outra conta do condomínio no mesmo dia ou na véspera, e nenhum dos lançamentos diz de quem ou para quem. Diga se é transferência entre contas próprias ou receita.`,
  }),
  REFUND_WITHOUT_DEBIT: {
    severity: "NOTE",
    source: SOURCE,
    name: "estorno sem débito conhecido",
    example: { amount: "500.00", rule: "RETURNED", days: 90 },
    text: (e) =>
      `Nenhum débito dos últimos ${count(e.days, "dia", "dias")} corresponde ao estorno de ${money(e.amount)}. O valor fica em suspenso e não é receita: procure o débito em outra conta ou período.`,
  },

  // How a refund was joined with its debit.
  REFUND_BY_ORIGINAL_ID: evidence(PIX_SOURCE, {
    name: "devolução com o identificador do Pix original",
    example: PIX_ID,
    text: (e) =>
      `A devolução traz o identificador do Pix original, ${text(e.endToEndId)}, ${daysBefore(e)}.`,
  }),
  REFUND_BY_SAME_ID: evidence(PIX_SOURCE, {
    name: "devolução com o mesmo identificador",
    example: PIX_ID,
    text: (e) =>
      `O débito e a devolução têm o mesmo identificador de Pix, ${text(e.endToEndId)}; o débito é ${daysBefore(e)}.`,
  }),
  REFUND_BY_CHECK_NUMBER: evidence(SOURCE, {
    name: "mesmo número de documento bancário",
    example: { checkNumber: "123456", days: 1 },
    text: (e) =>
      `O débito e o estorno têm o mesmo número de documento bancário, ${text(e.checkNumber)}; o débito é ${daysBefore(e)}.`,
  }),
  REFUND_BY_MEMO: evidence(SOURCE, {
    name: "histórico de estorno, valor igual",
    example: MEMO,
    text: (e) =>
      `O histórico fala de estorno e o valor, ${money(e.amount)}, é o do débito ${daysBefore(e)}; ${supplier(e)}.`,
  }),
  REFUND_IN_PART: evidence(PIX_SOURCE, {
    name: "devolução em parte",
    example: { ...MEMO, debit: "2000.00" },
    text: (e) =>
      `Foram devolvidos ${money(e.amount)} dos ${money(e.debit)} do débito ${daysBefore(e)}; ${supplier(e)}.`,
  }),
  REFUND_OF_BATCH_ITEM: evidence(SOURCE, {
    name: "devolução de uma conta paga em lote",
    example: { amount: "300.00", debit: "2000.00", days: 1 },
    text: (e) =>
      `Voltaram ${money(e.amount)}, valor de uma das contas pagas pelo débito de ${money(e.debit)} ${daysBefore(e)}.`,
  }),
  REFUND_FIRST_IN_FIRST_OUT: evidence(SOURCE, {
    name: "primeiro débito, primeiro estorno",
    example: { identical: 6 },
    text: (e) =>
      `Há ${count(e.identical, "débito igual", "débitos iguais")}: o primeiro estorno desfaz o primeiro débito.`,
  }),

  // Neither income nor expense.
  INCOME_REVERSED: evidence(SOURCE, {
    name: "devolução de receita",
    example: { amount: "350.00", rule: "RECEIVED_PIX_RETURNED" },
    text: (e) =>
      `O débito de ${money(e.amount)} devolve dinheiro que tinha entrado. Não é despesa: a receita diminui.`,
  }),
  MOVEMENT_SWEEP: evidence(SOURCE, {
    name: "aplicação ou resgate automático",
    example: { rule: "SWEEP_IN" },
    text: () => "Aplicação ou resgate automático: não é receita nem despesa.",
  }),
  MOVEMENT_OWN_TRANSFER: evidence(SOURCE, {
    name: "transferência entre contas próprias",
    example: { sameId: true },
    text: () => "Transferência entre contas do próprio condomínio: não é receita nem despesa.",
  }),
} satisfies Record<string, OwnEntry>;

function daysBefore({ days }: Evidence): string {
  return days === 0 ? "do mesmo dia" : `de ${count(days, "dia", "dias")} antes`;
}

/** The refunds of a question: its amount is the sum of all. */
function credits({ creditIds }: Evidence): string {
  const several = Array.isArray(creditIds) && creditIds.length > 1;
  return several ? `os ${creditIds.length} estornos, num total` : "o estorno";
}

/** How the supplier is known. */
function supplier({ supplier: how }: Evidence): string {
  if (how === "SAME_DOCUMENT") return "o CPF ou CNPJ é o mesmo";
  if (how === "SAME_NAME") return "o nome é o mesmo";
  return "o fornecedor é o do débito, pois o histórico não o nomeia";
}

function question(entry: Entry): OwnEntry {
  return { ...entry, severity: "REVIEW", source: SOURCE };
}

function evidence(source: string, entry: Entry): OwnEntry {
  return { ...entry, severity: "NOTE", source };
}
