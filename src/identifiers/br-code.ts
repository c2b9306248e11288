import { parseDecimal } from "../money/centavos.ts";

/** What a Pix QR code (BR Code, "Pix copia e cola") says. Either pixKey or url is there. */
export interface BrCode {
  /** The receiver's key, in a static code. */
  pixKey?: string;
  /** Centavos; absent when the payer chooses. */
  amount?: bigint;
  /** As the code gives it: at most 25 characters, so often cut short. */
  merchantName: string;
  /** The receiver's reference; absent when the code says "***", which means none. */
  txid?: string;
  /** Where a dynamic code's charge is fetched from, without scheme. */
  url?: string;
}

const CRC_SHAPE = /^(.*6304)([0-9A-F]{4})$/is;

/**
 * Reads a BR Code: EMV tag-length-value objects that end with a CRC-16 over everything before it, its own "6304"
 * included. Source: BCB, Manual de Padrões para Iniciação do Pix; EMV QRCPS Merchant-Presented Mode.
 *
 * @returns undefined when the CRC or the structure is wrong, a tag stands twice, or it is no Pix code.
 */
export function parseBrCode(text: string): BrCode | undefined {
  const code = text.trim();
  const match = code.length <= 1024 ? CRC_SHAPE.exec(code) : null;
  if (!match || crc16(match[1] ?? "") !== match[2]?.toUpperCase()) {
    return undefined;
  }
  const objects = readObjects(code);
  const account = objects && findPixAccount(objects);
  const merchantName = objects?.get("59");
  if (!account || objects.get("00") !== "01" || !merchantName || objects.get("58") !== "BR") {
    return undefined;
  }
  const pixKey = account.get("01");
  const url = account.get("25");
  const amountText = objects.get("54");
  const amount = amountText === undefined ? undefined : parseDecimal(amountText);
  const malformedAmount = amountText !== undefined && (amount === undefined || amount < 0n);
  if (
    (pixKey === undefined && url === undefined) ||
    malformedAmount ||
    objects.get("53") !== "986"
  ) {
    return undefined;
  }
  const txid = readObjects(objects.get("62") ?? "")?.get("05");
  return {
    merchantName,
    ...(pixKey !== undefined && { pixKey }),
    ...(url !== undefined && { url }),
    // Zero, like no amount at all, leaves it to the payer.
    ...(amount && { amount }),
    ...(txid !== undefined && txid !== "***" && { txid }),
  };
}

/** The Pix account is the template among tags 26 to 51 whose first object names the BCB's domain. */
function findPixAccount(objects: Map<string, string>): Map<string, string> | undefined {
  for (const [tag, value] of objects) {
    if (tag >= "26" && tag <= "51") {
      const inner = readObjects(value);
      if (inner?.get("00")?.toLowerCase() === "br.gov.bcb.pix") {
        return inner;
      }
    }
  }
  return undefined;
}

/** Takes tag (2), length (2, in characters) and value apart; undefined unless the text is used up exactly. */
function readObjects(text: string): Map<string, string> | undefined {
  const characters = Array.from(text);
  const objects = new Map<string, string>();
  let at = 0;
  while (at < characters.length) {
    const head = /^(\d{2})(\d{2})$/.exec(characters.slice(at, at + 4).join(""));
    const tag = head?.[1];
    const end = at + 4 + Number(head?.[2]);
    if (tag === undefined || end > characters.length || objects.has(tag)) {
      return undefined;
    }
    objects.set(tag, characters.slice(at + 4, end).join(""));
    at = end;
  }
  return objects;
}

/** CRC-16/CCITT-FALSE (polynomial 1021, from FFFF, nothing reflected) of the UTF-8 bytes, in 4 hex digits. */
export function crc16(text: string): string {
  let crc = 0xffff;
  for (const byte of new TextEncoder().encode(text)) {
    crc ^= byte << 8;
    for (let bit = 0; bit < 8; bit++) {
      crc = (crc & 0x8000 ? (crc << 1) ^ 0x1021 : crc << 1) & 0xffff;
    }
  }
  return crc.toString(16).toUpperCase().padStart(4, "0");
}
