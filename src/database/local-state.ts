import { randomBytes } from "node:crypto";
import { link, mkdir, readFile, rm, writeFile } from "node:fs/promises";
import path from "node:path";
import { z } from "zod";
import { errorCode } from "./error-code.ts";

const password = z.string().min(20);

const localState = z.strictObject({
  /** Port of the embedded PostgreSQL on 127.0.0.1. */
  databasePort: z.int().min(1024).max(65535),
  superuserPassword: password,
  migratorPassword: password,
  loginPasswords: z.strictObject({ authenticator: password, worker: password, sealer: password }),
  /** HS256 secret of sign-in tokens where JWT_SECRET is not set. */
  jwtSecret: password,
});

/** What a start without configuration chose, kept so that the next start finds its data. */
export type LocalState = z.infer<typeof localState>;

const secret = () => randomBytes(24).toString("base64url");

/**
 * The state in `directory/state.json`; made on the first call, readable by its owner alone.
 *
 * @throws when the file is there and does not hold a state: it is never replaced, since the data needs its passwords.
 */
export async function loadLocalState(
  directory: string,
  freePort: () => Promise<number>,
): Promise<LocalState> {
  const existing = await readLocalState(directory);
  if (existing) return existing;
  const state: LocalState = {
    databasePort: await freePort(),
    superuserPassword: secret(),
    migratorPassword: secret(),
    loginPasswords: { authenticator: secret(), worker: secret(), sealer: secret() },
    jwtSecret: secret(),
  };
  await mkdir(directory, { recursive: true, mode: 0o700 });
  await writeOnce(fileIn(directory), `${JSON.stringify(state, null, 2)}\n`);
  // Another start may have been faster: its state is the one that counts.
  return (await readLocalState(directory)) ?? state;
}

/**
 * The state in `directory/state.json`, or undefined where nothing was started yet.
 *
 * @throws when the file is there and does not hold a state
 */
export async function readLocalState(directory: string): Promise<LocalState | undefined> {
  const file = fileIn(directory);
  const text = await readFile(file, "utf8").catch((error: unknown) => {
    if (errorCode(error) === "ENOENT") return undefined;
    throw error;
  });
  if (text === undefined) return undefined;
  const parsed = localState.safeParse(parseJson(text));
  if (parsed.success) return parsed.data;
  const where = parsed.error.issues[0]?.path.join(".") || "JSON";
  throw new Error(
    `${file} is not a state of this version (${where}). Restore it, or remove ${directory} with its data to begin anew.`,
  );
}

function fileIn(directory: string): string {
  return path.join(directory, "state.json");
}

/** Writes a whole file unless there is one by that name, so that nobody ever reads half of it or replaces it. */
async function writeOnce(file: string, content: string): Promise<void> {
  const unfinished = `${file}.${randomBytes(4).toString("hex")}`;
  await writeFile(unfinished, content, { mode: 0o600 });
  try {
    await link(unfinished, file);
  } catch (error) {
    if (errorCode(error) !== "EEXIST") throw error;
  } finally {
    await rm(unfinished, { force: true });
  }
}

function parseJson(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}
