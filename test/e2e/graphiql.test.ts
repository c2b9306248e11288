import { afterAll, beforeAll, describe, expect, it } from "@jest/globals";
import chromium from "@sparticuz/chromium";
import { type Browser, chromium as playwright } from "playwright-core";
import { type ApiFixture, startApi } from "../api/api-fixture.ts";

let fixture: ApiFixture;
let browser: Browser;

beforeAll(async () => {
  fixture = await startApi();
  browser = await playwright.launch({
    executablePath: await chromium.executablePath(),
    args: [...chromium.args, "--disable-background-networking"],
    headless: true,
  });
}, 120_000);
afterAll(async () => {
  await browser?.close();
  await fixture?.close();
});

describe("the auditor's workbench", () => {
  it("asks for a token, runs the audit log's query with it, and breaks no content policy", async () => {
    const page = await browser.newPage();
    const faults: string[] = [];
    page.on("pageerror", (error) => faults.push(error.message));
    page.on("console", (message) => {
      if (message.type() === "error") faults.push(message.text());
    });
    await page.goto(`${fixture.url}/graphiql`);
    await page.getByLabel(/Token de acesso/).fill(await fixture.token("auditor"));
    const described = page.waitForResponse((response) => response.url().endsWith("/graphql"));
    await page.getByRole("button", { name: "Entrar" }).click();
    await described;
    await page.locator(".view-lines").getByText("auditLog").first().waitFor();

    const answered = page.waitForResponse(
      (response) =>
        response.url().endsWith("/graphql") &&
        (response.request().postData() ?? "").includes("auditLog"),
    );
    await page.getByRole("button", { name: /Execute query/i }).click();
    const answer = await answered;
    expect(answer.status()).toBe(200);
    await page.getByText('"entityType"').first().waitFor();
    expect(faults).toEqual([]);
  }, 60_000);
});
