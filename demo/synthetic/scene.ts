import type { End } from "../expected/end.ts";
import type { Trap } from "../expected/traps.ts";
import type {
  Condominium,
  DemoModel,
  DemoReceipt,
  ExpectedMovement,
  Organization,
  PatchOperation,
  Row,
  Supplier,
} from "../model.ts";
import { bankOf } from "./bank.ts";
import { organizations } from "./organizations.ts";

export type Place = { organization: Organization; condominium: Condominium };

export type NewExpense = Omit<
  Row,
  | "externalId"
  | "condominium"
  | "competence"
  | "retentions"
  | "instalment"
  | "documents"
  | "payeePixKey"
> &
  Partial<Pick<Row, "competence" | "retentions" | "instalment" | "documents" | "payeePixKey">>;

/** The demo while it is being put together. Each call adds to the model and checks for collisions. */
export type Scene = {
  model: DemoModel;
  place(code: string): Place;
  /** Adds a supplier unless it is there already; gives it back. */
  supplier(supplier: Supplier): Supplier;
  expense(code: string, batch: string, trap: Trap, expense: NewExpense): Row;
  receipt(
    receipt: Partial<DemoReceipt> & Pick<DemoReceipt, "file" | "document" | "medium">,
  ): string;
  movement(id: string, expected: ExpectedMovement): void;
  flip(flip: {
    trap: string;
    what: string;
    patch: PatchOperation[];
    ends: Record<string, End>;
    movements?: Record<string, ExpectedMovement | null>;
  }): void;
};

export function createScene(): Scene {
  const model: DemoModel = {
    organizations,
    suppliers: {},
    expenses: {},
    receipts: {},
    bank: {},
    transactions: {},
    movements: {},
    flips: {},
  };
  const places = new Map<string, Place>();
  const numbers = new Map<string, number>();
  for (const organization of Object.values(organizations)) {
    for (const condominium of organization.condominiums) {
      places.set(condominium.code, { organization, condominium });
      model.bank[condominium.code] = bankOf(condominium);
    }
  }
  const place = (code: string) => {
    const found = places.get(code);
    if (found === undefined) throw new Error(`scene: no condominium ${code}`);
    return found;
  };
  const once = (table: object, key: string) => {
    if (Object.hasOwn(table, key)) throw new Error(`scene: ${key} is there already`);
  };
  return {
    model,
    place,
    supplier(supplier) {
      const known = model.suppliers[supplier.cnpj];
      if (known !== undefined && known.name !== supplier.name) {
        throw new Error(`scene: ${known.name} and ${supplier.name} share a CNPJ`);
      }
      model.suppliers[supplier.cnpj] = known ?? supplier;
      return known ?? supplier;
    },
    expense(code, batch, trap, expense) {
      const { organization, condominium } = place(code);
      const number = (numbers.get(code) ?? 0) + 1;
      numbers.set(code, number);
      const row: Row = {
        externalId: `${code}-${String(number).padStart(4, "0")}`,
        // Half of the rows name the condominium by its CNPJ, half by the administradora's code.
        condominium: condominium.cnpj !== null && number % 2 === 0 ? condominium.cnpj : code,
        category: expense.category,
        documentKind: expense.documentKind,
        documentNumber: expense.documentNumber,
        issueDate: expense.issueDate,
        competence: expense.competence ?? "2026-11",
        grossAmount: expense.grossAmount,
        retentions: expense.retentions ?? [],
        payeeDocument: expense.payeeDocument,
        payeeName: expense.payeeName,
        dueDate: expense.dueDate,
        instalment: expense.instalment ?? null,
        documents: expense.documents ?? [],
        description: expense.description,
        payeePixKey: expense.payeePixKey ?? null,
      };
      once(model.expenses, row.externalId);
      model.expenses[row.externalId] = {
        organization: organization.key,
        batch,
        condominiumCode: code,
        trap,
        row,
      };
      return row;
    },
    receipt(receipt) {
      once(model.receipts, receipt.file);
      model.receipts[receipt.file] = { damage: null, copyOf: null, late: false, ...receipt };
      return receipt.file;
    },
    movement(id, expected) {
      once(model.movements, id);
      model.movements[id] = expected;
    },
    flip({ movements = {}, ...flip }) {
      once(model.flips, flip.trap);
      model.flips[flip.trap] = { ...flip, movements };
    },
  };
}
