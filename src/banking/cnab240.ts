import { decodeText } from "../expenses/decode-text.ts";
import { formatBrazilian } from "../money/centavos.ts";
import { paymentOf, type ReturnedPayment, withComplement } from "./cnab240-payment.ts";
import { CnabRecord } from "./cnab240-record.ts";
import { StatementFileError } from "./statement.ts";

/** The account from which a batch is paid, as the file writes it. */
export type PayerAccount = {
  branch: string | null;
  account: string | null;
  document: string | null;
};

/** Payments of one kind from one account. */
export type ReturnedBatch = {
  number: string;
  /** FEBRABAN G025: 20 suppliers, 30 salaries, 22 utilities and taxes, and so on. */
  service: string;
  /** FEBRABAN G029: 01 credit in account, 41 TED, 45 Pix, 30 and 31 boletos, and so on. */
  form: string;
  payer: PayerAccount;
  payments: ReturnedPayment[];
};

/** What a bank's return file of payments says. */
export type PaymentReturn = {
  /** COMPE code. */
  bankCode: string;
  /** Calendar date on which the bank made the file. */
  generatedOn: string | null;
  sequence: string;
  payer: PayerAccount;
  batches: ReturnedBatch[];
};

type OpenBatch = ReturnedBatch & { records: number; stated: bigint };

/** Details of a payment of their own; all others (B, C, J-52, W, Z …) add to the one before. */
const PAYMENT_SEGMENTS = ["A", "J", "O", "N"] as const;
const COLLECTION_SEGMENTS = new Set(["T", "U", "Y"]);

/**
 * Reads a CNAB 240 return file of payments (FEBRABAN, Layout Padrão 240 posições, 8.6): headers, segments A and B, J and
 * J-52, O, N, and Z, trailers. Numbers of records and sums are checked against the trailers.
 *
 * @throws StatementFileError when the file is of another kind, incomplete, or its totals are wrong: then nothing of it
 * can be trusted
 */
export function readPaymentReturn(bytes: Uint8Array): PaymentReturn {
  const records = recordsOf(bytes);
  const [header, ...rest] = records;
  const trailer = rest.pop();
  if (header?.kind !== "FILE_HEADER" || trailer?.kind !== "FILE_TRAILER") {
    throw new StatementFileError("falta o registro header (0) ou trailer (9) do arquivo.", null);
  }
  if (header.text(143, 143) !== "2") {
    throw new StatementFileError(
      "é um arquivo de remessa, e não de retorno.",
      header.line,
      "importe o retorno que o banco devolveu dela.",
    );
  }
  const bankCode = header.text(1, 3);
  const batches = batchesOf(rest, bankCode);
  expectCount(trailer, "lotes", 18, 23, batches.length);
  expectCount(trailer, "registros", 24, 29, records.length);
  return {
    bankCode,
    generatedOn: header.date(144, 151),
    sequence: header.text(158, 163),
    payer: payerOf(header),
    batches,
  };
}

function recordsOf(bytes: Uint8Array): CnabRecord[] {
  const text = decodeText(bytes);
  if (text === undefined) throw new StatementFileError("não é um arquivo de texto.", null);
  return text
    .replace(/^\uFEFF/, "")
    .split(/\r\n|\n|\r/)
    .flatMap((line, at) => {
      // Some systems end the file with the mark of CP/M, or a line with spaces more.
      const content = line.replaceAll("\u001A", "").replace(/(?<=^.{240}) +$/, "");
      return content.trim() === "" ? [] : [new CnabRecord(content, at + 1)];
    });
}

function batchesOf(records: readonly CnabRecord[], bankCode: string): ReturnedBatch[] {
  const batches: ReturnedBatch[] = [];
  let open: OpenBatch | undefined;
  for (const record of records) {
    if (record.kind === "BATCH_HEADER" && !open) {
      open = batchOf(record);
    } else if (record.kind === "DETAIL" && open) {
      open.records += 1;
      addDetail(open, record, bankCode);
    } else if (record.kind === "BATCH_TRAILER" && open) {
      checkTotals(record, open);
      const { records: _, stated: __, ...batch } = open;
      batches.push(batch);
      open = undefined;
    } else {
      throw new StatementFileError("o registro está fora de ordem.", record.line);
    }
  }
  if (open) throw new StatementFileError(`falta o trailer do lote ${open.number}.`, null);
  return batches;
}

function batchOf(record: CnabRecord): OpenBatch {
  return {
    number: record.text(4, 7),
    service: record.text(10, 11),
    form: record.text(12, 13),
    payer: payerOf(record),
    payments: [],
    records: 1,
    stated: 0n,
  };
}

function addDetail(batch: OpenBatch, record: CnabRecord, bankCode: string): void {
  const segment = record.text(14, 14);
  if (COLLECTION_SEGMENTS.has(segment)) {
    throw new StatementFileError(
      "é um retorno de cobrança, e não de pagamentos.",
      record.line,
      "importe o extrato da conta, que traz o que entrou, ou o retorno dos pagamentos.",
    );
  }
  const own = PAYMENT_SEGMENTS.find((one) => one === segment);
  // J-52 and its kin are segments J whose positions 18 and 19 name an optional record.
  if (own && !(own === "J" && /^5\d$/.test(record.text(18, 19)) && !isBarcode(record))) {
    const payment = paymentOf(record, own, bankCode);
    batch.payments.push(payment);
    batch.stated += statedAmount(record, payment);
    return;
  }
  const last = batch.payments.pop();
  if (!last) throw new StatementFileError("o segmento não segue nenhum pagamento.", record.line);
  batch.payments.push(withComplement(last, record));
}

/** A barcode of a bank from 500 to 599 begins like an optional record. */
function isBarcode(record: CnabRecord): boolean {
  return /^\d{44}$/.test(record.text(18, 61)) && record.date(145, 152) !== null;
}

/** What the trailer sums: of a segment A what was ordered, also where another amount was paid. */
function statedAmount(record: CnabRecord, { segment, amount }: ReturnedPayment): bigint {
  return segment === "A" ? record.number(120, 134) : amount;
}

function checkTotals(trailer: CnabRecord, batch: OpenBatch): void {
  expectCount(trailer, "registros", 18, 23, batch.records + 1);
  const total = trailer.number(24, 41);
  // Some banks leave the sum of a return empty.
  if (total !== 0n && total !== batch.stated) {
    throw new StatementFileError(
      `a soma do lote é ${formatBrazilian(batch.stated)}, e o trailer diz ${formatBrazilian(total)}.`,
      trailer.line,
    );
  }
}

function expectCount(
  trailer: CnabRecord,
  what: string,
  from: number,
  to: number,
  counted: number,
): void {
  const stated = trailer.number(from, to);
  if (stated !== BigInt(counted)) {
    throw new StatementFileError(
      `há ${counted} ${what}, e o trailer diz ${stated}: o arquivo está incompleto.`,
      trailer.line,
    );
  }
}

/** The same positions in the headers of file and batch. */
function payerOf(header: CnabRecord): PayerAccount {
  return {
    document: header.document(18, 19, 32),
    branch: header.code(53, 57),
    account: header.code(59, 70),
  };
}
