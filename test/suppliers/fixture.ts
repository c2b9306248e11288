import { readFileSync } from "node:fs";
import { fileURLToPath } from "node:url";
import { z } from "zod";

/** The path of a file in test/fixtures/suppliers. */
export function fixturePath(name: string): string {
  return fileURLToPath(new URL(`../fixtures/suppliers/${name}`, import.meta.url));
}

/** A JSON object of test/fixtures/suppliers, read anew so that a test may change it. */
export function fixtureJson(name: string): Record<string, unknown> {
  return z
    .record(z.string(), z.unknown())
    .parse(JSON.parse(readFileSync(fixturePath(name), "utf8")));
}

/** A CNPJ.ws answer of the fixtures with some keys of `estabelecimento` replaced. */
export function answerWith(establishment: Record<string, unknown>): Record<string, unknown> {
  const answer = fixtureJson("cnpjws-200-ativa.json");
  const old = z.record(z.string(), z.unknown()).parse(answer.estabelecimento);
  return { ...answer, estabelecimento: { ...old, ...establishment } };
}
