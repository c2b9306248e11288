import { approved } from "../expected/end.ts";
import type { ExpectedMovement } from "../model.ts";
import { at, dateOnly, utc } from "../synthetic/calendar.ts";
import { makeEndToEndId } from "../synthetic/identifiers.ts";
import { plainName } from "../synthetic/names.ts";
import { payByPix, payByTed } from "../synthetic/payments.ts";
import { createRandom, seedOf } from "../synthetic/random.ts";
import type { Scene } from "../synthetic/scene.ts";
import { post } from "../synthetic/statement.ts";
import { repair } from "./bank.ts";

/** Credits that are income, that only look like it, and those of which nobody can say. */
export function incomeTraps(scene: Scene): void {
  ambiguous(scene);
  incomeOfSameAmount(scene);
  orphan(scene);
  reversal(scene);
}

/** Two TEDs of one amount on one day, and one "TED Devolvida" that names neither. */
function ambiguous(scene: Scene) {
  const code = "BV-02";
  const amount = "780.00";
  const rows = ["Gêmeos", "Castor e Pólux"].map((name) =>
    repair(scene, code, "ambiguousRefund", amount, name),
  );
  const candidates = rows.map((row) => payByTed(scene, { code, row, day: "2026-11-05" }));
  const id = post(scene.model, code, {
    key: "ambiguous",
    date: dateOnly("2026-11-06"),
    direction: "CREDIT",
    amount,
    description: "TED Devolvida",
    operationType: "TED",
  });
  const trap = "ambiguousRefund";
  scene.movement(id, { condominium: code, trap, outcome: "AMBIGUOUS", candidates });
  const [first] = rows;
  const [debitId] = candidates;
  if (first === undefined || debitId === undefined) return;
  const document = first.payeeDocument ?? "";
  scene.flip({
    trap,
    what: "the bank says from whom it came back",
    patch: [
      {
        op: "replace",
        path: `/transactions/${id}/paymentData`,
        value: {
          payer: {
            name: plainName(first.payeeName),
            documentNumber: { type: "CNPJ", value: document },
          },
          receiver: null,
          paymentMethod: "TED",
          reason: null,
          referenceNumber: null,
          receiverReferenceId: null,
          boletoMetadata: null,
        },
      },
    ],
    ends: { [first.externalId]: approved("REFUNDED") },
    movements: { [id]: { condominium: code, trap, outcome: "REFUND", debitId, amount } },
  });
}

/** A resident pays his dues: the same amount as a repair of the same week. */
function incomeOfSameAmount(scene: Scene) {
  const code = "HZ-04";
  const amount = "1150.00";
  const row = repair(scene, code, "incomeOfSameAmount", amount, "Coincidência");
  const pix = payByPix(scene, { code, row, instant: at("2026-11-05", "12:25:18") });
  const id = resident(scene, code, "same amount", amount, at("2026-11-10", "08:17:45"), "1101");
  const trap = "incomeOfSameAmount";
  scene.movement(id, { condominium: code, trap, outcome: "INCOME" });
  const transaction = scene.model.transactions[id];
  const memo = `PIX DEVOLVIDO ${plainName(row.payeeName)}`;
  const instant = at("2026-11-10", "08:17:45");
  const returned = makeEndToEndId("D", "90000009", instant, createRandom(seedOf("same amount")));
  scene.flip({
    trap,
    what: "it is the supplier who gives the money back",
    patch: [
      { op: "replace", path: `/transactions/${id}/description`, value: memo },
      { op: "replace", path: `/transactions/${id}/descriptionRaw`, value: memo },
      {
        op: "replace",
        path: `/transactions/${id}/paymentData`,
        value: {
          ...(transaction?.paymentData as object),
          payer: {
            name: plainName(row.payeeName),
            documentNumber: { type: "CNPJ", value: row.payeeDocument },
          },
          referenceNumber: returned,
          receiverReferenceId: pix.endToEndId,
        },
      },
    ],
    ends: { [row.externalId]: approved("REFUNDED") },
    movements: {
      [id]: { condominium: code, trap, outcome: "REFUND", debitId: pix.id, amount },
    },
  });
}

/** A resident's Pix; the CPF comes masked, as banks give it. */
export function resident(
  scene: Scene,
  code: string,
  mark: string,
  amount: string,
  instant: string,
  unit: string,
): string {
  const random = createRandom(seedOf(`resident:${code}:${mark}`));
  return post(scene.model, code, {
    key: `income:${mark}`,
    date: utc(instant),
    direction: "CREDIT",
    amount,
    description: `PIX RECEBIDO UNIDADE ${unit}`,
    operationType: "PIX",
    counterparty: { name: `MORADOR DA UNIDADE ${unit}`, document: "***.000.000-**" },
    reference: makeEndToEndId("E", "90000007", instant, random),
  });
}

/** A devolução of which nothing is known: no payment of that amount, no original id. */
function orphan(scene: Scene) {
  const code = "IP-04";
  const row = repair(scene, code, "ordinary", "1402.65", "Órfã");
  const pix = payByPix(scene, { code, row, instant: at("2026-11-05", "13:33:21") });
  const instant = at("2026-11-11", "10:05:00");
  const id = post(scene.model, code, {
    key: "orphan",
    date: utc(instant),
    direction: "CREDIT",
    amount: "333.33",
    description: "PIX DEVOLVIDO",
    operationType: "PIX",
    reference: makeEndToEndId("D", "90000009", instant, createRandom(seedOf("orphan"))),
  });
  const trap = "orphanRefund";
  scene.movement(id, { condominium: code, trap, outcome: "ORPHAN" });
  scene.flip({
    trap,
    what: "it names the payment that it undoes in part",
    patch: [
      {
        op: "replace",
        path: `/transactions/${id}/paymentData/receiverReferenceId`,
        value: pix.endToEndId,
      },
    ],
    ends: { [row.externalId]: approved("PARTIALLY_REFUNDED") },
    movements: {
      [id]: { condominium: code, trap, outcome: "REFUND", debitId: pix.id, amount: "333.33" },
    },
  });
}

/** A resident paid twice and got it back: a debit that takes income away and is no expense. */
function reversal(scene: Scene) {
  const code = "HZ-05";
  const amount = "742.18";
  const creditId = resident(scene, code, "paid twice", amount, at("2026-11-09", "19:41:03"), "302");
  const trap = "incomeReversal";
  scene.movement(creditId, { condominium: code, trap, outcome: "INCOME" });
  const id = post(scene.model, code, {
    key: "income reversed",
    date: utc(at("2026-11-10", "10:20:00")),
    direction: "DEBIT",
    amount,
    description: "Pix-Recebimento devolvido UNIDADE 302",
    operationType: "PIX",
  });
  scene.movement(id, { condominium: code, trap, outcome: "INCOME_REVERSAL", creditId });
  const gone: Record<string, ExpectedMovement | null> = { [id]: null };
  scene.flip({
    trap,
    what: "the bank shows no such debit: the income stays",
    patch: [{ op: "remove", path: `/transactions/${id}` }],
    ends: {},
    movements: gone,
  });
}
