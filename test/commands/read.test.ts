import { mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import path from "node:path";
import { afterAll, beforeAll, describe, expect, it, jest } from "@jest/globals";
import { runCli, startCli } from "../cli-process.ts";
import { claimedPng, drawn, PROOF, pdfOf } from "../receipts/drawn.ts";
import { childrenOf, isAlive } from "../start/processes.ts";
import { waitFor } from "../wait-for.ts";

jest.setTimeout(240_000);

const TILL_RECEIPT = [
  "TAN WOON GENERAL STORE SDN BHD",
  "27, JALAN DEDAP 13, JOHOR BAHRU",
  "TAX INVOICE",
  "Date: 03/12/2018   Time: 20:49",
  "Table lamp      55.90",
  "Gift card        4.41",
  "TOTAL AMOUNT RM 60.31",
  "ROUNDING ADJ     -0.01",
  "ROUNDED TOTAL RM 60.30",
];

let directory: string;
const at = (name: string): string => path.join(directory, name);
const read = (...args: string[]) => runCli(["read", ...args], { environment: {} });

beforeAll(async () => {
  directory = await mkdtemp(path.join(tmpdir(), "blindagem-read-"));
  await writeFile(at("pix.png"), drawn(PROOF));
  await writeFile(at("cut.png"), drawn(PROOF).subarray(0, 4000));
  await writeFile(at("bomb.png"), claimedPng(20_000, 20_000, 200));
  await writeFile(at("pix.pdf"), await pdfOf(PROOF));
  await writeFile(at("till.png"), drawn(TILL_RECEIPT));
});

afterAll(() => rm(directory, { recursive: true }));

describe("blindagem read --json", () => {
  it("prints a line for each file, in their order, whatever the files are", async () => {
    const files = ["pix.png", "cut.png", "none.png", "pix.pdf", "bomb.png", ""].map(at);
    const { status, stdout, stderr } = await read("--json", ...files, "/dev/zero");
    expect({ status, stderr }).toEqual({ status: 1, stderr: "" });
    const lines = stdout
      .trimEnd()
      .split("\n")
      .map((line) => JSON.parse(line));
    expect(lines.map(({ file }) => file)).toEqual([...files, "/dev/zero"]);
    const [picture, cut, none, pdf, bomb, folder, device] = lines;
    expect(picture).toEqual({
      file: at("pix.png"),
      kind: "PIX_PROOF",
      fields: {
        timestamp: {
          value: "2026-11-05T17:12:33-03:00",
          precision: "second",
          confidence: expect.any(Number),
          evidence: expect.arrayContaining(["SECOND_READING", "END_TO_END_ID"]),
          box: [expect.any(Number), expect.any(Number), expect.any(Number), expect.any(Number)],
          page: 0,
        },
        amount: expect.objectContaining({ value: "1234.56" }),
        cnpj: expect.objectContaining({ value: "12ABC34501DE35" }),
        takerCnpj: expect.objectContaining({ value: "11222333000181" }),
        payee: expect.objectContaining({ value: "Limpadora Boa Vista Ltda" }),
        payer: expect.objectContaining({ value: "Condomínio Jardim das Acácias" }),
        // Tesseract is not sure of all of its letters.
        documentNumber: { value: null, confidence: 0, box: null, page: null },
        dueDate: { value: null, confidence: 0, box: null, page: null },
        identifiers: [
          { kind: "PIX_END_TO_END", value: "E12345678202611052012Ab3dE9fGh17", valid: true },
        ],
      },
      verdict: "ACCEPTED",
      reasons: [],
    });
    expect(pdf).toMatchObject({
      verdict: "ACCEPTED",
      fields: {
        timestamp: {
          value: "2026-11-05T17:12:33-03:00",
          evidence: expect.arrayContaining(["TEXT_LAYER", "END_TO_END_ID"]),
        },
        documentNumber: { value: "E12345678202611052012Ab3dE9fGh17", confidence: 1 },
      },
    });
    for (const [line, cause] of [
      [cut, "BROKEN_IMAGE"],
      [none, "FILE_NOT_FOUND"],
      [bomb, "TOO_MANY_PIXELS"],
      [folder, "NOT_A_FILE"],
      [device, "NOT_A_FILE"],
    ]) {
      expect(line).toMatchObject({
        kind: "UNKNOWN",
        fields: { timestamp: { value: null, precision: null } },
        verdict: "MANUAL_REVIEW",
        reasons: [{ code: "UNREADABLE", text: expect.any(String), evidence: { cause } }],
      });
    }
  });

  it("reads an English till receipt, whose country says that the day comes first", async () => {
    const { status, stdout } = await read("--language", "eng", "--json", at("till.png"));
    expect(status).toBe(0);
    expect(JSON.parse(stdout)).toMatchObject({
      kind: "TILL_RECEIPT",
      fields: {
        timestamp: { value: expect.stringMatching(/^2018-12-03/) },
        amount: { value: "60.30" },
      },
      verdict: "ACCEPTED",
    });
  });
});

describe("blindagem read", () => {
  it("shows the same to people", async () => {
    const { status, stdout } = await read(at("pix.pdf"), at("cut.png"));
    expect(status).toBe(0);
    expect(stdout).toContain(`${at("pix.pdf")}: comprovante de Pix\n`);
    expect(stdout).toMatch(/Data e hora +05\/11\/2026 17:12:33 +99,\d% {2}texto do PDF/);
    expect(stdout).toMatch(/Valor +1234,56/);
    expect(stdout).toMatch(/CNPJ +12\.ABC\.345\/01DE-35/);
    expect(stdout).toContain("ACEITO\n");
    expect(stdout).toMatch(/REVISÃO MANUAL: O documento não pôde ser lido: .* \[UNREADABLE\]\n$/);
  });

  it("ends with status 2 when it is called wrongly", async () => {
    const [none, language, option] = await Promise.all([
      read(),
      read("--language", "deu", at("pix.pdf")),
      read("--fast", at("pix.pdf")),
    ]);
    expect([none?.status, language?.status, option?.status]).toEqual([2, 2, 2]);
    expect(language?.stderr).toContain("Allowed choices are por, eng, por+eng");
  });

  it("leaves no process behind, even when it is killed amid a page", async () => {
    const command = startCli(["read", at("pix.png")], { environment: {} });
    const { pid } = command.process;
    if (pid === undefined) throw new Error("it did not start");
    const children = await waitFor("its reading process", async () => {
      const found = await childrenOf(pid);
      return found.length > 0 && found;
    });
    command.process.kill("SIGKILL");
    await command.exited;
    for (const child of children) {
      await waitFor("the end of that", async () => !(await isAlive(child.pid)));
    }
  });
});
