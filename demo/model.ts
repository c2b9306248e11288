import type { Damage } from "./drawing/damage.ts";
import type { DemoDocument } from "./drawing/documents.ts";
import type { Medium } from "./drawing/render.ts";
import type { End } from "./expected/end.ts";
import type { Trap } from "./expected/traps.ts";

/**
 * The whole demo as plain data under keys that do not move, so that a JSON patch can alter one fact
 * (flips.json). The files under demo/ are written from it. Amounts are decimals ("1234.56").
 */
export type DemoModel = {
  organizations: Record<string, Organization>;
  suppliers: Record<string, Supplier>;
  /** By external id. */
  expenses: Record<string, DemoExpense>;
  /** By file name. */
  receipts: Record<string, DemoReceipt>;
  /** By condominium code. */
  bank: Record<string, BankConnection>;
  /** By transaction id, in Pluggy's shape. */
  transactions: Record<string, Transaction>;
  /** What each refund-like or odd movement is, by transaction id. */
  movements: Record<string, ExpectedMovement>;
  /** By trap. */
  flips: Record<string, Flip>;
};

export type Person = { subject: string; name: string; email: string };

export type Condominium = {
  code: string;
  name: string;
  cnpj: string | null;
  units: number;
  city: string;
  managed: { from: string; to: string | null };
};

export type Grant = {
  person: string;
  role: "admin" | "reviewer" | "sindico" | "auditor" | "operator" | "integrator";
  /** One condominium's code; null: the whole organization. */
  condominium: string | null;
  from: string;
  to: string | null;
};

export type Organization = {
  key: string;
  name: string;
  cnpj: string;
  settings: { receiptDays: number; payeeAccountDays: number; splittingDays: number };
  approvalLimits: {
    condominium: string | null;
    amount: string;
    requires: "SECOND_APPROVER" | "CONDOMINIUM";
  }[];
  people: Record<string, Person>;
  grants: Grant[];
  condominiums: Condominium[];
};

export type Supplier = {
  cnpj: string;
  name: string;
  tradeName: string;
  /** As CNPJ.ws words it: "Ativa", "Baixada", "Suspensa", "Inapta", "Nula" or "". */
  status: string;
  statusDate: string;
  openedOn: string;
  mainCnae: string;
  secondaryCnaes: string[];
  simples: boolean;
  mei: boolean;
  /** Which registry has it: the open data, CNPJ.ws alone, or none; REFUSED: CNPJ.ws calls it invalid. */
  known: "OPEN_DATA" | "CNPJWS" | "NOWHERE" | "REFUSED";
  /** What CNPJ.ws answers before it answers well: statuses, or "html". */
  answersFirst: (number | "timeout" | "html")[];
};

/** A row as it is submitted. */
export type Row = {
  externalId: string;
  condominium: string;
  category: string;
  documentKind: string;
  documentNumber: string | null;
  issueDate: string;
  competence: string;
  grossAmount: string;
  retentions: { kind: "INSS" | "CSRF" | "ISS" | "IRRF"; amount: string }[];
  payeeDocument: string | null;
  payeeName: string;
  dueDate: string;
  instalment: string | null;
  documents: string[];
  description: string;
  payeePixKey: string | null;
};

export type DemoExpense = {
  organization: string;
  /** File under demo/data/batches. */
  batch: string;
  condominiumCode: string;
  trap: Trap;
  row: Row;
};

export type DemoReceipt = {
  file: string;
  document: DemoDocument;
  medium: Medium;
  damage: Damage | null;
  /** The same bytes as another file. */
  copyOf: string | null;
  /** Handed in after the batch. */
  late: boolean;
};

export type BankConnection = {
  condominium: string;
  itemId: string;
  item: Record<string, unknown>;
  accounts: {
    id: string;
    purpose: "ORDINARY" | "RESERVE";
    account: Record<string, unknown>;
  }[];
};

export type Transaction = { id: string; accountId: string } & Record<string, unknown>;

/** Each names its condominium by code; amounts are positive decimals. */
export type ExpectedMovement = { condominium: string; trap: string } & (
  | { outcome: "REFUND"; debitId: string; amount: string }
  | { outcome: "AMBIGUOUS"; candidates: string[] }
  | { outcome: "ORPHAN" }
  | { outcome: "INCOME_REVERSAL"; creditId: string | null }
  | { outcome: "INCOME" }
  /** Neither income nor expense: sweep, transfer between own accounts. */
  | { outcome: "NEUTRAL" }
  /** Announced, not posted: pays nothing. */
  | { outcome: "PENDING" }
);

export type PatchOperation =
  | { op: "replace" | "add"; path: string; value: unknown }
  | { op: "remove"; path: string };

export type Flip = {
  trap: string;
  what: string;
  /** RFC 6902, on the model above. */
  patch: PatchOperation[];
  ends: Record<string, End>;
  /** Movements whose outcome changes with it; null: the movement is gone. */
  movements: Record<string, ExpectedMovement | null>;
};
