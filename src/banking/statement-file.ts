import { decodeText } from "../expenses/decode-text.ts";
import { type PaymentReturn, readPaymentReturn } from "./cnab240.ts";
import { readOfx } from "./ofx.ts";
import { type Statement, StatementFileError } from "./statement.ts";

const EXPORT_OFX = "no site do banco, exporte o extrato como OFX (ou Money).";

/** What a file that somebody hands in holds. */
export type StatementFile =
  | { kind: "OFX"; statements: Statement[] }
  | { kind: "CNAB240"; paymentReturn: PaymentReturn };

/**
 * Reads a bank's file; what it is is told by its content.
 *
 * @throws StatementFileError
 */
export function readStatementFile(bytes: Uint8Array): StatementFile {
  const text = decodeText(bytes);
  if (text === undefined) {
    throw new StatementFileError("não é um arquivo de texto.", null, EXPORT_OFX);
  }
  if (/<OFX>/i.test(text)) return { kind: "OFX", statements: checked(readOfx(bytes)) };
  const [first = ""] = text.replace(/^\uFEFF/, "").split(/\r\n|\n|\r/, 1);
  if (/^\d{3}.{4}0/.test(first) && first.length > 200) {
    return { kind: "CNAB240", paymentReturn: readPaymentReturn(bytes) };
  }
  throw new StatementFileError(
    "não é um extrato OFX nem um retorno de pagamentos CNAB 240.",
    null,
    EXPORT_OFX,
  );
}

/** On a card's statement a debit is no money that has left an account. */
function checked(statements: Statement[]): Statement[] {
  if (statements.some(({ isCreditCard }) => isCreditCard)) {
    throw new StatementFileError(
      "o arquivo traz a fatura de um cartão de crédito.",
      null,
      "importe o extrato da conta que a paga.",
    );
  }
  return statements;
}
