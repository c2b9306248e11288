import { isUtf8 } from "node:buffer";
import { hash } from "node:crypto";
import { checkCommitments, commitmentsOf } from "../commitment.ts";
import { isRecord, type OrderedId, OUT_OF_BAND, parseEntry } from "../entry.ts";
import { AuditFault } from "../fault.ts";
import type { ListedKey } from "../key-list.ts";
import { TILE_WIDTH } from "../tiles.ts";
import { HASH_SIZE } from "../tree.ts";
import { Attestations } from "./attestations.ts";
import { endOfLine } from "./blocks.ts";
import { EntityChains } from "./chains.ts";
import { EntryScanner } from "./entry-scanner.ts";
import {
  type Manifest,
  type PersonalLine,
  RECORDS_FILE,
  WITHHELD_FILE,
  type WithheldLine,
} from "./manifest.ts";
import { NamedThings } from "./named-things.ts";
import { type RecordView, viewOf } from "./record-view.ts";
import type { BundleReport, Findings, Place } from "./report.ts";
import { type Owned, Scope } from "./scope.ts";

/** A line of a bundle's `records`. */
export interface RecordLine {
  /** In which it stands, with the byte before its entry. */
  block: Buffer;
  index: number;
  /** Of the entry. */
  start: number;
  end: number;
}

const SPACE = 0x20;
/** RFC 6962's mark of a leaf, which is hashed before the entry. */
const LEAF = 0x00;

/** Verifies the records of a bundle, one after the other. */
export class RecordChecks {
  records = 0;
  intents = 0;
  /** By the id of their ERASURE record. */
  readonly erasures = new Map<string, BundleReport["erasures"][number]>();
  /** What they name that stands elsewhere. */
  readonly named = new NamedThings();
  readonly #size: number;
  readonly #findings: Findings;
  readonly #scope: Scope;
  readonly #attestations: Attestations;
  readonly #scanner = new EntryScanner();
  readonly #chains = new EntityChains();
  #line = 0;
  #lastIndex = -1;
  #sawIntents = false;

  constructor(manifest: Manifest, size: number, keys: readonly ListedKey[], findings: Findings) {
    this.#size = size;
    this.#findings = findings;
    this.#scope = new Scope(manifest);
    this.#attestations = new Attestations(keys, findings);
  }

  get attested(): number {
    return this.#attestations.attested;
  }

  /** The lines of a block that can be checked; of the others it is told why not. */
  *lines(block: Buffer): Generator<RecordLine> {
    const isText = isUtf8(block);
    for (let start = 0, end = 0; start <= block.length; start = end + 1) {
      end = endOfLine(block, start);
      const line = lineOf(block, start, end);
      this.#line += 1;
      if (line === undefined || !(isText || isUtf8(block.subarray(start, end)))) {
        const message = `A linha ${this.#line} não é um registro de pacote.`;
        this.#findings.fault({ code: "MALFORMED", message }, { file: RECORDS_FILE });
      } else if (this.#hasPlace(line.index)) yield line;
    }
  }

  /**
   * @param tile the hashes of the tile in which the tree has its leaf; undefined when it is missing or wrong, which is told
   *   already
   * @param beside what `personal.jsonl` has for it
   */
  check(line: RecordLine, tile: Uint8Array | undefined, beside: PersonalLine | undefined): void {
    const { block, index, start, end } = line;
    const leafHash = leafHashOf(line);
    if (tile !== undefined && !isHashAt(tile, (index % TILE_WIDTH) * HASH_SIZE, leafHash)) {
      const message = "O conteúdo do registro não dá o hash que a árvore tem neste índice.";
      this.#findings.fault({ code: "LEAF_MISMATCH", message }, { index });
    }
    const view = beside?.personal ? undefined : this.#scanner.scan(block, start, end);
    if (view === undefined) this.#checkParsed(line, leafHash, beside);
    else this.#checkRecord(index, view, leafHash, beside);
  }

  /** Takes a record that the bundle leaves out, before the first that comes after it. @param tile as for `check` */
  withheld(line: WithheldLine, tile: Uint8Array | undefined): void {
    const { index } = line;
    const where = { file: WITHHELD_FILE, index };
    if (index >= this.#size) {
      const message = `O índice ${index} está fora da árvore, que tem ${this.#size} folhas.`;
      this.#findings.fault({ code: "LEAF_MISMATCH", message }, where);
      return;
    }
    const foreign = this.#scope.outsideOf(line);
    if (foreign !== undefined) this.#findings.fault(foreign, where);
    this.#findings.notice("WITHHELD_RECORDS", where);
    if (tile === undefined) return;
    const place = (index % TILE_WIDTH) * HASH_SIZE;
    const leaf = Buffer.from(tile.subarray(place, place + HASH_SIZE));
    this.#attestations.withheld(line, leaf.toString("latin1"));
  }

  finish(): void {
    this.#attestations.finish();
    if (this.records < this.#size) {
      this.#findings.notice("GAPS", undefined, this.#size - this.records);
    }
  }

  #hasPlace(index: number): boolean {
    this.records += 1;
    if (index <= this.#lastIndex) {
      const code = index === this.#lastIndex ? "DUPLICATE_INDEX" : "WRONG_ORDER";
      const message = `O índice ${index} vem depois do ${this.#lastIndex}.`;
      this.#findings.fault({ code, message }, { file: RECORDS_FILE, index });
      return false;
    }
    this.#lastIndex = index;
    if (index < this.#size) return true;
    const message = `O índice ${index} está fora da árvore, que tem ${this.#size} folhas.`;
    this.#findings.fault({ code: "LEAF_MISMATCH", message }, { file: RECORDS_FILE, index });
    return false;
  }

  /** What the scanner leaves: intents, records with values beside them, and whatever is not laid out as usual. */
  #checkParsed(
    { block, index, start, end }: RecordLine,
    leafHash: string,
    beside: PersonalLine | undefined,
  ): void {
    try {
      const entry = parseEntry(block.toString("utf8", start, end));
      if (isRecord(entry)) {
        const { personal } = beside ?? {};
        const misfits = () => (personal ? checkCommitments(commitmentsOf(entry), personal) : []);
        this.#checkRecord(index, viewOf(entry, personal), leafHash, beside, misfits);
        return;
      }
      this.intents += 1;
      this.#checkScope(index, entry);
      this.#attestations.intent(index, entry);
    } catch (error) {
      if (!(error instanceof AuditFault)) throw error;
      this.#findings.fault(error, { index });
    }
  }

  /** @param misfits what is wrong with the values beside the record */
  #checkRecord(
    index: number,
    view: RecordView,
    leafHash: string,
    beside: PersonalLine | undefined,
    misfits?: () => AuditFault[],
  ): void {
    this.#checkScope(index, view);
    if (asksForIntent(view)) {
      this.#sawIntents = true;
      this.#attestations.record(index, view, leafHash);
    } else if (this.#sawIntents) {
      const message = "Um registro de formato 1 a 3 depois de um de formato posterior.";
      this.#findings.fault({ code: "OLD_FORMAT", message }, place(index, view));
    } else {
      this.#findings.notice("BEFORE_INTENTS", place(index, view));
    }
    if (view.action === OUT_OF_BAND) {
      const code = isOfThePlatform(view) ? "OUT_OF_BAND_PLATFORM" : "OUT_OF_BAND";
      this.#findings.notice(code, place(index, view));
    }
    for (const fault of misfits?.() ?? []) this.#findings.fault(fault, place(index, view));
    const shown = beside?.personal ? Object.keys(beside.personal.values).length : 0;
    if (beside?.erased) {
      this.#findings.notice("ERASED", place(index, view));
      const { erasureId, erasedAt } = beside.erased;
      const erasure = this.erasures.get(erasureId) ?? { erasureId, erasedAt, records: 0 };
      this.erasures.set(erasureId, { ...erasure, records: erasure.records + 1 });
    }
    if (beside?.erased === undefined && shown < view.commitments)
      this.#findings.notice("WITHHELD", place(index, view));
    this.named.record(index, view);
    for (const fault of this.#chains.record(index, view)) {
      this.#findings.fault(fault, place(index, view));
    }
  }

  #checkScope(index: number, entry: Owned & { id: string | OrderedId }): void {
    const foreign = this.#scope.outsideOf(entry);
    if (foreign !== undefined) this.#findings.fault(foreign, place(index, entry));
  }
}

/** Processes sign what they write from format 4 on. */
function asksForIntent({ format }: RecordView): boolean {
  return !BEFORE_INTENTS.some((each) => each === format);
}

const BEFORE_INTENTS = ["blindagem-record-1", "blindagem-record-2", "blindagem-record-3"] as const;

/** A row that belongs to no tenant; what was emptied as a whole was everybody's. */
function isOfThePlatform({ organization_id, condominium_id, operation }: RecordView): boolean {
  return (organization_id ?? condominium_id) === undefined && operation !== "TRUNCATE";
}

function place(index: number, { id }: { id: string | OrderedId }): Place {
  return { index, record: String(id) };
}

/** Reads `<index> <entry>`; undefined when the line does not begin so. */
export function lineOf(block: Buffer, start: number, end: number): RecordLine | undefined {
  let at = start;
  let index = 0;
  for (; at < end; at++) {
    const digit = (block[at] ?? 0) - 0x30;
    if (digit < 0 || digit > 9) break;
    index = index * 10 + digit;
  }
  const isPlain = at === start + 1 || (at > start && block[start] !== 0x30);
  if (!isPlain || block[at] !== SPACE || at >= end || !Number.isSafeInteger(index))
    return undefined;
  return { block, index, start: at + 1, end };
}

/** As a string of its bytes, which comes at a quarter of the cost of a buffer. */
export function leafHashOf({ block, start, end }: RecordLine): string {
  // In the place of the space, so that the entry need not be copied.
  block[start - 1] = LEAF;
  return hash("sha256", block.subarray(start - 1, end), "binary");
}

function isHashAt(bytes: Uint8Array, place: number, text: string): boolean {
  for (let at = 0; at < HASH_SIZE; at++) {
    if (text.charCodeAt(at) !== bytes[place + at]) return false;
  }
  return true;
}

/** The index with which a block ends; infinite when its last line has none. */
export function lastIndexOf(block: Buffer): number {
  const start = block.lastIndexOf("\n") + 1;
  return lineOf(block, start, block.length)?.index ?? Number.POSITIVE_INFINITY;
}
