import { parseDate } from "../calendar/brasilia.ts";
import { StatementFileError } from "./statement.ts";

/** Kinds of record, by position 8 (FEBRABAN G003). */
const KINDS = {
  "0": "FILE_HEADER",
  "1": "BATCH_HEADER",
  "3": "DETAIL",
  "5": "BATCH_TRAILER",
  "9": "FILE_TRAILER",
} as const;

export type RecordKind = (typeof KINDS)[keyof typeof KINDS];

/** One line of 240 positions; positions count from 1, both ends included, as the layout's tables do. */
export class CnabRecord {
  readonly line: number;
  readonly kind: RecordKind;
  readonly #text: string;

  /** @throws StatementFileError when the line has another length, or is of no known kind */
  constructor(text: string, line: number) {
    if (text.length !== 240) {
      throw new StatementFileError(`tem ${text.length} posições, e não 240.`, line);
    }
    const kind = Object.entries(KINDS).find(([code]) => code === text[7])?.[1];
    if (kind === undefined) {
      throw new StatementFileError("o tipo de registro (posição 8) é desconhecido.", line);
    }
    this.line = line;
    this.kind = kind;
    this.#text = text;
  }

  /** The text between two positions, without the spaces round it. */
  text(from: number, to: number): string {
    return this.#text.slice(from - 1, to).trim();
  }

  /** The text, or null where there is none but spaces and zeros. */
  code(from: number, to: number): string | null {
    const text = this.text(from, to);
    return /^0*$/.test(text) ? null : text;
  }

  /** A whole number; spaces count as zero. @throws StatementFileError */
  number(from: number, to: number): bigint {
    const text = this.text(from, to);
    if (!/^\d*$/.test(text)) {
      throw new StatementFileError(`as posições ${from} a ${to} não são um número.`, this.line);
    }
    return BigInt(text || "0");
  }

  /** DDMMAAAA as YYYY-MM-DD; null for zeros or spaces. @throws StatementFileError */
  date(from: number, to: number): string | null {
    const text = this.code(from, to);
    if (text === null) return null;
    const date = parseDate(`${text.slice(4)}-${text.slice(2, 4)}-${text.slice(0, 2)}`);
    if (date === undefined || text.length !== 8) {
      throw new StatementFileError(`as posições ${from} a ${to} não são uma data.`, this.line);
    }
    return date;
  }

  /** CNPJ (14 characters) or CPF (11 digits), by its kind (G005: 1 CPF, 2 CNPJ); null for any other. */
  document(kindAt: number, from: number, to: number): string | null {
    const kind = this.text(kindAt, kindAt);
    const document = this.text(from, to).toUpperCase();
    if (this.code(from, to) === null) return null;
    if (kind === "1") return document.slice(-11).padStart(11, "0");
    return kind === "2" ? document.slice(-14).padStart(14, "0") : null;
  }
}
