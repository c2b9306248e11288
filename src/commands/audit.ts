import { readFile, stat, writeFile } from "node:fs/promises";
import { Command } from "commander";
import type { Exported } from "../audit/bundle/export.ts";
import type { ListedKey } from "../audit/key-list.ts";
import type { Proof } from "../audit/proof.ts";
import { count } from "../validation/catalogue/portuguese.ts";
import { type ApiOptions, apiClient, withApiOptions } from "./api-options.ts";
import type { CompareOptions } from "./audit-compare.ts";
import type { DetachOptions } from "./audit-months.ts";
import type { ReplayOptions } from "./audit-replay.ts";

/** Gives the log away, in bundles and proofs, and verifies without a database what it gave; compares it with the tables, replays decisions. */
export function auditCommand(): Command {
  const command = new Command("audit").description(
    "entrega o registro de auditoria e o confere, fora da plataforma e com as tabelas",
  );
  withApiOptions(
    command
      .command("export")
      .description(
        "grava um pacote de registros, que se confere sem o banco: com o seu token, pela API, o de um condomínio; no servidor, com --organization, o de uma administradora",
      )
      .argument("<directory>", "diretório do pacote, que não pode existir"),
  )
    .option("--organization <id>", "administradora (no servidor, sem token)")
    .option("--condominium <id...>", "só os registros destes condomínios")
    .option("--month <month>", "só os registros deste mês de um condomínio, como 2026-11")
    .option("--documents", "com os documentos que os registros nomeiam")
    .option("--json", "resultado em JSON")
    .action(exportLog);
  command
    .command("archive")
    .description(
      "grava o pacote de um mês inteiro, de todas as administradoras, antes que ele saia do banco",
    )
    .argument("<month>", "mês, como 2026-01")
    .argument("<directory>", "diretório do pacote, que não pode existir")
    .action(async (month: string, directory: string) => {
      const { archive } = await import("./audit-months.ts");
      await archive(month, directory, await configuredKeys());
    });
  command
    .command("detach")
    .description(
      "tira do banco um mês antigo que o pacote tem inteiro; as provas continuam valendo",
    )
    .argument("<month>", "mês, como 2026-01")
    .requiredOption("--bundle <directory>", "pacote do mês (audit archive), que é conferido antes")
    .requiredOption("--reason <text>", "por que o mês sai; fica no registro de auditoria")
    .option(
      "--known <fault...>",
      "falhas do próprio registro que já são conhecidas, como UNATTESTED",
    )
    .action(async (month: string, options: DetachOptions) => {
      const { detach } = await import("./audit-months.ts");
      await detach(month, options, await configuredKeys());
    });
  command
    .command("prove")
    .description("grava a prova (.tlog-proof) de que um registro está na árvore assinada")
    .requiredOption("--record <id>", "número do registro")
    .requiredOption("--organization <id>", "administradora")
    .option("--out <file>", "arquivo da prova (padrão: saída padrão)")
    .action(prove);
  command
    .command("compare")
    .description("compara tabelas, registro, selo e definições; status 1 se algo diverge")
    .option("--table <table>", "só as linhas desta tabela (padrão: tudo)")
    .option("--json", "relatório em JSON")
    .action(async (options: CompareOptions) => {
      const { compare } = await import("./audit-compare.ts");
      await compare(options);
    });
  command
    .command("verify")
    .description("confere um pacote de registros: assinaturas, árvore e cada registro")
    .argument("<bundle>", "diretório do pacote")
    .option("--keys <file>", "chaves em que você confia (padrão: as do próprio pacote)")
    .option("--since <checkpoint>", "checkpoint que você guardou de outra vez")
    .option("--json", "relatório em JSON")
    .action(verify);
  command
    .command("verify-proof")
    .description("confere uma prova (.tlog-proof) de que um registro está na árvore")
    .argument("<file>", "arquivo da prova")
    .requiredOption("--keys <file>", "chaves em que você confia")
    .option("--entry <file>", "o registro (padrão: o que está na própria prova)")
    .action(verifyProofFile);
  command
    .command("keygen")
    .description("cria uma chave de assinatura Ed25519 e mostra a chave de verificação")
    .requiredOption("--name <name>", "nome da chave, como registro.exemplo.com.br")
    .requiredOption("--out <file>", "arquivo da chave secreta, que não pode existir")
    .option("--witness", "chave de testemunha, que assina checkpoints de outros")
    .action(keygen);
  command
    .command("replay")
    .description("refaz cada decisão com os fatos e as regras guardados, e mostra as diferenças")
    .option("--organization <id>", "só as desta administradora")
    .option("--condominium <id>", "só as deste condomínio")
    .option("--json", "uma linha JSON por diferença")
    .action(async (options: ReplayOptions) => {
      const { replay } = await import("./audit-replay.ts");
      await replay(options);
    });
  return command;
}

interface ExportOptions extends ApiOptions {
  organization?: string;
  condominium?: string[];
  month?: string;
  documents?: boolean;
  json?: boolean;
}

async function exportLog(directory: string, options: ExportOptions): Promise<void> {
  const month = monthOf(options);
  const exported =
    options.organization === undefined
      ? await download(directory, options, month)
      : await exportFromDatabase(directory, options, options.organization, month);
  const { origin, treeSize, records, lost, firstLost, lostDocuments } = exported;
  if (lost > 0) {
    process.stderr.write(
      `${count(lost, "registro selado já não está", "registros selados já não estão")} no banco; o primeiro é o do índice ${firstLost}.\n`,
    );
  }
  if (lostDocuments > 0) {
    process.stderr.write(
      `${count(lostDocuments, "documento que os registros nomeiam não está", "documentos que os registros nomeiam não estão")} no diretório de documentos.\n`,
    );
  }
  process.stdout.write(
    options.json
      ? `${JSON.stringify(exported)}\n`
      : `${directory}: ${count(records, "registro", "registros")} das ${treeSize} folhas de ${origin}. Confira com \`blindagem audit verify ${directory}\`.\n`,
  );
}

/** What the holder of a token may see of one condominium: no database is needed here. */
async function download(
  directory: string,
  { condominium, documents, ...options }: ExportOptions,
  month: string | undefined,
): Promise<Exported> {
  const [id] = condominium ?? [];
  if (id === undefined || condominium?.length !== 1) {
    throw new Error(
      "Diga de quem é o pacote: --condominium de um só, com o seu token; ou --organization, no servidor.",
    );
  }
  const [{ wholly }, { unpackTar }] = await Promise.all([
    import("../audit/bundle/write.ts"),
    import("../audit/bundle/tar.ts"),
  ]);
  const exported = await wholly(directory, async (partial) => {
    const bundle = await apiClient(options).downloadBundle(idOf(id), { month, documents });
    await unpackTar(bundle.archive, partial);
    return bundle.exported;
  });
  return { ...exported, firstLost: exported.firstLost };
}

/** What commands of the administradora may see. */
async function exportFromDatabase(
  directory: string,
  options: ExportOptions,
  organizationId: string,
  month: string | undefined,
): Promise<Exported> {
  const [{ exportBundle }, { asCommand }, keys] = await Promise.all([
    import("../audit/bundle/export.ts"),
    import("./database-session.ts"),
    configuredKeys(),
  ]);
  const documents = options.documents ? await storedDocuments() : undefined;
  return asCommand(
    { role: "admin", organizationId, reason: "Exportação do registro", snapshot: true },
    (client) =>
      exportBundle(client, {
        directory,
        organizationId,
        condominiumIds: options.condominium?.map(idOf),
        month,
        documents,
        keys,
        now: new Date(),
      }),
  );
}

/** @throws Error when it is no month, or not that of one condominium */
function monthOf({ month, condominium }: ExportOptions): string | undefined {
  if (month === undefined) return undefined;
  if (!/^\d{4}-(?:0[1-9]|1[0-2])$/.test(month)) {
    throw new Error(`"${month}" não é um mês: espera-se ano e mês, como 2026-11.`);
  }
  if (condominium?.length === 1) return month;
  throw new Error("Um mês é de um condomínio: dê um só com --condominium.");
}

/** Reads documents where the API stores them; undefined for what is not there. */
async function storedDocuments() {
  const [{ createDirectoryStore }, { errorCode }, { loadEnvironment }] = await Promise.all([
    import("../receipts/document-store.ts"),
    import("../database/error-code.ts"),
    import("../config.ts"),
  ]);
  const { DOCUMENTS_DIRECTORY, STATE_DIRECTORY } = loadEnvironment();
  const store = createDirectoryStore(DOCUMENTS_DIRECTORY ?? `${STATE_DIRECTORY}/documents`);
  return (sha256: string): Promise<Uint8Array | undefined> =>
    store.get(sha256).catch((error: unknown) => {
      if (errorCode(error) === "ENOENT") return undefined;
      throw error;
    });
}

interface ProveOptions {
  record: string;
  organization: string;
  out?: string;
}

async function prove(options: ProveOptions): Promise<void> {
  const [{ proveRecord }, { formatProof }, { asCommand }, keys] = await Promise.all([
    import("../audit/prove-record.ts"),
    import("../audit/proof.ts"),
    import("./database-session.ts"),
    configuredKeys(),
  ]);
  const { organization: organizationId, out } = options;
  const recordId = idOf(options.record);
  const proof = await asCommand(
    { role: "admin", organizationId, reason: "Prova de um registro", snapshot: true },
    (client) => proveRecord(client, recordId, keys),
  );
  for (const name of proof.forged) {
    process.stderr.write(
      `Aviso: o banco de dados tem, sob o checkpoint desta prova, uma assinatura falsa em nome da testemunha ${name}. Ela ficou de fora da prova; veja o remédio em docs/auditoria.md, em Testemunhas.\n`,
    );
  }
  if (out === undefined) process.stdout.write(formatProof(proof));
  else await writeFile(out, formatProof(proof), { mode: 0o600, flag: "wx" });
}

/** @throws Error saying that it is no number */
function idOf(text: string): string {
  if (/^[1-9]\d{0,17}$/.test(text)) return text;
  throw new Error(`"${text}" não é um número: espera-se o id, como 12.`);
}

async function configuredKeys(): Promise<ListedKey[]> {
  const [{ requireKeyList }, { loadEnvironment }] = await Promise.all([
    import("../audit/configured-keys.ts"),
    import("../config.ts"),
  ]);
  return requireKeyList(loadEnvironment());
}

interface VerifyOptions {
  keys?: string;
  since?: string;
  json?: boolean;
}

async function verify(bundle: string, options: VerifyOptions): Promise<void> {
  const [{ verifyBundle }, { parseKeyList }, { formatReport }] = await Promise.all([
    import("../audit/bundle/verify.ts"),
    import("../audit/key-list.ts"),
    import("./audit-report.ts"),
  ]);
  const { keys, since } = options;
  await requireDirectory(bundle);
  const report = await verifyBundle(bundle, {
    ...(keys === undefined ? {} : { trustedKeys: parseKeyList(await readFile(keys, "utf8")) }),
    ...(since === undefined ? {} : { previousCheckpoint: await readFile(since, "utf8") }),
  });
  process.stdout.write(options.json ? `${JSON.stringify(report)}\n` : formatReport(report));
  if (!report.ok) process.exitCode = 1;
}

/** @throws Error when it is not there, or is what the API sends: an archive */
async function requireDirectory(bundle: string): Promise<void> {
  if ((await stat(bundle)).isDirectory()) return;
  throw new Error(
    `${bundle} não é um diretório, e um pacote é: se é o arquivo que a API envia, desempacote-o antes (tar -xf ${bundle}).`,
  );
}

async function verifyProofFile(
  file: string,
  options: { keys: string; entry?: string },
): Promise<void> {
  const [{ parseProof, verifyProof }, { parseKeyList }, { leafHash }] = await Promise.all([
    import("../audit/proof.ts"),
    import("../audit/key-list.ts"),
    import("../audit/tree.ts"),
  ]);
  const proof = parseProof(await readFile(file, "utf8"));
  const entry = await entryOf(proof, options.entry);
  const keys = parseKeyList(await readFile(options.keys, "utf8"));
  const { checkpoint, cosignatures } = verifyProof(proof, leafHash(entry), keys);
  const witnesses = cosignatures.map(({ key, timestamp }) => {
    return `Testemunha ${key.name} assinou em ${new Date(timestamp * 1000).toISOString()} as primeiras ${checkpoint.size} folhas.\n`;
  });
  process.stdout.write(
    `CONFERE: o registro é a folha ${proof.index} das ${checkpoint.size} de ${checkpoint.origin}.\n${witnesses.join("")}`,
  );
}

async function entryOf({ extra }: Proof, file: string | undefined): Promise<Uint8Array> {
  if (file !== undefined) return readFile(file);
  if (extra === undefined) {
    throw new Error("A prova não traz o registro: dê o arquivo dele com --entry.");
  }
  return extra;
}

async function keygen(options: { name: string; out: string; witness?: boolean }): Promise<void> {
  const [{ generateKey }, { COSIGNATURE_V1, ED25519 }] = await Promise.all([
    import("../audit/keys.ts"),
    import("../audit/verifier-key.ts"),
  ]);
  const { text, key } = generateKey(options.name, options.witness ? COSIGNATURE_V1 : ED25519);
  await writeFile(options.out, `${text}\n`, { mode: 0o600, flag: "wx" });
  process.stdout.write(`${key.text}\n`);
}
