import { readFile } from "node:fs/promises";
import { fileURLToPath } from "node:url";

/** A file of the repository, by its path from the root. */
export const inRepository = (path: string) =>
  fileURLToPath(new URL(`../../${path}`, import.meta.url));

export const textOf = (path: string) => readFile(inRepository(path), "utf8");

/** The text under a heading, up to the next one of the same or a higher level. */
export function section(markdown: string, heading: string): string {
  const level = levelOf(heading);
  const lines = markdown.split("\n");
  const start = lines.indexOf(heading);
  if (start < 0) throw new Error(`There is no heading "${heading}".`);
  const content: string[] = [];
  let isCode = false;
  for (const line of lines.slice(start + 1)) {
    if (line.startsWith("```")) isCode = !isCode;
    else if (!isCode && levelOf(line) <= level) break;
    content.push(line);
  }
  return `${content.join("\n")}\n`;
}

/** "## Title" -> 2; what is no heading is below all. */
function levelOf(line: string): number {
  return /^(#+) /.exec(line)?.[1]?.length ?? Number.POSITIVE_INFINITY;
}

/** The rows of every table in a text, as cells; headers and rules are left out. */
export function tableRows(markdown: string): string[][] {
  const lines = markdown.split("\n");
  const isRule = (line: string | undefined) => line !== undefined && /^\|[\s:|-]+\|$/.test(line);
  return lines
    .filter((line, at) => line.startsWith("|") && !isRule(line) && !isRule(lines[at + 1]))
    .map((line) =>
      line
        .slice(1, -1)
        .split(/(?<!\\)\|/)
        .map((cell) => cell.trim()),
    );
}

/** `NAME` -> NAME */
export function uncoded(cell: string): string {
  return cell.replace(/^`(.*)`$/, "$1");
}
