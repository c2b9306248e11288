import { readFile } from "node:fs/promises";
import { extname } from "node:path";
import { fileURLToPath } from "node:url";
import type { FastifyInstance } from "fastify";
import { DOCUMENT_KINDS } from "../expenses/document-kind.ts";
import { CATEGORIES } from "../suppliers/categories.ts";
import { REASON_CATALOGUE } from "../validation/reason-catalogue.ts";

const FOLDER = fileURLToPath(new URL("../console/audit/", import.meta.url));
/** What the page loads, and nothing else of the disk. */
const FILES = [
  "style.css",
  "main.js",
  "api.js",
  "closings.js",
  "divergences.js",
  "element.js",
  "evidence.js",
  "fields.js",
  "records.js",
  "value-text.js",
  "values.js",
  "vouching.js",
  "witnesses.js",
  "words.js",
];
const TYPES: Readonly<Record<string, string>> = {
  ".css": "text/css; charset=utf-8",
  ".js": "text/javascript; charset=utf-8",
};
/** What the platform calls reasons, categories and kinds of documents: the page has no list of its own that would age. */
const CATALOGUE = Object.entries({
  REASONS: Object.fromEntries(
    Object.entries(REASON_CATALOGUE).map(([code, { name }]) => [code, name]),
  ),
  CATEGORIES,
  DOCUMENT_KINDS,
})
  .map(([list, words]) => `export const ${list} = ${JSON.stringify(words)};\n`)
  .join("");
/** Scripts, styles and answers come from here alone. */
const POLICY =
  "default-src 'none'; script-src 'self'; style-src 'self'; connect-src 'self'; img-src 'self'; frame-ancestors 'none'; base-uri 'none'; form-action 'self'";

/**
 * `GET /console/auditoria`: the audit log on a screen, for whoever has a token (auditors, síndicos, administradoras). The
 * page shows nothing of the data by itself: it asks for the token, keeps it for the tab, and asks the API as anybody may.
 */
export async function consoleRoutes(app: FastifyInstance): Promise<void> {
  app.get("/console/auditoria", async (_request, reply) =>
    reply
      .header("content-security-policy", POLICY)
      .type("text/html; charset=utf-8")
      .send(await readFile(`${FOLDER}page.html`)),
  );
  app.get("/console/auditoria/catalogue.js", async (_request, reply) =>
    reply
      .header("cache-control", "no-cache")
      .type(TYPES[".js"] ?? "")
      .send(CATALOGUE),
  );
  for (const name of FILES) {
    app.get(`/console/auditoria/${name}`, async (_request, reply) =>
      reply
        .header("cache-control", "no-cache")
        .type(TYPES[extname(name)] ?? "")
        .send(await readFile(`${FOLDER}${name}`)),
    );
  }
}
