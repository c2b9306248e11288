import path from "node:path";
import { Command } from "commander";
import { z } from "zod";
import { erasureListFile, readErasureFile } from "../audit/erasure-file.ts";
import { loadEnvironment } from "../config.ts";
import { count as counted } from "../validation/catalogue/portuguese.ts";
import { asCommand } from "./database-session.ts";

const erased = z.object({
  id: z.string(),
  counts: z.record(z.string(), z.number()),
  kept: z.array(
    z.object({
      what: z.string(),
      count: z.number(),
      why: z.string(),
      month: z.string().optional(),
      bundle: z.string().optional(),
    }),
  ),
});

interface EraseOptions {
  organization: string;
  reason: string;
  name?: string;
}

/** Erases personal data (LGPD), and erases again what a restored copy brought back. */
export function eraseCommand(): Command {
  const command = new Command("erase").description("apaga dados pessoais (LGPD)");
  const erasing = (name: string, argument: string, whose: string, about: string) =>
    command
      .command(name)
      .argument(argument, whose)
      .description(about)
      .requiredOption("--organization <id>", "administradora")
      .requiredOption("--reason <text>", "motivo, sem o nome nem o documento de quem se apaga");
  erasing(
    "payee",
    "<document>",
    "CPF ou CNPJ",
    "quem recebeu pagamentos, pelo CPF (ou CNPJ de MEI)",
  )
    .option(
      "--name <text>",
      "nome completo no cadastro de empresas, de quem é sócio: lá o CPF só tem seis dígitos",
    )
    .action(async (document: string, options: EraseOptions) =>
      erase(options, document.replace(/[.\-/\s]/g, "").toUpperCase(), null),
    );
  erasing(
    "person",
    "<id>",
    "número da pessoa",
    "quem usou a plataforma, pelo número da pessoa",
  ).action(async (id: string, options: EraseOptions) => {
    if (!/^\d{1,18}$/.test(id)) throw new Error(`"${id}" não é o número de uma pessoa.`);
    await erase(options, null, id);
  });
  command
    .command("bundle")
    .argument("<directory>", "diretório do pacote")
    .description("tira de um pacote o que se apagou depois que ele foi gravado; as provas conferem")
    .action(eraseBundle);
  command
    .command("replay")
    .argument("[file]", "lista de apagamentos; sem ela, a de CHECKPOINT_DIRECTORY")
    .description("apaga de novo o que uma cópia restaurada do banco trouxe de volta")
    .action(replayErasures);
  return command;
}

async function erase(
  { organization, reason, name }: EraseOptions,
  document: string | null,
  personId: string | null,
): Promise<void> {
  const { rows } = await asCommand(
    { role: "admin", organizationId: organization, reason: "Apagamento por comando" },
    (client) =>
      client.query(
        "select id, counts, kept from blindagem.erase_personal_data($1, $2, $3::bigint, $4)",
        [reason, document, personId, name],
      ),
  );
  const { id, counts, kept } = erased.parse(rows[0]);
  const lines = [
    `Apagamento ${id}.`,
    ...Object.entries(counts).flatMap(([name, count]) =>
      count > 0 ? [`  ${name}: ${count}`] : [],
    ),
    ...kept.map(({ what, count, why, month, bundle = "lugar não anotado" }) =>
      month === undefined
        ? `Fica: ${what}, ${count}. ${why}`
        : `Fica: no pacote de ${month} (${bundle}), ${counted(count, "linha", "linhas")}. ${why}`,
    ),
  ];
  process.stdout.write(`${lines.join("\n")}\n`);
}

async function eraseBundle(directory: string): Promise<void> {
  const [{ eraseFromBundle }, { loadRecordedErasures }, { asSealer }] = await Promise.all([
    import("../audit/bundle/erase-from-bundle.ts"),
    import("../audit/recorded-erasures.ts"),
    import("./database-session.ts"),
  ]);
  const { records, documents } = await eraseFromBundle(
    directory,
    await asSealer(loadRecordedErasures),
  );
  process.stdout.write(
    `${directory}: apagados os dados pessoais de ${counted(records, "registro", "registros")}, e ${counted(documents, "documento", "documentos")}. Confira com \`blindagem audit verify ${directory}\`.\n`,
  );
}

async function replayErasures(file: string | undefined): Promise<void> {
  const { CHECKPOINT_DIRECTORY, STATE_DIRECTORY } = loadEnvironment();
  const directory = CHECKPOINT_DIRECTORY ?? path.join(STATE_DIRECTORY, "checkpoints");
  const name = file ?? erasureListFile(directory);
  const { erasures: list, damaged, cutOff } = await readErasureFile(name);
  let replayed = 0;
  for (const erasure of list) {
    const isReplayed = await asCommand(
      {
        role: "admin",
        organizationId: erasure.organizationId,
        reason: "Apagamentos repetidos depois de restaurada uma cópia",
      },
      async (client) => {
        const { rows } = await client.query(
          "select blindagem_private.replay_erasure($1) as is_replayed",
          [JSON.stringify(erasure)],
        );
        return z.object({ is_replayed: z.boolean() }).parse(rows[0]).is_replayed;
      },
    );
    if (isReplayed) replayed++;
  }
  process.stdout.write(
    `${replayed} de ${list.length} apagamentos repetidos; os outros já estavam feitos.\n`,
  );
  // After the others: what can be erased again must not wait for what cannot be read.
  if (damaged.length > 0) {
    throw new Error(
      `Não se leem como apagamentos, e não foram repetidas, estas linhas de ${name}: ${damaged.join(", ")}. Ponha no lugar delas as de outra cópia da lista e rode o comando de novo; o que nenhuma cópia tem, peça de novo com \`blindagem erase\`.`,
    );
  }
  if (cutOff) {
    throw new Error(
      `A última linha de ${name} está cortada (uma queda no meio da escrita), e não foi repetida. Se ela está inteira em outra cópia da lista, rode \`blindagem erase replay CÓPIA\`; senão, peça o apagamento de novo com \`blindagem erase\`. O processo de selagem a tira dali.`,
    );
  }
}
