import { encodeBase64 } from "../base64.ts";
import {
  type IntentEntry,
  type OrderedId,
  OUT_OF_BAND,
  orderedId,
  type RecordEntry,
} from "../entry.ts";
import { AuditFault } from "../fault.ts";
import {
  type Acting,
  claimsActor,
  differences,
  type Intent,
  openIntent,
  unattested,
} from "../intent.ts";
import type { ListedKey } from "../key-list.ts";
import { putHash, rootOfLeafHashes } from "../leaf-hashes.ts";
import { HASH_SIZE } from "../tree.ts";
import type { WithheldLine } from "./manifest.ts";
import type { RecordView } from "./record-view.ts";
import type { Findings } from "./report.ts";

/**
 * Follows which records are covered by a signed intent, in the order of the log. An intent stands behind the records of
 * its transaction, as it signs their hashes: when it comes, the transaction is settled and forgotten.
 */
export class Attestations {
  /** How many records an intent covers. */
  attested = 0;
  readonly #keys: readonly ListedKey[];
  readonly #findings: Findings;
  readonly #waiting = new Map<string, Transaction>();
  /** Memory of groups that are settled, for those to come. */
  readonly #spare: Buffer[] = [];
  /** Of the last record: the next one mostly belongs to it, too. */
  #last = new Transaction("", this.#spare);

  constructor(keys: readonly ListedKey[], findings: Findings) {
    this.#keys = keys;
    this.#findings = findings;
  }

  /**
   * Takes a record of a format that asks for an intent.
   *
   * @param leafHash its 32 bytes, one a character
   */
  record(index: number, view: RecordView, leafHash: string): void {
    this.#groupOf(view).add(index, view, leafHash);
  }

  /** Takes a record that the bundle leaves out: it claims nothing, and completes the group of those that are there. */
  withheld({ index, id, ...line }: WithheldLine, leafHash: string): void {
    const silent = { ...SILENT, id: orderedId(id) };
    this.#groupOf(line).add(index, silent, leafHash);
  }

  #groupOf(place: GroupPlace & Pick<RecordView, "transaction_id">): Group {
    const { transaction_id } = place;
    if (this.#last.id !== transaction_id) {
      const waiting =
        this.#waiting.get(transaction_id) ?? new Transaction(transaction_id, this.#spare);
      this.#waiting.set(transaction_id, waiting);
      this.#last = waiting;
    }
    return this.#last.groupOf(place);
  }

  intent(index: number, entry: IntentEntry): void {
    const intent = this.#open(index, entry);
    if (intent === undefined) return;
    const transaction = this.#waiting.get(entry.transaction_id);
    this.#waiting.delete(entry.transaction_id);
    this.#last = new Transaction("", this.#spare);
    if (transaction === undefined) return;
    const faults = transaction.faultsUnder(intent);
    for (const { message, at, id } of faults) {
      this.#findings.fault(unattested(message), { index: at, record: id });
    }
    if (faults.length === 0) this.attested += transaction.claims();
    transaction.release();
  }

  /** Tells of the transactions whose intent never came. */
  finish(): void {
    for (const transaction of this.#waiting.values()) {
      const first = transaction.firstClaim();
      if (first === undefined) continue;
      const message = `A transação ${transaction.id} não tem intenção assinada: ${transaction.claims()} registros dizem que "${first.acting.actor_id ?? ""}" agiu.`;
      this.#findings.fault(unattested(message), { index: first.at, record: first.id });
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

/** What records have in common that one root of an intent covers. */
type GroupPlace = Pick<RecordView, "organization_id" | "condominium_id" | "sensitivity">;

/** What is not shown says nothing. */
const SILENT: Pick<RecordView, "format" | "action" | "acting"> = {
  format: "blindagem-record-6",
  action: OUT_OF_BAND,
  acting: {},
};

/** The records of a transaction whose intent is still to come. */
class Transaction {
  readonly id: string;
  /** By condominium: mostly one each. */
  readonly #groups = new Map<string | undefined, Group[]>();
  readonly #spare: Buffer[];
  /** Of the last record: the next one's mostly is the same. */
  #last: Group | undefined;

  /** @param spare memory that its groups may take, and give back */
  constructor(id: string, spare: Buffer[]) {
    this.id = id;
    this.#spare = spare;
  }

  groupOf(view: GroupPlace): Group {
    if (this.#last?.has(view)) return this.#last;
    const groups = this.#groups.get(view.condominium_id);
    let group = groups?.find((each) => each.has(view));
    if (group === undefined) {
      group = new Group(view, this.#spare.pop() ?? Buffer.allocUnsafe(4 * HASH_SIZE));
      if (groups === undefined) this.#groups.set(view.condominium_id, [group]);
      else groups.push(group);
    }
    this.#last = group;
    return group;
  }

  faultsUnder(intent: Intent): ClaimFault[] {
    const signed = new Set(intent.groups.map(({ records, root }) => `${records} ${root}`));
    return this.#all().flatMap((group) => group.faultsUnder(intent, signed));
  }

  claims(): number {
    return this.#all().reduce((sum, group) => sum + group.claims, 0);
  }

  firstClaim(): Claim | undefined {
    return this.#all()
      .flatMap((group) => group.firstClaim() ?? [])
      .sort((one, other) => one.at - other.at)[0];
  }

  /** Gives its memory back: there is nothing more to ask of it. */
  release(): void {
    for (const group of this.#all()) this.#spare.push(group.leafHashes);
  }

  #all(): Group[] {
    return [...this.#groups.values()].flat();
  }
}

/** A record that says who acted. */
interface Claim {
  /** Its index. */
  at: number;
  id: string;
  acting: Acting;
}

/** What is wrong between a record, or the group that it is the first of, and the intent. */
interface ClaimFault extends Claim {
  message: string;
}

/** Records of a transaction with the same organization, condominium and sensitivity: what a root of an intent covers. */
class Group {
  claims = 0;
  /** In the order of the log; there is room for more. */
  leafHashes: Buffer;
  readonly #organization: string | undefined;
  readonly #condominium: string | undefined;
  readonly #sensitivity: string;
  readonly #ids: OrderedId[] = [];
  readonly #indexes: number[] = [];
  /** Who did what, from that record of the group on. */
  readonly #runs: (Pick<RecordEntry, "format" | "action"> & { from: number; acting: Acting })[] =
    [];

  constructor({ organization_id, condominium_id, sensitivity }: GroupPlace, memory: Buffer) {
    this.leafHashes = memory;
    this.#organization = organization_id;
    this.#condominium = condominium_id;
    this.#sensitivity = sensitivity;
  }

  has({ organization_id, condominium_id, sensitivity }: GroupPlace): boolean {
    return (
      this.#condominium === condominium_id &&
      this.#organization === organization_id &&
      this.#sensitivity === sensitivity
    );
  }

  add(
    index: number,
    { id, format, acting, action }: Pick<RecordView, "id" | "format" | "acting" | "action">,
    leafHash: string,
  ): void {
    const last = this.#runs.at(-1);
    if (last?.acting !== acting || last.action !== action || last.format !== format) {
      this.#runs.push({ from: this.#ids.length, format, acting, action });
    }
    if (claimsActor({ action })) this.claims += 1;
    const place = this.#ids.length * HASH_SIZE;
    if (place === this.leafHashes.length) {
      this.leafHashes = Buffer.concat([this.leafHashes], 2 * place);
    }
    putHash(this.leafHashes, place, leafHash);
    this.#ids.push(id);
    this.#indexes.push(index);
  }

  firstClaim(): Claim | undefined {
    const run = this.#runs.find(claimsActor);
    return run && this.#claim(run.from, run.acting);
  }

  /** What is wrong between the group and its transaction's intent. */
  faultsUnder(intent: Intent, signed: ReadonlySet<string>): ClaimFault[] {
    const first = this.firstClaim();
    if (first === undefined) return [];
    const records = this.#ids.length;
    if (!signed.has(`${records} ${this.#root()}`)) {
      const message = `A intenção assinada não cobre estes ${records} registros da transação ${intent.transaction_id}: um deles foi alterado, acrescentado ou tirado.`;
      return [{ message, ...first }];
    }
    return this.#runs.flatMap(({ from, acting, ...kind }, at) => {
      if (!claimsActor(kind)) return [];
      const differing = differences(intent, kind, acting);
      if (differing.length === 0) return [];
      const message = `O registro diz outra coisa que a intenção assinada: ${differing.join(", ")}.`;
      const until = this.#runs[at + 1]?.from ?? records;
      return Array.from({ length: until - from }, (_, place) => ({
        message,
        ...this.#claim(from + place, acting),
      }));
    });
  }

  #claim(place: number, acting: Acting): Claim {
    return { at: this.#indexes[place] ?? 0, id: String(this.#ids[place]), acting };
  }

  /** Of the leaf hashes by ascending id, in base64. */
  #root(): string {
    const ids = this.#ids;
    const hashes = this.leafHashes.subarray(0, ids.length * HASH_SIZE);
    const isAscending = ids.every((id, at) => at === 0 || (ids[at - 1] ?? id) < id);
    if (isAscending) return encodeBase64(rootOfLeafHashes(hashes));
    const ordered = [...ids.keys()]
      .sort((one, other) => ((ids[one] ?? 0) < (ids[other] ?? 0) ? -1 : 1))
      .map((place) => hashes.subarray(place * HASH_SIZE, (place + 1) * HASH_SIZE));
    return encodeBase64(rootOfLeafHashes(Buffer.concat(ordered)));
  }
}
