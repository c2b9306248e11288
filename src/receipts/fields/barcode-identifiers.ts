import { parseBoletoLine } from "../../identifiers/boleto.ts";
import { parseBrCode } from "../../identifiers/br-code.ts";
import { parseDfeKey } from "../../identifiers/dfe-key.ts";
import type { Barcode } from "../barcodes.ts";
import type { ReceiptIdentifier } from "../reading.ts";

/**
 * The identifiers in a document's QR codes and barcodes. Their own check digits must hold: a code that was decoded rightly may
 * be that of a loyalty card. All are valid, and exact where OCR reads nearly the same.
 *
 * @param referenceDate 'YYYY-MM-DD': tells the cycles of a boleto's due factor apart.
 */
export function identifiersInBarcodes(
  barcodes: readonly Barcode[],
  referenceDate: string,
): ReceiptIdentifier[] {
  return barcodes.flatMap(({ text }) => identifierIn(text.trim(), referenceDate) ?? []);
}

function identifierIn(text: string, referenceDate: string): ReceiptIdentifier | undefined {
  if (parseBrCode(text) !== undefined) {
    return { kind: "BR_CODE", value: text, valid: true };
  }
  const key = keyIn(text);
  if (key !== undefined && parseDfeKey(key) !== undefined) {
    return { kind: "DFE_KEY", value: key, valid: true };
  }
  const boleto = /^\d{44}$/.test(text) ? parseBoletoLine(text, referenceDate) : undefined;
  return boleto && { kind: "BOLETO_LINE", value: boleto.line, valid: true };
}

/**
 * The 44 characters of a key: alone (DANFE), first in the parameter `p` of the address in an NFC-e's QR code, or its parameter
 * `chNFe` (Manual de Padrões Técnicos do DANFE NFC-e e QR Code, versions 2 and 1), or before the first bar (CF-e SAT).
 */
function keyIn(text: string): string | undefined {
  return /(?:^|[?&](?:p|chNFe)=)([0-9A-Z]{44})(?:$|[|&])/.exec(text)?.[1];
}
