/**
 * A CNAE subclass (IBGE/CONCLA, CNAE-Subclasses 2.3) as 7 digits, from "4329-1/03" or "4329103";
 * undefined for anything else.
 */
export function parseCnae(text: string): string | undefined {
  const match = /^(\d{4})-?(\d)\/?(\d{2})$/.exec(text.trim());
  return match ? match.slice(1).join("") : undefined;
}

/** "4329103" -> "4329-1/03". The input is a CNAE of 7 digits. */
export function formatCnae(cnae: string): string {
  return `${cnae.slice(0, 4)}-${cnae.slice(4, 5)}/${cnae.slice(5)}`;
}
