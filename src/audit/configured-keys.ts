import { existsSync } from "node:fs";
import { readFile } from "node:fs/promises";
import path from "node:path";
import type { Environment } from "../config.ts";
import { type ListedKey, parseKeyList } from "./key-list.ts";
import { loadSigner, type SignerSource } from "./keys.ts";
import type { Signer } from "./note.ts";

/** Where `start` keeps the keys that it makes, below STATE_DIRECTORY. */
export const KEY_FILES = {
  intent: path.join("keys", "intent.key"),
  log: path.join("keys", "log.key"),
  list: path.join("keys", "keys"),
} as const;

/**
 * What signs the intents of this process.
 *
 * @throws Error saying how to give it a key
 */
export async function intentSigner(environment: Environment): Promise<Signer> {
  const signer = await intentSignerIfAny(environment);
  if (signer) return signer;
  throw missing("INTENT_KEY", "assinar o que grava");
}

/** The same; undefined where no key is configured. */
export async function intentSignerIfAny(environment: Environment): Promise<Signer | undefined> {
  const { INTENT_KEY, INTENT_KEY_FILE, INTENT_KEY_COMMAND, INTENT_VERIFIER_KEY } = environment;
  const [source] = sourcesOf(environment, "intent", {
    text: INTENT_KEY,
    files: INTENT_KEY_FILE,
    command: INTENT_KEY_COMMAND,
    verifierKey: INTENT_VERIFIER_KEY,
  });
  return source && loadSigner(source);
}

/**
 * What signs checkpoints: one key, or while keys are rotated several, by LOG_KEY_FILE with commas.
 *
 * @throws Error saying how to give it a key
 */
export async function logSigners(environment: Environment): Promise<[Signer, ...Signer[]]> {
  const { LOG_KEY, LOG_KEY_FILE, LOG_KEY_COMMAND, LOG_VERIFIER_KEY } = environment;
  const sources = sourcesOf(environment, "log", {
    text: LOG_KEY,
    files: LOG_KEY_FILE,
    command: LOG_KEY_COMMAND,
    verifierKey: LOG_VERIFIER_KEY,
  });
  const [first, ...others] = await Promise.all(sources.map(loadSigner));
  if (first) return [first, ...others];
  throw missing("LOG_KEY", "assinar pontos de verificação");
}

/** The public keys of the log, as lines of key-list.ts; empty where none are configured. */
export async function keyListText(environment: Environment): Promise<string> {
  const file =
    environment.AUDIT_KEYS_FILE ?? path.join(environment.STATE_DIRECTORY, KEY_FILES.list);
  if (environment.AUDIT_KEYS_FILE === undefined && !existsSync(file)) return "";
  return readFile(file, "utf8");
}

/** Those of the list. @throws Error when no public keys are configured: nothing could be verified with none */
export async function requireKeyList(environment: Environment): Promise<ListedKey[]> {
  const keys = parseKeyList(await keyListText(environment));
  if (keys.length > 0) return keys;
  throw new Error("Faltam as chaves públicas do registro: defina AUDIT_KEYS_FILE.");
}

interface Configured {
  text: string | undefined;
  /** One, or several with commas. */
  files: string | undefined;
  /** A program and its arguments, with spaces. */
  command: string | undefined;
  verifierKey: string | undefined;
}

function sourcesOf(
  environment: Environment,
  role: "intent" | "log",
  { text, files, command, verifierKey }: Configured,
): SignerSource[] {
  if (text) return [{ text }];
  if (files) return files.split(",").map((file) => ({ file: file.trim() }));
  if (command) {
    const variable = role === "intent" ? "INTENT_VERIFIER_KEY" : "LOG_VERIFIER_KEY";
    if (!verifierKey) {
      throw new Error(`Com um comando que assina, ${variable} tem de dizer a chave pública dele.`);
    }
    return [{ command: command.trim().split(/\s+/), verifierKey }];
  }
  const file = path.join(environment.STATE_DIRECTORY, KEY_FILES[role]);
  return existsSync(file) ? [{ file }] : [];
}

function missing(variable: string, purpose: string): Error {
  return new Error(
    `Falta a chave com que este processo deve ${purpose}: crie uma com \`blindagem audit keygen\` e defina ${variable}_FILE (ou ${variable}, ou ${variable}_COMMAND).`,
  );
}
