import { execFile } from "node:child_process";
import { promisify } from "node:util";
import { inRepository } from "./markdown.ts";

/** The commands that the executable has, as its own help lists them. */
export async function commandNames(): Promise<string[]> {
  const { stdout } = await promisify(execFile)(process.execPath, [
    inRepository("src/cli.ts"),
    "--help",
  ]);
  const listed = stdout.slice(stdout.indexOf("Commands:"));
  return [...listed.matchAll(/^ {2}([a-z][a-z-]*)/gm)].flatMap(([, name]) => name ?? []);
}
