import { ZipFile } from "yazl";

/** A cell as the XML has it: a text, a number as stored, or a day as Excel's serial number. */
export type Cell =
  | string
  | { number: string }
  | { serial: string }
  | { error: string }
  | { formula: string }
  | null;

const escaped = (text: string) =>
  text.replaceAll("&", "&amp;").replaceAll("<", "&lt;").replaceAll('"', "&quot;");

function cellXml(cell: Cell): string {
  if (cell === null) {
    return "<c/>";
  }
  if (typeof cell === "string") {
    return `<c t="inlineStr"><is><t xml:space="preserve">${escaped(cell)}</t></is></c>`;
  }
  if ("number" in cell) {
    return `<c><v>${cell.number}</v></c>`;
  }
  if ("serial" in cell) {
    return `<c s="1"><v>${cell.serial}</v></c>`;
  }
  return "error" in cell
    ? `<c t="e"><v>${cell.error}</v></c>`
    : `<c><f>${escaped(cell.formula)}</f></c>`;
}

const MAIN = "http://schemas.openxmlformats.org/spreadsheetml/2006/main";
const OFFICE = "http://schemas.openxmlformats.org/officeDocument/2006/relationships";
const PACKAGE = "http://schemas.openxmlformats.org/package/2006";

function addressed(cells: readonly Cell[], row: number): string {
  return cells
    .map((cell, at) => cellXml(cell).replace("<c", `<c r="${String.fromCharCode(65 + at)}${row}"`))
    .join("");
}

/** The least that an XLSX file may be: one sheet, and one style that makes a number a date. */
export async function xlsxFile(rows: readonly (readonly Cell[])[]): Promise<Uint8Array> {
  const sheet = rows
    .map((cells, at) => `<row r="${at + 1}">${addressed(cells, at + 1)}</row>`)
    .join("");
  const parts: { [path: string]: string } = {
    "[Content_Types].xml": `<Types xmlns="${PACKAGE}/content-types"><Default Extension="xml" ContentType="application/xml"/></Types>`,
    "xl/workbook.xml": `<workbook xmlns="${MAIN}" xmlns:r="${OFFICE}"><sheets><sheet name="Despesas" sheetId="1" r:id="rId1"/></sheets></workbook>`,
    "xl/_rels/workbook.xml.rels": `<Relationships xmlns="${PACKAGE}/relationships"><Relationship Id="rId1" Type="${OFFICE}/worksheet" Target="worksheets/sheet1.xml"/><Relationship Id="rId2" Type="${OFFICE}/styles" Target="styles.xml"/></Relationships>`,
    "xl/styles.xml": `<styleSheet xmlns="${MAIN}"><cellXfs count="2"><xf numFmtId="0"/><xf numFmtId="14" applyNumberFormat="1"/></cellXfs></styleSheet>`,
    "xl/worksheets/sheet1.xml": `<worksheet xmlns="${MAIN}"><sheetData>${sheet}</sheetData></worksheet>`,
  };
  const zip = new ZipFile();
  for (const [path, content] of Object.entries(parts)) {
    zip.addBuffer(Buffer.from(`<?xml version="1.0" encoding="UTF-8"?>${content}`), path);
  }
  zip.end();
  const chunks: Buffer[] = [];
  for await (const chunk of zip.outputStream) {
    chunks.push(Buffer.from(chunk));
  }
  return new Uint8Array(Buffer.concat(chunks));
}
