import type {
  Boleto,
  BoletoProof,
  Nfce,
  Nfe,
  Nfse,
  PixProof,
  Scheduling,
} from "../drawing/documents.ts";
import type { Row } from "../model.ts";
import { netOf } from "./amounts.ts";
import { banks } from "./bank.ts";
import { makeDfeKey } from "./identifiers.ts";
import { plainName } from "./names.ts";
import type { PixPayment } from "./payments.ts";
import { createRandom, digits, seedOf } from "./random.ts";
import type { Scene } from "./scene.ts";

/** The papers that belong to an expense, as data to be drawn. */

export type PixLayout = PixProof["layout"];

/** The condominium as payer or taker; without a CNPJ the papers show dashes in its place. */
export function takerOf(scene: Scene, code: string) {
  const { name, cnpj } = scene.place(code).condominium;
  return { name: plainName(name), document: cnpj ?? "--" };
}

const payeeOf = (row: Row) => ({
  name: plainName(row.payeeName),
  document: row.payeeDocument ?? "--",
});

export function pixProofOf(scene: Scene, row: Row, pix: PixPayment, layout: PixLayout): PixProof {
  return {
    kind: "PIX_PROOF",
    layout,
    paidAt: pix.instant,
    amount: pix.amount,
    payer: takerOf(scene, pix.code),
    payee: payeeOf(row),
    endToEndId: pix.endToEndId,
    ...(row.documentNumber ? { description: `NF ${row.documentNumber}` } : {}),
  };
}

export function schedulingOf(
  scene: Scene,
  code: string,
  row: Row,
  requestedAt: string,
): Scheduling {
  return {
    kind: "SCHEDULING",
    layout: "AURORA",
    requestedAt,
    scheduledFor: row.dueDate,
    amount: netOf(row),
    payer: takerOf(scene, code),
    payee: payeeOf(row),
  };
}

export function boletoPaperOf(
  scene: Scene,
  code: string,
  row: Row,
  boleto: { line: string; barcode: string },
): Boleto {
  return {
    kind: "BOLETO",
    bank: { name: banks.AURORA.name, code: banks.AURORA.code },
    ...boleto,
    amount: netOf(row),
    issuedOn: row.issueDate,
    dueDate: row.dueDate,
    documentNumber: row.documentNumber ?? "",
    beneficiary: payeeOf(row),
    payer: takerOf(scene, code),
  };
}

export function boletoProofOf(
  scene: Scene,
  code: string,
  row: Row,
  line: string,
  paidAt: string,
  layout: PixLayout,
): BoletoProof {
  const random = createRandom(seedOf(`authentication:${row.externalId}`));
  const block = () => random.characters("0123456789ABCDEF", 4);
  return {
    kind: "BOLETO_PROOF",
    layout,
    line,
    amount: netOf(row),
    dueDate: row.dueDate,
    paidAt,
    beneficiary: payeeOf(row),
    payer: takerOf(scene, code),
    authentication: [block(), block(), block(), block()].join("."),
  };
}

export function nfseOf(scene: Scene, code: string, row: Row, time: string): Nfse {
  const random = createRandom(seedOf(`nfse:${row.externalId}`));
  return {
    kind: "NFSE",
    municipality: scene.place(code).condominium.city,
    number: row.documentNumber ?? "",
    issuedAt: `${row.issueDate}T${time}-03:00`,
    competence: `${row.competence.slice(5)}/${row.competence.slice(0, 4)}`,
    verificationCode: `${random.characters("ABCDEFGHJKLMNPQRSTUVWXYZ", 4)}-${random.characters(digits, 4)}`,
    provider: payeeOf(row),
    taker: takerOf(scene, code),
    service: row.description,
    gross: row.grossAmount,
    retentions: row.retentions.map(({ kind, amount }) => ({ name: kind, amount })),
    net: netOf(row),
  };
}

type Item = Nfce["items"][number];

/** Goods bought over the counter (NFC-e) or delivered (NF-e); the items add up to the gross amount. */
export function goodsOf(
  scene: Scene,
  code: string,
  row: Row,
  kind: "NFCE" | "NFE",
  time: string,
  items: Item[],
): Nfce | Nfe {
  const issuedAt = `${row.issueDate}T${time}-03:00`;
  const number = Number(row.documentNumber);
  const issuer = {
    ...payeeOf(row),
    address: `Rua das Flores, 240 - ${scene.place(code).condominium.city}`,
  };
  const common = {
    key: dfeKeyOf(row, kind),
    series: 1,
    number,
    issuedAt,
    issuer,
    items,
    total: row.grossAmount,
  };
  return kind === "NFCE"
    ? { kind, ...common, consumer: takerOf(scene, code) }
    : { kind, ...common, recipient: takerOf(scene, code) };
}

/** The key of the note that a row names. */
export function dfeKeyOf(row: Row, kind: "NFCE" | "NFE"): string {
  return makeDfeKey({
    state: "35",
    issuedAt: row.issueDate,
    issuer: row.payeeDocument ?? "",
    model: kind === "NFCE" ? "65" : "55",
    series: 1,
    number: Number(row.documentNumber),
    code: createRandom(seedOf(`dfe:${row.payeeDocument}:${row.documentNumber}`)).characters(
      digits,
      8,
    ),
  });
}
