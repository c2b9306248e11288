import { z } from "zod";
import type { VerifierKey } from "./verifier-key.ts";

const TIMEOUT_MS = 15_000;

/**
 * Hands a cosigned checkpoint in to the log that it is of, over HTTP: `POST <log>cosignatures`.
 *
 * @param log its address, such as `https://registro.example/log/`
 * @param note the checkpoint with the witness's line under it, and perhaps those of others
 * @param key the witness's own: the log passes over those that its list does not have, if it knows another
 * @throws Error with what the log says, in Portuguese, or that it does not answer
 */
export async function handInCosignature(
  log: string,
  note: string,
  key: VerifierKey,
): Promise<void> {
  if (!/^https?:\/\//.test(log)) {
    throw new Error(`${log} não é um endereço: --submit entrega só a um registro em https://….`);
  }
  const url = new URL("cosignatures", log.endsWith("/") ? log : `${log}/`);
  const response = await fetch(url, {
    method: "POST",
    headers: { "content-type": "text/plain; charset=utf-8" },
    body: note,
    redirect: "error",
    signal: AbortSignal.timeout(TIMEOUT_MS),
  }).catch((cause: unknown) => {
    throw new Error(`${url.href} não responde.`, { cause });
  });
  const body: unknown = await response.json().catch(() => undefined);
  if (!response.ok) {
    const { data } = refusal.safeParse(body);
    throw new Error(
      data?.error.message ?? `${url.href} respondeu com o status ${response.status}.`,
    );
  }
  const { data } = taken.safeParse(body);
  if (data?.cosignatures.some((each) => each.key === key.text)) return;
  throw new Error(
    `O registro não guardou a assinatura: a chave ${key.text} não está na lista dele, ou não vale para este tamanho. Peça à administradora que a ponha lá, numa linha \`witness\`.`,
  );
}

const taken = z.object({ cosignatures: z.array(z.object({ key: z.string() })) });
const refusal = z.object({ error: z.object({ message: z.string() }) });
