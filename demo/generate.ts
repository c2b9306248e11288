import { rm } from "node:fs/promises";
import { join, resolve } from "node:path";
import { parseArgs } from "node:util";
import { composeDemo } from "./compose.ts";
import { expectedExpenses, expectedMovements } from "./expected/end-of.ts";
import type { DemoModel } from "./model.ts";
import { applyPatch } from "./patch.ts";
import { AS_OF } from "./synthetic/calendar.ts";
import { writeBatches } from "./write/batches.ts";
import { writeCnpjWs } from "./write/cnpjws.ts";
import { linesOf, writeUnder } from "./write/json.ts";
import { writeOpenData } from "./write/open-data.ts";
import { writeReceipts } from "./write/receipts.ts";
import { writeRefused } from "./write/refused.ts";

/** The model with flips applied; throws where one does not exist or changes nothing it can find. */
export function flip(model: DemoModel, traps: readonly string[]): DemoModel {
  const operations = traps.flatMap((trap) => {
    const found = model.flips[trap];
    if (found === undefined) throw new Error(`no flip for ${trap}`);
    return found.patch;
  });
  return applyPatch(model, operations);
}

/** Writes the demo's files under `root`, receipts included, with the flips named as applied. */
export async function writeDemo(root: string, flipped: readonly string[] = []): Promise<void> {
  for (const folder of ["data", "sandbox", "receipts"]) {
    await rm(join(root, folder), { recursive: true, force: true });
  }
  await writeData(root, flipped);
  await writeReceipts(root, flip(composeDemo(), flipped));
}

/** As `writeDemo`, without drawing: no receipts, and no data/receipts.json, which holds their hashes. */
export async function writeData(root: string, flipped: readonly string[] = []): Promise<void> {
  const model = flip(composeDemo(), flipped);
  const organizations = Object.values(model.organizations).map((organization) => ({
    ...organization,
    bankConnections: organization.condominiums.map(({ code }) => {
      const connection = model.bank[code];
      const accounts = connection?.accounts.map(({ id, purpose }) => ({ id, purpose }));
      return { condominium: code, provider: "PLUGGY", itemId: connection?.itemId, accounts };
    }),
  }));
  await writeUnder(
    root,
    "data/organizations.json",
    `${JSON.stringify({ asOf: AS_OF, openDataDate: "2026-11-08", organizations }, null, 2)}\n`,
  );
  await writeBatches(root, model);
  await writeRefused(root);
  await writeOpenData(root, model);
  await writeCnpjWs(root, model);
  await writeUnder(
    root,
    "sandbox/pluggy.json",
    linesOf({
      items: Object.values(model.bank).map(({ item }) => item),
      accounts: Object.values(model.bank).flatMap(({ accounts }) =>
        accounts.map(({ account }) => account),
      ),
      transactions: Object.values(model.transactions),
    }),
  );
  await writeUnder(root, "expected/expenses.json", linesOf(expectedExpenses(model, flipped)));
  await writeUnder(root, "expected/bank.json", linesOf(expectedMovements(model, flipped)));
  if (flipped.length === 0) await writeUnder(root, "flips.json", linesOf(model.flips));
}

/** `node demo/generate.ts [--out DIR] [--flip TRAP]… [--flip-all]` */
async function main() {
  const { values } = parseArgs({
    options: {
      out: { type: "string" },
      flip: { type: "string", multiple: true },
      "flip-all": { type: "boolean" },
    },
  });
  const flipped = values["flip-all"] ? Object.keys(composeDemo().flips) : (values.flip ?? []);
  if (flipped.length > 0 && values.out === undefined) {
    throw new Error("--out is needed with --flip: the demo's own files are the unflipped ones");
  }
  const root = resolve(values.out ?? import.meta.dirname);
  await writeDemo(root, flipped);
  process.stdout.write(`${root}: written${flipped.length > 0 ? `, flipped: ${flipped}` : ""}\n`);
}

if (import.meta.main) await main();
