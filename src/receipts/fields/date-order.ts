import type { Line } from "../words.ts";
import { findDates } from "./dates.ts";
import { hasUsAddress } from "./us-address.ts";

/** Whether a numeric date of this document puts the day or the month first, and what says so. */
export interface OrderEvidence {
  order: "DAY_FIRST" | "MONTH_FIRST";
  evidence: string;
  /** The only zone of the country whose document it is, "-03:00"; undefined for one with several or with summer time. */
  offset: string | undefined;
}

interface Locale extends OrderEvidence {
  words: RegExp;
  /** So many different words must be found: one alone may be a brand or a misreading. */
  least: number;
  /** An address whose parts bear each other out is enough by itself. */
  hasAddress?: (text: string) => boolean;
}

/** Brazil has had no summer time since 2019; its other zones print Brasília's on what banks and tax offices issue. */
export const BRASILIA_OFFSET = "-03:00";

const ANOTHER_DATE = "ANOTHER_DATE";

/** Words that only documents of one country or language carry. */
const LOCALES: Locale[] = [
  {
    order: "DAY_FIRST",
    evidence: "PORTUGUESE_DOCUMENT",
    offset: BRASILIA_OFFSET,
    words:
      /\b(?:PAGAMENTO|COMPROVANTE|TRANSFERENCIA|EMISSAO|VENCIMENTO|VALOR|CNPJ|CPF|AGENCIA|CONTA|BANCO|BENEFICIARIO|PAGADOR|FAVORECIDO|RECEBEDOR|INSTITUICAO|NOTA FISCAL|CONSUMIDOR|PRESTADOR|TOMADOR|DOCUMENTO|HORARIO|RECIBO|TROCO|QTDE?|REAIS|DESTINATARIO|CHAVE DE ACESSO|CUPOM|AUTENTICACAO)\b|R\$/g,
    least: 2,
  },
  {
    order: "DAY_FIRST",
    evidence: "MALAYSIAN_DOCUMENT",
    offset: "+08:00",
    words:
      /\b(?:SDN\.? ?BHD|GST (?:ID|REG|NO)|JALAN|JLN|LORONG|TAMAN|KAMPUNG|BANDAR|WILAYAH|SELANGOR|JOHOR|PERAK|KEDAH|PAHANG|KELANTAN|TERENGGANU|MELAKA|SEREMBAN|SABAH|SARAWAK|PENANG|PULAU PINANG|KUALA LUMPUR|PETALING|SHAH ALAM|KLANG|PUCHONG|CHERAS|KEPONG|SUBANG|IPOH|MALAYSIA)\b|\bRM ?\d/g,
    least: 2,
  },
  {
    order: "DAY_FIRST",
    evidence: "GERMAN_DOCUMENT",
    offset: undefined,
    words:
      /\b(?:GMBH|MWST|SUMME|STEUER(?:-?NR)?|UHR|DATUM|BELEG(?:-?NR)?|GEGEBEN|BETRAG|VIELEN DANK|STR\b)|\bEUR\b/g,
    least: 2,
  },
  {
    order: "MONTH_FIRST",
    evidence: "UNITED_STATES_DOCUMENT",
    offset: undefined,
    words:
      /\b(?:SALES TAX|ZIP CODE|USA|U\.S\.A|(?:A[KLRZ]|C[AOT]|D[CE]|FL|GA|HI|I[ADLN]|K[SY]|LA|M[ADEINOST]|N[CDEHJMVY]|O[HKR]|PA|RI|S[CD]|T[NX]|UT|V[AT]|W[AIVY]) \d{5}(?:-\d{4})?)\b|(?<!\w)\$ ?\d/g,
    least: 2,
    hasAddress: hasUsAddress,
  },
];

/**
 * What the document itself says about the order of day and month: the language or country of its words, or another of
 * its dates that is valid in one order only. Undefined without evidence, or when it disagrees.
 */
export function orderOfDates(lines: readonly Line[]): OrderEvidence | undefined {
  const text = lines.map((line) => line.folded).join("\n");
  const spoken = LOCALES.filter(
    ({ words, least, hasAddress }) => kindsOf(text, words).size >= least || hasAddress?.(text),
  );
  const siblings = lines
    .flatMap((line) => findDates(line.folded))
    .flatMap(({ meanings: [first, ...others] }) => (first && others.length === 0 ? [first] : []))
    .flatMap(({ order, date }): OrderEvidence[] =>
      // 11/11 means the same either way and says nothing.
      (order === "DAY_FIRST" || order === "MONTH_FIRST") && date.slice(5, 7) !== date.slice(8)
        ? [{ order, evidence: ANOTHER_DATE, offset: undefined }]
        : [],
    );
  const all: OrderEvidence[] = [...spoken, ...siblings];
  const first = all[0];
  return first && all.every(({ order }) => order === first.order)
    ? { order: first.order, evidence: first.evidence, offset: first.offset }
    : undefined;
}

/** The different words that are found: "$ 5" and "$8.20" are the same one. */
function kindsOf(text: string, words: RegExp): Set<string> {
  return new Set(text.match(words)?.map((word) => word.replace(/\d.*/, "").trim()));
}

/**
 * The zone of the hours on a document: its country's.
 *
 * @param home the zone of a document that does not tell its country; undefined when it may be from anywhere.
 */
export function offsetOf(
  order: OrderEvidence | undefined,
  home: string | undefined,
): string | undefined {
  return order === undefined || order.evidence === ANOTHER_DATE ? home : order.offset;
}
