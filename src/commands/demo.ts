import { Command } from "commander";
import { loadEnvironment } from "../config.ts";

/** Runs the demo once on a database of its own and ends: 0 when every expense reached its expected end. */
export function demoCommand(): Command {
  return new Command("demo")
    .description("executa a demonstração uma vez, em banco próprio, e confere cada resultado")
    .option("--json", "só o resumo, em JSON, na saída padrão")
    .option("--flip-all", "com um fato de cada armadilha invertido: o fim de cada uma deve mudar")
    .action(async (options: { json?: true; flipAll?: true }) => {
      const { runDemo } = await import("../../demo/run.ts");
      process.exitCode = await runDemo(loadEnvironment(), {
        json: options.json ?? false,
        flipAll: options.flipAll ?? false,
      });
    });
}
