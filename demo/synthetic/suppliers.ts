import type { Supplier } from "../model.ts";
import { alphanumericCnpjOf, cnpjOf, plainName } from "./names.ts";
import { createRandom, seedOf } from "./random.ts";
import { supplierWords, type Trade, trades } from "./trades.ts";

/** Trades in which the third supplier was founded after July 2026 and has letters in its CNPJ. */
const withLetters = new Set(["JARDINAGEM_PAISAGISMO", "TELECOM", "MANUT_ELETRICA", "PISCINA"]);
/** Trades in which the second supplier is in CNPJ.ws alone, as if it were newer than the open data. */
const withoutMirror = new Set(["INCENDIO", "BOMBAS_GERADORES", "RESIDUOS", "AUDITORIA", "PISCINA"]);
/** Ceded labour by companies outside the Simples: 11 % INSS is retained. */
const outsideSimples = new Set([
  "LIMPEZA:1",
  "LIMPEZA:2",
  "PORTARIA_ZELADORIA:0",
  "PORTARIA_ZELADORIA:1",
  "SEGURANCA_VIGILANCIA:0",
  "SEGURANCA_VIGILANCIA:1",
  "SEGURANCA_VIGILANCIA:2",
  "ELEVADORES:1",
]);
const utilities = new Set(["ENERGIA", "AGUA_ESGOTO", "GAS"]);

/** A supplier in good standing; what differs is given. */
export function supplierOf(
  given: Partial<Supplier> & Pick<Supplier, "cnpj" | "name" | "mainCnae">,
): Supplier {
  const random = createRandom(seedOf(`supplier:${given.cnpj}`));
  const openedOn = `${random.integer(1998, 2024)}-0${random.integer(1, 9)}-${random.integer(10, 28)}`;
  return {
    tradeName: "",
    status: "Ativa",
    statusDate: given.openedOn ?? openedOn,
    openedOn,
    secondaryCnaes: [],
    simples: true,
    mei: false,
    known: "OPEN_DATA",
    answersFirst: [],
    ...given,
  };
}

/** The supplier of a trade with a number from 0 to 2; three serve all condominiums. */
export function tradeSupplier(trade: Trade, number: number): Supplier {
  const key = `${trade.category}:${number}`;
  const place = trades.indexOf(trade) * 5 + number * 7;
  const word = supplierWords[place % supplierWords.length] ?? "Ipê";
  const letters = number === 2 && withLetters.has(trade.category);
  const mirrored = !(number === 1 && withoutMirror.has(trade.category));
  const suffix = utilities.has(trade.category) ? "S.A." : "Ltda";
  return supplierOf({
    cnpj: letters ? alphanumericCnpjOf(key) : cnpjOf(key),
    name: plainName(`${word} ${trade.word} ${suffix}`),
    tradeName: `${word} ${trade.word}`,
    mainCnae: trade.cnae,
    simples: !outsideSimples.has(key) && !utilities.has(trade.category),
    known: mirrored ? "OPEN_DATA" : "CNPJWS",
    ...(letters ? { openedOn: "2026-08-10", statusDate: "2026-08-10" } : {}),
  });
}

/** Whether a CNPJ has letters. */
export const hasLetters = (cnpj: string) => /[A-Z]/.test(cnpj);
