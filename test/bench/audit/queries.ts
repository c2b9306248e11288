import { z } from "zod";
import type { TokenSubject } from "../../../src/client/sign-token.ts";
import { type BenchApi, startApi } from "../api.ts";
import type { Installation } from "../installation.ts";
import { type LoadedLog, type LogSize, loadedOnce } from "./load-log.ts";

/** Who asks, and of what place in the list of administradoras by size. */
interface Asker {
  name: string;
  subject: "admin" | "auditor" | "conselho";
  place: number;
}

const ASKERS: readonly Asker[] = [
  { name: "admin of the largest", subject: "admin", place: 0 },
  { name: "admin of the 10th", subject: "admin", place: 9 },
  { name: "admin of the smallest", subject: "admin", place: -1 },
  { name: "auditor of the 10th", subject: "auditor", place: 9 },
  { name: "conselho of a condominium", subject: "conselho", place: 9 },
];

type Filter = Readonly<Record<string, unknown>>;

/** What the n-th question of a kind asks for. */
interface Question {
  filter(log: LoadedLog, place: number, n: number): Filter;
  selection?: string;
  first?: number;
  /** Goes on from a cursor so far down the log, from 0 to 1. */
  depth?: number;
}

const is = (equalTo: string) => ({ equalTo });
const organization = ({ organizations }: LoadedLog, place: number) => {
  const found = organizations.at(place);
  if (!found) throw new Error("The bench has no such administradora.");
  return found;
};
const condominium = (log: LoadedLog, place: number, n: number) => {
  const { condominiumIds } = organization(log, place);
  return is(condominiumIds[n % condominiumIds.length] ?? "");
};
const person = (log: LoadedLog, place: number, n: number) =>
  is(`person:${Number(organization(log, place).id) * 3 - 2 + (n % 3)}`);
const days = (from: Date, start: number, length: number) => {
  const at = (day: number) => new Date(from.getTime() + day * 86_400_000).toISOString();
  return { greaterThanOrEqualTo: at(start), lessThan: at(start + length) };
};
const day = ({ from }: LoadedLog, n: number) => days(from, 10 + ((n * 37) % 340), 1);
const month = ({ from }: LoadedLog, n: number) => days(from, (n * 37) % 330, 30);
const oneOf = (values: readonly string[], n: number) => is(values[n % values.length] ?? "");
const TYPES = [
  "expenses",
  "payables",
  "payments",
  "reviews",
  "refunds",
  "settings",
  "bank_transactions",
];
const ACTIONS = [
  "SUBMIT",
  "APPROVE",
  "REJECT",
  "CANCEL",
  "MATCH",
  "REFUND",
  "UNDO_MATCH",
  "INSERT",
];

const QUESTIONS: Readonly<Record<string, Question>> = {
  newest: { filter: () => ({}) },
  "newest, deep in the log": {
    filter: () => ({}),
    depth: 0.7,
  },
  "one entity": {
    filter: (log, place, n) => ({
      entityType: is("expenses"),
      entityId: is(`${condominium(log, place, n).equalTo}/${n % 20}`),
    }),
  },
  "type of entity": { filter: (_log, _place, n) => ({ entityType: oneOf(TYPES, n) }) },
  actor: { filter: (log, place, n) => ({ actorId: person(log, place, n) }) },
  "actor, a task": { filter: () => ({ actorId: is("system:ocr_triage") }) },
  "actor of another administradora": {
    filter: (log, place, n) => ({ actorId: person(log, place === 0 ? 1 : 0, n) }),
  },
  action: { filter: (_log, _place, n) => ({ action: oneOf(ACTIONS, n) }) },
  "action OUT_OF_BAND": { filter: () => ({ action: is("OUT_OF_BAND") }) },
  day: { filter: (log, _place, n) => ({ recordedAt: day(log, n) }) },
  month: { filter: (log, _place, n) => ({ recordedAt: month(log, n) }) },
  organization: { filter: (log, place) => ({ organizationId: is(organization(log, place).id) }) },
  condominium: { filter: (log, place, n) => ({ condominiumId: condominium(log, place, n) }) },
  "condominium and month": {
    filter: (log, place, n) => ({
      condominiumId: condominium(log, place, n),
      recordedAt: month(log, n),
    }),
  },
  "condominium and type": {
    filter: (log, place, n) => ({
      condominiumId: condominium(log, place, n),
      entityType: oneOf(TYPES, n),
    }),
  },
  "type and day": {
    filter: (log, _place, n) => ({ entityType: oneOf(TYPES, n), recordedAt: day(log, n) }),
  },
  "type and action": {
    filter: (_log, _place, n) => ({
      entityType: is("expenses"),
      action: oneOf(["CANCEL", "APPROVE"], n),
    }),
  },
  "action and month": {
    filter: (log, _place, n) => ({ action: oneOf(ACTIONS, n), recordedAt: month(log, n) }),
  },
  "actor and month": {
    filter: (log, place, n) => ({ actorId: person(log, place, n), recordedAt: month(log, n) }),
  },
  "actor and action": {
    filter: (log, place, n) => ({
      actorId: person(log, place, n),
      action: oneOf(["CANCEL", "SUBMIT"], n),
    }),
  },
  "actor and action that never meet": {
    filter: () => ({ actorId: is("system:ocr_triage"), action: is("APPROVE") }),
  },
  "type and actor of another administradora": {
    filter: (log, place, n) => ({
      entityType: oneOf(["expenses", "reviews"], n),
      actorId: person(log, place === 0 ? 1 : 0, n),
    }),
  },
  "organization, another": {
    filter: (log, place) => ({ organizationId: is(organization(log, place === 0 ? 1 : 0).id) }),
  },
  "type that nobody has": { filter: () => ({ entityType: is("closings") }) },
  "types and actions": {
    filter: () => ({
      entityType: { in: ["reviews", "refunds", "settings"] },
      action: { in: ["RESOLVE_REVIEW", "REFUND", "UPDATE"] },
    }),
  },
  "OUT_OF_BAND and month": {
    filter: (log, _place, n) => ({ action: is("OUT_OF_BAND"), recordedAt: month(log, n) }),
  },
  "OUT_OF_BAND and condominium": {
    filter: (log, place, n) => ({
      action: is("OUT_OF_BAND"),
      condominiumId: condominium(log, place, n),
    }),
  },
  "type, action and month": {
    filter: (log, _place, n) => ({
      entityType: is("expenses"),
      action: oneOf(["CANCEL", "SUBMIT", "REJECT"], n),
      recordedAt: month(log, n),
    }),
  },
  "type, action, actor and month": {
    filter: (log, place, n) => ({
      entityType: is("expenses"),
      action: is("SUBMIT"),
      actorId: person(log, place, n),
      recordedAt: month(log, n),
    }),
  },
  "condominium, type, action and month": {
    filter: (log, place, n) => ({
      condominiumId: condominium(log, place, n),
      entityType: is("payments"),
      action: is("MATCH"),
      recordedAt: month(log, n),
    }),
  },
  "one record with its proof": {
    filter: (log, _place, n) => ({ recordedAt: day(log, n) }),
    selection: "leafIndex inclusionProof { hashes treeSize checkpoint { note } }",
    first: 1,
  },
  "100 records with proofs": {
    filter: (_log, _place, n) => ({ action: oneOf(["MATCH", "REJECT"], n) }),
    selection: "leafIndex inclusionProof { hashes treeSize }",
    first: 100,
  },
};

const SELECTION = "recordedAt entityType entityId action actorId previousState newState metadata";

/**
 * How long `auditLog` takes over HTTP, from the request to the last byte of its answer, in milliseconds: sign-in, the
 * note of an auditor's look-up, row-level security and the page.
 */
export async function measureQueries(
  installation: Installation,
  size: LogSize,
  repeat: number,
): Promise<object> {
  const started = performance.now();
  const log = await loadedOnce(installation, size, new Date());
  const loadSeconds = Math.round((performance.now() - started) / 1000);
  const api = await startApi(installation);
  try {
    const figures: Record<string, object> = {};
    for (const [name, question] of Object.entries(QUESTIONS)) {
      for (const asker of ASKERS) {
        const times = await ask(api, log, asker, question, repeat);
        figures[`${name}: ${asker.name}`] = quantiles(times);
      }
    }
    const p95 = Math.max(
      ...Object.values(figures).map((each) => z.object({ p95: z.number() }).parse(each).p95),
    );
    return { records: size.records, loadSeconds, ...figures, worstP95Ms: p95 };
  } finally {
    await api.close();
  }
}

async function ask(
  api: BenchApi,
  log: LoadedLog,
  { subject, place }: Asker,
  question: Question,
  repeat: number,
): Promise<number[]> {
  const { id } = organization(log, place);
  const role: TokenSubject["role"] = subject === "admin" ? "admin" : "auditor";
  const organizationId = role === "admin" ? id : undefined;
  const token = await api.token({ subject: `${subject}-${id}`, role, organizationId });
  const query = `query ($filter: AuditLogFilter, $after: Cursor) {
    auditLog(first: ${question.first ?? 50}, orderBy: ID_DESC, filter: $filter, after: $after) {
      nodes { id ${question.selection ?? SELECTION} } pageInfo { hasNextPage endCursor } } }`;
  const request = async (variables: object) => {
    const { ms, body } = await api.ask(token, query, variables);
    return { ms, cursor: answer.parse(body).data.auditLog.pageInfo.endCursor };
  };
  // A cursor of the library's, of the order that was asked, moved down the log.
  const { cursor } = await request({});
  const after = question.depth === undefined ? null : moved(cursor, log, question.depth);
  const times: number[] = [];
  for (let n = 0; n < repeat; n += 1) {
    times.push((await request({ filter: question.filter(log, place, n), after })).ms);
  }
  return times;
}

const answer = z.object({
  data: z.object({
    auditLog: z.object({ pageInfo: z.object({ endCursor: z.string().nullable() }) }),
  }),
});

function moved(cursor: string | null, { firstId, lastId }: LoadedLog, depth: number): string {
  const [digest] = z
    .array(z.string())
    .parse(JSON.parse(Buffer.from(cursor ?? "", "base64").toString()));
  const id = Math.round(lastId - (lastId - firstId) * depth);
  return Buffer.from(JSON.stringify([digest, String(id)])).toString("base64");
}

function quantiles(times: number[]): { p50: number; p95: number; max: number } {
  const sorted = times.toSorted((a, b) => a - b);
  const at = (q: number) =>
    Math.round((sorted[Math.ceil(q * sorted.length) - 1] ?? Number.NaN) * 10) / 10;
  return { p50: at(0.5), p95: at(0.95), max: at(1) };
}
