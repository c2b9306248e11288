import type pg from "pg";
import { dateInBrasilia } from "../calendar/brasilia.ts";
import { type Bucket, type Slot, takeSlot } from "./provider-slot.ts";

/** Slots of one job, which makes several requests: when the first is, and how many they are. */
export interface Turn {
  at: Date;
  requests: number;
}

/** So long before and after its time `take_provider_slot` gives a reserved slot. */
const EARLY_MS = 1_000;
const LATE_MS = 2_000;

/**
 * When a job may begin that makes so many requests: now, or at a later turn of its own, with which it comes again as
 * `reserved`. It takes all its slots together: with one at a time each job would begin, and at its next request stand
 * behind all that wait.
 */
export async function takeTurn(
  client: pg.ClientBase,
  bucket: Bucket,
  now: Date,
  requests: number,
  reserved?: Turn,
): Promise<Turn & Slot> {
  const first = await takeSlot(client, bucket, now, reserved?.at);
  if (reserved && first.cause === null && isOnTime(reserved.at, now)) {
    return { ...first, requests: reserved.requests };
  }
  // The bucket's row stays locked until commit: nobody's slots come between.
  for (let taken = 1; taken < requests; taken++) await takeSlot(client, bucket, now);
  return { ...first, requests };
}

/** Whether the slot was the reserved one, whose others are reserved too, or a new one that happened to be free. */
function isOnTime(slot: Date, now: Date): boolean {
  const late = now.getTime() - slot.getTime();
  return late >= -EARLY_MS && late <= LATE_MS && dateInBrasilia(slot) === dateInBrasilia(now);
}
