import { readFile } from "node:fs/promises";
import { join } from "node:path";
import { isAbsent } from "./absent.ts";
import { WITHHELD_FILE, type WithheldLine, withheldLineSchema } from "./manifest.ts";
import type { Findings } from "./report.ts";

/** The records that a bundle leaves out, by ascending index; lines that cannot be read are told. */
export async function readWithheldLines(
  directory: string,
  findings: Findings,
): Promise<WithheldLine[]> {
  const lines: WithheldLine[] = [];
  for (const [at, text] of (await textOf(join(directory, WITHHELD_FILE))).split("\n").entries()) {
    if (text === "") continue;
    const line = parseLine(text);
    if (line !== undefined && line.index > (lines.at(-1)?.index ?? -1)) {
      lines.push(line);
      continue;
    }
    const message = `A linha ${at + 1} não diz de um registro que ficou de fora, ou está fora de ordem.`;
    findings.fault({ code: "MALFORMED", message }, { file: WITHHELD_FILE });
  }
  return lines;
}

async function textOf(file: string): Promise<string> {
  try {
    return await readFile(file, "utf8");
  } catch (error) {
    if (isAbsent(error)) return "";
    throw error;
  }
}

function parseLine(text: string): WithheldLine | undefined {
  try {
    return withheldLineSchema.safeParse(JSON.parse(text)).data;
  } catch {
    return undefined;
  }
}
