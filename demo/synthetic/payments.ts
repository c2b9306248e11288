import type { Row } from "../model.ts";
import { netOf } from "./amounts.ts";
import { bankKeyOf, banks } from "./bank.ts";
import { dateOnly, GUIA_DAY, utc } from "./calendar.ts";
import { makeBoleto, makeEndToEndId, makeFreeField } from "./identifiers.ts";
import { plainName } from "./names.ts";
import { createRandom, seedOf } from "./random.ts";
import type { Scene } from "./scene.ts";
import { type Party, pixMemo, pixReturnMemo, post } from "./statement.ts";

/** The bank's side of an expense. Each function adds debits for what is due: the net, unless told. */

type Payment = {
  code: string;
  row: Row /** Tells repeated payments of a row apart. */;
  mark?: string;
};

const keyOf = ({ row, mark }: Payment) => `${row.externalId}${mark ? `:${mark}` : ""}`;
const payeeOf = (row: Row): Party => ({
  name: plainName(row.payeeName),
  document: row.payeeDocument,
});

export type PixPayment = {
  id: string;
  endToEndId: string;
  /** Brasília. */
  instant: string;
  amount: string;
  payee: Party;
  code: string;
};

/** A Pix at an instant in Brasília ("2026-11-05T14:38:12-03:00"). */
export function payByPix(
  scene: Scene,
  payment: Payment & { instant: string; amount?: string },
): PixPayment {
  const { code, row, instant } = payment;
  const bank = bankKeyOf(code);
  const random = createRandom(seedOf(`pix:${keyOf(payment)}`));
  const endToEndId = makeEndToEndId("E", banks[bank].ispb, instant, random);
  const amount = payment.amount ?? netOf(row);
  const payee = payeeOf(row);
  const id = post(scene.model, code, {
    key: keyOf(payment),
    date: utc(instant),
    direction: "DEBIT",
    amount,
    description: pixMemo(bank, row.payeeName, instant),
    operationType: "PIX",
    counterparty: payee,
    reference: endToEndId,
  });
  return { id, endToEndId, instant, amount, payee, code };
}

/** A TED, of which banks give the day alone. */
export function payByTed(scene: Scene, payment: Payment & { day: string }): string {
  const { code, row, day } = payment;
  return post(scene.model, code, {
    key: keyOf(payment),
    date: dateOnly(day),
    direction: "DEBIT",
    amount: netOf(row),
    description: `TED ENVIADA ${plainName(row.payeeName).slice(0, 24).trim()}`,
    operationType: "TED",
    counterparty: payeeOf(row),
    reference: String(seedOf(keyOf(payment))).slice(0, 8),
  });
}

/** A boleto; the statement says no more than that, the payment's data holds line and beneficiary. */
export function payByBoleto(
  scene: Scene,
  payment: Payment & { day: string; boleto?: { line: string; barcode: string } },
): { id: string; boleto: { line: string; barcode: string } } {
  const { code, row, day } = payment;
  const boleto = payment.boleto ?? boletoOf(row);
  const id = post(scene.model, code, {
    key: keyOf(payment),
    date: dateOnly(day),
    direction: "DEBIT",
    amount: netOf(row),
    description: "PAGAMENTO DE BOLETO",
    operationType: "BOLETO",
    counterparty: payeeOf(row),
    boleto,
  });
  return { id, boleto };
}

/** The boleto that goes with a row. */
export function boletoOf(row: Row) {
  const random = createRandom(seedOf(`boleto:${row.externalId}`));
  return makeBoleto("991", netOf(row), row.dueDate, makeFreeField(random));
}

/** A debit that the bank words in its own way, with no data on the other side. */
export function payByMemo(
  scene: Scene,
  payment: Payment & { day: string; description: string; operationType: string },
): string {
  return post(scene.model, payment.code, {
    key: keyOf(payment),
    date: dateOnly(payment.day),
    direction: "DEBIT",
    amount: netOf(payment.row),
    description: payment.description,
    operationType: payment.operationType,
  });
}

export const REVENUE: Party = { name: "RECEITA FEDERAL DO BRASIL", document: "00394460005887" };

const prefectures: Record<string, Party> = {
  "São Paulo": { name: "PREFEITURA DE SAO PAULO", document: "46395000000139" },
  Curitiba: { name: "PREFEITURA DE CURITIBA", document: "76417005000186" },
  Goiânia: { name: "PREFEITURA DE GOIANIA", document: "01612092000123" },
};

/** The guias of what was retained: federal taxes to the Receita Federal, ISS to the municipality. */
export function payGuias(
  scene: Scene,
  { code, row, only }: Payment & { only?: Row["retentions"][number]["kind"][] },
): void {
  for (const { kind, amount } of row.retentions) {
    if (only && !only.includes(kind)) continue;
    const city = scene.place(code).condominium.city;
    const payee = kind === "ISS" ? prefectures[city] : REVENUE;
    if (payee === undefined) throw new Error(`payGuias: no prefecture of ${city}`);
    post(scene.model, code, {
      key: `${row.externalId}:guia:${kind}`,
      date: dateOnly(kind === "ISS" ? "2026-11-10" : GUIA_DAY),
      direction: "DEBIT",
      amount,
      description:
        kind === "ISS" ? `PAGTO TRIBUTO ISS ${city.toUpperCase()}` : `PAGTO DARF ${kind}`,
      operationType: "CONVENIO_ARRECADACAO",
      counterparty: payee,
    });
  }
}

/** A Pix devolução: in full or in part, naming the payment it undoes or not. */
export function returnPix(
  scene: Scene,
  options: {
    payment: PixPayment;
    instant: string;
    amount?: string;
    mark?: string;
    /** False: the bank does not give the original's id. */
    namesOriginal?: boolean;
    /** Another account than the payee's, as under MED. */
    from?: Party;
  },
): string {
  const { payment, instant, mark = "" } = options;
  const { code } = payment;
  const sender = options.from ?? payment.payee;
  const random = createRandom(seedOf(`return:${payment.id}:${mark}`));
  return post(scene.model, code, {
    key: `return:${payment.id}:${mark}`,
    date: utc(instant),
    direction: "CREDIT",
    amount: options.amount ?? payment.amount,
    description: pixReturnMemo(bankKeyOf(code), sender.name, instant),
    operationType: "PIX",
    counterparty: sender,
    reference: makeEndToEndId("D", "90000009", instant, random),
    ...(options.namesOriginal === false ? {} : { receiverReference: payment.endToEndId }),
  });
}
