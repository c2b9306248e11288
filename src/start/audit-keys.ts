import { mkdir, readFile, writeFile } from "node:fs/promises";
import { hostname } from "node:os";
import path from "node:path";
import { KEY_FILES } from "../audit/configured-keys.ts";
import { formatKeyList, parseKeyList } from "../audit/key-list.ts";
import { generateKey, loadSigner } from "../audit/keys.ts";
import { errorCode } from "../database/error-code.ts";

/**
 * Makes the keys of an installation on one machine, unless they are there: that of the log, that of the intents, and
 * the list of their public halves. A secret key is readable by its owner alone, and never replaced.
 */
export async function ensureAuditKeys(stateDirectory: string): Promise<void> {
  const inState = (file: string) => path.join(stateDirectory, file);
  await mkdir(inState("keys"), { recursive: true, mode: 0o700 });
  const listed = await readIfThere(inState(KEY_FILES.list));
  const known = parseKeyList(listed);
  let added = "";
  for (const role of ["log", "intent"] as const) {
    await writeNew(inState(KEY_FILES[role]), `${generateKey(nameOf(role)).text}\n`);
    const { key } = await loadSigner({ file: inState(KEY_FILES[role]) });
    if (known.some((each) => each.role === role && each.key.text === key.text)) continue;
    added += formatKeyList([{ role, key, from: 0, until: Number.POSITIVE_INFINITY }]);
  }
  if (added !== "") await writeFile(inState(KEY_FILES.list), listed + added, { mode: 0o644 });
}

/** The log's key gives the log its name, by which a checkpoint tells whose it is. */
function nameOf(role: "log" | "intent"): string {
  const machine = hostname().replace(/[^A-Za-z0-9.-]/g, "-");
  return role === "log" ? `${machine}/blindagem` : `${machine}/blindagem/intent`;
}

async function readIfThere(file: string): Promise<string> {
  return readFile(file, "utf8").catch((error: unknown) => {
    if (errorCode(error) === "ENOENT") return "";
    throw error;
  });
}

async function writeNew(file: string, content: string): Promise<void> {
  await writeFile(file, content, { mode: 0o600, flag: "wx" }).catch((error: unknown) => {
    if (errorCode(error) !== "EEXIST") throw error;
  });
}
