import { z } from "zod";
import { sealingFault, sealingState } from "../src/audit/sealing-state.ts";
import { defineTask } from "../src/queue/task.ts";

/** Checks that the audit log is being sealed; the sealing itself is `blindagem seal`, with a login of its own. */
export default defineTask("seal_audit_log", z.object({}), async (_, context) => {
  const state = await context.transaction("Verificação do selo da auditoria", sealingState);
  const fault = sealingFault(state);
  if (fault === undefined) return;
  context.logger.error(state, fault);
  throw new Error(fault);
});
