import { checkCommitments, commitmentsOf } from "../commitment.ts";
import { type Entry, isRecord, OUT_OF_BAND, parseEntry, type RecordEntry } from "../entry.ts";
import { AuditFault } from "../fault.ts";
import type { ListedKey } from "../key-list.ts";
import { leafHash, sameHash } from "../tree.ts";
import { Attestations } from "./attestations.ts";
import { EntityChains } from "./chains.ts";
import { type Manifest, RECORDS_FILE, type RecordLine, recordLineSchema } from "./manifest.ts";
import type { Findings, Place } from "./report.ts";
import { outsideOf } from "./scope.ts";

/** The hash that the tree has at an index; undefined when its tile is missing or wrong, which is told already. */
export type LeafAt = (index: number) => Uint8Array | undefined;

/** Verifies the records of a bundle, one after the other. */
export class RecordChecks {
  records = 0;
  intents = 0;
  readonly #manifest: Manifest;
  readonly #size: number;
  readonly #findings: Findings;
  readonly #attestations: Attestations;
  readonly #chains = new EntityChains();
  #line = 0;
  #lastIndex = -1;
  #sawIntents = false;

  constructor(manifest: Manifest, size: number, keys: readonly ListedKey[], findings: Findings) {
    this.#manifest = manifest;
    this.#size = size;
    this.#findings = findings;
    this.#attestations = new Attestations(keys, findings);
  }

  get attested(): number {
    return this.#attestations.attested;
  }

  /** The next line of `records.jsonl`; undefined, having told why, when it is none that can be checked. */
  parse(text: string | undefined): RecordLine | undefined {
    this.#line += 1;
    const line = parseLine(text);
    if (line === undefined) {
      const message = `A linha ${this.#line} não é um registro de pacote.`;
      this.#findings.fault({ code: "MALFORMED", message }, { file: RECORDS_FILE });
      return undefined;
    }
    this.records += 1;
    const { index } = line;
    if (index <= this.#lastIndex) {
      const code = index === this.#lastIndex ? "DUPLICATE_INDEX" : "WRONG_ORDER";
      const message = `O índice ${index} vem depois do ${this.#lastIndex}.`;
      this.#findings.fault({ code, message }, { file: RECORDS_FILE, index });
      return undefined;
    }
    this.#lastIndex = index;
    if (index >= this.#size) {
      const message = `O índice ${index} está fora da árvore, que tem ${this.#size} folhas.`;
      this.#findings.fault({ code: "LEAF_MISMATCH", message }, { file: RECORDS_FILE, index });
      return undefined;
    }
    return line;
  }

  check(line: RecordLine, leafAt: LeafAt): void {
    const { index } = line;
    const hash = leafHash(line.entry);
    const leaf = leafAt(index);
    if (leaf !== undefined && !sameHash(hash, leaf)) {
      const message = "O conteúdo do registro não dá o hash que a árvore tem neste índice.";
      this.#findings.fault({ code: "LEAF_MISMATCH", message }, { index });
    }
    try {
      this.#checkEntry(line, parseEntry(line.entry), hash);
    } catch (error) {
      if (!(error instanceof AuditFault)) throw error;
      this.#findings.fault(error, { index });
    }
  }

  finish(): void {
    this.#attestations.finish();
    if (this.records < this.#size) {
      this.#findings.notice("GAPS", undefined, this.#size - this.records);
    }
  }

  #checkEntry(line: RecordLine, entry: Entry, hash: Uint8Array): void {
    const where = { index: line.index, record: entry.id };
    const foreign = outsideOf(this.#manifest, entry);
    if (foreign !== undefined) this.#findings.fault(foreign, where);
    if (!isRecord(entry)) {
      this.intents += 1;
      this.#attestations.intent(line.index, entry);
      return;
    }
    if (entry.format === "blindagem-record-4") {
      this.#sawIntents = true;
      this.#attestations.record(line.index, entry, hash);
    } else if (this.#sawIntents) {
      const message = "Um registro de formato 3 depois de um de formato 4.";
      this.#findings.fault({ code: "OLD_FORMAT", message }, where);
    } else {
      this.#findings.notice("BEFORE_INTENTS", where);
    }
    if (entry.action === OUT_OF_BAND) this.#findings.notice("OUT_OF_BAND", where);
    this.#checkPersonal(line, entry, where);
    for (const fault of this.#chains.record(line.index, entry, line.personal)) {
      this.#findings.fault(fault, where);
    }
  }

  #checkPersonal({ personal, erased }: RecordLine, entry: RecordEntry, where: Place): void {
    const commitments = commitmentsOf(entry);
    if (personal !== undefined) {
      for (const fault of checkCommitments(commitments, personal)) {
        this.#findings.fault(fault, where);
      }
    }
    const shown = personal === undefined ? 0 : Object.keys(personal.values).length;
    if (erased !== undefined) this.#findings.notice("ERASED", where);
    else if (shown < commitments.size) this.#findings.notice("WITHHELD", where);
  }
}

function parseLine(text: string | undefined): RecordLine | undefined {
  if (text === undefined) return undefined;
  try {
    const { data } = recordLineSchema.safeParse(JSON.parse(text));
    // What has no UTF-8 bytes cannot be a leaf.
    return data?.entry.isWellFormed() ? data : undefined;
  } catch {
    return undefined;
  }
}
