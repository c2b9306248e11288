import { readFile } from "node:fs/promises";
import { Command } from "commander";

interface CosignOptions {
  keys: string;
  key: string;
  state: string;
  checkpoint?: string;
  submit?: boolean;
}

/**
 * What a witness does who is not the log: remembers what it saw, and signs only what continues it. And what the log's side
 * does with it: keeps the signature beside the checkpoint.
 */
export function witnessCommand(): Command {
  const command = new Command("witness").description("testemunha de um registro de auditoria");
  command
    .command("cosign")
    .description("confere que o registro continua o que já foi visto e assina o checkpoint")
    .argument("<log>", "endereço (https://…/log/) ou diretório do registro")
    .requiredOption("--keys <file>", "chaves do registro em que você confia")
    .requiredOption("--key <file>", "sua chave de testemunha (blindagem audit keygen --witness)")
    .requiredOption("--state <file>", "onde fica o último checkpoint que você assinou")
    .option("--checkpoint <file>", "checkpoint a assinar (padrão: o atual do registro)")
    .option("--submit", "entrega a assinatura ao registro, que tem de ser um endereço")
    .action(cosign);
  command
    .command("submit")
    .description(
      "guarda no registro as assinaturas de testemunhas, que passam a ir com o checkpoint; de novo, não muda nada",
    )
    .argument(
      "<file...>",
      "checkpoint assinado pela testemunha: o arquivo de --state de witness cosign",
    )
    .action(async (files: string[]) => {
      const { submit } = await import("./witness-submit.ts");
      await submit(files);
    });
  return command;
}

async function cosign(log: string, options: CosignOptions): Promise<void> {
  const [{ cosignCheckpoint }, { logSource }, { parseKeyList }, { loadSigner }] = await Promise.all(
    [
      import("../audit/witness.ts"),
      import("../audit/log-source.ts"),
      import("../audit/key-list.ts"),
      import("../audit/keys.ts"),
    ],
  );
  const source = logSource(log);
  const signer = await loadSigner({ file: options.key });
  const { line, note, checkpoint, previous } = await cosignCheckpoint({
    checkpoint: options.checkpoint
      ? await readFile(options.checkpoint)
      : await source("checkpoint"),
    keys: parseKeyList(await readFile(options.keys, "utf8")),
    source,
    signer,
    state: options.state,
    now: new Date(),
  });
  const { origin, size } = checkpoint;
  process.stderr.write(
    previous === undefined
      ? `Primeira assinatura: ${origin} foi aceito como está, com ${size} folhas.\n`
      : `${origin} tem ${size} folhas e continua as ${previous.size} da última assinatura.\n`,
  );
  process.stdout.write(line);
  if (options.submit) {
    const { handInCosignature } = await import("../audit/hand-in-cosignature.ts");
    await handInCosignature(log, note, signer.key).catch((error: unknown) => {
      throw new Error(`A assinatura está em ${options.state}, mas não foi entregue.`, {
        cause: error,
      });
    });
    process.stderr.write(`${origin} recebeu a assinatura.\n`);
  } else {
    process.stderr.write(
      `Entregue ${options.state} ao registro, para que a assinatura vá com ele: com --submit, ou pela administradora (blindagem witness submit).\n`,
    );
  }
}
