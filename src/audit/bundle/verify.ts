import { createHash } from "node:crypto";
import { createReadStream, readFileSync } from "node:fs";
import { readdir } from "node:fs/promises";
import { join } from "node:path";
import { pipeline } from "node:stream/promises";
import { encodeBase64 } from "../base64.ts";
import { type OpenedCheckpoint, openCheckpoint, openEarlierCheckpoint } from "../checkpoint.ts";
import { checkCosignatures } from "../cosignature.ts";
import { AuditFault } from "../fault.ts";
import { type ListedKey, parseKeyList } from "../key-list.ts";
import { forged } from "../note.ts";
import { TileReader } from "../tile-reader.ts";
import { TILE_WIDTH } from "../tiles.ts";
import { sameHash } from "../tree.ts";
import { isAbsent } from "./absent.ts";
import { blocksOf } from "./blocks.ts";
import {
  CHECKPOINT_FILE,
  CHECKPOINTS_DIRECTORY,
  DOCUMENTS_DIRECTORY,
  KEYS_FILE,
  MANIFEST_FILE,
  type Manifest,
  manifestSchema,
  PERSONAL_FILE,
  RECORDS_FILE,
} from "./manifest.ts";
import type { NamedThings } from "./named-things.ts";
import { PersonalLines } from "./personal-lines.ts";
import { lastIndexOf, RecordChecks } from "./records.ts";
import { type BundleReport, Findings, type ReportedWitness } from "./report.ts";
import { readWithheldLines } from "./withheld-lines.ts";

/**
 * So many tiles of leaves are looked for in vain: a manifest, or a checkpoint of somebody's own, may say of a tree that it is
 * larger than what can be counted through. From then on only those in which a record stands are.
 */
const MOST_UNREAD_TILES = 1000;

export interface VerifyOptions {
  /** The keys that the reader trusts; without them the bundle's own are used, and the report says so. */
  trustedKeys?: readonly ListedKey[];
  /** A signed checkpoint of the same log that the reader kept from an earlier time. */
  previousCheckpoint?: string;
  /** Told now and then how many leaves of the tree have been gone through. */
  onProgress?: (progress: { leaves: number; treeSize: number }) => void;
}

/**
 * Verifies a bundle (manifest.ts): the signatures, the whole tree, and every record in it.
 *
 * @returns everything that was found; a bundle without faults is `ok`
 * @throws what the file system throws, but for files that are not there, which are faults
 */
export function verifyBundle(
  directory: string,
  options: VerifyOptions = {},
): Promise<BundleReport> {
  return new BundleVerification(directory, options).run();
}

class BundleVerification {
  readonly #directory: string;
  readonly #options: VerifyOptions;
  readonly #findings = new Findings();
  readonly #witnesses: ReportedWitness[] = [];
  readonly #forgedWitnesses: BundleReport["forgedWitnesses"] = [];
  readonly #toldOfTiles = new Set<string>();
  #checkpoints = 0;
  #closings = 0;
  #documents = 0;
  #tiles = 0;

  constructor(directory: string, options: VerifyOptions) {
    this.#directory = directory;
    this.#options = options;
  }

  async run(): Promise<BundleReport> {
    const manifest = await this.#attempt(MANIFEST_FILE, () => this.#readManifest());
    const keys = await this.#attempt(KEYS_FILE, () => this.#readKeys());
    if (manifest === undefined || keys === undefined) return this.#report(manifest, undefined);
    const signed = await this.#attempt(CHECKPOINT_FILE, () => this.#openLast(manifest, keys));
    for (const { records } of manifest.elsewhere ?? []) {
      this.#findings.notice("ELSEWHERE", undefined, records);
    }
    const size = signed?.size ?? manifest.treeSize;
    const tree = new TileReader((path) => this.#read(path), size);
    await this.#attemptTile(async () => {
      const root = await tree.root();
      if (signed !== undefined && !sameHash(root, signed.root)) {
        throw new AuditFault("ROOT_MISMATCH", "Os blocos da árvore não dão a raiz do checkpoint.");
      }
    });
    await this.#checkEarlier(manifest, keys, tree);
    if (signed !== undefined && this.#witnesses.length === 0) this.#findings.notice("UNWITNESSED");
    const records = new RecordChecks(manifest, size, keys, this.#findings);
    await this.#attempt(RECORDS_FILE, () => this.#checkRecords(records, tree));
    records.finish();
    await this.#checkClosings(records.named, tree);
    await this.#checkDocuments(records.named, manifest);
    return this.#report(manifest, records);
  }

  async #readManifest(): Promise<Manifest> {
    const text = (await this.#read(MANIFEST_FILE)).toString("utf8");
    try {
      return manifestSchema.parse(JSON.parse(text));
    } catch {
      throw new AuditFault("MALFORMED", "O manifesto não é o de um pacote (blindagem-bundle-1).");
    }
  }

  async #readKeys(): Promise<readonly ListedKey[]> {
    if (this.#options.trustedKeys !== undefined) return this.#options.trustedKeys;
    this.#findings.notice("KEYS_FROM_BUNDLE", { file: KEYS_FILE });
    return parseKeyList((await this.#read(KEYS_FILE)).toString("utf8"));
  }

  async #openLast(manifest: Manifest, keys: readonly ListedKey[]) {
    const checkpoint = openCheckpoint(await this.#read(CHECKPOINT_FILE), keys, manifest.origin);
    const { size } = checkpoint;
    if (size !== manifest.treeSize) {
      const message = `O manifesto fala de ${manifest.treeSize} folhas, o checkpoint de ${size}.`;
      this.#findings.fault({ code: "MALFORMED", message }, { file: MANIFEST_FILE });
    }
    this.#checkWitnesses(CHECKPOINT_FILE, checkpoint, keys);
    return checkpoint;
  }

  /** Tells of each false signature in a known witness's name; it says nothing against the checkpoint, nor the other witnesses. */
  #checkWitnesses(
    file: string,
    { note, size }: OpenedCheckpoint,
    keys: readonly ListedKey[],
  ): void {
    const { valid, forged: wrong } = checkCosignatures(note, keys, size);
    for (const key of wrong) {
      this.#findings.fault(forged(key), { file });
      this.#forgedWitnesses.push({ name: key.name, size });
    }
    for (const { key, timestamp } of valid) {
      const witness = { name: key.name, at: new Date(timestamp * 1000).toISOString(), size };
      // What the reader kept may be in the bundle, too.
      const isTold = this.#witnesses.some(
        ({ name, at, size: told }) => name === witness.name && at === witness.at && told === size,
      );
      if (!isTold) this.#witnesses.push(witness);
    }
  }

  /** Earlier checkpoints are held against the tiles, which hold the tree of every smaller size. */
  async #checkEarlier(
    manifest: Manifest,
    keys: readonly ListedKey[],
    tree: TileReader,
  ): Promise<void> {
    for (const name of await this.#namesIn(CHECKPOINTS_DIRECTORY)) {
      const file = `${CHECKPOINTS_DIRECTORY}/${name}`;
      await this.#attempt(file, async () => {
        this.#checkpoints += 1;
        await this.#checkContinued(file, await this.#read(file), keys, manifest.origin, tree);
      });
    }
    const { previousCheckpoint } = this.#options;
    if (previousCheckpoint === undefined) return;
    await this.#attempt("--since", () =>
      this.#checkContinued("--since", previousCheckpoint, keys, manifest.origin, tree),
    );
  }

  async #checkContinued(
    file: string,
    source: string | Uint8Array,
    keys: readonly ListedKey[],
    origin: string,
    tree: TileReader,
  ): Promise<void> {
    const earlier = openEarlierCheckpoint(source, keys, origin);
    await requireContinued(earlier, tree);
    this.#checkWitnesses(file, earlier, keys);
  }

  async #namesIn(folder: string): Promise<string[]> {
    try {
      return (await readdir(join(this.#directory, folder))).sort();
    } catch (error) {
      if (isAbsent(error)) return [];
      throw error;
    }
  }

  /** Goes through the records and the whole tree beside them, as the tiles hold the hashes of the records of others, too. */
  async #checkRecords(records: RecordChecks, tree: TileReader): Promise<void> {
    const personal = new PersonalLines(join(this.#directory, PERSONAL_FILE), this.#findings);
    let hashes: Uint8Array | undefined;
    const withheld = await readWithheldLines(this.#directory, this.#findings);
    let left = 0;
    let next = 0;
    let unread = 0;
    const advance = async (tiles: number) => {
      for (; next < tiles; next++) {
        if (unread >= MOST_UNREAD_TILES) next = tiles - 1;
        hashes = await this.#attemptTile(() => tree.tile(0, next));
        if (hashes === undefined) unread += 1;
        this.#tiles += 1;
        this.#options.onProgress?.({
          leaves: Math.min((next + 1) * TILE_WIDTH, tree.size),
          treeSize: tree.size,
        });
      }
    };
    // Nothing to wait for with most records: a promise for each costs as much as a hash.
    const reach = (index: number) =>
      index < next * TILE_WIDTH ? undefined : advance(Math.floor(index / TILE_WIDTH) + 1);
    const passWithheld = async (until: number) => {
      for (; (withheld[left]?.index ?? until) < until; left++) {
        const line = withheld[left];
        if (line === undefined) return;
        if (line.index < tree.size) await reach(line.index);
        records.withheld(line, hashes);
      }
    };
    try {
      for await (const block of blocksOf(join(this.#directory, RECORDS_FILE))) {
        await personal.readTo(lastIndexOf(block));
        for (const line of records.lines(block)) {
          if (left < withheld.length) await passWithheld(line.index);
          const reaching = reach(line.index);
          if (reaching) await reaching;
          records.check(line, hashes, personal.take(line.index));
        }
      }
      await passWithheld(Number.POSITIVE_INFINITY);
      await personal.finish();
    } catch (error) {
      throw isAbsent(error) ? missing(RECORDS_FILE) : error;
    } finally {
      await personal.close();
      await advance(Math.ceil(tree.size / TILE_WIDTH));
    }
  }

  /** The checkpoints that months were closed on are held against the tiles, as any other. */
  async #checkClosings({ checkpoints }: NamedThings, tree: TileReader): Promise<void> {
    for (const { index, record, size, root } of checkpoints) {
      this.#closings += 1;
      const isSame =
        size <= index &&
        (await this.#attemptTile(async () => encodeBase64(await tree.root(size)))) === root;
      if (isSame) continue;
      const message = `O fechamento diz de ${size} folhas outra raiz que a delas.`;
      this.#findings.fault({ code: "FORK", message }, { index, record });
    }
  }

  async #checkDocuments(
    { documents }: NamedThings,
    { documents: areAllThere = false, erasedDocuments = [] }: Manifest,
  ): Promise<void> {
    const names = await this.#namesIn(DOCUMENTS_DIRECTORY);
    for (const name of names) {
      this.#documents += 1;
      const file = `${DOCUMENTS_DIRECTORY}/${name}`;
      const hash = createHash("sha256");
      await pipeline(createReadStream(join(this.#directory, file)), hash);
      const isNamed = documents.has(name);
      if (isNamed && hash.digest("hex") === name) continue;
      const message = isNamed
        ? "O documento não tem o SHA-256 que os registros dizem."
        : "Nenhum registro do pacote fala deste documento.";
      this.#findings.fault({ code: "DOCUMENT_MISMATCH", message }, { file });
    }
    if (!areAllThere) return;
    for (const sha256 of [...documents].filter((each) => !names.includes(each)).sort()) {
      const file = `${DOCUMENTS_DIRECTORY}/${sha256}`;
      if (erasedDocuments.includes(sha256)) {
        this.#findings.notice("ERASED_DOCUMENTS", { file });
        continue;
      }
      this.#findings.fault(missing(file), { file });
    }
  }

  /** At once: a promise for each of thousands of tiles costs more than the tile. */
  async #read(path: string): Promise<Buffer> {
    try {
      return readFileSync(join(this.#directory, path));
    } catch (error) {
      throw isAbsent(error) ? missing(path) : error;
    }
  }

  /** Runs a check; a fault becomes part of the report. */
  async #attempt<T>(
    file: string,
    check: () => Promise<T>,
    told = new Set<string>(),
  ): Promise<T | undefined> {
    try {
      return await check();
    } catch (error) {
      if (!(error instanceof AuditFault)) throw error;
      if (!told.has(error.message)) this.#findings.fault(error, { file });
      told.add(error.message);
      return undefined;
    }
  }

  /** A tile that is missing or wrong stands above 256 others: it is told once. */
  #attemptTile<T>(check: () => Promise<T>): Promise<T | undefined> {
    return this.#attempt("tile", check, this.#toldOfTiles);
  }

  #report(manifest: Manifest | undefined, records: RecordChecks | undefined): BundleReport {
    const { faults, faultCounts } = this.#findings;
    return {
      ok: faults.length === 0,
      origin: manifest?.origin ?? "",
      treeSize: manifest?.treeSize ?? 0,
      faults,
      faultCounts,
      notices: this.#findings.notices(),
      erasures: [...(records?.erasures.values() ?? [])],
      witnesses: this.#witnesses,
      forgedWitnesses: this.#forgedWitnesses,
      counts: {
        records: records?.records ?? 0,
        attested: records?.attested ?? 0,
        intents: records?.intents ?? 0,
        checkpoints: this.#checkpoints,
        closings: this.#closings,
        documents: this.#documents,
        tiles: this.#tiles,
      },
    };
  }
}

async function requireContinued(earlier: OpenedCheckpoint, tree: TileReader): Promise<void> {
  if (earlier.size > tree.size) {
    throw new AuditFault(
      "ROLLBACK",
      `O registro já teve ${earlier.size} folhas, e este checkpoint tem ${tree.size}.`,
    );
  }
  if (!sameHash(await tree.root(earlier.size), earlier.root)) {
    throw new AuditFault(
      "FORK",
      `As primeiras ${earlier.size} folhas não são as que o registro assinou antes.`,
    );
  }
}

function missing(path: string): AuditFault {
  return new AuditFault("MISSING_FILE", `Falta o arquivo ${path}.`);
}
