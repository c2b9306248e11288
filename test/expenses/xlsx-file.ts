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

export interface SheetOfTest {
  name: string;
  rows: readonly (readonly Cell[])[];
  state?: "hidden" | "veryHidden" | "visible";
}

/** The least that an XLSX file may be: one sheet, and one style that makes a number a date. */
export function xlsxFile(rows: readonly (readonly Cell[])[]): Promise<Uint8Array> {
  return xlsxWorkbook([{ name: "Despesas", rows }]);
}

/** The same with several sheets. */
export async function xlsxWorkbook(sheets: readonly SheetOfTest[]): Promise<Uint8Array> {
  const list = sheets
    .map(({ name, state }, at) => {
      const shown = state === undefined ? "" : ` state="${state}"`;
      return `<sheet name="${escaped(name)}" sheetId="${at + 1}"${shown} r:id="rId${at + 1}"/>`;
    })
    .join("");
  const relations = sheets
    .map(
      (_, at) =>
        `<Relationship Id="rId${at + 1}" Type="${OFFICE}/worksheet" Target="worksheets/sheet${at + 1}.xml"/>`,
    )
    .join("");
  const parts: { [path: string]: string } = {
    "[Content_Types].xml": `<Types xmlns="${PACKAGE}/content-types"><Default Extension="xml" ContentType="application/xml"/></Types>`,
    "xl/workbook.xml": `<workbook xmlns="${MAIN}" xmlns:r="${OFFICE}"><sheets>${list}</sheets></workbook>`,
    "xl/_rels/workbook.xml.rels": `<Relationships xmlns="${PACKAGE}/relationships">${relations}<Relationship Id="styles" Type="${OFFICE}/styles" Target="styles.xml"/></Relationships>`,
    "xl/styles.xml": `<styleSheet xmlns="${MAIN}"><cellXfs count="2"><xf numFmtId="0"/><xf numFmtId="14" applyNumberFormat="1"/></cellXfs></styleSheet>`,
  };
  sheets.forEach(({ rows }, at) => {
    const data = rows.map((cells, n) => `<row r="${n + 1}">${addressed(cells, n + 1)}</row>`);
    parts[`xl/worksheets/sheet${at + 1}.xml`] =
      `<worksheet xmlns="${MAIN}"><sheetData>${data.join("")}</sheetData></worksheet>`;
  });
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
