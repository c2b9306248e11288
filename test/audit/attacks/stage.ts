import { mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import pg from "pg";
import { pino } from "pino";
import { z } from "zod";
import { createAttest } from "../../../src/audit/attest.ts";
import { exportBundle } from "../../../src/audit/bundle/export.ts";
import { verifyBundle } from "../../../src/audit/bundle/verify.ts";
import { openCheckpoint } from "../../../src/audit/checkpoint.ts";
import type { CheckpointDirectory } from "../../../src/audit/checkpoint-directory.ts";
import { type Comparing, startComparing } from "../../../src/audit/comparing/comparing-process.ts";
import { formatKeyList, type ListedKey } from "../../../src/audit/key-list.ts";
import { loadSigner } from "../../../src/audit/keys.ts";
import type { Signer } from "../../../src/audit/note.ts";
import type { Sealing } from "../../../src/audit/sealing-process.ts";
import { createCheckpointSigner } from "../../../src/audit/sign-checkpoint.ts";
import { type Actor, type Attest, transaction } from "../../../src/database/actor.ts";
import { REQUEST_ROLES, type Role } from "../../../src/database/role-names.ts";
import { validateExpenses } from "../../../src/validation/validate.ts";
import { pick, serveApi } from "../../api/api-fixture.ts";
import { administer } from "../../database/cluster.ts";
import { createTestDatabase, type TestDatabase } from "../../database/test-database.ts";
import { asker, cnpjOf, rowOf } from "../../database/world.ts";
import { verifierReport } from "../../verifier/run-verifier.ts";
import { waitFor } from "../../wait-for.ts";
import { rememberedInMemory, startTestSealing } from "../start-sealing.ts";
import { INTENT_KEY, LOG_KEY, testKeys } from "../test-keys.ts";
import type { Detection } from "./attack.ts";

/** A machine that does other things too compares slowly. */
const PATIENCE_MS = 90_000;

/** What the platform's own processes say of themselves here. */
export const WORKER: Actor = { id: "system:reconcile", role: "worker", reason: "Conciliação" };

const VALIDATION: Actor = {
  id: "system:validate_expenses",
  role: "worker",
  reason: "Validação automática",
};

/** A statement, and as whom it is run. */
export interface Attempt {
  as: Role | "migrator" | "superuser";
  statement: string;
}

/**
 * An installation to be attacked: a database with a condominium whose expenses an administradora has handed in, all of it
 * signed for, sealed and compared by the real processes, and an auditor who keeps a checkpoint of it.
 */
export class Stage {
  readonly #found = new Map<Detection, number>();
  readonly #memory: CheckpointDirectory;
  #rounds = 0;
  #sealing: Sealing | undefined;
  #comparing: Comparing | undefined;
  #began = 0;
  readonly #directory: string;
  #kept = "";
  #lastRecord = "0";

  readonly database: TestDatabase;
  /** Public keys; an attack that comes after their rotation replaces them. */
  keys: readonly ListedKey[] = testKeys;
  organizationId = "";
  condominiumId = "";
  admin = asker("admin", "", undefined);
  /** Ids of two expenses. */
  expenses: string[] = [];

  /** Signs checkpoints. */
  logSigner: Signer;

  private constructor(database: TestDatabase, directory: string, signer: Signer, note?: string) {
    this.database = database;
    this.#directory = directory;
    this.logSigner = signer;
    this.#memory = rememberedInMemory(note);
  }

  static async #on(database: TestDatabase, note?: string): Promise<Stage> {
    const directory = await mkdtemp(join(tmpdir(), "blindagem-attack-"));
    return new Stage(database, directory, await loadSigner({ text: LOG_KEY }), note);
  }

  /** One that is furnished and sealed, and on which no process runs: others are opened like it. */
  static async furnish(): Promise<Stage> {
    const stage = await Stage.#on(await createTestDatabase());
    await stage.#furnish();
    await stage.startSealing();
    await stage.sealed();
    await stage.stopSealing();
    stage.#lastRecord = await stage.one(
      "select max(id)::text as value from blindagem_audit.audit_log_immutable",
    );
    return stage;
  }

  /** Another like this one, on which the platform's processes run. */
  async open(): Promise<Stage> {
    const stage = await Stage.#on(await this.database.copy(), await this.#memory.newest());
    stage.organizationId = this.organizationId;
    stage.condominiumId = this.condominiumId;
    stage.admin = this.admin;
    stage.expenses = this.expenses;
    stage.#lastRecord = this.#lastRecord;
    await stage.keepCheckpoint();
    await stage.startSealing();
    stage.startComparing();
    return stage;
  }

  /** The auditor keeps the newest checkpoint. */
  async keepCheckpoint(): Promise<void> {
    this.#kept = (await this.#memory.newest()) ?? "";
  }

  async close(): Promise<void> {
    await this.stop();
    await this.database.drop();
    await rm(this.#directory, { recursive: true });
  }

  /** Of what the attack does from here on: what goes before is its preparation. */
  begins(): void {
    this.#began = performance.now();
    this.#found.clear();
  }

  /** Milliseconds from the attack's beginning until it was noticed first. */
  delay(): number {
    return Math.min(...this.#found.values()) - this.#began;
  }

  found(): Detection[] {
    return [...this.#found.keys()].sort();
  }

  tell(detection: Detection): void {
    if (!this.#found.has(detection)) this.#found.set(detection, performance.now());
  }

  /** Resolves when all of that was noticed. */
  async until(detections: readonly Detection[]): Promise<void> {
    const missing = () => detections.filter((detection) => !this.#found.has(detection));
    await waitFor("detections", () => missing().length === 0, PATIENCE_MS).catch(
      (cause: unknown) => {
        const text = `Not noticed: ${missing().join(", ")}. Noticed: ${this.found().join(", ")}.`;
        throw new Error(text, { cause });
      },
    );
  }

  /** Resolves when so many whole rounds of the comparison have begun and ended from now on. */
  async rounds(count: number): Promise<void> {
    // The one that is under way may have passed by already.
    const until = this.#rounds + count + 1;
    await waitFor("a round of the comparison", () => this.#rounds >= until, PATIENCE_MS);
  }

  /** Resolves when nothing waits for its seal and all that is sealed is signed. */
  async sealed(): Promise<void> {
    await waitFor(
      "the seal of what waits",
      async () => {
        const size = await this.one(
          `select case when exists (select from blindagem_audit.pending_records) then 'waits' else (
           select coalesce(sum(cardinality(record_ids)), 0)::text from blindagem_audit.sealed_runs) end as value`,
        );
        const note = await this.#memory.newest();
        return note?.split("\n")[1] === size;
      },
      PATIENCE_MS,
    );
  }

  async startSealing(): Promise<void> {
    const signer = this.#checkpointSigner();
    this.#sealing = await startTestSealing({
      databaseUrl: this.database.url("sealer"),
      signer,
      keys: this.keys,
      directory: this.#memory,
      logger: this.#listening((line) => {
        if (line.msg === "sealing is refused") this.tell(`sealing ${line.code}`);
        if (line.msg === "the database's clock was set back") this.tell("sealing CLOCK_SET_BACK");
      }),
      onSealed: ({ unattested }) => {
        if (unattested > 0) this.tell("sealing UNATTESTED");
      },
    });
  }

  async stopSealing(): Promise<void> {
    await this.#sealing?.stop();
    this.#sealing = undefined;
  }

  startComparing(): void {
    this.#comparing = startComparing({
      databaseUrl: this.database.url("sealer"),
      rolePrefix: this.database.prefix,
      rowsPerSecond: 1_000_000,
      pollMs: 10,
      definitionsEveryMs: 5_000,
      roundEveryMs: 10,
      signed: async () => {
        const note = await this.#memory.newest();
        const { keys, origin } = this.#checkpointSigner();
        return note === undefined ? undefined : openCheckpoint(note, keys, origin);
      },
      logger: this.#listening((line) => {
        if (line.msg === "state and log diverge") this.tell(`comparison ${line.kind}`);
      }),
      onRound: () => {
        this.#rounds += 1;
      },
    });
  }

  async stopComparing(): Promise<void> {
    await this.#comparing?.stop();
    this.#comparing = undefined;
  }

  async stop(): Promise<void> {
    await this.stopComparing();
    await this.stopSealing();
  }

  /** Looks at everything once more, from the database and from outside of it; then the comparison ends. */
  async examine(): Promise<void> {
    const isDeclared = await this.#readLog();
    // It would take a core from the verifiers.
    const compared = this.rounds(1).then(() => this.stopComparing());
    await Promise.all([compared, this.verify()]);
    if (isDeclared) await this.#askApi();
  }

  /** What the log itself says of the changes since the beginning: whether one declares that it was made by hand. */
  async #readLog(): Promise<boolean> {
    const declared = await this.one(
      "select exists (select from blindagem_audit.audit_log_immutable where id > $1 and action = 'OUT_OF_BAND')::text as value",
      this.#lastRecord,
    );
    if (declared === "true") this.tell("log OUT_OF_BAND");
    return declared === "true";
  }

  /** Whether the administradora's auditor is shown any of that: what is in the log may be shown to nobody. */
  async #askApi(): Promise<void> {
    const api = await serveApi(this.database);
    try {
      const { body } = await api.graphql(
        "auditor",
        '{ auditLog(first: 1, orderBy: ID_DESC, filter: { action: { equalTo: "OUT_OF_BAND" } }) { nodes { id } } }',
      );
      const newest = z.string().parse(pick(body, "data", "auditLog", "nodes", 0, "id"));
      if (BigInt(newest) > BigInt(this.#lastRecord)) this.tell("auditor OUT_OF_BAND");
    } finally {
      await api.close();
    }
  }

  /** What an auditor finds in a bundle of the administradora, by both verifiers, with the checkpoint that they kept. */
  async verify(): Promise<void> {
    const directory = join(this.#directory, "bundle");
    const [keys, since] = [join(this.#directory, "keys"), join(this.#directory, "since")];
    await writeFile(keys, formatKeyList(this.keys));
    await writeFile(since, this.#kept);
    const { role, settings } = this.admin;
    await this.database.asRequest(role, settings, (client) =>
      exportBundle(client, {
        directory,
        organizationId: this.organizationId,
        keys: this.keys,
        now: new Date(),
      }),
    );
    const report = await verifyBundle(directory, {
      trustedKeys: this.keys,
      previousCheckpoint: this.#kept,
    });
    for (const code of Object.keys(report.faultCounts)) this.tell(`verification ${code}`);
    const independent = await verifierReport(
      ...["bundle", directory, "--keys", keys, "--since", since],
    );
    if (
      JSON.stringify(sorted(independent.faultCounts)) !== JSON.stringify(sorted(report.faultCounts))
    ) {
      throw new Error(`The verifiers disagree: ${JSON.stringify([report.faults, independent])}`);
    }
  }

  /** Tries statements, each by itself: what is refused is noticed by the database. */
  async attempt(...attempts: readonly Attempt[]): Promise<void> {
    for (const { as, statement } of attempts) {
      try {
        await this.session(as, (client) => client.query(statement));
        this.tell("database FEITO");
      } catch (error) {
        if (!(error instanceof pg.DatabaseError)) throw error;
        this.tell(`database ${error.code}`);
      }
    }
  }

  /** Runs statements as the database's administrator, who has installed the platform, in one session. */
  async asMigrator(...statements: string[]): Promise<void> {
    await inSession(this.database.migratorUrl, allOf(statements));
  }

  /** Runs statements as the server's superuser, in one session. */
  async asSuperuser(...statements: string[]): Promise<void> {
    await inSession(this.#superuserUrl(), allOf(statements));
  }

  /** Runs a transaction as a process of the platform does, signed by that process unless it is given otherwise. */
  async asWorker(statement: string, attest: Attest = this.attest()): Promise<void> {
    const client = await this.database.pool("worker").connect();
    try {
      await transaction(client, attest, WORKER, () => client.query(statement));
    } finally {
      client.release();
    }
  }

  /** Signs intents with the platform's key, or with another. */
  attest(signer?: Signer): Attest {
    return createAttest(async () => signer ?? loadSigner({ text: INTENT_KEY }));
  }

  async one(statement: string, ...values: unknown[]): Promise<string> {
    const { rows } = await this.database
      .pool("migrator")
      .query<{ value: string }>(statement, values);
    return rows[0]?.value ?? "";
  }

  async treeSize(): Promise<number> {
    return Number(
      await this.one(
        "select sum(cardinality(record_ids))::text as value from blindagem_audit.sealed_runs",
      ),
    );
  }

  newestCheckpoint(): Promise<string> {
    return this.one(
      "select note as value from blindagem_audit.checkpoints order by tree_size desc limit 1",
    );
  }

  /** The month's partition of the log. */
  partition(): Promise<string> {
    return this.one(
      "select tableoid::regclass::text as value from blindagem_audit.audit_log_immutable limit 1",
    );
  }

  /** The id of the newest record of an expense. */
  recordOfExpense(): Promise<string> {
    return this.one(
      "select max(id)::text as value from blindagem_audit.audit_log_immutable where entity_type = 'expenses'",
    );
  }

  /** Statements that change a table without its triggers, and leave these as they were. */
  async behind(table: string, ...statements: string[]): Promise<string[]> {
    const { rows } = await this.database.pool("migrator").query<{ name: string; state: string }>(
      `select tgname as name, case tgenabled when 'A' then 'enable always' else 'enable' end as state
       from pg_trigger where tgrelid = $1::regclass and not tgisinternal`,
      [table],
    );
    return [
      "begin",
      `alter table ${table} disable trigger user`,
      ...statements,
      ...rows.map(({ name, state }) => `alter table ${table} ${state} trigger ${name}`),
      "commit",
    ];
  }

  /** Copies the database as it is now. @returns what puts the copy in its place */
  async backup(): Promise<() => Promise<void>> {
    const url = this.#superuserUrl();
    const name = new URL(url).pathname.slice(1);
    const disconnect = (from: string) =>
      administer(
        url,
        `select pg_terminate_backend(pid) from pg_stat_activity where datname = '${from}'`,
      );
    // The processes come back at once: nobody else may connect while it is copied.
    const alone = async (use: () => Promise<void>) => {
      await administer(url, `alter database ${name} allow_connections false`);
      await disconnect(name);
      await use();
    };
    await alone(() =>
      administer(url, `create database ${name}_old template ${name} strategy file_copy`),
    );
    await administer(url, `alter database ${name} allow_connections true`);
    return async () => {
      const owner = await this.one(
        "select pg_get_userbyid(datdba) as value from pg_database where datname = current_database()",
      );
      await alone(() => administer(url, `drop database ${name} with (force)`));
      await administer(url, `alter database ${name}_old rename to ${name}`);
      await administer(url, `alter database ${name} owner to ${owner}`);
    };
  }

  async #furnish(): Promise<void> {
    const insert = (statement: string, ...values: unknown[]) =>
      this.one(`${statement} returning id::text as value`, ...values);
    this.organizationId = await insert(
      "insert into blindagem.organizations (name, cnpj) values ('Alfa', $1)",
      cnpjOf(1),
    );
    const person = await insert(
      "insert into blindagem.people (subject, name) values ('ana', 'Ana')",
    );
    await insert(
      "insert into blindagem.members (organization_id, person_id, role) values ($1, $2, 'admin')",
      ...[this.organizationId, person],
    );
    const auditor = await insert(
      "insert into blindagem.people (subject, name) values ('ada', 'Ada')",
    );
    await insert(
      "insert into blindagem.grants (organization_id, person_id, role) values ($1, $2, 'auditor')",
      ...[this.organizationId, auditor],
    );
    this.condominiumId = await insert(
      "insert into blindagem.condominiums (name) values ('Horizonte')",
    );
    await insert(
      "insert into blindagem.managements (organization_id, condominium_id, code, valid_from) values ($1, $2, 'HZ', '2020-01-01')",
      ...[this.organizationId, this.condominiumId],
    );
    await insert(
      "insert into blindagem.bank_connections (organization_id, condominium_id, provider_item_id) values ($1, $2, 'item')",
      ...[this.organizationId, this.condominiumId],
    );
    this.admin = asker("admin", person, this.organizationId);
    await this.submit("1", "2");
    const { rows } = await this.database
      .pool("migrator")
      .query<{ id: string }>("select id from blindagem.expenses order by id");
    this.expenses = rows.map(({ id }) => id);
  }

  /** The administradora hands expenses in, in a request that the API signs. */
  async submit(...externalIds: string[]): Promise<void> {
    const { role, settings } = this.admin;
    const reason = "Envio de despesas";
    await this.database.asRequest(role, { ...settings, reason }, async (client) => {
      const rows = externalIds.map((externalId, index) =>
        rowOf({ index, externalId, condominium: "HZ" }),
      );
      await client.query("select blindagem.submit_expense_batch($1, $2)", [
        JSON.stringify(rows),
        "c".repeat(64),
      ]);
      await this.attest()(client, { id: settings.actor_id, role, reason });
    });
  }

  /** The machine decides the expenses, in a transaction that the worker signs: no fact is waited for any longer. */
  async decide(): Promise<void> {
    const client = await this.database.pool("worker").connect();
    const late = new Date(Date.now() + 365 * 86_400_000);
    try {
      await transaction(client, this.attest(), VALIDATION, () =>
        validateExpenses(client, this.expenses, late),
      );
    } finally {
      client.release();
    }
    await this.sealed();
  }

  /** Runs `use` in a session of that role or login: a request's is a request of the administradora. */
  async session<T>(as: Attempt["as"], use: (client: pg.ClientBase) => Promise<T>): Promise<T> {
    const request = REQUEST_ROLES.find((role) => role === as);
    if (request !== undefined) return this.database.asRequest(request, this.admin.settings, use);
    if (as === "authenticator" || as === "worker" || as === "sealer") {
      const client = await this.database.pool(as).connect();
      try {
        return await use(client);
      } finally {
        client.release(true);
      }
    }
    const url = as === "superuser" ? this.#superuserUrl() : this.database.migratorUrl;
    return inSession(url, async (client) => {
      if (as !== "superuser" && as !== "migrator") {
        await client.query(`grant ${this.database.prefix}_${as} to current_user`);
        await client.query(`set role ${this.database.prefix}_${as}`);
      }
      return use(client);
    });
  }

  #checkpointSigner() {
    return createCheckpointSigner([this.logSigner], this.keys);
  }

  #superuserUrl(): string {
    const { superuserUrl } = this.database;
    if (superuserUrl === undefined) throw new Error("Nobody gave us this server's superuser.");
    return superuserUrl;
  }

  #listening(hear: (line: Record<string, unknown>) => void) {
    return pino({ level: "info" }, { write: (text: string) => hear(JSON.parse(text)) });
  }
}

async function inSession<T>(url: string, use: (client: pg.Client) => Promise<T>): Promise<T> {
  const client = new pg.Client({ connectionString: url });
  await client.connect();
  try {
    return await use(client);
  } finally {
    await client.end();
  }
}

/** Runs these, one after the other. */
const allOf = (statements: readonly string[]) => async (client: pg.ClientBase) => {
  for (const statement of statements) await client.query(statement);
};

function sorted(counts: Readonly<Record<string, number | undefined>>) {
  return Object.entries(counts).sort();
}
