import { addDays, daysBetween } from "../calendar/brasilia.ts";
import { digit10, digit11, remainder11 } from "./check-digit.ts";

/** A boleto's typed line and barcode, taken apart. */
export interface BoletoLine {
  /** The typed line (linha digitável): 47 digits for a cobrança, 48 for an arrecadação. */
  line: string;
  /** The 44 digits of the barcode. */
  barcode: string;
  /** COBRANCA: issued by a bank. ARRECADACAO: utility, tax or fee; its line begins with 8. */
  kind: "COBRANCA" | "ARRECADACAO";
  /** Centavos; absent when the document names no amount in reais. */
  amount?: bigint;
  /** Only in a COBRANCA, and only when the cycle of its due factor is beyond doubt. */
  dueDate?: string;
  /** COMPE code of the bank, only in a COBRANCA. */
  bank?: string;
  /** Only in an ARRECADACAO: 1 prefeitura, 2 water, 3 energy and gas, 4 telecom, 5 government, 6 others, 7 fines, 9 the bank's own. */
  segment?: string;
}

/**
 * Reads the typed line (47 or 48 digits, with its dots, spaces and dashes) or the 44 digits of the barcode, and checks
 * every check digit. Sources: FEBRABAN, "Layout padrão de arrecadação/recebimento com utilização do código de barras"
 * and the Convenção da Cobrança (BCB Carta-Circular 2.926/2000).
 *
 * @param referenceDate 'YYYY-MM-DD', a date near the payment: it tells the cycles of the due factor apart.
 * @returns undefined when the length, a check digit or a fixed field is wrong.
 */
export function parseBoletoLine(text: string, referenceDate: string): BoletoLine | undefined {
  if (text.length > 100 || !/^[\d\s.-]+$/.test(text)) {
    return undefined;
  }
  const digits = text.replace(/\D/g, "");
  const collection = digits.startsWith("8");
  if (digits.length === 44) {
    return collection ? readArrecadacao(digits) : readCobranca(digits, referenceDate);
  }
  if (digits.length === 48 && collection) {
    const found = readArrecadacao(digits.replace(/(\d{11})\d/g, "$1"));
    return found?.line === digits ? found : undefined;
  }
  if (digits.length === 47 && !collection) {
    const free = digits.slice(4, 9) + digits.slice(10, 20) + digits.slice(21, 31);
    const barcode = digits.slice(0, 4) + digits.slice(32, 33) + digits.slice(33) + free;
    const found = readCobranca(barcode, referenceDate);
    return found?.line === digits ? found : undefined;
  }
  return undefined;
}

/** Barcode: bank 3, currency 1 (9 = real), general digit 1, due factor 4, amount 10, free field 25. */
function readCobranca(barcode: string, referenceDate: string): BoletoLine | undefined {
  const head = barcode.slice(0, 4);
  const general = barcode.slice(4, 5);
  const factorAndAmount = barcode.slice(5, 19);
  const free = barcode.slice(19);
  if (!head.endsWith("9") || general !== generalDigit(head + factorAndAmount + free)) {
    return undefined;
  }
  const fields = [head + free.slice(0, 5), free.slice(5, 15), free.slice(15)];
  const line = fields.map((field) => field + digit10(field)).join("") + general + factorAndAmount;
  const amount = BigInt(factorAndAmount.slice(4));
  const dueDate = resolveDueDate(factorAndAmount.slice(0, 4), referenceDate);
  return {
    line,
    barcode,
    kind: "COBRANCA",
    bank: head.slice(0, 3),
    // All zeros: the payer fills the amount in.
    ...(amount > 0n && { amount }),
    ...(dueDate !== undefined && { dueDate }),
  };
}

/** In a cobrança the remainders 0, 1 and 10 all give 1: a general digit is never 0. */
function generalDigit(digits: string): string {
  const digit = 11 - remainder11(digits);
  return String(digit > 9 ? 1 : digit);
}

/**
 * The due factor counts days: 1000 is 2000-07-03, 9999 is 2025-02-21, then it begins again at 1000 on
 * 2025-02-22. So each factor means a day every 9,000 days. At the turn FEBRABAN has banks take a
 * due date up to 3,000 days before or 5,500 days after the reference date; the 500 days between are
 * a safety margin that means neither, hence no date. (The margins are as banks quote its "Manual
 * Operacional do Fator de Vencimento", whose own text we have not seen.)
 */
function resolveDueDate(factor: string, referenceDate: string): string | undefined {
  if (factor < "1000") {
    return undefined; // 0000: no due date; 0001 to 0999 are not in use.
  }
  const firstCycle = addDays("2000-07-03", Number(factor) - 1000);
  const behind = daysBetween(firstCycle, referenceDate);
  const cycle = Math.max(0, Math.ceil((behind - 3000) / 9000));
  const ahead = cycle * 9000 - behind;
  return ahead >= -3000 && ahead <= 5500 ? addDays(firstCycle, cycle * 9000) : undefined;
}

/**
 * Barcode: 8, segment, kind of value, general digit, value 11, company and free field 29. Kinds of value: 6 and 7 have
 * check digits by modulo 10, 8 and 9 by modulo 11; 6 and 8 carry an amount in reais, 7 and 9 a reference.
 */
function readArrecadacao(barcode: string): BoletoLine | undefined {
  const segment = barcode.slice(1, 2);
  const valueKind = barcode.slice(2, 3);
  if (!/[1-79]/.test(segment) || !/[6-9]/.test(valueKind)) {
    return undefined;
  }
  const checkDigit = valueKind < "8" ? digit10 : (digits: string) => digit11(digits);
  if (barcode.slice(3, 4) !== checkDigit(barcode.slice(0, 3) + barcode.slice(4))) {
    return undefined;
  }
  const amount = BigInt(barcode.slice(4, 15));
  return {
    line: barcode.replace(/\d{11}/g, (block) => block + checkDigit(block)),
    barcode,
    kind: "ARRECADACAO",
    segment,
    ...((valueKind === "6" || valueKind === "8") && amount > 0n && { amount }),
  };
}
