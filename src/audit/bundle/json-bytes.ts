/**
 * Where JSON values end in bytes that are valid UTF-8 (RFC 8259). Each function takes the place of a value's first byte, and
 * returns the place behind its last one, or -1 when what stands there is none of the kind.
 */

export const QUOTE = 0x22;
export const COMMA = 0x2c;
export const COLON = 0x3a;
export const ZERO = 0x30;
export const OPEN_OBJECT = 0x7b;
export const CLOSE_OBJECT = 0x7d;
const OPEN_ARRAY = 0x5b;
const CLOSE_ARRAY = 0x5d;
const BACKSLASH = 0x5c;
const SPACE = 0x20;
const MINUS = 0x2d;
const PLUS = 0x2b;
const POINT = 0x2e;
const LOWER_U = 0x75;
const DEEPEST = 32;

const ESCAPED = new Set(Buffer.from('"\\/bfnrt'));
const LITERALS = ["null", "true", "false"].map((literal) => Buffer.from(literal));
const COMMITMENT = Buffer.from('{"commitment":"');
/** Base64 of 32 bytes: 43 characters, the last of which has two bits without meaning. */
const BASE64 = new Set(
  Buffer.from("ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/"),
);
const LAST_BASE64 = new Set(Buffer.from("AEIMQUYcgkosw048"));
const COMMITMENT_END = Buffer.from('="}');

/** By byte: whether it stands for itself in a string. A look-up, since most of an entry's bytes come by here. */
const IS_PLAIN = Uint8Array.from({ length: 256 }, (_, byte) =>
  byte < SPACE || byte === QUOTE || byte === BACKSLASH ? 0 : 1,
);

/** Whether these bytes stand there. */
export function isAt(bytes: Uint8Array, at: number, expected: Uint8Array): boolean {
  if (at < 0) return false;
  for (let place = 0; place < expected.length; place++) {
    if (bytes[at + place] !== expected[place]) return false;
  }
  return true;
}

export function isDigit(byte: number | undefined): boolean {
  return byte !== undefined && byte >= ZERO && byte <= 0x39;
}

/** Of a string. */
export function endOfString(bytes: Uint8Array, at: number): number {
  if (at < 0 || bytes[at] !== QUOTE) return -1;
  for (let place = at + 1; place < bytes.length; place++) {
    place = endOfPlain(bytes, place);
    if (bytes[place] === QUOTE) return place + 1;
    if (bytes[place] !== BACKSLASH) return -1;
    place = lastOfEscape(bytes, place);
    if (place < 0) return -1;
  }
  return -1;
}

/** Of a string without escapes, whose bytes are its value. */
export function endOfPlainString(bytes: Uint8Array, at: number): number {
  if (at < 0 || bytes[at] !== QUOTE) return -1;
  const end = endOfPlain(bytes, at + 1);
  return bytes[end] === QUOTE ? end + 1 : -1;
}

/** Where bytes end that stand for themselves. */
function endOfPlain(bytes: Uint8Array, at: number): number {
  let end = at;
  while (end < bytes.length && IS_PLAIN[bytes[end] ?? 0] === 1) end += 1;
  return end;
}

/** Of a commitment (commitment.ts) without spaces. */
export function endOfCommitment(bytes: Uint8Array, at: number): number {
  if (!isAt(bytes, at, COMMITMENT)) return -1;
  const start = at + COMMITMENT.length;
  for (let place = start; place < start + 42; place++) {
    if (!BASE64.has(bytes[place] ?? 0)) return -1;
  }
  const isWhole =
    LAST_BASE64.has(bytes[start + 42] ?? 0) && isAt(bytes, start + 43, COMMITMENT_END);
  return isWhole ? start + 43 + COMMITMENT_END.length : -1;
}

/**
 * Of a number, a literal or an array. Objects in it have to be spaced as PostgreSQL spaces jsonb, so that in a row's state
 * no key of theirs looks as a column's does.
 */
export function endOfFlatValue(bytes: Uint8Array, at: number): number {
  return bytes[at] === OPEN_OBJECT ? -1 : endOfValue(bytes, at, 0);
}

function endOfValue(bytes: Uint8Array, at: number, depth: number): number {
  if (depth > DEEPEST) return -1;
  switch (bytes[at]) {
    case QUOTE:
      return endOfString(bytes, at);
    case OPEN_ARRAY:
      return endOfArray(bytes, at, depth);
    case OPEN_OBJECT:
      return endOfObject(bytes, at, depth);
    default:
      return isDigit(bytes[at]) || bytes[at] === MINUS
        ? endOfNumber(bytes, at)
        : endOfLiteral(bytes, at);
  }
}

function endOfArray(bytes: Uint8Array, at: number, depth: number): number {
  if (bytes[at + 1] === CLOSE_ARRAY) return at + 2;
  for (let place = at + 1; ; place += 1) {
    place = endOfValue(bytes, place, depth + 1);
    if (place < 0) return -1;
    if (bytes[place] === CLOSE_ARRAY) return place + 1;
    if (bytes[place] !== COMMA) return -1;
    if (bytes[place + 1] === SPACE) place += 1;
  }
}

function endOfObject(bytes: Uint8Array, at: number, depth: number): number {
  if (bytes[at + 1] === CLOSE_OBJECT) return at + 2;
  for (let place = at + 1; ; place += 2) {
    place = endOfString(bytes, place);
    if (place < 0 || bytes[place] !== COLON || bytes[place + 1] !== SPACE) return -1;
    place = endOfValue(bytes, place + 2, depth + 1);
    if (place < 0) return -1;
    if (bytes[place] === CLOSE_OBJECT) return place + 1;
    if (bytes[place] !== COMMA || bytes[place + 1] !== SPACE) return -1;
  }
}

function endOfNumber(bytes: Uint8Array, at: number): number {
  let place = bytes[at] === MINUS ? at + 1 : at;
  if (bytes[place] === ZERO) place += 1;
  else place = endOfDigits(bytes, place);
  if (place >= 0 && bytes[place] === POINT) place = endOfDigits(bytes, place + 1);
  if (place >= 0 && (bytes[place] === 0x65 || bytes[place] === 0x45)) {
    const hasSign = bytes[place + 1] === PLUS || bytes[place + 1] === MINUS;
    place = endOfDigits(bytes, place + (hasSign ? 2 : 1));
  }
  return place;
}

function endOfDigits(bytes: Uint8Array, at: number): number {
  let end = at;
  while (isDigit(bytes[end])) end += 1;
  return end > at ? end : -1;
}

function endOfLiteral(bytes: Uint8Array, at: number): number {
  const literal = LITERALS.find((each) => isAt(bytes, at, each));
  return literal === undefined ? -1 : at + literal.length;
}

/** The last byte of the escape whose backslash stands there. */
function lastOfEscape(bytes: Uint8Array, at: number): number {
  if (ESCAPED.has(bytes[at + 1] ?? 0)) return at + 1;
  if (bytes[at + 1] !== LOWER_U) return -1;
  for (let place = at + 2; place < at + 6; place++) if (!isHex(bytes[place] ?? 0)) return -1;
  return at + 5;
}

function isHex(byte: number): boolean {
  const lower = byte | 0x20;
  return isDigit(byte) || (lower >= 0x61 && lower <= 0x66);
}
