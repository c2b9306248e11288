import { afterAll, beforeAll, describe, expect, it } from "@jest/globals";
import chromium from "@sparticuz/chromium";
import { type Browser, type Page, chromium as playwright } from "playwright-core";
import { formatKeyList } from "../../src/audit/key-list.ts";
import { type ApiFixture, expenseRow, type Person, pick, startApi } from "../api/api-fixture.ts";
import { sealAll } from "../api/seal-all.ts";
import { testKeys } from "../audit/test-keys.ts";

const CPF = "52998224725";

let fixture: ApiFixture;
let browser: Browser;
/** One for all: this browser runs in a single process and ends with its first page. */
let page: Page;
/** What went wrong in it. */
const faults: string[] = [];
beforeAll(async () => {
  fixture = await startApi({ auditKeys: formatKeyList(testKeys) });
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
  await owner.query("update blindagem.condominiums set name = 'Outro nome' where id = $1", [sol]);
  await sealAll(fixture.database);
  await fixture.database.pool("sealer").query(
    `insert into blindagem_audit.divergences (kind, entity_type, entity_id, condominium_id, fields)
     values ('ROW_CHANGED', 'condominiums', $1::text, $1::bigint, '{name}')`,
    [sol],
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
  it("shows changes in Portuguese, what was made by hand, and what was erased, with proofs to take along", async () => {
    await signIn();
    await shot("records");
    const byHand = page
      .getByRole("article")
      .filter({ hasText: "Mudou fora da plataforma" })
      .first();
    await expect(byHand.getByText("direto no banco de dados").count()).resolves.toBe(1);
    await expect(
      byHand.getByRole("row", { name: /nome.*Condomínio SOL.*Outro nome/ }).count(),
    ).resolves.toBe(1);

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

  it("shows what changed after a closing, and divergences, on a phone as well", async () => {
    await page.setViewportSize({ width: 390, height: 800 });
    await page.getByRole("button", { name: "Limpar" }).click();
    await page
      .getByRole("heading", { name: /Mudou fora da plataforma/ })
      .first()
      .waitFor();
    await shot("phone");
    await page.getByRole("link", { name: "Fechamentos" }).click();
    await page.getByText("Mudanças depois do fechamento").waitFor();
    await shot("closings");
    await page.getByRole("link", { name: "Divergências" }).click();
    await page.getByText("Aberta", { exact: true }).waitFor();
    await shot("divergences");
    const overflow = () =>
      page.evaluate("document.documentElement.scrollWidth - document.documentElement.clientWidth");
    expect(await overflow()).toBe(0);
    expect(faults).toEqual([]);
    await page.getByRole("button", { name: "Sair" }).click();
    await page.getByLabel("Token de acesso").waitFor();
  }, 60_000);
});
