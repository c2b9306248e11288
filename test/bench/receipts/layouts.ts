import { createRandom, digits, type Random, seedOf } from "../../../demo/synthetic/random.ts";
import type { ReceiptKind } from "../../../src/receipts/reading.ts";
import { FACES } from "./faces.ts";

/**
 * A layout: how some bank, town or shop sets its documents. Everything that the documents of one issuer share is drawn
 * from the layout's number, so that no two numbers share more than chance gives them; what differs between two documents
 * of one issuer is not here.
 */
export interface Layout {
  number: number;
  kind: ReceiptKind;
  language: "por" | "eng";
  /** Of the sheet, in pixels. */
  width: number;
  size: number;
  face: string;
  /** How wide its letters are set: 1 as designed. */
  stretch: number;
  /** A label and its value: in one line, at the two edges, or one above the other. */
  arrangement: "LINE" | "EDGES" | "STACKED";
  capitals: boolean;
  /** Thermal printers and apps differ in what separates the parts. */
  rule: "NONE" | "LINE" | "DASHES" | "STARS";
  issuer: string;
  title: string;
  dateLabel: string;
  dateFormat: string;
  /** "" when the layout prints no hour. */
  timeFormat: string;
  /** Between date and hour; OWN_ROW when the hour stands in one. */
  between: string;
  timeLabel: string;
  amountLabel: string;
  /** Where the date stands among the other parts. */
  dateAt: "TOP" | "MIDDLE" | "BOTTOM";
  /** Other dates that the layout prints, which are none of the payment or issue. */
  otherDates: string[];
  weekday: boolean;
}

/** Instead of what stands between date and hour: each has a row of its own. */
export const OWN_ROW = "\n";

const PROOFS: ReceiptKind[] = ["PIX_PROOF", "TED_PROOF", "BOLETO_PROOF"];

/** How often each kind of layout comes, Portuguese ones and English till receipts. */
const KINDS: ReceiptKind[] = [
  "PIX_PROOF",
  "PIX_PROOF",
  "PIX_PROOF",
  "TED_PROOF",
  "BOLETO_PROOF",
  "BOLETO_PROOF",
  "NFCE",
  "NFCE",
  "NFSE",
  "RPA",
];
const ENGLISH = 0.3;

/** The layout of a number: the same on every machine. */
export function layoutOf(number: number): Layout {
  const random = createRandom(seedOf(`layout ${number}`));
  const english = random.next() < ENGLISH;
  const kind = english ? "TILL_RECEIPT" : random.pick(KINDS);
  const words = wordingOf(kind, random);
  return {
    number,
    kind,
    language: english ? "eng" : "por",
    width: kind === "NFSE" ? random.integer(900, 1200) : random.integer(440, 760),
    size: random.integer(17, 27),
    face: random.pick(FACES),
    stretch: 0.82 + random.next() * 0.3,
    arrangement: random.pick(["LINE", "LINE", "EDGES", "STACKED"] as const),
    capitals: random.next() < 0.4,
    rule: random.pick(["NONE", "LINE", "DASHES", "STARS"] as const),
    dateAt: random.pick(["TOP", "MIDDLE", "BOTTOM"] as const),
    weekday: random.next() < 0.1,
    ...words,
  };
}

type Wording = Pick<
  Layout,
  | "issuer"
  | "title"
  | "dateLabel"
  | "dateFormat"
  | "timeFormat"
  | "between"
  | "timeLabel"
  | "amountLabel"
  | "otherDates"
>;

function wordingOf(kind: ReceiptKind, random: Random): Wording {
  if (kind === "TILL_RECEIPT") return english(random);
  const proof = PROOFS.includes(kind);
  const timed = proof || kind === "NFCE" || random.next() < 0.5;
  return {
    issuer: random.pick(
      proof
        ? ["Banco Sereno S.A.", "Cooperativa Vale Verde", "Pagamentos Farol", "Banco da Serra"]
        : ["Mercado Bom Lugar", "Casa das Tintas", "Prefeitura de Rio Manso", "Oficina Central"],
    ),
    title: random.pick(TITLES[kind] ?? []),
    dateLabel: random.pick(
      proof
        ? [
            "Data",
            "Data e hora",
            "Data do pagamento",
            "Data da transação",
            "Realizado em",
            "Pago em",
            "Efetuado em",
            "Data/Hora",
          ]
        : ["Emissão", "Data de emissão", "Data da emissão", "Emitido em", "Data"],
    ),
    dateFormat: random.pick([
      "dd/mm/yyyy",
      "dd/mm/yyyy",
      "dd/mm/yyyy",
      "dd/mm/yy",
      "dd-mm-yyyy",
      "dd.mm.yyyy",
      "dd MMM yyyy",
      "d de MMMM de yyyy",
      "dd/MMM/yyyy",
      "yyyy-mm-dd",
    ]),
    timeFormat: timed ? random.pick(["HH:MM:SS", "HH:MM:SS", "HH:MM", "HHhMM"]) : "",
    between: random.pick([" ", " ", " - ", " às ", ", ", OWN_ROW]),
    timeLabel: random.pick(["Hora", "Horário"]),
    amountLabel: random.pick(
      proof
        ? ["Valor", "Valor pago", "Valor da transação"]
        : ["Valor total", "Total", "VALOR A PAGAR"],
    ),
    otherDates: [
      ...(kind === "BOLETO_PROOF" || random.next() < 0.15 ? ["Vencimento"] : []),
      ...(random.next() < 0.15 ? ["2ª via impressa em"] : []),
    ],
  };
}

const TITLES: Partial<Record<ReceiptKind, string[]>> = {
  PIX_PROOF: [
    "Comprovante de Pix",
    "Pix realizado",
    "Comprovante de transferência Pix",
    "Pix enviado",
  ],
  TED_PROOF: ["Comprovante de TED", "TED realizada", "Comprovante de transferência - TED"],
  BOLETO_PROOF: ["Comprovante de pagamento de boleto", "Comprovante de pagamento de título"],
  NFCE: ["DANFE NFC-e Documento Auxiliar da Nota Fiscal de Consumidor Eletrônica"],
  NFSE: ["Nota Fiscal de Serviços Eletrônica - NFS-e"],
  RPA: ["Recibo de Pagamento a Autônomo - RPA"],
};

/** Till receipts of three countries; their words tell which of day and month comes first. */
function english(random: Random): Wording {
  const country = random.pick(["MALAYSIA", "MALAYSIA", "USA", "NEITHER"] as const);
  const dates = {
    MALAYSIA: ["dd/mm/yyyy", "dd/mm/yyyy", "dd-mm-yyyy", "dd/mm/yy", "dd MMM yyyy", "dd-MMM-yyyy"],
    USA: ["mm/dd/yyyy", "mm/dd/yy", "mm-dd-yyyy", "MMM dd, yyyy"],
    NEITHER: ["dd/mm/yyyy", "dd MMM yyyy", "yyyy-mm-dd", "dd-MMM-yy"],
  };
  const issuers = {
    MALAYSIA: [
      "KEDAI MURNI SDN BHD\nJALAN MERDEKA 12, JOHOR",
      "PASAR DAMAI SDN. BHD.\nTAMAN SETIA, SELANGOR",
    ],
    USA: [
      "CORNER HARDWARE\n200 MAIN ST, AUSTIN, TX 78701",
      "LAKE GROCERY\n8 ELM AVE, BOISE, ID 83702",
    ],
    NEITHER: ["THE PAPER SHOP", "HARBOUR CAFE"],
  };
  return {
    issuer: random.pick(issuers[country]),
    title: random.pick(["RECEIPT", "TAX INVOICE", "CASH SALE", "INVOICE"]),
    dateLabel: random.pick(["Date", "DATE", "Invoice Date", "Date/Time", ""]),
    dateFormat: random.pick(dates[country]),
    timeFormat: random.pick(["HH:MM:SS", "HH:MM", "hh:MM AM", "hh:MM:SS AM", ""]),
    between: random.pick([" ", " ", "  ", " - ", OWN_ROW]),
    timeLabel: random.pick(["Time", "TIME"]),
    amountLabel: random.pick(["TOTAL", "Total Amount", "GRAND TOTAL", "Nett Total"]),
    otherDates: [],
  };
}

const MONTHS = {
  por: "janeiro fevereiro março abril maio junho julho agosto setembro outubro novembro dezembro",
  eng: "January February March April May June July August September October November December",
};
const WEEKDAYS = {
  por: [
    "domingo",
    "segunda-feira",
    "terça-feira",
    "quarta-feira",
    "quinta-feira",
    "sexta-feira",
    "sábado",
  ],
  eng: ["Sunday", "Monday", "Tuesday", "Wednesday", "Thursday", "Friday", "Saturday"],
};

/** 'YYYY-MM-DD' as the layout prints it. */
export function printedDate(
  layout: Pick<Layout, "dateFormat" | "language" | "weekday">,
  date: string,
): string {
  const month = MONTHS[layout.language].split(" ")[Number(date.slice(5, 7)) - 1] ?? "";
  const parts: Record<string, string> = {
    yyyy: date.slice(0, 4),
    yy: date.slice(2, 4),
    MMMM: month,
    MMM: month.slice(0, 3).toUpperCase(),
    mm: date.slice(5, 7),
    dd: date.slice(8),
    d: String(Number(date.slice(8))),
  };
  // "de" is a word of the format; a lone d is the day.
  const text = layout.dateFormat.replace(
    /yyyy|yy|MMMM|MMM|mm|dd|\bd\b/g,
    (part) => parts[part] ?? part,
  );
  const weekday = WEEKDAYS[layout.language][new Date(`${date}T00:00:00Z`).getUTCDay()];
  return layout.weekday ? `${text} ${weekday}` : text;
}

/** 'HH:MM:SS' as the layout prints it. */
export function printedTime({ timeFormat }: Pick<Layout, "timeFormat">, time: string): string {
  const hour = Number(time.slice(0, 2));
  const parts: Record<string, string> = {
    HH: time.slice(0, 2),
    hh: String(hour % 12 || 12).padStart(2, "0"),
    MM: time.slice(3, 5),
    SS: time.slice(6, 8),
    AM: hour < 12 ? "AM" : "PM",
  };
  return timeFormat.replace(/HH|hh|MM|SS|AM/g, (part) => parts[part] ?? part);
}

/** A number of that many digits. */
export function numberOf(random: Random, length: number): string {
  return random.characters(digits, length);
}
