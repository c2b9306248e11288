import { readFile, writeFile } from "node:fs/promises";
import { join } from "node:path";
import pg from "pg";
import { createAttest } from "../src/audit/attest.ts";
import { intentSigner } from "../src/audit/configured-keys.ts";
import { loadEnvironment } from "../src/config.ts";
import { transaction } from "../src/database/actor.ts";
import { roleName } from "../src/database/role-names.ts";
import type { Platform } from "../src/start/platform.ts";
import { type WatchedBatch, watchBatches } from "../src/start/progress.ts";
import { importOpenData } from "../src/suppliers/import-open-data.ts";
import {
  type LoadedDemo,
  loadDemo,
  loadedDemo,
  openDataFiles,
  organizationsFile,
  tokenOf,
} from "./load.ts";

export interface DemonstrationOptions {
  platform: Platform;
  rolePrefix: string;
  /** Directory with data/ and receipts/. */
  root: string;
  /** Keeps what a later start must know of the demo. */
  stateDirectory: string;
  tell(step: string): void;
}

const STATE_FILE = "demo.json";

/**
 * The demo that was loaded before from this state directory into this database, or undefined: the same directory may
 * have served another database, by another DATABASE_URL.
 */
export async function loadedBefore(
  stateDirectory: string,
  workerUrl: string,
): Promise<LoadedDemo | undefined> {
  const text = await readFile(join(stateDirectory, STATE_FILE), "utf8").catch(() => undefined);
  if (text === undefined) return undefined;
  const demo = loadedDemo.parse(JSON.parse(text));
  return (await knowsEveryone(workerUrl, demo)) ? demo : undefined;
}

async function knowsEveryone(workerUrl: string, { people }: LoadedDemo): Promise<boolean> {
  const subjects = [...new Set(people.map(({ subject }) => subject))];
  const client = new pg.Client({ connectionString: workerUrl });
  await client.connect();
  try {
    const { rowCount } = await client.query(
      "select from blindagem.people where subject = any ($1)",
      [subjects],
    );
    return rowCount === subjects.length;
  } finally {
    await client.end();
  }
}

/** Loads the demo into a platform whose database is empty: the registry's mirror, then all else through the API. */
export async function demonstrate(options: DemonstrationOptions): Promise<LoadedDemo> {
  const { platform, root, tell } = options;
  tell("Carregando os dados abertos do CNPJ…");
  await importMirror(platform.databaseUrls.worker, root);
  const demo = await loadDemo({
    apiUrl: platform.apiUrl,
    jwtSecret: platform.jwtSecret,
    root,
    tell,
    createOperator: (subject, name, email) => createOperator(options, subject, name, email),
  });
  await writeFile(join(options.stateDirectory, STATE_FILE), JSON.stringify(demo, null, 2), {
    mode: 0o600,
  });
  return demo;
}

/** Shows the demo's progress until its queue is empty; false when time ran out first. */
export async function watchDemo(
  platform: Pick<Platform, "apiUrl" | "jwtSecret">,
  demo: LoadedDemo,
  output: NodeJS.WriteStream | undefined,
  timeoutMs: number,
): Promise<boolean> {
  const operator = demo.people.find(({ role }) => role === "operator");
  if (!operator) throw new Error("The demo has no operator.");
  const batches: WatchedBatch[] = [];
  for (const { batchId, organization, title } of demo.batches) {
    const admin = demo.people.find(
      (each) => each.role === "admin" && each.organization === organization,
    );
    if (admin) batches.push({ batchId, title, token: await tokenOf(admin, platform.jwtSecret) });
  }
  return watchBatches({
    apiUrl: platform.apiUrl,
    batches,
    operatorToken: await tokenOf(operator, platform.jwtSecret),
    output,
    timeoutMs,
  });
}

async function importMirror(workerUrl: string, root: string): Promise<void> {
  const { openDataDate } = organizationsFile.parse(
    JSON.parse(await readFile(join(root, "data", "organizations.json"), "utf8")),
  );
  const client = new pg.Client({ connectionString: workerUrl });
  await client.connect();
  try {
    await importOpenData(client, await openDataFiles(root), { sourceDate: openDataDate });
  } finally {
    await client.end();
  }
}

async function createOperator(
  { platform, rolePrefix, stateDirectory }: DemonstrationOptions,
  subject: string,
  name: string,
  email: string,
): Promise<void> {
  const client = new pg.Client({ connectionString: platform.databaseUrls.authenticator });
  await client.connect();
  try {
    const environment = { ...loadEnvironment(), STATE_DIRECTORY: stateDirectory };
    const actor = { id: "command:demo", role: "operator", reason: "Carga da demonstração" };
    await transaction(
      client,
      createAttest(() => intentSigner(environment)),
      actor,
      async () => {
        await client.query("select set_config('role', $1, true)", [
          roleName(rolePrefix, "operator"),
        ]);
        await client.query("select blindagem_private.grant_operator($1, $2, $3)", [
          subject,
          name,
          email,
        ]);
      },
    );
  } finally {
    await client.end();
  }
}
