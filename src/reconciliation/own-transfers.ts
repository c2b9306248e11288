import { agreement } from "./party.ts";
import { byMoment, type PreparedMovement } from "./prepared.ts";

/** Why two movements are the two ends of one transfer. */
export type TransferEvidence = "SAME_ID" | "OWN_DOCUMENT" | "MEMO" | "CARD_BILL";

const OWN_WORDS =
  /\bENTRE (?:CTAS|CONTAS)\b|\bMESM[AO] (?:TIT\w*|CLIENTE)\b|\b(?:CTAS?|CONTAS?) PROPRIAS?\b|\b(?:FDO|FUNDO) (?:DE )?RESERVA\b|\b(?:CTA|CONTA) (?:RESERVA|POUP\w*|INVEST\w*|APLIC\w*)\b/;
/** Said by one end alone it is enough: nobody else has the same holder. */
const SAME_HOLDER = /\bMESM[AO] (?:TIT\w*|CLIENTE)\b|\b(?:CTAS?|CONTAS?) PROPRIAS?\b/;
/** Within one bank; the payee may be someone else, unless another account shows the other end. */
const ACCOUNT_TRANSFER =
  /\bTRANSF\w* (?:(?:DE|P|PARA|D) )?(?:CC|C C|CTA|CONTA|POUP\w*)\b|\b(?:CRED|DEB) TRANSF\b|\bTRF\b/;
const CARD_BILL = /\b(?:FATURA|FAT|CARTAO|CART CRED\w*)\b/;
const CARD_PAYMENT = /\b(?:PAG\w*|PGTO?)\b/;
const CONDOMINIUM = /\b(?:CONDOMINIO|COND|CONDOM|EDIFICIO|EDIF|RESIDENCIAL)\b/;
/** A TED of the evening arrives on the next working day. */
const MOST_DAYS = 1;

/**
 * Movements that only change the account: a debit in one of the condominium's accounts and an ordinary credit of the
 * same amount in another, joined by end-to-end id, holder, or memo; the payment of a card's bill; and what says of
 * itself that the holder is the same.
 * @returns by id of the movement, what joins it
 */
export function ownTransfers(
  movements: readonly PreparedMovement[],
  ownDocuments: ReadonlySet<string>,
): ReadonlyMap<string, TransferEvidence> {
  const found = new Map<string, TransferEvidence>();
  for (const one of movements) {
    const { counterpartyDocument, originalEndToEndId } = one.movement;
    if (one.rule !== undefined || originalEndToEndId !== null) continue;
    if (counterpartyDocument !== null && ownDocuments.has(counterpartyDocument)) {
      found.set(one.id, "OWN_DOCUMENT");
    } else if (SAME_HOLDER.test(one.memo) && one.party.documents.length === 0) {
      found.set(one.id, "MEMO");
    }
  }
  // With one account there is no other end.
  if (new Set(movements.map((one) => one.movement.accountId)).size < 2) return found;
  const credits = new CreditIndex(movements);
  const taken = new Set<string>();
  for (const debit of [...movements].sort(byMoment)) {
    if (debit.direction !== "DEBIT" || debit.rule !== undefined) continue;
    for (const credit of credits.near(debit)) {
      if (taken.has(credit.id)) continue;
      const evidence = endsOf(debit, credit);
      if (!evidence) continue;
      found.set(debit.id, evidence).set(credit.id, evidence);
      taken.add(credit.id);
      break;
    }
  }
  return found;
}

/** Whether the two can be the ends of one transfer, by account, amount and day. */
export function canBeEnds(debit: PreparedMovement, credit: PreparedMovement): boolean {
  const days = credit.day - debit.day;
  return (
    debit.size === credit.size &&
    debit.movement.accountId !== credit.movement.accountId &&
    days >= 0 &&
    days <= MOST_DAYS
  );
}

function endsOf(debit: PreparedMovement, credit: PreparedMovement): TransferEvidence | undefined {
  if (debit.movement.accountId === credit.movement.accountId || debit.size !== credit.size) {
    return undefined;
  }
  const id = debit.movement.endToEndId;
  if (id !== null && id === credit.movement.endToEndId) return "SAME_ID";
  if (!canBeEnds(debit, credit)) return undefined;
  const sent = debit.memo;
  const received = credit.memo;
  if (CARD_BILL.test(sent) && CARD_BILL.test(received) && CARD_PAYMENT.test(received)) {
    return "CARD_BILL";
  }
  const parties = agreement(debit.party, credit.party);
  if (parties.kind === "DIFFERENT_DOCUMENT") return undefined;
  if (parties.kind === "SAME_DOCUMENT") return "OWN_DOCUMENT";
  if (OWN_WORDS.test(sent) || OWN_WORDS.test(received)) return "MEMO";
  if (ACCOUNT_TRANSFER.test(sent) && ACCOUNT_TRANSFER.test(received)) return "MEMO";
  const names = [sent, received, debit.counterparty, credit.counterparty];
  const same = parties.kind === "NAMES" && parties.similarity >= 0.75;
  return same && names.some((name) => CONDOMINIUM.test(name)) ? "OWN_DOCUMENT" : undefined;
}

/** Ordinary credits, found by end-to-end id, or by amount and day: many equal amounts stay cheap. */
class CreditIndex {
  readonly #byDay = new Map<string, PreparedMovement[]>();
  readonly #byId = new Map<string, PreparedMovement[]>();

  constructor(movements: readonly PreparedMovement[]) {
    for (const one of [...movements].sort(byMoment)) {
      const { originalEndToEndId, endToEndId } = one.movement;
      if (one.direction !== "CREDIT" || one.rule !== undefined || originalEndToEndId !== null) {
        continue;
      }
      append(this.#byDay, `${one.size}\n${one.day}`, one);
      if (endToEndId !== null) append(this.#byId, endToEndId, one);
    }
  }

  near({ size, day, movement }: PreparedMovement): PreparedMovement[] {
    const byId = this.#byId.get(movement.endToEndId ?? "") ?? [];
    const days = Array.from({ length: MOST_DAYS + 1 }, (_, later) => day + later);
    return [...byId, ...days.flatMap((one) => this.#byDay.get(`${size}\n${one}`) ?? [])];
  }
}

function append<T>(map: Map<string, T[]>, key: string, value: T): void {
  const list = map.get(key);
  if (list) list.push(value);
  else map.set(key, [value]);
}
