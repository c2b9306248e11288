import { Command } from "commander";
import { loadEnvironment } from "../config.ts";

/** Runs the sealing process. */
export function sealCommand(): Command {
  return new Command("seal")
    .description("sela o registro de auditoria; um segundo processo fica de reserva")
    .action(async () => {
      // Loaded only by the process that is one: each command would else wait for all of them.
      const { runSealerProcess } = await import("../processes/sealer.ts");
      await runSealerProcess(loadEnvironment());
    });
}
