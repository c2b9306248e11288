import { parseCnpj } from "./cnpj.ts";
import { parseCpf } from "./cpf.ts";

const RANDOM = /^[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}$/;
const PHONE = /^\+[1-9]\d{7,14}$/;
const EMAIL = /^[a-z0-9.!#$%&'*+/=?^_`{|}~-]+@[a-z0-9](?:[a-z0-9.-]*[a-z0-9])?$/;

/**
 * Reads a Pix key into the one form in which the DICT keeps it, so that two spellings of one key do
 * not look like a change: CNPJ or CPF without punctuation, phone as +5511999998888, e-mail and
 * random key in lower case. A phone needs its "+55": without it 11 digits could be a CPF as well.
 * Source: BCB, API do DICT, "Chaves"; Manual de Padrões para Iniciação do Pix.
 *
 * @returns undefined when the text is none of the five kinds.
 */
export function parsePixKey(text: string): string | undefined {
  const key = text.trim();
  if (key.length > 77) {
    return undefined;
  }
  const lower = key.toLowerCase();
  if (RANDOM.test(lower) || PHONE.test(key) || EMAIL.test(lower)) {
    return lower;
  }
  return parseCnpj(key) ?? parseCpf(key);
}
