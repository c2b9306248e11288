import type pg from "pg";
import { beat, lastMark } from "../../../src/audit/heartbeat.ts";
import { openTree } from "../../../src/audit/log-tree.ts";
import type { LowWaterMark } from "../../../src/audit/low-water-mark.ts";
import { sealBatch } from "../../../src/audit/seal-batch.ts";
import { BATCH } from "../../../src/audit/sealing-process.ts";
import { roleName } from "../../../src/database/role-names.ts";
import type { Installation } from "../installation.ts";

export interface SealingRate {
  records: number;
  /** Records a second, one sealing process, nothing else going on: leaves, tiles and the check of intents included. */
  recordsPerSecond: number;
  /** Dead rows in the table of pending records behind a snapshot that is held. */
  deadRows: number;
  recordsPerSecondBehindDeadRows: number;
  /** The first look of a process that has just started: a batch, sought from where the one before had come to. */
  firstLookMs: number;
  /** A later look when nothing waits, behind the dead rows; its sign of life, which is a commit, included. */
  emptyPollMs: number;
  /** Bytes of the log on disk for each record: the row with its indexes, and what sealing adds. */
  bytesPerRecord: { log: number; logIndexes: number; tree: number };
}

const ROWS_A_STATEMENT = 250;
/** Dead rows that come between two looks of the process that runs meanwhile; in truth it looks ten times a second. */
const PORTION = 500_000;

/** Seals as a sealing process does from its start on, which remembers up to where nothing can come any more. */
class Sealer {
  readonly #client: pg.Client;
  #mark: LowWaterMark | undefined;

  constructor(client: pg.Client) {
    this.#client = client;
  }

  /** All that waits. */
  async seal(): Promise<{ sealed: number; seconds: number; looksMs: number[] }> {
    let mark = this.#mark ?? (await lastMark(this.#client));
    let tree = await openTree(this.#client);
    const before = tree.size;
    const looksMs: number[] = [];
    const started = performance.now();
    for (let sealed = 1; sealed > 0; ) {
      const lookStarted = performance.now();
      const { given } = await beat(this.#client, mark);
      const batch = await sealBatch(this.#client, tree, [], BATCH, mark, given);
      looksMs.push(performance.now() - lookStarted);
      ({ sealed, tree, mark } = batch);
    }
    this.#mark = mark;
    return { sealed: tree.size - before, seconds: (performance.now() - started) / 1000, looksMs };
  }
}

/**
 * Records of a table like that of the expenses, written in sets of 250; then as many again by a process that was started
 * anew behind `deadRows` dead rows of pending records, which came and went while the one before was running, and which an
 * open snapshot keeps from being cleaned up.
 */
export async function measureSealing(
  installation: Installation,
  records: number,
  deadRows: number,
): Promise<SealingRate> {
  const owner = await installation.connect("superuser");
  const sealer = await installation.connect("sealer");
  await createTable(owner, installation.prefix);
  await write(owner, records);
  await owner.query("vacuum analyze");
  const running = new Sealer(sealer);
  const bare = await running.seal();
  const [log, logIndexes, tree] = await sizes(owner);
  const holder = await installation.connect("superuser");
  await holder.query("begin isolation level repeatable read");
  await holder.query("select 1");
  for (let left = 0; left < deadRows; left += PORTION) {
    await leaveDeadRows(owner, Math.min(PORTION, deadRows - left));
    await running.seal();
  }
  await write(owner, records);
  const restarted = new Sealer(sealer);
  const behind = await restarted.seal();
  const empty = await restarted.seal();
  await holder.query("rollback");
  const tenths = (ms = Number.NaN) => Math.round(ms * 10) / 10;
  const each = (bytes = 0) => Math.round(bytes / bare.sealed);
  return {
    records: bare.sealed,
    recordsPerSecond: Math.round(bare.sealed / bare.seconds),
    deadRows,
    recordsPerSecondBehindDeadRows: Math.round(behind.sealed / behind.seconds),
    firstLookMs: tenths(behind.looksMs[0]),
    emptyPollMs: tenths(empty.looksMs[0]),
    bytesPerRecord: { log: each(log), logIndexes: each(logIndexes), tree: each(tree) },
  };
}

async function createTable(owner: pg.Client, prefix: string): Promise<void> {
  await owner.query(
    `create table blindagem.bench_sealed (
       id bigint generated always as identity primary key, organization_id bigint not null, condominium_id bigint not null,
       external_id text not null, category text not null, gross_amount numeric(14, 2) not null, payee_document text,
       payee_name text, due_date date, status text not null)`,
  );
  await owner.query(`set role ${roleName(prefix, "audit_owner")}`);
  await owner.query("select blindagem_audit.define_capture('blindagem.bench_sealed')");
  await owner.query("reset role");
  await owner.query("select blindagem_private.attach_audit('blindagem.bench_sealed')");
}

async function write(owner: pg.Client, records: number): Promise<void> {
  for (let done = 0; done < records; done += ROWS_A_STATEMENT) {
    await owner.query(
      `insert into blindagem.bench_sealed (organization_id, condominium_id, external_id, category, gross_amount, payee_document, payee_name, due_date, status)
       select n % 50, n % 1000, 'lote-' || n, 'LIMPEZA', 1234.56, '11222333000181', 'Limpa Bem Ltda', '2026-12-05', 'PENDING'
       from generate_series($1::int, $2::int) as n`,
      [done + 1, Math.min(done + ROWS_A_STATEMENT, records)],
    );
  }
}

/** Rows that were pending and no longer are, as a sealing process leaves them behind. */
async function leaveDeadRows(owner: pg.Client, count: number): Promise<void> {
  await owner.query(
    `insert into blindagem_audit.pending_records (first_record_id, record_ids, recorded_at)
     select nextval('blindagem_audit.record_id'), '{}', now() from generate_series(1, $1::int)`,
    [count],
  );
  await owner.query("delete from blindagem_audit.pending_records where record_ids = '{}'");
}

async function sizes(owner: pg.Client): Promise<number[]> {
  const { rows } = await owner.query<{ log: string; indexes: string; tree: string }>(
    `select sum(pg_table_size(inhrelid)) as log, sum(pg_indexes_size(inhrelid)) as indexes,
       pg_total_relation_size('blindagem_audit.sealed_runs') + pg_total_relation_size('blindagem_audit.tiles') as tree
     from pg_inherits where inhparent = 'blindagem_audit.audit_log_immutable'::regclass`,
  );
  return [Number(rows[0]?.log), Number(rows[0]?.indexes), Number(rows[0]?.tree)];
}
