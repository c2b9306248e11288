import { mkdtemp, readFile, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import path from "node:path";
import { buffer } from "node:stream/consumers";
import { afterAll, beforeAll, describe, expect, it, jest } from "@jest/globals";
import { ZipFile } from "yazl";
import { z } from "zod";
import { submitCommand } from "../../src/commands/submit.ts";
import { type ApiFixture, expenseRow, startApi } from "../api/api-fixture.ts";
import { xlsxFile, xlsxWorkbook } from "../expenses/xlsx-file.ts";
import { commandRunner, environmentOf, failureInProcess, type RunCommand } from "./run-command.ts";

// Processes start slowly on a machine that does other things too.
jest.setTimeout(180_000);

const HEADER =
  "id_externo;condominio;categoria;tipo_documento;numero_documento;emissao;competencia;valor_bruto;documento_favorecido;favorecido;vencimento;documentos";

let api: ApiFixture;
let run: RunCommand;
let folder: string;

beforeAll(async () => {
  folder = await mkdtemp(path.join(tmpdir(), "blindagem-submit-"));
  api = await startApi();
  const access = { BLINDAGEM_URL: api.url, BLINDAGEM_TOKEN: await api.token("admin") };
  run = commandRunner(environmentOf(api.database, access));
  // Jest gives each file an environment of its own.
  Object.assign(process.env, access);
});
afterAll(async () => {
  await api.close();
  await rm(folder, { recursive: true, force: true });
});

async function write(name: string, content: string | Uint8Array): Promise<string> {
  const file = path.join(folder, name);
  await writeFile(file, content);
  return file;
}

/** A line of the table, right unless `changes` say otherwise. */
function cells(id: string, changes: { amount?: string; condominium?: string; document?: string }) {
  const { amount = "1.234,56", condominium = "SOL", document = "" } = changes;
  return [
    ...[id, condominium, "LIMPEZA", "NFSE", "4711", "03/11/2026", "11/2026", amount],
    ...["11.222.333/0001-81", "Limpa Tudo Ltda", "20/11/2026", document],
  ];
}

const line = (id: string, changes: Parameters<typeof cells>[1] = {}) =>
  cells(id, changes).join(";");

const stored = z.array(z.object({ external_id: z.string(), batch_id: z.string() }));

/** The expenses whose id begins so, in order. */
async function expensesOf(prefix: string) {
  const { rows } = await api.database
    .pool("migrator")
    .query(
      "select external_id, batch_id::text from blindagem.expenses where starts_with(external_id, $1) order by id",
      [prefix],
    );
  return stored.parse(rows);
}

const idsOf = async (prefix: string) =>
  (await expensesOf(prefix)).map(({ external_id }) => external_id);

describe("submit", () => {
  it("takes JSON, CSV and XLSX, and what comes again adds nothing", async () => {
    const json = await write(
      "despesas.json",
      JSON.stringify({ rows: [expenseRow({ externalId: "json-1" })] }),
    );
    const csv = await write(
      "despesas.csv",
      `${HEADER}\r\n${line("csv-1")}\r\n${line("csv-2")}\r\n`,
    );
    const xlsx = await write(
      "despesas.xlsx",
      await xlsxFile([HEADER.split(";"), cells("xlsx-1", {})]),
    );
    const first = await Promise.all([run("submit", json), run("submit", csv), run("submit", xlsx)]);
    expect(first).toEqual(
      [1, 2, 1].map((count) => ({
        status: 0,
        stderr: "",
        stdout: expect.stringMatching(
          new RegExp(
            `^Lote \\d+: ${count === 1 ? "1 despesa" : `${count} despesas`}; andamento em /batch-expenses/\\d+\\.\\n$`,
          ),
        ),
      })),
    );
    expect(await idsOf("json-")).toEqual(["json-1"]);
    expect(await idsOf("csv-")).toEqual(["csv-1", "csv-2"]);
    expect(await idsOf("xlsx-")).toEqual(["xlsx-1"]);

    const again = await run("submit", csv);
    expect(again).toMatchObject({
      status: 0,
      stdout: expect.stringContaining("(já recebido antes)"),
    });
    expect(await idsOf("csv-")).toEqual(["csv-1", "csv-2"]);
  });

  it("takes the sheet that is named of an XLSX file that has several", async () => {
    const file = await write(
      "meses.xlsx",
      await xlsxWorkbook([
        { name: "Outubro", rows: [HEADER.split(";"), cells("sheet-1", {})] },
        { name: "Novembro", rows: [HEADER.split(";"), cells("sheet-2", {})] },
      ]),
    );
    expect(await run("submit", file, "--sheet", "Novembro")).toMatchObject({ status: 0 });
    expect(await idsOf("sheet-")).toEqual(["sheet-2"]);
    expect(await failureInProcess(submitCommand(), [file])).toMatch(
      /mais de uma planilha \(“Outubro”, “Novembro”\).*--sheet/,
    );
    expect(await idsOf("sheet-")).toEqual(["sheet-2"]);
  });

  it("stores nothing with --dry-run, and tells the errors", async () => {
    const file = await write(
      "dry.csv",
      `${HEADER}\n${line("dry-1")}\n${line("dry-2", { amount: "-1" })}\n`,
    );
    expect(await run("submit", file, "--dry-run")).toEqual({
      status: 1,
      stdout: "Conferidas 2 linhas: 1 com erro.\n",
      stderr: expect.stringMatching(/^linha 3, grossAmount: “valor_bruto” deve ser maior que zero/),
    });
    expect(await idsOf("dry-")).toEqual([]);
  });

  it("uploads the receipts of a ZIP and joins them to the rows that name them", async () => {
    const zip = new ZipFile();
    zip.addEmptyDirectory("notas");
    zip.addBuffer(Buffer.from("%PDF-1.7 nota um"), "notas/nota-1.pdf");
    zip.addBuffer(Buffer.from("%PDF-1.7 nota dois"), "notas/segunda/nota-2.pdf");
    zip.end();
    const receipts = await write("notas.zip", await buffer(zip.outputStream));
    const file = await write(
      "com-notas.csv",
      `${HEADER}\n${line("zip-1", { document: "nota-1.pdf" })}\n${line("zip-2", { document: "nota-2.pdf" })}\n`,
    );
    const result = await run("submit", file, "--receipts", receipts);
    expect(result).toMatchObject({ status: 0, stderr: "" });
    expect(result.stdout).toMatch(/^2 documentos enviados\.\nLote \d+: 2 despesas/);
    const { rows } = await api.database.pool("migrator").query(
      `select e.external_id, d.file_name, u.file_name as uploaded
       from blindagem.expenses e
       join blindagem.expense_documents d on d.condominium_id = e.condominium_id and d.expense_id = e.id
       left join blindagem.document_uploads u on u.sha256 = d.sha256
       where starts_with(e.external_id, 'zip-') order by e.id`,
    );
    expect(rows).toEqual([
      { external_id: "zip-1", file_name: "nota-1.pdf", uploaded: "nota-1.pdf" },
      { external_id: "zip-2", file_name: "nota-2.pdf", uploaded: "nota-2.pdf" },
    ]);
  });
});

describe("rows with errors", () => {
  it("refuse the file, named by its own lines", async () => {
    const bad = line("bad-2", { condominium: "NOWHERE" });
    const csv = await write("bad.csv", `${HEADER}\n\n${line("bad-1")}\n\n${bad}\n`);
    const xlsx = await write(
      "bad.xlsx",
      await xlsxFile([HEADER.split(";"), [], cells("bad-3", { amount: "0,00" })]),
    );
    const json = await write(
      "bad.json",
      JSON.stringify([expenseRow(), expenseRow({ condominium: "X" })]),
    );
    const [ofCsv, ofXlsx, ofJson] = await Promise.all([
      run("submit", csv),
      run("submit", xlsx),
      run("submit", json),
    ]);
    expect(ofCsv).toEqual({
      status: 1,
      stdout: "Lote recusado: 1 de 2 linhas com erro; nada dele foi gravado.\n",
      stderr: expect.stringMatching(/^linha 5, condominium: “condominio” não é o código/),
    });
    expect(ofXlsx.stderr).toMatch(/^linha 3, grossAmount: /);
    expect(ofJson.stderr).toMatch(/^despesa 2, condominium: /);
    expect(await idsOf("bad-")).toEqual([]);
  });

  it("come back with --accept-valid as a file that is submitted again when mended", async () => {
    const lines = [
      line("mend-1"),
      line("mend-2", { amount: "-1" }),
      line("mend-3", { condominium: "NOWHERE" }),
    ];
    const file = await write("mend.csv", `${[HEADER, ...lines].join("\n")}\n`);
    const result = await run("submit", file, "--accept-valid");
    const target = path.join(folder, "mend-recusadas.csv");
    expect(result).toMatchObject({ status: 0, stdout: expect.stringContaining(target) });
    expect(result.stderr).toMatch(/^linha 3, grossAmount: .*\nlinha 4, condominium: .*\n$/);
    expect(await idsOf("mend-")).toEqual(["mend-1"]);

    const refused = await readFile(target, "utf8");
    await writeFile(target, refused.replace(";'-1,00;", ";1,00;").replace(";NOWHERE;", ";MAR;"));
    expect(await run("submit", target)).toMatchObject({ status: 0, stderr: "" });
    expect(await idsOf("mend-")).toEqual(["mend-1", "mend-2", "mend-3"]);
  });
});

describe("rows of which none is good", () => {
  it("are no success with --accept-valid either", async () => {
    const file = await write("none.csv", `${HEADER}\n${line("none-1", { amount: "-1" })}\n`);
    const result = await run("submit", file, "--accept-valid");
    expect(result).toMatchObject({ status: 1 });
    expect(result.stdout).toMatch(/^Lote recusado: 1 de 1 linha com erro; .*\nAs linhas recusadas/);
  });
});

describe("a file of more than 10,000 rows", () => {
  it("goes on with --accept-valid after a part without a good row", async () => {
    const bad = Array.from({ length: 10_000 }, (_, at) => ({ externalId: `part-${at}` }));
    const file = await write(
      "parts.json",
      JSON.stringify([...bad, expenseRow({ externalId: "part-good" })]),
    );
    const result = await run("submit", file, "--accept-valid");
    expect(result).toMatchObject({ status: 0 });
    expect(result.stdout).toMatch(/^Lote recusado: 10000 de 10000 .*\nLote \d+: 1 despesa; /);
    expect(await idsOf("part-")).toEqual(["part-good"]);
  });

  it("is told with --dry-run which external ids its parts share", async () => {
    const rows = Array.from({ length: 10_001 }, (_, at) => expenseRow({ externalId: `two-${at}` }));
    const file = await write(
      "two.json",
      JSON.stringify(rows.with(-1, expenseRow({ externalId: "two-7" }))),
    );
    expect(await run("submit", file, "--dry-run")).toEqual({
      status: 1,
      stdout: "Conferidas 10000 linhas: 0 com erro.\nConferida 1 linha: 1 com erro.\n",
      stderr:
        "despesa 10001, externalId: “id_externo” repete o da despesa 8; cada despesa precisa do seu.\n",
    });
  });

  it("becomes batches under the first one, and mended it does not come twice", async () => {
    const rows = Array.from({ length: 10_002 }, (_, at) => expenseRow({ externalId: `big-${at}` }));
    const broken = rows.with(-1, expenseRow({ externalId: "big-last", condominium: "NOWHERE" }));
    const file = await write("big.json", JSON.stringify(broken));
    const refused = await run("submit", file);
    expect(refused).toMatchObject({ status: 1 });
    expect(refused.stderr).toMatch(/^despesa 10002, condominium: /);
    expect(await expensesOf("big-")).toHaveLength(10_000);

    await writeFile(file, JSON.stringify(rows));
    const mended = await run("submit", file);
    expect(mended).toMatchObject({ status: 0, stderr: "" });
    expect(mended.stdout).toMatch(
      /^Lote \d+: 10000 despesas \(já recebido antes\).*\nLote \d+: 2 despesas;.*\n$/,
    );
    const batches = [...new Set((await expensesOf("big-")).map(({ batch_id }) => batch_id))];
    const { rows: parents } = await api.database
      .pool("migrator")
      .query(
        "select id::text, parent_id::text from blindagem.expense_batches b where id = any ($1) order by b.id",
        [batches],
      );
    expect(parents).toEqual([
      { id: batches[0], parent_id: null },
      { id: batches[1], parent_id: batches[0] },
    ]);
  });
});

describe("what cannot be submitted", () => {
  const failure = (...args: string[]) => failureInProcess(submitCommand(), args);

  it("is told by a message that a person can act on", async () => {
    const good = await write("good.csv", `${HEADER}\n${line("good-1")}\n`);
    const broken = await write("broken.json", "{");
    const other = await write("other.json", '{"linhas": []}');
    const empty = await write("empty.json", "[]");
    const table = await write("table.csv", "nada;que;conheça\n1;2;3\n");
    const text = await write("despesas.txt", "");
    const missing = path.join(folder, "missing.csv");
    expect(await failure(missing)).toBe(`${missing}: o arquivo não existe.`);
    expect(await failure(good, "--receipts", missing)).toBe(`${missing}: o arquivo não existe.`);
    expect(await failure(good, "--receipts", table)).toContain("não é um ZIP");
    expect(await failure(broken)).toBe(`${broken} não é JSON bem formado.`);
    expect(await failure(other)).toContain("esperada uma lista de despesas");
    expect(await failure(empty)).toBe(`${empty} não traz nenhuma despesa.`);
    expect(await failure(table)).toContain("não pôde ser lido:\n");
    expect(await failure(text)).toContain("o formato é .json, .csv ou .xlsx");
    expect(await failure(good, "--token", "wrong")).toMatch(/token|autenticação/i);
    expect(await failure(good, "--url", "http://127.0.0.1:1")).toBe(
      "A API em http://127.0.0.1:1 não responde.",
    );
    expect(await failure(good, "--url", "127.0.0.1:1")).toMatch(/não responde|endereço/);
    expect(await failure(good, "--token", await api.token("reviewer"))).toContain("papéis");
    expect(await idsOf("good-")).toEqual([]);
  });

  it("ends the process with status 1", async () => {
    const { status, stderr } = await run("submit", path.join(folder, "missing.csv"));
    expect({ status, stderr }).toEqual({
      status: 1,
      stderr: expect.stringMatching(/missing\.csv: o arquivo não existe\.\n$/),
    });
  });
});
