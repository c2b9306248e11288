import { AuditFault } from "./fault.ts";
import { COSIGNATURE_V1, ED25519, parseVerifierKey, type VerifierKey } from "./verifier-key.ts";

/** What a key is for: signing checkpoints, signing intents, or cosigning checkpoints. */
export type KeyRole = "log" | "intent" | "witness";

const TYPE_OF_ROLE: Record<KeyRole, number> = {
  log: ED25519,
  intent: ED25519,
  witness: COSIGNATURE_V1,
};

/** A key of a list, with the places at which it is valid: leaf indexes for intents, tree sizes for checkpoints. */
export interface ListedKey {
  role: KeyRole;
  key: VerifierKey;
  /** The first place. */
  from: number;
  /** The first place at which it is valid no more. */
  until: number;
  /** Of a key of the log: the name under which it signs here, if that is neither the log's present one nor the key's own. */
  origin?: string;
}

/**
 * Reads a list of keys: lines `<role> <verifier key> [from <place>] [until <place>] [origin <name>]`, with `until`
 * exclusive; empty lines and those that start with # are passed over. A key that is replaced gets an end, its successor a
 * beginning; the two may overlap. A log that is given another name keeps a line with the former one (`origin`) and its end.
 * Words are separated by spaces and tabs, lines may end in CR LF, and the list may begin with a byte order mark: editors of
 * some systems put those there. Nothing else counts as a space, so that every verifier reads the same.
 *
 * @throws AuditFault MALFORMED, naming the line
 */
export function parseKeyList(text: string): ListedKey[] {
  return text
    .replace(/^\ufeff/, "")
    .split("\n")
    .flatMap((line, at) => {
      const words = line.split(/[ \t\r]+/).filter((word) => word !== "");
      if (words[0] === undefined || words[0].startsWith("#")) return [];
      try {
        return [parseLine(words)];
      } catch (error) {
        if (!(error instanceof AuditFault)) throw error;
        throw new AuditFault(error.code, `Lista de chaves, linha ${at + 1}: ${error.message}`);
      }
    });
}

export function formatKeyList(keys: readonly ListedKey[]): string {
  return keys
    .map(({ role, key, from, until, origin }) => {
      const range = [
        ...(from > 0 ? [`from ${from}`] : []),
        ...(until < Number.POSITIVE_INFINITY ? [`until ${until}`] : []),
        ...(origin === undefined ? [] : [`origin ${origin}`]),
      ];
      return `${[role, key.text, ...range].join(" ")}\n`;
    })
    .join("");
}

/** The keys of a role, whenever they are valid. */
export function keysOf(keys: readonly ListedKey[], role: KeyRole): VerifierKey[] {
  return keys.filter((each) => each.role === role).map(({ key }) => key);
}

/** Whether the list has that key for the role at that leaf index or tree size. */
export function isValidAt(
  keys: readonly ListedKey[],
  role: KeyRole,
  { text }: VerifierKey,
  place: number,
): boolean {
  return keys.some(
    (each) =>
      each.role === role && each.key.text === text && each.from <= place && place < each.until,
  );
}

function parseLine([word = "", text = "", ...rest]: string[]): ListedKey {
  const role = (["log", "intent", "witness"] as const).find((each) => each === word);
  if (role === undefined) {
    // It may be the first line of anything: of a picture, too.
    const shown = JSON.stringify(word.length > 40 ? `${word.slice(0, 40)}…` : word);
    throw new AuditFault("MALFORMED", `o papel ${shown} não existe: use log, intent ou witness.`);
  }
  const key = parseVerifierKey(text);
  if (key.type !== TYPE_OF_ROLE[role]) {
    throw new AuditFault(
      "MALFORMED",
      `a chave "${key.name}" é do tipo ${key.type}; o papel ${role} pede o tipo ${TYPE_OF_ROLE[role]}.`,
    );
  }
  const listed: ListedKey = { role, key, from: 0, until: Number.POSITIVE_INFINITY };
  for (let at = 0; at < rest.length; at += 2) {
    const name = rest[at];
    const place = rest[at + 1] ?? "";
    if (name === "origin" && role === "log" && place !== "") {
      listed.origin = place;
      continue;
    }
    if ((name !== "from" && name !== "until") || !/^(?:0|[1-9]\d{0,15})$/.test(place)) {
      throw new AuditFault(
        "MALFORMED",
        'espera-se "<papel> <chave> [from <índice>] [until <índice>]", e só em log [origin <nome>].',
      );
    }
    listed[name] = Number(place);
  }
  return listed;
}
