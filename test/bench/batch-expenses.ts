import { mkdtemp, rm } from "node:fs/promises";
import { cpus, tmpdir, totalmem } from "node:os";
import { join } from "node:path";
import { parseArgs } from "node:util";
import pg from "pg";
import { createAttest } from "../../src/audit/attest.ts";
import { intentSigner } from "../../src/audit/configured-keys.ts";
import { createApiClient } from "../../src/client/api-client.ts";
import { signToken } from "../../src/client/sign-token.ts";
import { loadEnvironment } from "../../src/config.ts";
import { type Attest, transaction } from "../../src/database/actor.ts";
import { roleName } from "../../src/database/role-names.ts";
import { cnpjCheckDigits } from "../../src/identifiers/cnpj.ts";
import { startPlatform } from "../../src/start/platform.ts";

/** How long `POST /batch-expenses` takes: batches of `rows` rows from `clients` clients at once, workers running. */
interface Figures {
  rows: number;
  clients: number;
  batches: number;
  p50Ms: number;
  p99Ms: number;
  maxMs: number;
  expensesPerSecond: number;
  cpus: number;
  memoryGb: number;
}

const ADMIN = "bench-admin";
const CONDOMINIUMS = 100;

async function measure(rows: number, clients: number, perClient: number): Promise<Figures> {
  const directory = await mkdtemp(join(tmpdir(), "blindagem-bench-"));
  const stateDirectory = join(directory, ".blindagem");
  const { DATABASE_URL: _, ...environment } = loadEnvironment();
  const platform = await startPlatform(
    { ...environment, STATE_DIRECTORY: stateDirectory },
    { PORT: "0", STATE_DIRECTORY: stateDirectory, LOG_LEVEL: "warn" },
    () => undefined,
  );
  try {
    const organizationId = await createTenant(
      platform.databaseUrls.authenticator,
      environment.ROLE_PREFIX,
      createAttest(() => intentSigner({ ...environment, STATE_DIRECTORY: stateDirectory })),
    );
    const token = await signToken(
      platform.jwtSecret,
      { subject: ADMIN, role: "admin", organizationId },
      1,
      new Date(),
    );
    const client = createApiClient({ url: platform.apiUrl, token });
    const submit = async (name: string) => {
      const body = JSON.stringify({ rows: makeRows(name, rows) });
      const started = performance.now();
      const answer = await client.submitBatch(body, { contentType: "application/json" });
      if (answer.accepted !== rows)
        throw new Error(`batch ${name}: ${answer.accepted} of ${rows} rows accepted`);
      return performance.now() - started;
    };
    await submit("warm-up");
    const started = performance.now();
    const times = (
      await Promise.all(
        Array.from({ length: clients }, async (_, clientNumber) => {
          const own: number[] = [];
          for (let batch = 0; batch < perClient; batch += 1) {
            own.push(await submit(`${clientNumber}-${batch}`));
          }
          return own;
        }),
      )
    ).flat();
    const seconds = (performance.now() - started) / 1000;
    times.sort((a, b) => a - b);
    const quantile = (q: number) =>
      Math.round(times[Math.ceil(q * times.length) - 1] ?? Number.NaN);
    return {
      rows,
      clients,
      batches: times.length,
      p50Ms: quantile(0.5),
      p99Ms: quantile(0.99),
      maxMs: quantile(1),
      expensesPerSecond: Math.round((times.length * rows) / seconds),
      cpus: cpus().length,
      memoryGb: Math.round(totalmem() / 2 ** 30),
    };
  } finally {
    await platform.stop();
    await rm(directory, { recursive: true, force: true });
    if (platform.dataDirectory)
      await rm(join(platform.dataDirectory, ".."), { recursive: true, force: true });
  }
}

async function createTenant(
  authenticatorUrl: string,
  prefix: string,
  attest: Attest,
): Promise<string> {
  const client = new pg.Client({ connectionString: authenticatorUrl });
  await client.connect();
  const as = (role: "operator" | "admin") => ({ id: "command:bench", role, reason: "Bench" });
  try {
    const id = await transaction(client, attest, as("operator"), async () => {
      await client.query("select set_config('role', $1, true)", [roleName(prefix, "operator")]);
      const { rows } = await client.query<{ id: string }>(
        "select id from blindagem.create_organization('Bench', null, $1, 'Bench', null)",
        [ADMIN],
      );
      return rows[0]?.id;
    });
    if (id === undefined) throw new Error("no organization was created");
    const condominiums = Array.from({ length: CONDOMINIUMS }, (_, index) => ({
      name: `Condomínio ${index}`,
      code: `C${index}`,
    }));
    await transaction(client, attest, as("admin"), async () => {
      await client.query(
        "select set_config('role', $1, true), set_config('blindagem.organization_id', $2, true)",
        [roleName(prefix, "admin"), id],
      );
      await client.query("select count(*) from blindagem.import_condominiums($1)", [
        JSON.stringify(condominiums),
      ]);
    });
    return id;
  } finally {
    await client.end();
  }
}

function makeRows(name: string, count: number): Record<string, unknown>[] {
  return Array.from({ length: count }, (_, index) => {
    const base = `77${String(index % 2000).padStart(6, "0")}0001`;
    return {
      externalId: `${name}-${index}`,
      condominium: `C${index % CONDOMINIUMS}`,
      category: "LIMPEZA",
      documentKind: "NFSE",
      documentNumber: `${name}-${index}`,
      issueDate: "2026-11-01",
      competence: "2026-11",
      grossAmount: `${100 + (index % 900)}.45`,
      payeeDocument: base + cnpjCheckDigits(base),
      payeeName: "Fornecedor",
      dueDate: "2026-11-05",
    };
  });
}

const { values } = parseArgs({
  options: {
    rows: { type: "string", default: "1000" },
    clients: { type: "string", default: "10" },
    batches: { type: "string", default: "10" },
    json: { type: "boolean", default: false },
  },
});
const figures = await measure(Number(values.rows), Number(values.clients), Number(values.batches));
if (values.json) process.stdout.write(`${JSON.stringify(figures)}\n`);
else {
  for (const [name, value] of Object.entries(figures)) {
    process.stdout.write(`${name.padEnd(20)}${value}\n`);
  }
}
