import { parseBoletoLine } from "../../identifiers/boleto.ts";
import { parseBrCode } from "../../identifiers/br-code.ts";
import type { Barcode } from "../barcodes.ts";
import type { ReceiptIdentifier } from "../reading.ts";
import { fiscalKeyIn } from "./identifiers.ts";

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
  const key = fiscalKeyIn(keyIn(text) ?? "");
  if (key) {
    return key;
  }
  const boleto = /^\d{44}$/.test(text) ? parseBoletoLine(text, referenceDate) : undefined;
  return boleto && { kind: "BOLETO_LINE", value: boleto.line, valid: true };
}

/**
 * The 44 characters of a key: alone (DANFE), first in the parameter `p` of the address in an NFC-e's QR code, or its parameter
 * `chNFe` (Manual de Padrões Técnicos do DANFE NFC-e e QR Code, versions 2 and 1), or before the first bar (CF-e SAT). The 50 of
 * an NFS-e's: alone, or the parameter `chave` of the address at which it is looked up.
 */
function keyIn(text: string): string | undefined {
  return /(?:^|[?&](?:p|chNFe|chave)=)([0-9A-Z]{44}|[0-9A-Z]{50})(?:$|[|&#])/.exec(text)?.[1];
}
