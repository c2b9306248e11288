import { z } from "zod";
import { encodeBase64 } from "./base64.ts";
import { compareIds, idText, OUT_OF_BAND, type RecordEntry } from "./entry.ts";
import { AuditFault } from "./fault.ts";
import { isValidAt, keysOf, type ListedKey } from "./key-list.ts";
import { parseNote, type Signer, signNote, verifyNote } from "./note.ts";
import { CompactRange } from "./tree.ts";

/** The first line of an intent's note: whatever else a process signs cannot be taken for one. */
const TITLE = "blindagem/intent";

const commitment = z.strictObject({ commitment: z.string() });

const schema = z
  .object({
    transaction_id: idText,
    actor_id: z.string(),
    actor_role: z.string().optional(),
    reason: z.union([z.string(), commitment]).optional(),
    request_id: z.string().optional(),
    job_id: z.string().optional(),
    actions: z.array(z.string()),
    records: z.int().nonnegative(),
    groups: z.array(z.object({ records: z.int().positive(), root: z.base64().length(44) })),
  })
  .refine(({ records, groups }) => records === groups.reduce((sum, each) => sum + each.records, 0));

/** What a process says, under its signature, that it did in a transaction. */
export type Intent = z.infer<typeof schema>;

/** Records of one transaction with the same readers: how many, and the root of their leaf hashes in ascending id. */
export type Group = Intent["groups"][number];

/** What of a record decides its group and its place in it. */
export interface GroupedRecord {
  id: string;
  organization_id?: string | undefined;
  condominium_id?: string | undefined;
  sensitivity: string;
  leafHash: Uint8Array;
}

/**
 * The groups of a transaction's records, sorted by root. Records are grouped by organization, condominium and
 * sensitivity, so that whoever reads one record of a group reads all, and can check the group without the others.
 */
export function groupRoots(records: readonly GroupedRecord[]): Group[] {
  return [...Map.groupBy(records, groupKey).values()]
    .map(groupOf)
    .sort((one, other) => (one.root < other.root ? -1 : 1));
}

/** The text of an intent's note. @throws AuditFault MALFORMED when its counts do not fit its groups */
export function formatIntent(intent: Intent): string {
  return `${TITLE}\n${JSON.stringify(checked(intent))}\n`;
}

/** The intent under the signature of the process that acts, as a note. */
export function signIntent(intent: Intent, signer: Signer): Promise<string> {
  return signNote(formatIntent(intent), [signer]);
}

/**
 * Reads an intent and verifies its signature.
 *
 * @param keys those of the role `intent` count
 * @param index the leaf index of the record in which it stands, at which the key has to be valid
 * @throws AuditFault MALFORMED, FORGED, UNSIGNED or KEY_OUT_OF_RANGE
 */
export function openIntent(source: string, keys: readonly ListedKey[], index: number): Intent {
  const note = parseNote(source);
  const signers = verifyNote(note, keysOf(keys, "intent"));
  if (!signers.some((key) => isValidAt(keys, "intent", key, index))) {
    const names = signers.map(({ name }) => `"${name}"`).join(", ");
    throw new AuditFault(
      "KEY_OUT_OF_RANGE",
      `A intenção está assinada por ${names}, que não vale no índice ${index}.`,
    );
  }
  const [title, json = "", ...rest] = note.text.split("\n");
  if (title !== TITLE || rest.length !== 1) throw malformed();
  try {
    return checked(JSON.parse(json));
  } catch {
    throw malformed();
  }
}

/** A record as an intent is held against it. */
export type AttestedRecord = GroupedRecord &
  Pick<RecordEntry, "action" | "actor_id" | "actor_role" | "request_id" | "job_id">;

/** What is wrong between an intent and a record. */
export interface IntentFault {
  fault: AuditFault;
  /** Of the record; of the first one where a whole group is concerned. */
  id: string;
}

/**
 * Holds a transaction's records against its intent: each group of theirs has to be one of the intent's, and whoever they
 * say acted has to be whom the intent says. The records may be those of some groups, but each group whole.
 *
 * @returns an UNATTESTED fault for each group or record that the intent does not cover
 */
export function checkIntent(intent: Intent, records: readonly AttestedRecord[]): IntentFault[] {
  const signed = new Set(intent.groups.map((group) => `${group.records} ${group.root}`));
  const faults: IntentFault[] = [];
  for (const members of Map.groupBy(records, groupKey).values()) {
    const claims = members.filter(claimsActor);
    const [first] = claims;
    if (first === undefined) continue;
    const { records: count, root } = groupOf(members);
    if (!signed.has(`${count} ${root}`)) {
      const message = `A intenção assinada não cobre estes ${count} registros da transação ${intent.transaction_id}: um deles foi alterado, acrescentado ou tirado.`;
      faults.push({ fault: unattested(message), id: first.id });
      continue;
    }
    for (const record of claims) {
      const differing = differences(intent, record);
      if (differing.length > 0) {
        const message = `O registro diz outra coisa que a intenção assinada: ${differing.join(", ")}.`;
        faults.push({ fault: unattested(message), id: record.id });
      }
    }
  }
  return faults;
}

/** Whether a record says that a process of the platform made it. */
export function claimsActor({ action }: Pick<RecordEntry, "action">): boolean {
  return action !== OUT_OF_BAND;
}

/** A fault that says that nobody has signed for a record. */
export function unattested(message: string): AuditFault {
  return new AuditFault("UNATTESTED", message);
}

function differences(intent: Intent, record: AttestedRecord): string[] {
  return [
    ...(["actor_id", "actor_role", "request_id", "job_id"] as const).filter(
      (field) => intent[field] !== record[field],
    ),
    ...(intent.actions.includes(record.action) ? [] : ["action"]),
  ];
}

function groupKey({ organization_id, condominium_id, sensitivity }: GroupedRecord): string {
  return `${organization_id ?? ""}/${condominium_id ?? ""}/${sensitivity}`;
}

function groupOf(members: readonly GroupedRecord[]): Group {
  const range = new CompactRange();
  for (const { leafHash } of members.toSorted((one, other) => compareIds(one.id, other.id))) {
    range.append(leafHash);
  }
  return { records: members.length, root: encodeBase64(range.root()) };
}

function checked(intent: unknown): Intent {
  const parsed = schema.safeParse(intent);
  if (!parsed.success) throw malformed();
  return parsed.data;
}

function malformed(): AuditFault {
  return new AuditFault(
    "MALFORMED",
    "A nota não é uma intenção: o seu texto não tem a forma esperada.",
  );
}
