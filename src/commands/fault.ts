import { existsSync } from "node:fs";
import path from "node:path";
import { isNativeError } from "node:util/types";
import pg from "pg";
import { messageOfConstraint } from "../api/constraint-messages.ts";
import { publicError } from "../api/errors.ts";

/** An error as the person at the command line is told it: in Portuguese, without the stored values it may quote. */
export function messageOf(error: unknown): string {
  if (error instanceof pg.DatabaseError) return messageOfDatabase(error);
  if (!isNativeError(error)) return String(error);
  const code = textOf(error, "code");
  const file = textOf(error, "path");
  if (code !== undefined && file !== undefined) return `${file}: ${faultOfFile(code, file)}`;
  // Reading one, Node.js does not say which.
  if (code === "EISDIR")
    return "O que se deu como arquivo é um diretório: dê um arquivo dentro dele.";
  if (code === "EADDRINUSE") {
    return `A porta ${Reflect.get(error, "port")} já está em uso: escolha outra com PORT.`;
  }
  if (publicError(error).code === "BLD14") {
    return `O banco de dados não responde (${code ?? error.message}): confira DATABASE_URL, ou se \`npm start\` está rodando aqui.`;
  }
  return error.message || "A operação falhou.";
}

function faultOfFile(code: string, file: string): string {
  switch (code) {
    case "ENOENT": {
      const directory = path.dirname(file);
      return existsSync(directory)
        ? "o arquivo não existe."
        : `o diretório ${directory} não existe; crie-o antes, ou escolha outro.`;
    }
    case "EEXIST":
      return "já existe, e não se grava por cima dele; escolha outro nome.";
    case "ENOTDIR":
      return "parte do caminho é um arquivo, não um diretório; escolha outro lugar.";
    case "EACCES":
      return "falta permissão para o ler ou gravar; confira o dono e o modo dele e do diretório.";
    case "EROFS":
      return "fica num sistema de arquivos só de leitura; escolha outro lugar.";
    case "ENOSPC":
      return "o disco está cheio.";
    default:
      return `não pode ser lido nem gravado (${code}).`;
  }
}

/** Also of a login or a database: the server's words say of which. */
const TOO_MANY_CONNECTIONS = "53300";

function messageOfDatabase(error: pg.DatabaseError): string {
  if (error.code === TOO_MANY_CONNECTIONS) {
    return `O PostgreSQL não tem conexão livre (${error.message}): feche sessões que sobram, ou aumente max_connections ou o limite do banco ou do login. Um serviço é iniciado de novo por quem cuida dele.`;
  }
  const answer = publicError(error);
  // What nobody foresaw is about the installation (a login refused, a database that is not there): told as it is.
  if (answer.code === "INTERNAL") return `O banco de dados recusou: ${error.message}`;
  const { constraint } = error;
  // What has no words of its own is told by its name.
  return constraint === undefined || messageOfConstraint(constraint) !== undefined
    ? answer.message
    : `${answer.message} (${constraint})`;
}

function textOf(error: Error, name: string): string | undefined {
  const value: unknown = Reflect.get(error, name);
  return typeof value === "string" ? value : undefined;
}
