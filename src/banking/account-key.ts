import { createHash } from "node:crypto";

/**
 * What an account of a file is known by: a hash of bank code and number, since the number itself is not kept.
 * Punctuation and leading zeros do not count; banks write them in one file and not in the next.
 */
export function accountKey(
  bankCode: string | null,
  branch: string | null,
  account: string,
): string {
  const parts = [bankCode, branch, account].map((text) => bare(text ?? ""));
  return createHash("sha256").update(parts.join("/")).digest("hex");
}

/** The last four characters: enough to tell accounts apart, too little to pay with. */
export function maskAccountNumber(account: string | null | undefined): string | null {
  const text = account?.replace(/[^0-9A-Za-z]/g, "") ?? "";
  return text === "" ? null : `****${text.slice(-4)}`;
}

function bare(text: string): string {
  return text
    .replace(/[^0-9A-Za-z]/g, "")
    .toUpperCase()
    .replace(/^0+/, "");
}
