import { afterAll, beforeAll, describe, expect, it } from "@jest/globals";
import chromium from "@sparticuz/chromium";
import { type Browser, type Page, chromium as playwright } from "playwright-core";
import { parseCheckpoint } from "../../src/audit/checkpoint.ts";
import { formatKeyList } from "../../src/audit/key-list.ts";
import { parseNote, type Signer } from "../../src/audit/note.ts";
import { idBytes } from "../../src/audit/verifier-key.ts";
import { type ApiFixture, expenseRow, type Person, pick, startApi } from "../api/api-fixture.ts";
import { sealAll } from "../api/seal-all.ts";
import { cosignNewest, newestOf } from "../audit/cosigning.ts";
import { listed, newWitness } from "../audit/signing.ts";
import { testKeys } from "../audit/test-keys.ts";

const CPF = "52998224725";

let fixture: ApiFixture;
let council: Signer;
let browser: Browser;
/** One for all: this browser runs in a single process and ends with its first page. */
let page: Page;
/** What went wrong in it. */
const faults: string[] = [];
beforeAll(async () => {
  council = await newWitness("conselho.example");
  fixture = await startApi({ auditKeys: formatKeyList([...testKeys, listed("witness", council)]) });
  browser = await playwright.launch({
    executablePath: await chromium.executablePath(),
    args: [...chromium.args, "--disable-background-networking"],
    headless: true,
  });
  page = await browser.newPage({ viewport: { width: 1280, height: 800 } });
  page.on("pageerror", (error) => faults.push(error.message));
  page.on("console", (message) => {
    if (message.type() === "error") faults.push(message.text());
  });
  await thingsHappen();
}, 180_000);
afterAll(async () => {
  await browser?.close();
  await fixture?.close();
});

async function submit(...rows: Record<string, unknown>[]): Promise<void> {
  const { status } = await fixture.request("/batch-expenses", {
    method: "POST",
    headers: { "content-type": "application/json" },
    body: JSON.stringify(rows.map(expenseRow)),
    person: "admin",
  });
  expect(status).toBe(201);
}

async function mutate(person: Person, mutation: string): Promise<void> {
  const { body } = await fixture.graphql(person, `mutation { ${mutation} }`);
  expect(pick(body, "errors")).toBeUndefined();
}

/** What anybody can who has the API's password: a witness's name under the newest checkpoint, and names of nobody. */
async function putFalseSignatures(): Promise<void> {
  const { text } = parseNote(await newestOf(fixture.database));
  const nobodies = Array.from({ length: 100 }, (_, at) => `ninguém.example/${at}`);
  await fixture.database
    .pool("authenticator")
    .query("select blindagem_audit.store_cosignatures($1, $2, $3, $4, $5)", [
      text,
      parseCheckpoint(text).size,
      [council.key.name, ...nobodies],
      [council.key, ...nobodies.map(() => council.key)].map(idBytes),
      [council.key.name, ...nobodies].map(() => Buffer.alloc(72)),
    ]);
}

/** All that the page has to tell: a closing with what came later, a change in SQL, an erased person, a divergence. */
async function thingsHappen(): Promise<void> {
  const { sol } = fixture.ids;
  const owner = fixture.database.pool("migrator");
  await submit(
    { competence: "2026-10", externalId: "A-1" },
    { competence: "2026-10", externalId: "A-2", payeeDocument: CPF, payeeName: "Joana Prado" },
  );
  await owner.query(
    "update blindagem.expenses set status = 'REJECTED', decided_at = now() where payee_document = $1",
    [CPF],
  );
  await sealAll(fixture.database);
  await mutate(
    "admin",
    `closePeriod(input: { condominiumId: "${sol}", month: "2026-10-01", reason: "Balancete aprovado" }) { result { id } }`,
  );
  await mutate(
    "admin",
    `erasePersonalData(input: { document: "${CPF}", reason: "Pedido do titular" }) { result { id } }`,
  );
  await cosignNewest(fixture.database, council);
  await byHand(
    `update blindagem.condominiums set name = 'Outro nome' where id = ${sol}`,
    `grant ${fixture.database.prefix}_owner to current_user`,
    `set local role ${fixture.database.prefix}_owner`,
    "update blindagem.rules set source = 'Ninguém' where code = 'APPROVAL_LIMIT'",
    "truncate blindagem.retentions",
  );
  await sealAll(fixture.database);
  await putFalseSignatures();
  await fixture.database.pool("sealer").query(
    `insert into blindagem_audit.divergences (kind, entity_type, entity_id, condominium_id, fields)
     values ('ROW_CHANGED', 'condominiums', $1::text, $1::bigint, '{name}')`,
    [sol],
  );
}

/** In a transaction of a session as of somebody with psql. */
async function byHand(...statements: string[]): Promise<void> {
  const client = await fixture.database.pool("migrator").connect();
  try {
    await client.query("begin; set local application_name to 'psql'");
    for (const statement of statements) await client.query(statement);
    await client.query("commit");
  } finally {
    client.release();
  }
}

/** One that belongs to nobody, as the comparison would find it. */
async function divergence(kind: string, entityType: string, entityId: string): Promise<void> {
  await fixture.database
    .pool("sealer")
    .query(
      "insert into blindagem_audit.divergences (kind, entity_type, entity_id) values ($1, $2, $3)",
      [kind, entityType, entityId],
    );
}

/** Signs in by the keyboard alone. */
async function signIn(): Promise<void> {
  await page.goto(`${fixture.url}/console/auditoria`);
  await page.keyboard.type(await fixture.token("auditor"));
  await page.keyboard.press("Enter");
  await page.getByText("na página").waitFor();
}

const shot = async (name: string) => {
  if (process.env.SCREENSHOTS) {
    await page.screenshot({ path: `${process.env.SCREENSHOTS}/${name}.png`, fullPage: true });
  }
};

describe("the audit screen", () => {
  it("shows nothing but the sign-in to whoever has no token, and says of one that cannot be that it does not count", async () => {
    await page.goto(`${fixture.url}/console/auditoria`);
    for (const typed of ["errado", "“eyJhbGciOiJIUzI1NiJ9…”"]) {
      await page.getByLabel("Token de acesso").fill(typed);
      await page.keyboard.press("Enter");
      await page.getByText("O token não vale ou expirou: entre de novo.").waitFor();
      await expect(page.getByRole("link", { name: "Registros" }).isVisible()).resolves.toBe(false);
      await expect(page.getByRole("button", { name: "Sair" }).isVisible()).resolves.toBe(false);
      await page.reload();
    }
    await shot("sign-in");
    // The browser itself tells of the 401.
    expect(faults.splice(0).filter((fault) => !fault.includes("401"))).toEqual([]);
  }, 60_000);

  it("shows changes in Portuguese, what was made by hand, and what was erased, with proofs to take along", async () => {
    await signIn();
    await shot("records");
    const renamed = page.getByRole("article").filter({ hasText: "Outro nome" }).first();
    await expect(renamed.getByText("direto no banco de dados").count()).resolves.toBe(1);
    await expect(
      renamed.getByRole("row", { name: /nome.*Condomínio SOL.*Outro nome/ }).count(),
    ).resolves.toBe(1);

    await renamed.getByText("de onde veio").click();
    const { rows } = await fixture.database
      .pool("migrator")
      .query<{ login: string }>("select session_user as login");
    for (const origin of [
      `Login do banco de dados${rows[0]?.login}`,
      "Aplicaçãopsql",
      "Endereço no banco de dados127.0.0.1",
    ]) {
      await expect(renamed.textContent()).resolves.toContain(origin);
    }

    // What came before the witness signed it vouches for, and for nothing later.
    await expect(renamed.getByText("Testemunhado por").count()).resolves.toBe(0);
    const sent = page.getByRole("article").filter({ hasText: "Enviou: Despesa" }).first();
    await expect(sent.textContent()).resolves.toContain(
      "Testemunhado por conselho.example (assinou em",
    );

    const actor = /pessoa \d+/.exec(
      (await page
        .getByText(/pessoa \d+ \(administrador\)/)
        .first()
        .textContent()) ?? "",
    )?.[0];
    if (actor === undefined) throw new Error("No administrator acted.");
    await page.getByLabel("O que mudou").selectOption({ label: "Despesa" });
    await page.getByLabel("O que se fez").selectOption({ label: "Enviou" });
    await page.getByLabel("De", { exact: true }).fill("2020-01-01");
    await page.getByLabel("Quem").fill(actor);
    await page.getByRole("button", { name: "Procurar" }).click();
    await page.getByText("2 na página.").waitFor();
    await expect(
      page.getByText(/apagado em .* \(LGPD, registro \d+\)/).count(),
    ).resolves.toBeGreaterThan(1);
    await expect(page.getByText("R$ 1.234,56").count()).resolves.toBeGreaterThan(1);
    await page
      .getByText(/Ver os \d+ campos/)
      .first()
      .click();
    await page
      .getByText(/apagado em/)
      .first()
      .waitFor();
    await shot("expenses");

    const saved = page.waitForEvent("download");
    await page.getByRole("button", { name: "Baixar a prova" }).first().click();
    expect((await saved).suggestedFilename()).toMatch(/^registro-\d+\.tlog-proof$/);
    expect(faults).toEqual([]);
  }, 60_000);

  it("says reasons, kinds and counts in words, and leaves alone what somebody typed", async () => {
    const told: [name: string, value: unknown, words: string][] = [
      [
        "status_reasons",
        [{ code: "SUPPLIER_NOT_FOUND", evidence: {} }],
        "CNPJ do fornecedor inexistente",
      ],
      [
        "status_reasons",
        [
          {
            code: "RECEIPT_AMOUNT_MISMATCH",
            evidence: {
              receiptKind: "NFSE",
              receiptAmount: "1200.00",
              facts: ["um", { category: "LIMPEZA", issueDate: "2026-10-05", sameId: true }],
            },
          },
        ],
        "(o que é o documento: NFS-e, valor no documento: R$\u00a01.200,00, fatos: um; categoria: Limpeza, emissão: 05/10/2026, mesmo identificador: sim)",
      ],
      ["status_reasons", [{ code: "OF_ANOTHER_VERSION" }], '{"code":"OF_ANOTHER_VERSION"}'],
      ["category", "AGUA_ESGOTO", "Água e esgoto"],
      ["document_kind", "UTILITY_BILL", "Conta de consumo"],
      ["subject", "transaction:8", "movimento 8"],
      ["counts", { expenses: 2, decisions: 1 }, "Despesa: 2; Decisão automática: 1"],
      ["targets", [{ table: "expenses", id: "3/165" }], "Despesa 3/165"],
      ["record_ids", [307, 894], "307; 894"],
      ["payee_name", "BANK", "BANK"],
      ["external_id", "PAID", "PAID"],
      ["status", "constructor", "constructor"],
      ["kind", "BANK", "banco"],
    ];
    for (const [name, value, words] of told) {
      const text = page.evaluate(
        `import("/console/auditoria/value-text.js").then(({ valueText }) => valueText(${JSON.stringify(name)}, ${JSON.stringify(value)}))`,
      );
      await expect(text).resolves.toContain(words);
    }
    expect(faults).toEqual([]);
  });

  it("shows what was done to everybody's: a table that was emptied, a rule that was changed", async () => {
    await page.getByRole("button", { name: "Limpar" }).click();
    const emptied = page
      .getByRole("article")
      .filter({ hasText: "Mudou fora da plataforma: Retenção, a tabela inteira" });
    await emptied.waitFor();
    await expect(emptied.textContent()).resolves.toMatch(
      /alguém esvaziou a tabela direto no banco de dados.*Vale para todas as administradoras/,
    );
    await emptied.getByText("de onde veio").click();
    await expect(emptied.textContent()).resolves.toMatch(
      /Aplicaçãopsql.*Endereço no banco de dadosnão se mostra/,
    );
    await page
      .getByRole("article")
      .filter({ hasText: "Regra APPROVAL_LIMIT/1" })
      .filter({ hasText: "Vale para todas as administradoras" })
      .waitFor();
  }, 60_000);

  it("says in words why a record that names somebody is not believed", async () => {
    const causes = {
      NO_INTENT: "Nenhum processo da plataforma assinou isto",
      INVALID_INTENT: "A assinatura que acompanha isto não vale",
      OTHER_RECORDS: "O que foi assinado nessa transação é outra coisa",
      CONTRADICTED: "Quem tem a chave assinou isto, mas a assinatura diz outra coisa",
    };
    await fixture.database.pool("sealer").query(
      `insert into blindagem_audit.unattested_records (record_id, cause, scope, format)
       select r.id, c.cause, coalesce(r.condominium_id, r.organization_id), substr(r.entry, 12, 18)
       from unnest($1::text[]) with ordinality as c (cause, place)
       join (
         select *, row_number() over (order by id) as place from blindagem_audit.audit_log_immutable
         where condominium_id = $2 and actor_id is not null and action <> 'OUT_OF_BAND'
           and id not in (select record_id from blindagem_audit.unattested_records)) as r using (place)`,
      [Object.keys(causes), fixture.ids.sol],
    );
    await page.getByLabel("O que se fez").selectOption({ label: "Mudou fora da plataforma" });
    await page.getByRole("button", { name: "Procurar" }).click();
    for (const [cause, words] of Object.entries(causes)) {
      const told = page.getByRole("article").filter({ hasText: words });
      await told.first().waitFor();
      const text = await told.first().textContent();
      expect(text).toMatch(/dizia ser “[\p{L} ]+”/u);
      expect(text).not.toContain(cause);
    }
    await shot("unattested");
    await page.getByRole("button", { name: "Limpar" }).click();
    expect(faults).toEqual([]);
  }, 60_000);

  it("says in words that the server is away, that days are the wrong way round, and that the token has run out", async () => {
    await page.getByLabel("De", { exact: true }).fill("2026-12-05");
    await page.getByLabel("Até").fill("2026-11-01");
    const complaint = page.evaluate("document.getElementById('until').validationMessage");
    await expect(complaint).resolves.toBe("O último dia não pode vir antes do primeiro.");
    await page.getByLabel("Até").fill("20261-11-01");
    await expect(page.evaluate("document.getElementById('until').validity.valid")).resolves.toBe(
      false,
    );
    await page.getByRole("button", { name: "Limpar" }).click();
    await page.getByText("na página").waitFor();

    // A proxy's page, while the API starts.
    await page.route("**/graphql", (route) =>
      route.fulfill({ status: 502, contentType: "text/html", body: "<html>Bad Gateway</html>" }),
    );
    await page.getByRole("button", { name: "Procurar" }).click();
    await page.getByText("O servidor não responde. Tente de novo.").waitFor();
    await page.unroute("**/graphql");
    await page.getByRole("button", { name: "Procurar" }).click();
    const proof = page.getByRole("button", { name: "Baixar a prova" }).first();
    await proof.waitFor();

    const token = await page.evaluate<string>("sessionStorage.getItem('blindagem-token')");
    await page.evaluate("sessionStorage.setItem('blindagem-token', 'expirado')");
    await proof.click();
    await page.getByText("O token não vale ou expirou: entre de novo.").waitFor();
    await expect(page.getByRole("article").count()).resolves.toBe(0);
    await page.getByLabel("Token de acesso").fill(token);
    await page.keyboard.press("Enter");
    await page.getByText("na página").waitFor();
    expect(faults.splice(0).filter((fault) => !/401|502/.test(fault))).toEqual([]);
  }, 60_000);

  it("shows what changed after a closing, and divergences, on a phone as well", async () => {
    await page.setViewportSize({ width: 390, height: 800 });
    await page
      .getByRole("heading", { name: /Mudou fora da plataforma/ })
      .first()
      .waitFor();
    await shot("phone");
    await page.getByRole("link", { name: "Fechamentos" }).click();
    await page.getByText("Mudanças depois do fechamento").waitFor();
    await shot("closings");
    await page.getByRole("link", { name: "Testemunhas" }).click();
    const seen = page.getByRole("article").filter({ hasText: "conselho.example assinou em" });
    await seen.waitFor();
    await expect(seen.getByRole("heading").textContent()).resolves.toMatch(
      /^As primeiras \d+ folhas do registro$/,
    );
    await expect(seen.textContent()).resolves.toMatch(
      /24\/11\/2026.*Folhas que vieram depois, sem testemunha: \d+/,
    );
    const invented = page.getByText("Assinatura falsa em nome de conselho.example");
    await expect(invented.count()).resolves.toBe(1);
    await shot("witnesses");
    const checkpoint = page.waitForEvent("download");
    await seen.getByRole("button", { name: "Baixar o checkpoint assinado" }).click();
    expect((await checkpoint).suggestedFilename()).toMatch(/^checkpoint-\d+\.txt$/);
    await divergence("TREE", "tree", "root");
    await divergence("DEFINITIONS", "definitions", "blindagem.expenses");
    await page.getByRole("link", { name: "Divergências" }).click();
    await page.getByText("Aberta", { exact: true }).first().waitFor();
    for (const name of [
      "A linha não é o que o registro diz: Condomínio",
      "O selo não é o que foi assinado: Árvore do registro",
      "Definições do banco foram trocadas: Definição blindagem.expenses",
    ]) {
      await expect(page.getByRole("heading", { name }).count()).resolves.toBe(1);
    }
    await shot("divergences");
    const overflow = () =>
      page.evaluate("document.documentElement.scrollWidth - document.documentElement.clientWidth");
    expect(await overflow()).toBe(0);
    expect(faults).toEqual([]);
    await page.getByRole("button", { name: "Sair" }).click();
    await page.getByLabel("Token de acesso").waitFor();
  }, 60_000);
});
