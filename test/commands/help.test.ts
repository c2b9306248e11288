import { access, readdir } from "node:fs/promises";
import { beforeAll, describe, expect, it, jest } from "@jest/globals";
import { Command, CommanderError } from "commander";
import { ROOT, resultOf, runCli, startProgram } from "../cli-process.ts";
import { messageOfFailure, withSubcommands } from "./run-command.ts";

const COMMANDS = `${ROOT}/src/commands`;

// Processes start slowly on a machine that does other things too.
jest.setTimeout(180_000);

let commands: Command[];

beforeAll(async () => {
  const files = (await readdir(COMMANDS)).filter((name) => name.endsWith(".ts"));
  const modules: Record<string, unknown>[] = await Promise.all(
    files.map((name) => import(`${COMMANDS}/${name}`)),
  );
  commands = modules.flatMap((module) =>
    Object.entries(module).flatMap(([name, make]) => {
      const isFactory = /Command$/.test(name) && typeof make === "function" && make.length === 0;
      const made: unknown = isFactory ? make() : undefined;
      return made instanceof Command ? [made] : [];
    }),
  );
});

describe("--help", () => {
  it("is answered with status 0 by every command and subcommand, which say what they do", async () => {
    const all = commands.flatMap(withSubcommands);
    expect(all.length).toBeGreaterThan(25);
    for (const command of all) {
      let output = "";
      command.exitOverride().configureOutput({
        writeOut: (text) => {
          output += text;
        },
      });
      const end = await command.parseAsync(["--help"], { from: "user" }).catch((error) => error);
      expect(end).toBeInstanceOf(CommanderError);
      expect(end).toMatchObject({ code: "commander.helpDisplayed", exitCode: 0 });
      expect(command.description()).not.toBe("");
      expect(output.replace(/\s+/g, " ")).toContain(command.description());
    }
  });

  it("describes every option and argument", () => {
    for (const command of commands.flatMap(withSubcommands)) {
      for (const { description } of [...command.options, ...command.registeredArguments]) {
        expect(description).toBeTruthy();
      }
    }
  });
});

describe("the executable", () => {
  it("lists its commands, and on an unknown one says so and ends with status 1", async () => {
    const [help, unknown, none] = await Promise.all(
      [["--help"], ["organisation"], []].map((args) => runCli(args, { environment: {} })),
    );
    if (!help || !unknown || !none) throw new Error("unreachable");
    expect(help.status).toBe(0);
    for (const command of commands) expect(help.stdout).toContain(`  ${command.name()}`);
    const message = messageOfFailure(unknown);
    expect(message).toContain("unknown command 'organisation'");
    expect(message).toContain("Usage: blindagem");
    expect(messageOfFailure(none)).toContain("Usage: blindagem");
  });

  it("runs under the system's Node.js, be it older than the one the platform needs", async () => {
    const system = "/usr/bin/node";
    const isThere = await access(system).then(
      () => true,
      () => false,
    );
    const bin = `${ROOT}/bin/blindagem.js`;
    const programs = [process.execPath, ...(isThere ? [system] : [])];
    for (const program of programs) {
      const failed = startProgram(program, [bin, "submit", "x.csv"], { environment: {} });
      expect(messageOfFailure(await resultOf(failed))).toContain("Falta o token");
    }
  });
});
