import { digit11 } from "./check-digit.ts";
import { parseCnpj } from "./cnpj.ts";
import { parseCpf } from "./cpf.ts";
import { STATES, withoutZeros } from "./dfe-key.ts";

/** The access key (chave de acesso) of an NFS-e of the national standard, taken apart. */
export interface NfseKey {
  /** The 50 characters, upper case. */
  key: string;
  /** Month of issue, 'YYYY-MM'. */
  yearMonth: string;
  /** The provider's CNPJ, or CPF. */
  issuer: string;
  /** IBGE code of the municipality that issued it: 7 digits. */
  municipality: string;
  /** Without leading zeros. */
  number: string;
}

const SHAPE = /^(\d{7})[12]([12])([A-Z0-9]{12}\d{2})(\d{13})(\d{2})(\d{2})\d{10}$/;

/**
 * Reads the key of an NFS-e: municipality (7), system that made it (1: the municipality's, 2: the national one), kind of inscription
 * (1: CPF, 2: CNPJ), inscription (14), number (13), year and month (4), code (9), check digit as of a DF-e key (Sistema Nacional
 * NFS-e, Manual Integrado, annex I, `infNFSe/@Id`). Groups separated by spaces, as a DANFSe prints them, are accepted.
 *
 * @returns undefined when the shape, the state, the month, the provider's or the key's own check digit is wrong.
 */
export function parseNfseKey(text: string): NfseKey | undefined {
  if (text.length > 110) {
    return undefined;
  }
  const key = text.replace(/\s/g, "");
  const match = SHAPE.exec(key);
  if (!match) {
    return undefined;
  }
  const [, municipality = "", inscription, document = "", number = "", year, month = ""] = match;
  if (
    !STATES.has(municipality.slice(0, 2)) ||
    month < "01" ||
    month > "12" ||
    key.slice(49) !== digit11(key.slice(0, 49))
  ) {
    return undefined;
  }
  const issuer = inscription === "2" ? parseCnpj(document) : parsePaddedCpf(document);
  if (issuer === undefined) {
    return undefined;
  }
  return {
    key,
    yearMonth: `20${year}-${month}`,
    issuer,
    municipality,
    number: withoutZeros(number),
  };
}

function parsePaddedCpf(document: string): string | undefined {
  return document.startsWith("000") ? parseCpf(document.slice(3)) : undefined;
}
