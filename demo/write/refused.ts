import { windows1252 } from "./batches.ts";
import { linesOf, writeUnder } from "./json.ts";

/**
 * A file that must be refused as a whole, and not be stored in part: the first row is right, each of
 * the others has one fault.
 */
const lines = [
  "id_externo;condominio;categoria;tipo_documento;numero_documento;emissao;competencia;valor_bruto;retencao_inss;documento_favorecido;favorecido;vencimento;parcela",
  "REC-1;HZ-01;TRIBUTOS;TAX_SLIP;;27/10/2026;11/2026;118,20;;;Prefeitura de São Paulo;05/11/2026;",
  "REC-2;HZ-01;LIMPEZA;NFSE;771;27/10/2026;11/2026;900,00;;11.222.333/0001-82;Limpadora;05/11/2026;",
  "REC-3;HZ-01;TRIBUTOS;TAX_SLIP;;27/10/2026;11/2026;1.23,4;;;Prefeitura de São Paulo;05/11/2026;",
  "REC-4;HZ-01;TRIBUTOS;TAX_SLIP;;31/02/2026;11/2026;75,00;;;Prefeitura de São Paulo;05/11/2026;",
  "REC-5;HZ-01;PADARIA;TAX_SLIP;;27/10/2026;11/2026;75,00;;;Prefeitura de São Paulo;05/11/2026;",
  "REC-6;HZ-01;LIMPEZA;NFSE;772;27/10/2026;11/2026;900,00;900,00;11.222.333/0001-81;Limpadora;05/11/2026;",
  "REC-7;HZ-99;TRIBUTOS;TAX_SLIP;;27/10/2026;11/2026;75,00;;;Prefeitura de São Paulo;05/11/2026;",
  "REC-8;HZ-01;LIMPEZA;NFSE;773;27/10/2026;11/2026;300,00;;11.222.333/0001-81;Limpadora;05/11/2026;4/3",
  "REC-1;HZ-01;TRIBUTOS;TAX_SLIP;;27/10/2026;11/2026;80,00;;;Prefeitura de São Paulo;05/11/2026;",
];

/** The field that is wrong, by the row's number from 0; `known` says whether the file alone shows it. */
const faults = [
  { index: 1, field: "payeeDocument", known: true },
  { index: 2, field: "grossAmount", known: true },
  { index: 3, field: "issueDate", known: true },
  { index: 4, field: "category", known: true },
  { index: 5, field: "grossAmount", known: true },
  { index: 6, field: "condominium", known: false },
  { index: 7, field: "instalment", known: true },
  { index: 8, field: "externalId", known: true },
];

/** Writes data/refused/linhas-recusadas.csv and expected/refused.json. */
export async function writeRefused(root: string): Promise<void> {
  const text = lines.map((line) => `${line}\r\n`).join("");
  await writeUnder(root, "data/refused/linhas-recusadas.csv", windows1252(text));
  await writeUnder(root, "expected/refused.json", linesOf(faults));
}
