import { mkdir, mkdtemp, readFile, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import path from "node:path";
import { afterAll, beforeAll, describe, expect, it } from "@jest/globals";
import pg from "pg";
import { messageOf } from "../../src/commands/fault.ts";
import { createTestDatabase } from "../database/test-database.ts";

let directory: string;
beforeAll(async () => {
  directory = await mkdtemp(path.join(tmpdir(), "blindagem-fault-"));
});
afterAll(() => rm(directory, { recursive: true }));

/** What a person is told of an operation on files that fails. */
async function told(operation: Promise<unknown>): Promise<string> {
  const fault = await operation.then(
    () => undefined,
    (error: unknown) => error,
  );
  if (fault === undefined) throw new Error("The operation did not fail.");
  return messageOf(fault);
}

describe("what is said of a file", () => {
  it("that is not there", async () => {
    const file = path.join(directory, "none.csv");
    expect(await told(readFile(file))).toBe(`${file}: o arquivo não existe.`);
  });

  it("whose directory is not there: that one is named, since it is to be made", async () => {
    const file = path.join(directory, "none", "proof");
    expect(await told(writeFile(file, "", { flag: "wx" }))).toBe(
      `${file}: o diretório ${path.dirname(file)} não existe; crie-o antes, ou escolha outro.`,
    );
  });

  it("that is there already and is not written over", async () => {
    const file = path.join(directory, "proof");
    await writeFile(file, "kept");
    expect(await told(writeFile(file, "new", { flag: "wx" }))).toBe(
      `${file}: já existe, e não se grava por cima dele; escolha outro nome.`,
    );
    expect(await readFile(file, "utf8")).toBe("kept");
  });

  it("below something that is no directory", async () => {
    const file = path.join(directory, "plain");
    await writeFile(file, "");
    expect(await told(mkdir(path.join(file, "x"), { recursive: true }))).toContain(
      "parte do caminho é um arquivo, não um diretório",
    );
  });

  it.each([
    [
      "EACCES",
      "falta permissão para o ler ou gravar; confira o dono e o modo dele e do diretório.",
    ],
    ["EROFS", "fica num sistema de arquivos só de leitura; escolha outro lugar."],
    ["ENOSPC", "o disco está cheio."],
    ["EMFILE", "não pode ser lido nem gravado (EMFILE)."],
  ])("with what the system says: %s", (code, words) => {
    // Neither root nor every machine can bring these about.
    const fault = Object.assign(new Error(code), { code, path: "/dados/x" });
    expect(messageOf(fault)).toBe(`/dados/x: ${words}`);
  });
});

it("says of a server without a free connection what to close or to raise", async () => {
  const database = await createTestDatabase();
  const name = new URL(database.migratorUrl).pathname.slice(1);
  const owner = await database.pool("migrator").connect();
  await owner.query(`alter database ${name} connection limit 0`);
  const client = new pg.Client({ connectionString: database.url("worker") });
  expect(await told(client.connect())).toBe(
    `O PostgreSQL não tem conexão livre (too many connections for database "${name}"): feche sessões que sobram, ou aumente max_connections ou o limite do banco ou do login. Um serviço é iniciado de novo por quem cuida dele.`,
  );
  owner.release(true);
  await database.drop();
});
