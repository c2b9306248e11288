import { readFileSync } from "node:fs";
import { z } from "zod";

/**
 * One answer that is scripted for a CNPJ: a status (200 is the normal answer), silence ("timeout"),
 * half a body and then silence ("stall"), or a page of HTML with status 200 ("html").
 */
export type ScriptedAnswer = number | "timeout" | "stall" | "html";

/** What the sandbox knows of a CNPJ: the body of its 200 and the answers that come before it. */
export type SandboxCompany = { body: unknown; answers: readonly ScriptedAnswer[] };

const answersShape = z.array(
  z.union([z.int().min(200).max(599), z.literal(["timeout", "stall", "html"])]),
);
const scriptedEntry = z.strictObject({
  answers: answersShape,
  company: z.record(z.string(), z.unknown()).optional(),
});
const statusEntry = z.strictObject({ status: z.int().min(300).max(599) });
const bodyEntry = z.looseObject({ estabelecimento: z.looseObject({ cnpj: z.string() }) });
const dataFile = z.record(z.string(), z.union([bodyEntry, scriptedEntry, statusEntry]));

/**
 * Reads a data file of the sandbox: JSON, CNPJ -> one of
 * - the body with which CNPJ.ws answers 200;
 * - `{"status": 503}`: that status, always;
 * - `{"answers": [503, "timeout"], "company": {…}}`: these answers first, then the company, or 404
 *   where none is given.
 * Throws where the file has another shape.
 */
export function readSandboxCompanies(path: string): Map<string, SandboxCompany | number> {
  const entries = Object.entries(dataFile.parse(JSON.parse(readFileSync(path, "utf8"))));
  return new Map(
    entries.map(([cnpj, entry]): [string, SandboxCompany | number] => {
      const scripted = scriptedEntry.safeParse(entry);
      if (scripted.success) {
        return [cnpj, { body: scripted.data.company, answers: scripted.data.answers }];
      }
      const status = statusEntry.safeParse(entry);
      return [cnpj, status.success ? status.data.status : { body: entry, answers: [] }];
    }),
  );
}
