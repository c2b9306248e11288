import { Command } from "commander";
import { loadEnvironment } from "../config.ts";

/** Runs a worker process. */
export function workerCommand(): Command {
  return new Command("worker")
    .description("executa as tarefas; inicie quantos processos quiser, em quantas máquinas quiser")
    .action(async () => {
      const { runWorkerProcess } = await import("../processes/worker.ts");
      await runWorkerProcess(loadEnvironment());
    });
}
