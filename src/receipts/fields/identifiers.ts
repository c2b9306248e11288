import { dateInBrasilia } from "../../calendar/brasilia.ts";
import { parseBoletoLine } from "../../identifiers/boleto.ts";
import { parseBrCode } from "../../identifiers/br-code.ts";
import { type DfeKey, parseDfeKey } from "../../identifiers/dfe-key.ts";
import { type EndToEndId, parseEndToEndId } from "../../identifiers/end-to-end-id.ts";
import { type NfseKey, parseNfseKey } from "../../identifiers/nfse-key.ts";
import type { ReceiptIdentifier, ReceiptKind } from "../reading.ts";
import type { Line } from "../words.ts";
import { eitherWay } from "./stroked-zeros.ts";

/** Letters that OCR reads for digits, where only digits can stand. */
const DIGIT_FOR: Record<string, string> = {
  O: "0",
  o: "0",
  Q: "0",
  D: "0",
  I: "1",
  l: "1",
  i: "1",
  "|": "1",
  Z: "2",
  S: "5",
  s: "5",
  G: "6",
  B: "8",
};

/** An end-to-end id runs over the end of a line, a key and a boleto's line too: at most three lines are joined. */
const JOINED_LINES = 3;

/**
 * The identifiers printed on the document, each once. A wrong one (check digit, shape) is given too, with `valid`
 * false: it shows that something was there.
 *
 * @param referenceDate 'YYYY-MM-DD': tells the cycles of a boleto's due factor apart; no Pix is of a later day.
 */
export function findIdentifiers(
  lines: readonly Line[],
  referenceDate: string,
): ReceiptIdentifier[] {
  const found: ReceiptIdentifier[] = [];
  for (let i = 0; i < lines.length; i++) {
    const texts = lines.slice(i, i + JOINED_LINES).map((line) => line.text);
    found.push(
      ...endToEndIds(texts, referenceDate),
      ...fiscalKeys(texts),
      ...boletoLines(texts, referenceDate),
      ...brCodes(texts),
    );
  }
  return withoutRepeats(found);
}

/** E or D, ISPB, twelve digits of time, 11 characters; broken over two lines, and with spaces between, at the worst. */
function endToEndIds(texts: readonly string[], referenceDate: string): ReceiptIdentifier[] {
  const shape =
    /(?<![A-Za-z0-9])([ED][0-9A-Z]{8})([0-9OQDIliZSsGB|]{12})([A-Za-z0-9]{11})(?![A-Za-z0-9])/g;
  const first = texts[0] ?? "";
  const candidates = [
    first,
    `${first}${texts[1] ?? ""}`,
    lastWordJoined(first, texts[1] ?? ""),
    ...joinedIds(first),
  ];
  return candidates.flatMap((text) =>
    Array.from(text.matchAll(shape), ([, head = "", time = "", tail = ""]): ReceiptIdentifier => {
      const value = `${ispb(head)}${withZeroTens(digits(time))}${tail}`;
      const instant = parseEndToEndId(value)?.instant;
      const valid = instant !== undefined && isOfPix(dateInBrasilia(instant), referenceDate);
      return { kind: "PIX_END_TO_END", value, valid };
    }),
  );
}

/** Pix has been since 3 November 2020; an id of a later day than today ("E…28260122…") was misread. */
const FIRST_PIX = "2020-11-03";

function isOfPix(day: string, referenceDate: string): boolean {
  return FIRST_PIX <= day && day <= referenceDate;
}

/** Of a time "202611051712" what is 0 in any year that can be, or at most 1, 2, 3 or 5: an 8 there is a zero with a stroke. */
const NEVER_8 = [1, 4, 6, 8, 10];

function withZeroTens(time: string): string {
  return Array.from(time, (digit, i) => (digit === "8" && NEVER_8.includes(i) ? "0" : digit)).join(
    "",
  );
}

const ID_LENGTH = 32;

/** Words of a line that have the length of an id together: where its letters stand wide apart, OCR sees spaces. */
function joinedIds(line: string): string[] {
  const words = line.split(" ");
  return words.flatMap((word, start) => {
    if (!/^[ED][0-9A-Z]{3}/.test(word)) return [];
    let run = "";
    for (const next of words.slice(start)) {
      run += next;
      if (run.length >= ID_LENGTH) break;
    }
    return run.length === ID_LENGTH ? [run] : [];
  });
}

/** The last word of a line with the first of the next. */
function lastWordJoined(first: string, second: string): string {
  return `${first.slice(first.lastIndexOf(" ") + 1)}${second.split(" ")[0] ?? ""}`;
}

/** An ISPB of digits with a letter that looks like one is a misreading: today's participants have digits only. */
function ispb(head: string): string {
  const fixed = digits(head.slice(1));
  return /^\d{8}$/.test(fixed) ? `${head[0]}${fixed}` : head;
}

function fiscalKeys(texts: readonly string[]): ReceiptIdentifier[] {
  return joinedRuns(texts, /^[0-9A-Z.]+$/, [44, 50]).flatMap((run) => fiscalKeyIn(run) ?? []);
}

/** The key that a text of 44 or 50 characters is. They may as well be a barcode's: unless the check digits hold, it is called none. */
export function fiscalKeyIn(text: string): ReceiptIdentifier | undefined {
  if (parseDfeKey(text)) {
    return { kind: "DFE_KEY", value: text, valid: true };
  }
  return parseNfseKey(text) && { kind: "NFSE_KEY", value: text, valid: true };
}

function boletoLines(texts: readonly string[], referenceDate: string): ReceiptIdentifier[] {
  return joinedRuns(texts, /^[\d.-]+$/, [47, 48]).flatMap((run) => {
    const parsed = parseBoletoLine(run, referenceDate);
    const shaped = run.length === 48 ? run.startsWith("8") : /^\d{3}9/.test(run);
    return shaped
      ? [{ kind: "BOLETO_LINE" as const, value: parsed?.line ?? run, valid: parsed !== undefined }]
      : [];
  });
}

function brCodes(texts: readonly string[]): ReceiptIdentifier[] {
  const start = (texts[0] ?? "").indexOf("000201");
  if (start < 0) {
    return [];
  }
  for (let count = 1; count <= texts.length; count++) {
    const whole = texts.slice(0, count).join("").slice(start);
    const code = /^000201.*?6304[0-9A-F]{4}(?![0-9A-Za-z])/i.exec(whole)?.[0];
    if (code !== undefined && parseBrCode(code) !== undefined) {
      return [{ kind: "BR_CODE", value: code, valid: true }];
    }
  }
  return [];
}

/**
 * Runs of whole words of the shape, from a word of the first line on, that have the wanted length without separators.
 * What stands before or after may look alike: the bank's "341-9" precedes the typed line of a boleto.
 */
function joinedRuns(texts: readonly string[], shape: RegExp, lengths: readonly number[]): string[] {
  const words = texts.map((text) => text.split(" "));
  const all = words.flat();
  const most = Math.max(...lengths);
  const found: string[] = [];
  for (let start = 0; start < (words[0]?.length ?? 0); start++) {
    let run = "";
    for (let end = start; end < all.length && run.length <= most; end++) {
      const word = all[end] ?? "";
      if (!shape.test(word)) {
        break;
      }
      run += word.replace(/[.-]/g, "");
      if (lengths.includes(run.length)) {
        found.push(run);
      }
    }
  }
  return found;
}

function digits(text: string): string {
  return text.replace(/[^\d]/g, (character) => DIGIT_FOR[character] ?? character);
}

/** Each once; an invalid reading is dropped where a valid one of its kind was found. */
export function withoutRepeats(found: readonly ReceiptIdentifier[]): ReceiptIdentifier[] {
  return found.filter(
    ({ kind, value, valid }, i) =>
      found.findIndex((other) => other.kind === kind && other.value === value) === i &&
      (valid || !found.some((other) => other.kind === kind && other.valid)),
  );
}

/** The fiscal document's own key: the first valid one. */
export function dfeKeyOf(identifiers: readonly ReceiptIdentifier[]): DfeKey | undefined {
  const key = identifiers.find(({ kind, valid }) => kind === "DFE_KEY" && valid);
  return key && parseDfeKey(key.value);
}

/** The Pix's id; undefined without exactly one valid id. */
export function pixIdOf(identifiers: readonly ReceiptIdentifier[]): EndToEndId | undefined {
  const ids = identifiers.filter(({ kind, valid }) => kind === "PIX_END_TO_END" && valid);
  const [only] = ids;
  return only && ids.length === 1 ? parseEndToEndId(only.value) : undefined;
}

/** The moments of the Pix's id, were some of the 8s of its time zeros with a stroke. */
export function otherInstantsOf(identifiers: readonly ReceiptIdentifier[]): Date[] {
  const id = pixIdOf(identifiers);
  const value = identifiers.find(({ kind, valid }) => kind === "PIX_END_TO_END" && valid)?.value;
  if (!id || value === undefined) {
    return [];
  }
  const [head, time, tail] = [value.slice(0, 9), value.slice(9, 21), value.slice(21)];
  return eitherWay(time)
    .flatMap((other) => parseEndToEndId(`${head}${other}${tail}`)?.instant ?? [])
    .filter((instant) => instant.getTime() !== id.instant.getTime());
}

/** The document's own key, by its kind: on a payment's proof it may be the key of a note that was paid. */
export function ownKeyOf(
  kind: ReceiptKind,
  identifiers: readonly ReceiptIdentifier[],
): DfeKey | NfseKey | undefined {
  switch (kind) {
    case "NFE":
    case "NFCE":
    case "UTILITY_BILL":
      return dfeKeyOf(identifiers);
    case "NFSE": {
      const key = identifiers.find(({ kind: name, valid }) => name === "NFSE_KEY" && valid);
      return key && parseNfseKey(key.value);
    }
    default:
      return undefined;
  }
}
