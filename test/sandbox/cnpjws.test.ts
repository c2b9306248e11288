import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, describe, expect, it } from "@jest/globals";
import { type CnpjWsSandboxOptions, startCnpjWsSandbox } from "../../src/sandbox/cnpjws.ts";

const KNOWN = "11222333000181";
const UNKNOWN = "12ABC34501DE35";
const BODY = { estabelecimento: { cnpj: KNOWN } };

const closing: (() => Promise<void> | void)[] = [];
afterEach(async () => {
  for (const close of closing.splice(0)) await close();
});

async function start(options: Partial<CnpjWsSandboxOptions> = {}) {
  const sandbox = await startCnpjWsSandbox({
    port: 0,
    companies: new Map([[KNOWN, BODY]]),
    limit: { perMinute: 100 },
    ...options,
  });
  closing.push(sandbox.close);
  const get = (cnpj: string, headers: Record<string, string> = {}) =>
    fetch(`${sandbox.url}/cnpj/${cnpj}`, { headers });
  const statuses = async (...cnpjs: string[]) => {
    const seen: number[] = [];
    for (const cnpj of cnpjs) seen.push((await get(cnpj)).status);
    return seen;
  };
  return { ...sandbox, get, statuses };
}

describe("the sandbox of CNPJ.ws", () => {
  it("says what it is and answers with its data", async () => {
    const { get, statuses, requests } = await start();
    const response = await get(KNOWN);
    expect(response.headers.get("x-blindagem-sandbox")).toBe("cnpjws");
    expect(await response.json()).toEqual(BODY);
    expect(await statuses(UNKNOWN, "11222333000182", "123")).toEqual([404, 400, 400]);
    expect(requests()).toEqual(
      new Map([
        [KNOWN, 1],
        [UNKNOWN, 1],
        ["11222333000182", 1],
        ["123", 1],
      ]),
    );
  });

  it("keeps to 3 a minute, and says only in the text when it goes on", async () => {
    let now = new Date("2024-09-27T12:27:55Z");
    const { get, statuses } = await start({ limit: { perMinute: 3 }, clock: () => now });
    expect(await statuses(KNOWN, UNKNOWN, KNOWN)).toEqual([200, 404, 200]);

    now = new Date("2024-09-27T12:28:54Z");
    const refused = await get(KNOWN);
    expect(refused.status).toBe(429);
    expect(refused.headers.get("retry-after")).toBeNull();
    expect(await refused.json()).toEqual({
      status: 429,
      titulo: "Muitas requisições",
      detalhes:
        "Excedido o limite máximo de 3 consultas por minuto. Liberação ocorrerá em " +
        "Fri Sep 27 2024 09:28:55 GMT-0300 (Brasilia Standard Time)",
      validacao: [],
    });

    now = new Date("2024-09-27T12:28:55Z");
    expect(await statuses(KNOWN, KNOWN, KNOWN, KNOWN)).toEqual([200, 200, 200, 429]);
  });

  it("with a token is the commercial service", async () => {
    const { get, statuses } = await start({ token: "t", limit: { perMinute: 1 } });
    expect(await statuses(KNOWN)).toEqual([401]);
    expect((await get(KNOWN, { x_api_token: "u" })).status).toBe(401);
    expect((await get(KNOWN, { x_api_token: "t" })).status).toBe(200);
    expect((await get(KNOWN, { x_api_token: "t" })).status).toBe(429);
  });

  it("plays its scripts once, then answers as ever", async () => {
    const { statuses } = await start({ failures: { [KNOWN]: [503, 429, 200, 500] } });
    expect(await statuses(KNOWN, UNKNOWN, KNOWN, KNOWN, KNOWN, KNOWN)).toEqual([
      503, 404, 429, 200, 500, 200,
    ]);
  });

  it("knows no other path or method", async () => {
    const { url } = await start();
    expect((await fetch(`${url}/`)).status).toBe(404);
    expect((await fetch(`${url}/cnpj/${KNOWN}`, { method: "POST" })).status).toBe(404);
  });

  it("takes its time where it should, and closes on an open answer", async () => {
    const { get, close } = await start({ latencyMs: 20, failures: { [UNKNOWN]: ["timeout"] } });
    expect((await get(KNOWN)).status).toBe(200);
    const open = get(UNKNOWN);
    await get(KNOWN);
    closing.pop();
    await Promise.all([close(), expect(open).rejects.toThrow()]);
  });

  it("reads companies, fixed states and scripts from a file", async () => {
    const folder = mkdtempSync(join(tmpdir(), "blindagem-sandbox-"));
    closing.push(() => rmSync(folder, { recursive: true }));
    const path = join(folder, "companies.json");
    const scripted = { answers: [500], company: { estabelecimento: { cnpj: "00000000000191" } } };
    const entries = { [KNOWN]: BODY, [UNKNOWN]: { status: 400 }, "00000000000191": scripted };
    writeFileSync(path, JSON.stringify(entries));
    const { statuses } = await start({ companies: path });
    expect(await statuses(KNOWN, UNKNOWN, UNKNOWN, "00000000000191", "00000000000191")).toEqual([
      200, 400, 400, 500, 200,
    ]);

    writeFileSync(path, JSON.stringify({ [KNOWN]: { razao_social: "sem estabelecimento" } }));
    await expect(start({ companies: path })).rejects.toThrow();
  });
});
