import type { Command } from "commander";
import { messageOf } from "../../src/commands/fault.ts";
import { type CliResult, runCli } from "../cli-process.ts";
import type { Login, TestDatabase } from "../database/test-database.ts";

/** A command's environment: that of an installation on this database, and nothing of the machine's. */
export function environmentOf(
  database: Pick<TestDatabase, "migratorUrl" | "prefix" | "url">,
  extra: Readonly<Record<string, string>> = {},
): Record<string, string> {
  const url = (login: Login) => database.url(login);
  return {
    DATABASE_URL: database.migratorUrl,
    AUTHENTICATOR_DATABASE_URL: url("authenticator"),
    WORKER_DATABASE_URL: url("worker"),
    ROLE_PREFIX: database.prefix,
    ...extra,
  };
}

/** Runs `blindagem ARGS…` in that environment, to its end. */
export type RunCommand = (...args: string[]) => Promise<CliResult>;

export function commandRunner(environment: Readonly<Record<string, string>>): RunCommand {
  return (...args) => runCli(args, { environment });
}

/** What a person sees of a failed command: a status of 1, a message on standard error, and never a stack. */
export function messageOfFailure({ status, stdout, stderr }: CliResult): string {
  if (status !== 1) throw new Error(`The command ended with ${status}: ${stdout}${stderr}`);
  if (/^\s+at /m.test(stderr)) throw new Error(`The command printed a stack: ${stderr}`);
  return stderr;
}

/**
 * What that command says when it fails, run in this process: the start of one costs the better part of a second.
 *
 * @throws Error when it does not fail
 */
export async function failureInProcess(command: Command, args: readonly string[]): Promise<string> {
  let help = "";
  for (const each of withSubcommands(command)) {
    each.exitOverride().configureOutput({
      writeErr: (text) => {
        help += text;
      },
    });
  }
  try {
    await command.parseAsync(args, { from: "user" });
  } catch (error) {
    return help + messageOf(error);
  }
  throw new Error(`The command did not fail: ${args.join(" ")}`);
}

/** The command with all below it. */
export function withSubcommands(command: Command): Command[] {
  return [command, ...command.commands.flatMap(withSubcommands)];
}
