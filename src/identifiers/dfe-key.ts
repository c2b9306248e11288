import { digit11 } from "./check-digit.ts";
import { parseCnpj } from "./cnpj.ts";
import { parseCpf } from "./cpf.ts";

/** The access key (chave de acesso) of an electronic fiscal document, taken apart. */
export interface DfeKey {
  /** The 44 characters, upper case. */
  key: string;
  /** Month of issue, 'YYYY-MM'. */
  yearMonth: string;
  /** The issuer's CNPJ; for the series 920 to 969, which belong to persons (produtor rural), the CPF. */
  issuer: string;
  /** "55" NF-e, "65" NFC-e, "57" CT-e, "59" CF-e SAT, "62" NFCom, "66" NF3e… */
  model: string;
  /** Without leading zeros. For a CF-e SAT: the serial number of the device. */
  series: string;
  /** Without leading zeros. */
  number: string;
}

const SHAPE = /^(\d{2})(\d{2})(\d{2})([A-Z0-9]{12}\d{2})(\d{2})(\d{21})\d$/;

/** IBGE codes of the 27 federative units. */
export const STATES = new Set(
  "11 12 13 14 15 16 17 21 22 23 24 25 26 27 28 29 31 32 33 35 41 42 43 50 51 52 53".split(" "),
);

/**
 * Reads a DF-e access key: state, year and month, CNPJ (alphanumeric too), model, series, number, code, check digit
 * (Manual de Orientação do Contribuinte NF-e, item 2.2.6; letters by NT Conjunta 2025.001). Groups separated by
 * spaces, as a DANFE prints them, are accepted.
 *
 * @returns undefined when the shape, the state, the month, the issuer's or the key's own check digit is wrong.
 */
export function parseDfeKey(text: string): DfeKey | undefined {
  if (text.length > 100) {
    return undefined;
  }
  const key = text.replace(/\s/g, "");
  const match = SHAPE.exec(key);
  if (!match) {
    return undefined;
  }
  const [, state = "", year, month = "", document = "", model = "", rest = ""] = match;
  if (
    !STATES.has(state) ||
    month < "01" ||
    month > "12" ||
    key.slice(43) !== digit11(key.slice(0, 43))
  ) {
    return undefined;
  }
  // A CF-e SAT has 9 digits of device and 6 of number, the others 3 of series and 9 of number.
  const seriesLength = model === "59" ? 9 : 3;
  const numberEnd = model === "59" ? 15 : 12;
  const series = rest.slice(0, seriesLength);
  const person = model === "55" && series >= "920" && series <= "969";
  const issuer =
    person && document.startsWith("000") ? parseCpf(document.slice(3)) : parseCnpj(document);
  if (issuer === undefined) {
    return undefined;
  }
  return {
    key,
    yearMonth: `20${year}-${month}`,
    issuer,
    model,
    series: withoutZeros(series),
    number: withoutZeros(rest.slice(seriesLength, numberEnd)),
  };
}

/** The digits of a number, its leading zeros gone: "000123" -> "123". */
export function withoutZeros(digits: string): string {
  return digits.replace(/^0+(?=\d)/, "");
}
