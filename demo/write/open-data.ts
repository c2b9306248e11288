import { buffer } from "node:stream/consumers";
import yazl from "yazl";
import type { DemoModel, Supplier } from "../model.ts";
import { plainName } from "../synthetic/names.ts";
import { writeUnder } from "./json.ts";

/**
 * The Receita Federal's open CNPJ data, as it publishes them: Latin-1, semicolons, all quoted, no
 * header. The files with number 0 (and Empresas1) hold real rows, from the test data of
 * github.com/cuducos/minha-receita (MIT); those of the demo's suppliers come after.
 */
const realRows = {
  Estabelecimentos0:
    '"33683111";"0002";"80";"2";"REGIONAL BRASILIA-DF";"02";"20040522";"00";"";"";"19670630";"6204000";"6201501,6202300,6203100,6209100,6311900";"AVENIDA";"L2 SGAN";"601";"MODULO G";"ASA NORTE";"70836900";"DF";"9701";"";"";"";"";"";"";"";"";""\n',
  Empresas0: '"19131243";"OPEN KNOWLEDGE BRASIL";"3999";"16";"0,00";"05";""\n',
  Empresas1:
    '"33683111";"SERVICO FEDERAL DE PROCESSAMENTO DE DADOS (SERPRO)";"2011";"16";"1061004829,23";"05";""\n',
  Simples: '"33683111";"S";"20140101";"00000000";"N";"00000000";"00000000"\n',
};

const statusCodes: Record<string, string> = {
  Nula: "01",
  Ativa: "02",
  Suspensa: "03",
  Inapta: "04",
  Baixada: "08",
};

/** Writes data/open-data/*.zip. */
export async function writeOpenData(root: string, model: DemoModel): Promise<void> {
  const suppliers = Object.values(model.suppliers).filter(({ known }) => known === "OPEN_DATA");
  const files: Record<string, string> = {
    ...realRows,
    Estabelecimentos1: suppliers.map(establishment).join(""),
    Empresas2: suppliers.map(company).join(""),
    Simples: realRows.Simples + suppliers.map(simples).join(""),
  };
  for (const [name, text] of Object.entries(files)) {
    await writeUnder(root, `data/open-data/${name}.zip`, await zip(name, text));
  }
}

const line = (cells: string[]) =>
  `${cells.map((cell) => `"${cell.replaceAll('"', '""')}"`).join(";")}\n`;
const compactDate = (date: string) => date.replaceAll("-", "");

function establishment(supplier: Supplier): string {
  const { cnpj, status } = supplier;
  const code = statusCodes[status];
  if (code === undefined) throw new Error(`open data has no status ${status}`);
  return line([
    cnpj.slice(0, 8),
    cnpj.slice(8, 12),
    cnpj.slice(12),
    "1",
    supplier.tradeName.toUpperCase(),
    code,
    compactDate(supplier.statusDate),
    status === "Ativa" ? "00" : "01",
    "",
    "",
    compactDate(supplier.openedOn),
    supplier.mainCnae,
    supplier.secondaryCnaes.join(","),
    "RUA",
    "DAS FLORES",
    "240",
    "",
    "CENTRO",
    "01001000",
    "SP",
    "7107",
    "11",
    "30000000",
    "",
    "",
    "",
    "",
    "contato@exemplo.com.br",
    "",
    "",
  ]);
}

const company = ({ cnpj, name }: Supplier) =>
  line([cnpj.slice(0, 8), plainName(name), "2062", "49", "10000,00", "03", ""]);

function simples({ cnpj, simples, mei, openedOn }: Supplier): string {
  const option = (chosen: boolean) => [
    chosen ? "S" : "N",
    chosen ? compactDate(openedOn) : "00000000",
    "00000000",
  ];
  return line([cnpj.slice(0, 8), ...option(simples), ...option(mei)]);
}

async function zip(name: string, text: string): Promise<Uint8Array> {
  const file = new yazl.ZipFile();
  const mtime = new Date("2026-11-08T12:00:00Z");
  file.addBuffer(Buffer.from(text, "latin1"), name, { mtime });
  file.end();
  return buffer(file.outputStream);
}
