import { dateInBrasilia } from "../calendar/brasilia.ts";
import type { Slot, WaitCause } from "./provider-slot.ts";

const time = new Intl.DateTimeFormat("pt-BR", {
  timeZone: "America/Sao_Paulo",
  hour: "2-digit",
  minute: "2-digit",
});

/** Why a job waits for a provider, as people read it. */
export function waitingForProvider(name: string, slot: Slot, now: Date): string {
  const texts: Readonly<Record<WaitCause, string>> = {
    LIMIT: `limite de consultas do ${name}`,
    QUOTA: `cota diária de consultas do ${name}`,
    DOWN: `${name} fora do ar; nova tentativa às ${timeOf(slot.at, now)}`,
  };
  return texts[slot.cause ?? "LIMIT"];
}

/** Why a job waits whose attempt has failed, as people read it. */
export function waitingForRetry(attempt: number, at: Date, now: Date): string {
  return `a tentativa ${attempt} falhou; nova tentativa às ${timeOf(at, now)}`;
}

/** The time in Brasília, with the day if it is another. */
function timeOf(at: Date, now: Date): string {
  const day = dateInBrasilia(at);
  const [, month, date] = day.split("-");
  return day === dateInBrasilia(now) ? time.format(at) : `${time.format(at)} de ${date}/${month}`;
}
