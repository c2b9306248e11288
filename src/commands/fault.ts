import { isNativeError } from "node:util/types";
import pg from "pg";
import { messageOfConstraint } from "../api/constraint-messages.ts";
import { publicError } from "../api/errors.ts";

/** An error as the person at the command line is told it: in Portuguese, without the stored values it may quote. */
export function messageOf(error: unknown): string {
  if (error instanceof pg.DatabaseError) return messageOfDatabase(error);
  if (!isNativeError(error)) return String(error);
  const code = textOf(error, "code");
  const path = textOf(error, "path");
  if (code !== undefined && path !== undefined) {
    return code === "ENOENT"
      ? `${path}: o arquivo não existe.`
      : `${path}: não pode ser lido nem gravado (${code}).`;
  }
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

function messageOfDatabase(error: pg.DatabaseError): string {
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
