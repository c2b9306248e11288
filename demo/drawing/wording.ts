/** How documents write what plain data holds. Instants are ISO texts with the zone of Brasília. */

/** "1234.56" -> "R$ 1.234,56" */
export function money(amount: string): string {
  const [whole = "0", cents = "00"] = amount.split(".");
  return `R$ ${whole.replace(/\B(?=(\d{3})+$)/g, ".")},${cents.padEnd(2, "0")}`;
}

/** "2026-11-05…" -> "05/11/2026" */
export function day(date: string): string {
  return `${date.slice(8, 10)}/${date.slice(5, 7)}/${date.slice(0, 4)}`;
}

const months = "JAN FEV MAR ABR MAI JUN JUL AGO SET OUT NOV DEZ".split(" ");
const longMonths =
  "janeiro fevereiro março abril maio junho julho agosto setembro outubro novembro dezembro".split(
    " ",
  );

/** "2026-11-05…" -> "05 NOV 2026" */
export function dayWithMonth(date: string): string {
  return `${date.slice(8, 10)} ${months[Number(date.slice(5, 7)) - 1]} ${date.slice(0, 4)}`;
}

/** "2026-11-05…" -> "5 de novembro de 2026" */
export function dayInWords(date: string): string {
  const month = longMonths[Number(date.slice(5, 7)) - 1];
  return `${Number(date.slice(8, 10))} de ${month} de ${date.slice(0, 4)}`;
}

/** "2026-11-05T14:07:12-03:00" -> "14:07:12" */
export const time = (instant: string) => instant.slice(11, 19);

/** A CNPJ or CPF with its punctuation; anything else unchanged. */
export function taxpayer(document: string): string {
  if (document.length === 14) {
    return document.replace(/^(..)(...)(...)(....)(..)$/, "$1.$2.$3/$4-$5");
  }
  return document.replace(/^(\d{3})(\d{3})(\d{3})(\d{2})$/, "***.$2.$3-**");
}

/** A boleto's 47 digits with the points and spaces that banks print. */
export function boletoLine(line: string): string {
  return line.replace(
    /^(.{5})(.{5})(.{5})(.{6})(.{5})(.{6})(.)(.{14})$/,
    "$1.$2 $3.$4 $5.$6 $7 $8",
  );
}

/** In groups of four, as DF-e keys are printed. */
export const inFours = (key: string) => key.replace(/(.{4})(?=.)/g, "$1 ");
