import { makeCnpj } from "./identifiers.ts";
import { createRandom, digits, seedOf } from "./random.ts";

/**
 * Made-up CNPJs begin with 99, a range in which few were ever given out; that one of them belongs to
 * somebody is not intended. The same text gives the same CNPJ.
 */
export function cnpjOf(text: string): string {
  return makeCnpj(`99${createRandom(seedOf(`cnpj:${text}`)).characters(digits, 6)}`);
}

/** An alphanumeric CNPJ, as they are given since 31 July 2026. */
export function alphanumericCnpjOf(text: string): string {
  const random = createRandom(seedOf(`alphanumeric:${text}`));
  const root = random.characters("ABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789", 7);
  return makeCnpj(`${random.characters("ABCDEFGHIJKLMNOPQRSTUVWXYZ", 1)}${root}`);
}

/** A version 4 UUID that the same text gives again. */
export function uuidOf(text: string): string {
  const random = createRandom(seedOf(`uuid:${text}`));
  const hex = (length: number) => random.characters("0123456789abcdef", length);
  return `${hex(8)}-${hex(4)}-4${hex(3)}-${random.pick(["8", "9", "a", "b"])}${hex(3)}-${hex(12)}`;
}

/** Upper case without accents, as registries and statements write names. */
export function plainName(name: string): string {
  return name.normalize("NFD").replace(/\p{M}/gu, "").toUpperCase();
}
