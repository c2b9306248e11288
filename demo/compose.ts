import { approved, toSecondApprover } from "./expected/end.ts";
import type { DemoModel } from "./model.ts";
import { BANK_UPDATED_AT } from "./synthetic/calendar.ts";
import { earlierMonth } from "./synthetic/earlier.ts";
import { income } from "./synthetic/income.ts";
import { ordinaryMonth, withoutNews } from "./synthetic/ordinary.ts";
import { createScene, type Scene } from "./synthetic/scene.ts";
import { supplierOf } from "./synthetic/suppliers.ts";
import { bankTraps } from "./traps/bank.ts";
import { duplicateTraps } from "./traps/duplicate.ts";
import { incomeTraps } from "./traps/income.ts";
import { limitTraps } from "./traps/limit.ts";
import { ordinaryReceipts } from "./traps/ordinary-receipts.ts";
import { payeeTraps } from "./traps/payee.ts";
import { receiptTraps } from "./traps/receipt.ts";
import { retentionTraps } from "./traps/retention.ts";
import { supplierTraps } from "./traps/supplier.ts";

const ordinaryBatch: Record<string, string> = {
  horizonte: "02-horizonte-novembro.json",
  "boa-vista": "04-boa-vista-novembro.csv",
  ipe: "06-ipe-novembro.json",
};

/** The whole demo as plain data: always the same, since every random choice has a seed of its own. */
export function composeDemo(): DemoModel {
  const scene = createScene();
  for (const { key, cnpj, name } of Object.values(scene.model.organizations)) {
    scene.supplier(supplierOf({ cnpj, name, mainCnae: "6822600" }));
    if (key === "horizonte") {
      earlierMonth(scene, ["HZ-01", "HZ-02"], "01-horizonte-outubro.json");
    }
  }
  for (const { key, condominiums } of Object.values(scene.model.organizations)) {
    for (const { code } of condominiums) {
      ordinaryMonth(scene, scene.place(code), ordinaryBatch[key] ?? "");
      if (!withoutNews[code]) income(scene, scene.place(code));
    }
  }
  supplierTraps(scene);
  retentionTraps(scene);
  payeeTraps(scene);
  limitTraps(scene);
  ordinaryReceipts(scene);
  receiptTraps(scene);
  duplicateTraps(scene);
  bankTraps(scene);
  incomeTraps(scene);
  bankOutOfDate(scene);
  return scene.model;
}

/** Two connections did not come through; their flips bring them up to date. */
function bankOutOfDate(scene: Scene) {
  for (const [code, trap] of Object.entries(withoutNews)) {
    const path = `/bank/${code}/item`;
    scene.flip({
      trap,
      what: "the connection is up to date: what is not there was not paid",
      patch: [
        { op: "replace", path: `${path}/status`, value: "UPDATED" },
        { op: "replace", path: `${path}/executionStatus`, value: "SUCCESS" },
        { op: "replace", path: `${path}/statusDetail`, value: null },
        { op: "replace", path: `${path}/error`, value: null },
        { op: "replace", path: `${path}/lastUpdatedAt`, value: BANK_UPDATED_AT },
      ],
      ends: Object.fromEntries(
        Object.values(scene.model.expenses)
          .filter(({ condominiumCode }) => condominiumCode === code)
          .map(({ trap: one, row }) => [
            row.externalId,
            one === "administrationFee" ? toSecondApprover("UNPAID") : approved("UNPAID"),
          ]),
      ),
    });
  }
}
