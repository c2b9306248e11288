import { readFileSync } from "node:fs";
import { z } from "zod";

/** The shared vectors; a note in brackets after a value is dropped. */
const value = z.string().transform((text) => text.replace(/ \(.*$/, ""));
const validAndInvalid = z.object({ valid: z.array(value), invalid: z.array(value) });

export const vectors = z
  .object({
    cnpj: validAndInvalid,
    cpf: validAndInvalid,
    boleto: z.object({
      cobranca_line: z.string(),
      cobranca_bar: z.string(),
      amount_cents: z.number(),
      due: z.string(),
      due_if_old_cycle: z.string(),
      fator_vectors: z.record(z.string(), z.number()),
    }),
    dfe_key: z.object({ valid: z.array(value) }),
    brcode: z.object({ valid: z.array(value) }),
    e2e: z.object({ example: z.string(), utc: z.string() }),
  })
  .parse(
    JSON.parse(
      readFileSync(new URL("../fixtures/identifiers/vectors.json", import.meta.url), "utf8"),
    ),
  );
