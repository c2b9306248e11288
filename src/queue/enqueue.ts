import type pg from "pg";
import { type Attributes, inSpan } from "../observability/tracing.ts";

/** A job to enqueue; the database gives it its record, its envelope and its attempts. */
export interface NewJob {
  task: string;
  payload: Record<string, unknown>;
  organizationId?: string | null | undefined;
  condominiumId?: string | null | undefined;
  batchId?: string | null | undefined;
  requestId?: string | null | undefined;
  runAt?: Date | undefined;
  /** Why it waits, when `runAt` is later: shown to people. */
  waitingFor?: string | undefined;
  /** The place of the job that this one stands for, which was put off: its organization does not pay twice. */
  startTag?: number | null | undefined;
  /** Its place in a provider's line (provider-turn.ts), whose id becomes its own. It is then the only one of the call. */
  place?: string | null | undefined;
}

/** A job of which at most one waits per task and subject. */
export interface ClaimedJob extends NewJob {
  subject: string;
}

/** Enqueueing as a span. The jobs are no children of it: their parent is what the transaction says (Actor.traceparent). */
function traced<T>(attributes: Attributes, enqueue: () => Promise<T>): Promise<T> {
  return inSpan({ name: "enqueue", kind: "PRODUCER", attributes }, enqueue);
}

function attributesOf(jobs: readonly NewJob[]): Attributes {
  return {
    "blindagem.tasks": [...new Set(jobs.map(({ task }) => task))].join(","),
    "blindagem.jobs": jobs.length,
  };
}

/** Enqueues jobs in the running transaction. */
export async function enqueueJobs(client: pg.ClientBase, jobs: readonly NewJob[]): Promise<void> {
  if (jobs.length === 0) return;
  await traced(attributesOf(jobs), () =>
    client.query("select blindagem_private.enqueue_jobs($1)", [JSON.stringify(jobs)]),
  );
}

/**
 * Enqueues the jobs whose subject no other job has claimed, in the running transaction. The claim of such a job is
 * locked until commit, and the job deletes it before it reads what expenses wait for it: so it reads what this
 * transaction writes.
 */
export async function claimAndEnqueue(
  client: pg.ClientBase,
  jobs: readonly ClaimedJob[],
): Promise<void> {
  if (jobs.length === 0) return;
  await traced(attributesOf(jobs), () =>
    client.query("select blindagem_private.claim_and_enqueue($1)", [JSON.stringify(jobs)]),
  );
}

/**
 * Claims subjects of a task, in the running transaction, for jobs that are each about several of them.
 *
 * @returns those that no other job has claimed; of the others that job reads what this transaction writes
 */
export async function claimSubjects(
  client: pg.ClientBase,
  task: string,
  subjects: readonly string[],
): Promise<string[]> {
  const { rows } = await client.query<{ subject: string }>(
    "select subject from blindagem_private.claim_subjects($1)",
    [JSON.stringify(subjects.map((subject) => ({ task, subject })))],
  );
  return rows.map(({ subject }) => subject);
}

/**
 * Gives a subject free. A job whose work depends on facts that may still change does it first, committed before it
 * reads them; one that asks for something once (`holdClaim`) does it in the transaction that stores the answer.
 */
export async function releaseClaim(
  client: pg.ClientBase,
  task: string,
  subject: string,
): Promise<void> {
  await releaseClaims(client, task, [subject]);
}

/** Gives the subjects of a job that is about several of them free (releaseClaim). */
export async function releaseClaims(
  client: pg.ClientBase,
  task: string,
  subjects: readonly string[],
): Promise<void> {
  await client.query(
    `delete from blindagem_private.work_claims where (task, subject) in (
       select task, subject from blindagem_private.work_claims where task = $1 and subject = any ($2::text[])
       order by subject for update)`,
    [task, subjects],
  );
}

/** Which expenses a fact concerns. */
export type FactSubject =
  | { kind: "COMPANY"; cnpj: string }
  | { kind: "DOCUMENT"; sha256: string }
  | { kind: "OVERDUE"; at: Date };

const WAITING_FOR: Record<FactSubject["kind"], string> = {
  // A rejection is final; every other status can still be contradicted by a fact that comes late. But the registry is
  // asked again each month: that a supplier closes down after it was paid contradicts nothing.
  COMPANY: `e.payee_kind = 'CNPJ' and e.payee_document = $1 and (
      e.status in ('PENDING', 'AWAITING_SECOND_APPROVAL', 'MANUAL_REVIEW')
      or (e.status = 'APPROVED' and e.payment_status in ('UNPAID', 'PARTIALLY_PAID')
        and e.decided_at > now() - interval '90 days'))`,
  // Those that list it, those that list another with the same identifier on it, and later ones that look like one of the
  // first: they wait to know whether its document is theirs.
  DOCUMENT: `e.status in ('PENDING', 'APPROVED', 'AWAITING_SECOND_APPROVAL', 'MANUAL_REVIEW')
      and e.id in (
        select d.expense_id from blindagem.expense_documents d where d.sha256 = $1
        union
        select d.expense_id from blindagem.document_identifiers mine
        join blindagem.document_identifiers other on other.kind = mine.kind and other.value = mine.value
        join blindagem.expense_documents d on d.sha256 = other.sha256
        where mine.sha256 = $1
        union
        select later.id from blindagem.expense_documents d
        join blindagem.expenses earlier on earlier.condominium_id = d.condominium_id and earlier.id = d.expense_id
        join blindagem.expenses later on later.condominium_id = earlier.condominium_id
          and later.payee_document = earlier.payee_document and later.gross_amount = earlier.gross_amount
          and later.id > earlier.id and later.status = 'PENDING'
        where d.sha256 = $1)`,
  OVERDUE: `e.status = 'PENDING' and e.fact_deadline <= $1
      and e.batch_id in (select u.batch_id from blindagem_private.undecided_batches u where u.fact_deadline <= $1)`,
};

/**
 * Enqueues the validation of every expense that a fact concerns, in chunks of 250 per batch, in the transaction that
 * stores the fact. Unkeyed on purpose: validating once too often costs little, a lost wake-up costs a decision. What
 * workers died of waits for an operator instead (blindagem_private.deadly_expenses).
 */
export async function wakeExpenses(
  client: pg.ClientBase,
  subject: FactSubject,
  requestId: string | undefined,
): Promise<number> {
  const value =
    subject.kind === "COMPANY"
      ? subject.cnpj
      : subject.kind === "DOCUMENT"
        ? subject.sha256
        : subject.at;
  const { rows } = await traced({ "blindagem.tasks": "validate_expenses" }, () =>
    client.query<{ jobs: number }>(
      `select blindagem_private.enqueue_jobs(coalesce(jsonb_agg(jsonb_build_object(
       'task', 'validate_expenses', 'organizationId', chunk.organization_id, 'batchId', chunk.batch_id,
       'requestId', $2::text, 'payload', jsonb_build_object('expenseIds', chunk.ids))), '[]')) as jobs
     from (
       select numbered.organization_id, numbered.batch_id, jsonb_agg(numbered.id::text order by numbered.id) as ids
       from (
         select e.organization_id, e.batch_id, e.id,
           (row_number() over (partition by e.batch_id order by e.id) - 1) / 250 as chunk
         from blindagem.expenses e where ${WAITING_FOR[subject.kind]}
           and e.id <> all (array(select d.expense_id from blindagem_private.deadly_expenses d))) as numbered
       group by numbered.organization_id, numbered.batch_id, numbered.chunk) as chunk`,
      [value, requestId ?? null],
    ),
  );
  return rows[0]?.jobs ?? 0;
}
