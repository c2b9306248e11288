import type { Severity } from "../reason.ts";
import type { OwnEntry } from "./entry.ts";

const MATCHING = "Manual da Blindagem, conciliação";
const PIX_REFUND = "Manual Operacional do DICT e Regulamento do Pix (devolução)";

/** How bank movements and payables were joined, and why some were not. */
export const reconciliationTexts = {
  PAYMENT_AMBIGUOUS: review(
    "mais de um pagamento possível",
    MATCHING,
    "Mais de um pagamento do extrato combina com esta conta a pagar, ou o contrário. Escolha o par certo; o comprovante com o identificador do Pix ou a linha digitável resolve a dúvida.",
  ),
  REFUND_AMBIGUOUS: review(
    "mais de um débito possível para o estorno",
    MATCHING,
    "Mais de um débito combina com este estorno. Escolha o débito que ele desfaz; até lá o valor fica em suspenso e não é receita.",
  ),
  REFUND_ORPHAN: review(
    "estorno sem débito conhecido",
    MATCHING,
    "O estorno não corresponde a nenhum débito conhecido. O valor fica em suspenso e não é receita: localize o débito em outra conta ou período, ou declare a origem.",
  ),
  INCOME_REVERSAL: note(
    "devolução de receita",
    MATCHING,
    "O débito desfaz uma receita recebida (devolução de um Pix recebido). Não é despesa: a receita foi reduzida.",
  ),
  SAME_END_TO_END_ID: note(
    "mesmo identificador de Pix",
    PIX_REFUND,
    "O identificador do Pix no extrato é o do comprovante.",
  ),
  ORIGINAL_END_TO_END_ID: note(
    "identificador do Pix original",
    PIX_REFUND,
    "A devolução traz o identificador do Pix original: o par é certo.",
  ),
  SAME_CHECK_NUMBER: note(
    "mesmo número de documento bancário",
    MATCHING,
    "O número do documento bancário é o mesmo nos dois lançamentos.",
  ),
  SAME_DOCUMENT_AND_AMOUNT: note(
    "mesmo CPF ou CNPJ e mesmo valor",
    MATCHING,
    "O CPF ou CNPJ e o valor são os mesmos nos dois lados.",
  ),
  MEMO_REFUND: note(
    "histórico de estorno",
    MATCHING,
    "O histórico do lançamento fala de estorno ou devolução.",
  ),
  UNIQUE_AMOUNT_AND_PAYEE: note(
    "único lançamento com este valor e favorecido",
    MATCHING,
    "Só há um lançamento com este valor e este favorecido no período.",
  ),
} satisfies Record<string, OwnEntry>;

function review(name: string, source: string, text: string): OwnEntry {
  return entry("REVIEW", name, source, text);
}

function note(name: string, source: string, text: string): OwnEntry {
  return entry("NOTE", name, source, text);
}

function entry(severity: Severity, name: string, source: string, text: string): OwnEntry {
  return { name, severity, source, example: {}, text: () => text };
}
