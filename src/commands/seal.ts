import { Command } from "commander";
import { loadEnvironment } from "../config.ts";

/** Runs the sealing process. */
export function sealCommand(): Command {
  return new Command("seal")
    .description("sela o registro de auditoria; um segundo processo fica de reserva")
    .action(async () => {
      const { runSealerProcess } = await import("../processes/sealer.ts");
      await runSealerProcess(loadEnvironment());
    });
}
