import { z } from "zod";
import { type RecordEntry, recordFormat } from "./entry.ts";
import type { Acting } from "./intent.ts";

/** What a record says of who made it. */
export interface Saying extends Pick<RecordEntry, "format" | "action"> {
  acting: Acting;
}

const acting = z.object({
  actor_id: z.string(),
  actor_role: z.string().optional(),
  request_id: z.string().optional(),
  job_id: z.string().optional(),
  reason: z.string().optional(),
  transaction_id: z.string(),
});

/**
 * Reads what sealing has cut out of a record's text (append-run.ts): format, action, and what stands behind the last
 * `,"actor_id":"` of a text in the layout of the capture functions, which ends with what all records of a statement share.
 *
 * @returns undefined for a record of another layout, and for one whose reason is not in words there: those are to be read whole
 */
export function readSaying(text: string): Saying | undefined {
  const [formatText = "", action = ""] = text.split(" ", 2);
  const known = recordFormat.safeParse(formatText);
  const end = acting.safeParse(
    parsed(`{"actor_id":"${text.slice(formatText.length + action.length + 2)}`),
  );
  if (!known.success || !end.success) return undefined;
  return { format: known.data, action, acting: end.data };
}

function parsed(json: string): unknown {
  try {
    return JSON.parse(json);
  } catch {
    return undefined;
  }
}
