import type { Classified } from "./classify.ts";
import type { Ledger } from "./ledger.ts";
import { canBeEnds } from "./own-transfers.ts";
import { agreement, type Party } from "./party.ts";
import {
  byMoment,
  canPrecede,
  compareText,
  isNameless,
  type PreparedMovement,
  type PreparedPayable,
} from "./prepared.ts";
import { amountText, question, type ReconciliationCode } from "./reasons.ts";
import type { Review, Thresholds } from "./types.ts";
import { fits } from "./undo-candidates.ts";
import { maxDays } from "./undoing.ts";

/** A question shows at most so many candidates; more help nobody. */
const SHOWN = 20;
/** A supplier's ordinary credit counts as suspect from this agreement of names on. */
const SURE_NAME = 0.78;

/** Words of a bank for its own entries; they say neither that a payment came back nor that it did not. */
const CORRECTION = /\b(?:AJUSTE?|AJST|ACERTO|REGULARIZ\w*|CORRECAO|LANC\w* A? ?CRED\w*)\b/;

type Suspicion = { code: ReconciliationCode; debits: PreparedMovement[] };

/**
 * Ordinary credits that may be no income although no memo says so: of the amount of a payment to the same party; from
 * a company that is paid here; the bank's own correction of the amount of a debit; or like a nameless debit of another of
 * the condominium's accounts. They may be income
 * (a resident who is paid and pays), so a person decides.
 *
 * @param debits the payers, with the payees known from their payments
 * @returns one question per credit
 */
export function suspectRefunds(
  debits: readonly PreparedMovement[],
  payables: readonly PreparedPayable[],
  { receipts }: Classified,
  incomeCredits: ReadonlySet<string>,
  ledger: Ledger,
  thresholds: Thresholds,
): Review[] {
  const bySizeAndParty = new Map<string, PreparedMovement[]>();
  const namelessByDay = new Map<string, PreparedMovement[]>();
  const sizes = new Set(receipts.map((credit) => credit.size));
  const alike = debits.filter((debit) => sizes.has(debit.size));
  const byAccountAndSize = Map.groupBy(alike, (one) => one.block);
  for (const debit of alike) {
    for (const handle of debit.party.handles) {
      append(bySizeAndParty, `${debit.size}\n${handle}`, debit);
    }
    if (isUnknown(debit)) append(namelessByDay, `${debit.size}\n${debit.day}`, debit);
  }
  let index: CompanyIndex | undefined;
  const companies = () => {
    index ??= new CompanyIndex(payables, debits);
    return index;
  };
  return [...receipts].sort(byMoment).flatMap((credit) => {
    if (incomeCredits.has(credit.id) || ledger.isRefund(credit.id)) return [];
    const isFree = (debit: PreparedMovement) =>
      ledger.refundable(debit.id) === debit.size && !ledger.isRejectedRefund(credit.id, debit.id);
    const ofParty = credit.party.handles.flatMap(
      (handle) => bySizeAndParty.get(`${credit.size}\n${handle}`) ?? [],
    );
    const nameless = [credit.day - 1, credit.day].flatMap(
      (day) => namelessByDay.get(`${credit.size}\n${day}`) ?? [],
    );
    const suspicion =
      mirrored(credit, [...new Set(ofParty)].filter(isFree), thresholds) ??
      fromCompany(credit, companies()) ??
      corrected(credit, byAccountAndSize.get(credit.block)?.filter(isFree) ?? [], thresholds) ??
      otherEnd(credit, isUnknown(credit) ? nameless.filter(isFree) : [], ledger);
    if (!suspicion) return [];
    const shown = suspicion.debits.sort(byMoment).slice(-SHOWN);
    return [
      {
        kind: "REFUND_SUSPECTED" as const,
        transactionIds: [credit.id, ...shown.map((debit) => debit.id)].sort(compareText),
        payableIds: [],
        reasons: [
          question(suspicion.code, {
            creditId: credit.id,
            amount: amountText(credit.size),
            debits: suspicion.debits.length,
          }),
        ],
      },
    ];
  });
}

/** The same amount, before, to the same party. */
function mirrored(
  credit: PreparedMovement,
  alike: readonly PreparedMovement[],
  thresholds: Thresholds,
): Suspicion | undefined {
  const debits = alike.filter(
    (debit) =>
      credit.day - debit.day <= maxDays(credit, thresholds) &&
      canPrecede(debit, credit) &&
      fits(credit, debit) &&
      isSureParty(credit.party, debit.party),
  );
  return debits.length > 0 ? { code: "CREDIT_MIRRORS_PAYMENT", debits } : undefined;
}

/** From a company that the condominium pays: who is paid rarely pays. People may be residents. */
function fromCompany(credit: PreparedMovement, companies: CompanyIndex): Suspicion | undefined {
  const debits = companies.debitsOf(credit);
  return debits ? { code: "CREDIT_FROM_PAYEE", debits } : undefined;
}

/** The bank itself puts something right, and it is the amount of a debit before it. */
function corrected(
  credit: PreparedMovement,
  alike: readonly PreparedMovement[],
  thresholds: Thresholds,
): Suspicion | undefined {
  if (!CORRECTION.test(credit.memo) || !isUnknown(credit)) return undefined;
  const debits = alike.filter(
    (debit) => canPrecede(debit, credit) && credit.day - debit.day <= maxDays(credit, thresholds),
  );
  return debits.length > 0 ? { code: "CREDIT_CORRECTS_DEBIT", debits } : undefined;
}

/** The same amount left another of the accounts and paid nothing; neither end names anyone. */
function otherEnd(
  credit: PreparedMovement,
  alike: readonly PreparedMovement[],
  ledger: Ledger,
): Suspicion | undefined {
  const debits = alike.filter(
    (debit) => canBeEnds(debit, credit) && ledger.freeToPay(debit.id) === debit.size,
  );
  return debits.length > 0 ? { code: "CREDIT_MIRRORS_OTHER_ACCOUNT", debits } : undefined;
}

function isUnknown(one: PreparedMovement): boolean {
  return isNameless(one) && one.party.documents.length === 0;
}

function append<K, T>(map: Map<K, T[]>, key: K, value: T): void {
  const list = map.get(key);
  if (list) list.push(value);
  else map.set(key, [value]);
}

function isSureParty(one: Party, other: Party): boolean {
  const parties = agreement(one, other);
  return (
    parties.kind === "SAME_DOCUMENT" ||
    (parties.kind === "NAMES" && parties.similarity >= SURE_NAME)
  );
}

/** The companies that are paid, to be found by document or name without comparing all. */
class CompanyIndex {
  readonly #byHandle = new Map<string, Set<Party>>();
  readonly #debits = new Map<Party, PreparedMovement[]>();

  constructor(payables: readonly PreparedPayable[], debits: readonly PreparedMovement[]) {
    for (const { party } of payables) this.#add(party);
    for (const debit of debits) {
      if (!this.#add(debit.party)) continue;
      append(this.#debits, debit.party, debit);
    }
  }

  /** The debits before it to the company that the credit comes from; undefined if it comes from none. */
  debitsOf(credit: PreparedMovement): PreparedMovement[] | undefined {
    const near = new Set(
      credit.party.handles.flatMap((handle) => [...(this.#byHandle.get(handle) ?? [])]),
    );
    const same = [...near].filter((party) => isSureParty(party, credit.party));
    if (same.length === 0) return undefined;
    return same
      .flatMap((party) => this.#debits.get(party) ?? [])
      .filter((debit) => canPrecede(debit, credit));
  }

  #add(party: Party): boolean {
    if (!party.documents.some((document) => document.length === 14)) return false;
    for (const handle of party.handles) {
      const known = this.#byHandle.get(handle);
      if (known) known.add(party);
      else this.#byHandle.set(handle, new Set([party]));
    }
    return true;
  }
}
