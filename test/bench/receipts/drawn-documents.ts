import type { DemoDocument } from "../../../demo/drawing/documents.ts";
import {
  makeBoleto,
  makeDfeKey,
  makeEndToEndId,
  makeFreeField,
} from "../../../demo/synthetic/identifiers.ts";
import { cnpjOf } from "../../../demo/synthetic/names.ts";
import { digits, type Random } from "../../../demo/synthetic/random.ts";
import type { ReceiptKind } from "../../../src/receipts/reading.ts";

/** What is drawn, by name: kind and layout. */
export const DOCUMENTS = [
  "PIX_PROOF AURORA",
  "PIX_PROOF CERRADO",
  "PIX_PROOF LITORAL",
  "BOLETO_PROOF AURORA",
  "BOLETO_PROOF CERRADO",
  "BOLETO_PROOF LITORAL",
  "NFCE",
  "NFSE",
  "NFE",
  "BOLETO",
  "SCHEDULING AURORA",
];

export interface DrawnDocument {
  document: DemoDocument;
  kind: ReceiptKind;
  date: string | undefined;
  time: string | undefined;
  amount: string;
  referenceDate: string;
}

const COMPANIES = [
  "LIMPADORA BOA VISTA LTDA",
  "ELEVADORES PAULISTA S.A.",
  "JARDINS E PODAS LTDA",
  "CASA DO SINDICO MATERIAIS",
  "AGUIA SEGURANCA PATRIMONIAL",
  "CONSERTA TUDO MANUTENCAO",
];
const CONDOMINIUMS = [
  "CONDOMINIO EDIFICIO SOLAR DAS ACACIAS",
  "CONDOMINIO RESIDENCIAL VISTA DO PARQUE",
  "CONDOMINIO JARDIM DAS PALMEIRAS",
];
const SERVICES = ["LIMPEZA DE AREAS COMUNS", "MANUTENCAO DE ELEVADORES", "PODA DE ARVORES"];

/** A document of that name with random values, and what is true of it. */
export function documentOf(name: string, random: Random): DrawnDocument {
  const [kind, layout] = name.split(" ");
  const at = instant(random);
  const amount = `${random.integer(20, 9999)}.${String(random.integer(0, 99)).padStart(2, "0")}`;
  const company = random.pick(COMPANIES);
  const payee = { name: company, document: cnpjOf(company) };
  const place = random.pick(CONDOMINIUMS);
  const payer = { name: place, document: cnpjOf(place) };
  const dueDate = daysAfter(at, random.integer(1, 20));
  const truth = {
    date: at.slice(0, 10),
    time: at.slice(11, 19),
    amount,
    referenceDate: daysAfter(at, random.integer(0, 60)),
  };
  const look = layout === "CERRADO" || layout === "LITORAL" ? layout : "AURORA";
  const number = random.integer(1, 99_999);
  const goods = {
    series: 1,
    number,
    issuedAt: at,
    issuer: { ...payee, address: "Rua das Flores, 240 - São Paulo" },
    items: [{ name: "MATERIAL DE MANUTENCAO", quantity: 1, unit: "CJ", total: amount }],
    total: amount,
  };
  const keyOf = (model: "55" | "65"): string =>
    makeDfeKey({
      state: "35",
      issuedAt: at,
      issuer: payee.document,
      model,
      series: 1,
      number,
      code: random.characters(digits, 8),
    });
  const boleto = makeBoleto("341", amount, dueDate, makeFreeField(random));
  switch (kind) {
    case "PIX_PROOF": {
      const endToEndId = makeEndToEndId("E", "90000001", at, random);
      const document = {
        kind,
        layout: look,
        paidAt: at,
        amount,
        payer,
        payee,
        endToEndId,
      } as const;
      return { document, kind, ...truth };
    }
    case "SCHEDULING":
      return {
        document: {
          kind,
          layout: look,
          requestedAt: at,
          scheduledFor: dueDate,
          amount,
          payer,
          payee,
        },
        kind,
        ...truth,
        date: undefined,
        time: undefined,
      };
    case "BOLETO_PROOF":
      return {
        document: {
          kind,
          layout: look,
          line: boleto.line,
          amount,
          dueDate,
          paidAt: at,
          beneficiary: payee,
          payer,
          authentication: random.characters("0123456789ABCDEF", 16),
        },
        kind,
        ...truth,
      };
    case "BOLETO":
      return {
        document: {
          kind,
          bank: { name: "Banco Aurora", code: "341" },
          ...boleto,
          amount,
          issuedOn: truth.date,
          dueDate,
          documentNumber: String(number),
          beneficiary: payee,
          payer,
        },
        kind,
        ...truth,
        time: undefined,
      };
    case "NFCE":
      return { document: { kind, key: keyOf("65"), ...goods, consumer: payer }, kind, ...truth };
    case "NFE":
      return { document: { kind, key: keyOf("55"), ...goods, recipient: payer }, kind, ...truth };
    default:
      return {
        document: {
          kind: "NFSE",
          municipality: "São Paulo",
          number: String(number),
          issuedAt: at,
          competence: `${at.slice(5, 7)}/${at.slice(0, 4)}`,
          verificationCode: `ABCD-${random.characters(digits, 4)}`,
          provider: payee,
          taker: payer,
          service: random.pick(SERVICES),
          gross: amount,
          retentions: [],
          net: amount,
        },
        kind: "NFSE",
        ...truth,
      };
  }
}

/** In 2026, at any time of the day, in Brasília's zone. */
export function instant(random: Random): string {
  const two = (value: number): string => String(value).padStart(2, "0");
  const day = daysAfter("2026-01-01", random.integer(0, 300));
  return `${day}T${two(random.integer(0, 23))}:${two(random.integer(0, 59))}:${two(random.integer(0, 59))}-03:00`;
}

/** 'YYYY-MM-DD' so many days after a date or instant. */
export function daysAfter(date: string, days: number): string {
  const at = new Date(`${date.slice(0, 10)}T00:00:00Z`);
  at.setUTCDate(at.getUTCDate() + days);
  return at.toISOString().slice(0, 10);
}
