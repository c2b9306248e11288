import type { Severity } from "../reason.ts";
import type { OwnEntry } from "./entry.ts";

const MATCHING = "Manual da Blindagem, conciliação";
const PIX_REFUND = "Manual Operacional do DICT e Regulamento do Pix (devolução)";

/** How bank movements and payables were joined, and why some were not. */
export const reconciliationTexts = {
  PAYMENT_AMBIGUOUS: review(
    MATCHING,
    "Mais de um pagamento do extrato combina com esta conta a pagar, ou o contrário. Escolha o par certo; o comprovante com o identificador do Pix ou a linha digitável resolve a dúvida.",
  ),
  REFUND_AMBIGUOUS: review(
    MATCHING,
    "Mais de um débito combina com este estorno. Escolha o débito que ele desfaz; até lá o valor fica em suspenso e não é receita.",
  ),
  REFUND_ORPHAN: review(
    MATCHING,
    "O estorno não corresponde a nenhum débito conhecido. O valor fica em suspenso e não é receita: localize o débito em outra conta ou período, ou declare a origem.",
  ),
  INCOME_REVERSAL: note(
    MATCHING,
    "O débito desfaz uma receita recebida (devolução de um Pix recebido). Não é despesa: a receita foi reduzida.",
  ),
  SAME_END_TO_END_ID: note(PIX_REFUND, "O identificador do Pix no extrato é o do comprovante."),
  ORIGINAL_END_TO_END_ID: note(
    PIX_REFUND,
    "A devolução traz o identificador do Pix original: o par é certo.",
  ),
  SAME_CHECK_NUMBER: note(
    MATCHING,
    "O número do documento bancário é o mesmo nos dois lançamentos.",
  ),
  SAME_DOCUMENT_AND_AMOUNT: note(MATCHING, "O CPF ou CNPJ e o valor são os mesmos nos dois lados."),
  MEMO_REFUND: note(MATCHING, "O histórico do lançamento fala de estorno ou devolução."),
  UNIQUE_AMOUNT_AND_PAYEE: note(
    MATCHING,
    "Só há um lançamento com este valor e este favorecido no período.",
  ),
} satisfies Record<string, OwnEntry>;

function review(source: string, text: string): OwnEntry {
  return entry("REVIEW", source, text);
}

function note(source: string, text: string): OwnEntry {
  return entry("NOTE", source, text);
}

function entry(severity: Severity, source: string, text: string): OwnEntry {
  return { severity, source, example: {}, text: () => text };
}
