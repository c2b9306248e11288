import type { Evidence } from "../reason.ts";
import type { Entry, OwnEntry } from "./entry.ts";
import { count, day, money, percent, text } from "./portuguese.ts";

const SOURCE = "Manual da Blindagem, conciliação de pagamentos";
const PIX_ID = { endToEndId: "E12345678202611051712AbCdEfGhIjK" };
/** By what an item of a return is known to be of the expense. */
const RETURN_JOINS: Readonly<Record<string, string>> = {
  OWN_NUMBER: "com o número da despesa",
  BARCODE: "com o código de barras do boleto",
  PAYEE: "ao único favorecido com conta desse valor",
};

/** Why a debit is, is not, or may be the payment of a payable. */
export const paymentTexts = {
  // What a review asks.
  PAYMENT_AMBIGUOUS: question({
    name: "mais de um pagamento possível",
    example: {},
    text: () =>
      "Mais de um débito e mais de uma conta a pagar combinam igualmente bem. Escolha os pares certos.",
  }),
  PAYMENT_UNCONFIRMED: question({
    name: "pagamento provável, mas não confirmado",
    example: {},
    text: () =>
      "Um débito tem o valor da conta a pagar, mas falta prova de que é dela. Confirme o par ou recuse-o.",
  }),
  PAYMENT_AMOUNT_DIFFERS: question({
    name: "pagamento com outro valor",
    example: {},
    text: () =>
      "O extrato parece mostrar este pagamento, mas o valor não é o da conta a pagar. Corrija o valor da despesa ou explique a diferença (multa, juros, desconto).",
  }),
  PAYMENT_SEVERAL_CANDIDATES: question({
    name: "vários débitos e contas com o mesmo valor",
    example: { payables: 2, debits: 3, amount: "500.00" },
    text: (e) =>
      `Há ${count(e.debits, "débito", "débitos")} de ${money(e.amount)} e ${count(e.payables, "conta a pagar", "contas a pagar")} que combinam igualmente bem. Escolha os pares certos; o comprovante com o identificador do Pix resolve a dúvida.`,
  }),
  PAYMENT_THIN_EVIDENCE: question({
    name: "pouca prova do pagamento",
    example: { payables: 1, debits: 1, score: 2.5 },
    text: (e) =>
      `O valor combina (${count(e.debits, "débito", "débitos")}, ${count(e.payables, "conta a pagar", "contas a pagar")}), mas nem favorecido nem data bastam para ligar um ao outro. Confirme ou recuse o par, ou anexe o comprovante.`,
  }),
  PAYMENT_ID_AMOUNT_DIFFERS: question({
    name: "mesmo Pix, valor diferente",
    example: { ...PIX_ID, debit: "1050.00" },
    text: (e) =>
      `O Pix ${text(e.endToEndId)} do comprovante está no extrato com ${money(e.debit)}, valor que nenhuma conta a pagar desta despesa tem. Corrija a despesa ou explique a diferença (multa, juros, desconto).`,
  }),
  PAYMENT_NEAR_AMOUNT: question({
    name: "mesmo favorecido, valor próximo",
    example: { owed: "1000.00", paid: "1017.40" },
    text: (e) =>
      `Um débito de ${money(e.paid)} foi ao favorecido perto do vencimento da conta de ${money(e.owed)}, e nenhuma taxa usual de multa, juros ou desconto dá a diferença. Confirme o par ou recuse-o.`,
  }),
  DEBIT_WITHOUT_EXPENSE: question({
    name: "débito sem despesa",
    example: { transactionIds: ["71"], amount: "350.00", day: "2026-11-05" },
    text: (e) =>
      `O débito de ${money(e.amount)}, de ${day(e.day)}, segue sem despesa, estorno ou transferência que o explique. Lance a despesa, ligue-o a uma que já existe, ou aprove com o motivo se ele não for despesa.`,
  }),
  PAYMENT_REFUSED_IN_RETURN: question({
    name: "pagamento recusado pelo banco, com débito no extrato",
    example: { occurrences: ["AG"], amount: "700.00", day: "2026-11-05" },
    text: (e) =>
      `O retorno do banco diz que o pagamento de ${money(e.amount)}, de ${day(e.day)}, não foi feito (ocorrência ${text(e.occurrences)}), mas o extrato tem um débito desse valor. Confirme o par se o débito pagou a conta; recuse-o se é de outra coisa.`,
  }),

  // What speaks for it, and against it.
  PAYMENT_AMOUNT: evidence({
    name: "mesmo valor",
    example: { amount: "1234.56", round: false },
    text: (e) =>
      e.round === true
        ? `O valor é o mesmo, ${money(e.amount)}; por ser redondo, prova pouco.`
        : `O valor é o mesmo, ${money(e.amount)}.`,
  }),
  PAYMENT_END_TO_END_ID: evidence({
    name: "mesmo identificador de Pix",
    example: PIX_ID,
    text: (e) =>
      `O extrato e o comprovante têm o mesmo identificador de Pix, ${text(e.endToEndId)}.`,
  }),
  PAYMENT_DIGITABLE_LINE: evidence({
    name: "mesma linha digitável",
    example: { digitableLine: "00190000090281937250000017350172414670000100000" },
    text: (e) => `O boleto pago tem a linha digitável da despesa, ${text(e.digitableLine)}.`,
  }),
  PAYMENT_SAME_DOCUMENT: evidence({
    name: "mesmo CPF ou CNPJ",
    example: {},
    text: () => "Quem recebeu tem o CPF ou CNPJ do favorecido.",
  }),
  PAYMENT_SAME_COMPANY: evidence({
    name: "outro estabelecimento da mesma empresa",
    example: {},
    text: () => "Quem recebeu é outro estabelecimento da empresa favorecida.",
  }),
  PAYMENT_OTHER_DOCUMENT: evidence({
    name: "outro CPF ou CNPJ",
    example: {},
    text: () => "Quem recebeu tem outro CPF ou CNPJ que o favorecido.",
  }),
  PAYMENT_NAME: evidence({
    name: "nome parecido",
    example: { similarity: 0.82 },
    text: (e) =>
      `O nome de quem recebeu é parecido com o do favorecido (${percent(e.similarity)} de semelhança).`,
  }),
  PAYMENT_NAME_UNKNOWN: evidence({
    name: "nome desconhecido",
    example: {},
    text: () => "O extrato não diz quem recebeu.",
  }),
  PAYMENT_OTHER_NAME: evidence({
    name: "outro nome",
    example: { similarity: 0.12 },
    text: (e) =>
      `O nome de quem recebeu é outro que o do favorecido (${percent(e.similarity)} de semelhança).`,
  }),
  PAYMENT_BILL_KIND: evidence({
    name: "conta do mesmo tipo",
    example: {},
    text: () => "O histórico diz que é uma conta do tipo desta despesa.",
  }),
  PAYMENT_DATE: evidence({ name: "distância do vencimento", example: { days: -2 }, text: dueDate }),
  PAYMENT_ID_OF_OTHER_EXPENSE: evidence({
    name: "Pix de outra despesa",
    example: PIX_ID,
    text: (e) =>
      `O identificador do Pix, ${text(e.endToEndId)}, está no comprovante de outra despesa.`,
  }),
  PAYMENT_OTHER_ID_ON_RECEIPT: evidence({
    name: "comprovante de outro Pix",
    example: PIX_ID,
    text: (e) =>
      `O comprovante da despesa é de outro Pix que não o ${text(e.endToEndId)} do extrato.`,
  }),
  PAYMENT_DUE_DATE_ORDER: evidence({
    name: "na ordem dos vencimentos",
    example: { dueDate: "2026-11-10" },
    text: (e) =>
      `Entre contas iguais do mesmo favorecido, a mais antiga foi paga primeiro: esta vence em ${day(e.dueDate)}.`,
  }),
  PAYMENT_LESS_CREDIT_NOTE: evidence({
    name: "pago com desconto da nota de crédito",
    example: { creditNote: "-100.00" },
    text: (e) =>
      `O débito é o valor da conta menos a nota de crédito de ${money(text(e.creditNote).replace(/^-/, ""))}.`,
  }),
  PAYMENT_IN_BATCH: evidence({
    name: "várias contas em um débito",
    example: { amount: "1234.56", debit: "5000.00", payables: 3 },
    text: (e) =>
      `O débito de ${money(e.debit)} paga ${count(e.payables, "conta", "contas")}; esta, de ${money(e.amount)}, é uma delas, e nenhuma outra escolha dá a soma.`,
  }),
  PAYMENT_IN_RETURN: evidence({
    name: "item do retorno do banco",
    example: { by: "OWN_NUMBER", amount: "1234.56", debit: "5000.00", ownNumber: "2026-11-001" },
    text: (e) =>
      `O retorno de pagamentos do banco (CNAB 240) tem este pagamento de ${money(e.amount)} no débito de ${money(e.debit)}, ${RETURN_JOINS[text(e.by)] ?? "reconhecido"}.`,
  }),
  PAYMENT_IN_PARTS: evidence({
    name: "uma conta em vários débitos",
    example: { amount: "1000.00", total: "3000.00", debits: 3 },
    text: (e) =>
      `A conta de ${money(e.total)} foi paga em ${count(e.debits, "débito", "débitos")}; este, de ${money(e.amount)}, é um deles, e nenhuma outra escolha dá a soma.`,
  }),
  PAYMENT_WITH_FINE: evidence({
    name: "pago com multa ou juros",
    example: { owed: "1000.00", paid: "1023.33", rate: 2 },
    text: (e) =>
      `A conta de ${money(e.owed)} foi paga com ${money(e.paid)}, depois do vencimento: a diferença é multa ou juros${typeof e.rate === "number" && e.rate > 0 ? ` (multa de ${e.rate}%)` : ""}.`,
  }),
  PAYMENT_WITH_DISCOUNT: evidence({
    name: "pago com desconto",
    example: { owed: "1000.00", paid: "950.00", rate: 5 },
    text: (e) =>
      `A conta de ${money(e.owed)} foi paga com ${money(e.paid)}, sem atraso: a diferença é desconto${typeof e.rate === "number" ? ` de ${text(String(e.rate).replace(".", ","))}%` : ""}.`,
  }),
  MATCH_CONFIRMED: evidence({
    name: "ligação confirmada por uma pessoa",
    example: {},
    text: () => "Uma pessoa confirmou esta ligação; nenhuma tarefa a muda.",
  }),
  PAYMENT_CAME_BACK: evidence({
    name: "pagamento que voltou",
    example: { amount: "1234.56" },
    text: (e) =>
      `O pagamento de ${money(e.amount)} foi devolvido por inteiro: a conta segue em aberto.`,
  }),
} satisfies Record<string, OwnEntry>;

function dueDate({ days }: Evidence): string {
  if (typeof days !== "number" || days === 0) return "O débito é do dia do vencimento.";
  const distance = count(Math.abs(days), "dia", "dias");
  return `O débito é de ${distance} ${days < 0 ? "antes" : "depois"} do vencimento.`;
}

function question(entry: Entry): OwnEntry {
  return { ...entry, severity: "REVIEW", source: SOURCE };
}

function evidence(entry: Entry): OwnEntry {
  return { ...entry, severity: "NOTE", source: SOURCE };
}
