import { readFileSync } from "node:fs";
import { fileURLToPath } from "node:url";
import { createAttest } from "../../src/audit/attest.ts";
import { type ListedKey, parseKeyList } from "../../src/audit/key-list.ts";
import { loadSigner } from "../../src/audit/keys.ts";
import { createCheckpointSigner } from "../../src/audit/sign-checkpoint.ts";

/** Keys of the tests' installations; no other installation has them. */
export const LOG_KEY =
  "PRIVATE+KEY+teste/blindagem+69d60783+AcL/yBo3+waTSfebfP79/iCE3zzx3ROybuOuVjhOj3P4";
export const INTENT_KEY =
  "PRIVATE+KEY+teste/blindagem/intent+3d41f15f+AZbNtGFQgo1/xSpgNBd8KQ1k/FRbiyXrtUkNagUqKdlT";
const KEY_LIST = fileURLToPath(new URL("../fixtures/audit/keys", import.meta.url));

/** The public list of these keys. */
export const testKeys: readonly ListedKey[] = parseKeyList(readFileSync(KEY_LIST, "utf8"));

/** What processes of a test's installation get, each more than it needs. */
export const KEY_VARIABLES: Readonly<Record<string, string>> = {
  LOG_KEY,
  INTENT_KEY,
  AUDIT_KEYS_FILE: KEY_LIST,
};

/** Signs as the platform's processes do. */
export const attest = createAttest(() => loadSigner({ text: INTENT_KEY }));

/** Signs checkpoints as the sealing process does. */
export const checkpointSigner = async () =>
  createCheckpointSigner([await loadSigner({ text: LOG_KEY })], testKeys);
