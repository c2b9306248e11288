import type { Trap } from "../expected/traps.ts";
import type { Row, Supplier } from "../model.ts";
import { cnpjOf, plainName } from "../synthetic/names.ts";
import { seedOf } from "../synthetic/random.ts";
import type { NewExpense, Scene } from "../synthetic/scene.ts";
import { supplierOf } from "../synthetic/suppliers.ts";

/** The traps stand in a second batch of each organization, handed in after the ordinary month. */
export function complementOf(code: string): string {
  if (code.startsWith("HZ")) return "03-horizonte-complemento.json";
  return code.startsWith("BV") ? "05-boa-vista-complemento.json" : "07-ipe-complemento.csv";
}

/** A supplier of one trap alone, so that flipping a fact of it moves nothing else. */
export function trapSupplier(
  scene: Scene,
  name: string,
  mainCnae: string,
  given: Partial<Supplier> = {},
): Supplier {
  return scene.supplier(
    supplierOf({
      cnpj: cnpjOf(`trap:${name}`),
      name: plainName(name),
      tradeName: name,
      mainCnae,
      ...given,
    }),
  );
}

/** An expense of a trap: a service note of late October, due on 5 November, unless told otherwise. */
export function trapExpense(
  scene: Scene,
  code: string,
  trap: Trap,
  supplier: Supplier | null,
  expense: Partial<NewExpense> & Pick<NewExpense, "category" | "grossAmount" | "description">,
): Row {
  return scene.expense(code, complementOf(code), trap, {
    documentKind: "NFSE",
    documentNumber: String(1000 + (seedOf(`${code}:${trap}:${expense.description}`) % 90_000)),
    issueDate: "2026-10-27",
    payeeDocument: supplier?.cnpj ?? null,
    payeeName: supplier ? supplier.tradeName || supplier.name : "",
    dueDate: "2026-11-05",
    ...expense,
  });
}

/** The path of a row's field in the model, for a flip. */
export const rowPath = (row: Row, field: keyof Row) => `/expenses/${row.externalId}/row/${field}`;
export const supplierPath = (supplier: Supplier, field: keyof Supplier) =>
  `/suppliers/${supplier.cnpj}/${field}`;
