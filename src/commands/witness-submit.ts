import { readFile } from "node:fs/promises";
import { requireKeyList } from "../audit/configured-keys.ts";
import { type SubmittedCosignatures, submitCosignatures } from "../audit/submit-cosignatures.ts";
import { loadEnvironment } from "../config.ts";
import { asCommand } from "./database-session.ts";
import { messageOf } from "./fault.ts";

/** Keeps what witnesses signed, of all these files or of none. */
export async function submit(files: readonly string[]): Promise<void> {
  const keys = await requireKeyList(loadEnvironment());
  const notes = await Promise.all(
    files.map(async (file) => ({ file, note: await readFile(file) })),
  );
  const submitted = await asCommand(
    { role: "operator", reason: "Assinaturas de testemunhas" },
    async (client) => {
      const stored: SubmittedCosignatures[] = [];
      for (const { file, note } of notes) {
        const each = await submitCosignatures(note, keys, client).catch(named(file));
        stored.push(each);
        for (const name of each.passedOver) {
          process.stderr.write(
            `${file}: a assinatura em nome de ${name} não foi guardada: ela é falsa, ou a chave não está na lista (AUDIT_KEYS_FILE), ou não vale para esse tamanho.\n`,
          );
        }
      }
      return stored;
    },
  );
  process.stdout.write(submitted.map(linesOf).join(""));
}

function linesOf({ origin, size, witnesses }: SubmittedCosignatures): string {
  return witnesses
    .map(({ key: { name }, at, isNew }) => {
      const kept = isNew ? "guardada" : "já estava guardada";
      return `Testemunha ${name} assinou em ${at.toISOString()} as primeiras ${size} folhas de ${origin}: ${kept}.\n`;
    })
    .join("");
}

/** @throws Error that says of which file it is */
function named(file: string) {
  return (error: unknown): never => {
    throw new Error(`${file}: ${messageOf(error)}`);
  };
}
