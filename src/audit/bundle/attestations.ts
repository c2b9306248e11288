import type { IntentEntry, RecordEntry } from "../entry.ts";
import { AuditFault } from "../fault.ts";
import {
  type AttestedRecord,
  checkIntent,
  claimsActor,
  type Intent,
  openIntent,
  unattested,
} from "../intent.ts";
import type { ListedKey } from "../key-list.ts";
import type { Findings } from "./report.ts";

type Waiting = AttestedRecord & { index: number };

/**
 * Follows which records are covered by a signed intent, in the order of the log. An intent stands behind the records of
 * its transaction, as it signs their hashes: when it comes, the transaction is settled and forgotten.
 */
export class Attestations {
  /** How many records an intent covers. */
  attested = 0;
  readonly #keys: readonly ListedKey[];
  readonly #findings: Findings;
  readonly #waiting = new Map<string, Waiting[]>();

  constructor(keys: readonly ListedKey[], findings: Findings) {
    this.#keys = keys;
    this.#findings = findings;
  }

  /** Takes a record of a format that asks for an intent. */
  record(index: number, entry: RecordEntry, leafHash: Uint8Array): void {
    const waiting = { ...attestedFields(entry), index, leafHash };
    const others = this.#waiting.get(entry.transaction_id);
    if (others === undefined) this.#waiting.set(entry.transaction_id, [waiting]);
    else others.push(waiting);
  }

  intent(index: number, entry: IntentEntry): void {
    const intent = this.#open(index, entry);
    if (intent === undefined) return;
    const records = this.#waiting.get(entry.transaction_id) ?? [];
    this.#waiting.delete(entry.transaction_id);
    const faults = checkIntent(intent, records);
    for (const { fault, id } of faults) {
      const at = records.find((record) => record.id === id)?.index ?? index;
      this.#findings.fault(fault, { index: at, record: id });
    }
    if (faults.length === 0) this.attested += records.filter(claimsActor).length;
  }

  /** Tells of the transactions whose intent never came. */
  finish(): void {
    for (const [transaction, records] of this.#waiting) {
      const claims = records.filter(claimsActor);
      const [first] = claims;
      if (first === undefined) continue;
      const message = `A transação ${transaction} não tem intenção assinada: ${claims.length} registros dizem que "${first.actor_id ?? ""}" agiu.`;
      this.#findings.fault(unattested(message), { index: first.index, record: first.id });
    }
  }

  #open(index: number, entry: IntentEntry): Intent | undefined {
    try {
      const intent = openIntent(entry.note, this.#keys, index);
      if (intent.transaction_id !== entry.transaction_id) {
        throw new AuditFault(
          "INTENT_MISMATCH",
          `A intenção da transação ${intent.transaction_id} está no registro da ${entry.transaction_id}.`,
        );
      }
      return intent;
    } catch (error) {
      if (!(error instanceof AuditFault)) throw error;
      this.#findings.fault(error, { index, record: entry.id });
      return undefined;
    }
  }
}

/** Not the whole entry: its states would be kept, too. */
function attestedFields(entry: RecordEntry): Omit<AttestedRecord, "leafHash"> {
  return {
    id: entry.id,
    organization_id: entry.organization_id,
    condominium_id: entry.condominium_id,
    sensitivity: entry.sensitivity,
    action: entry.action,
    actor_id: entry.actor_id,
    actor_role: entry.actor_role,
    request_id: entry.request_id,
    job_id: entry.job_id,
  };
}
