import { digit11 } from "./check-digit.ts";

const SHAPE = /^\s*(\d{3})\.?(\d{3})\.?(\d{3})-?(\d{2})\s*$/;

/**
 * Reads a CPF with or without its punctuation ("529.982.247-25"). Check digits by modulo 11 with
 * weights 10..2, then 11..2 (Receita Federal).
 *
 * @returns the 11 digits, or undefined when the shape or a check digit is wrong, or when all digits
 * are the same (such numbers have right check digits and are nobody's).
 */
export function parseCpf(text: string): string | undefined {
  if (text.length > 40) {
    return undefined;
  }
  const match = SHAPE.exec(text);
  if (!match) {
    return undefined;
  }
  const cpf = match.slice(1).join("");
  const first = digit11(cpf.slice(0, 9), 11);
  const digits = first + digit11(cpf.slice(0, 9) + first, 11);
  return cpf.slice(9) === digits && !/^(.)\1*$/.test(cpf) ? cpf : undefined;
}

/**
 * Shows a CPF as the government's own transparency portals do, middle digits only: "***.982.247-**".
 * Anything that is not 11 digits is hidden altogether, so that no raw text slips through.
 */
export function maskCpf(cpf: string): string {
  return /^\d{11}$/.test(cpf) ? `***.${cpf.slice(3, 6)}.${cpf.slice(6, 9)}-**` : "***.***.***-**";
}
