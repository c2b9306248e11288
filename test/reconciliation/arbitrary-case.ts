import fc from "fast-check";
import { addDays } from "../../src/calendar/brasilia.ts";
import { formatDecimal } from "../../src/money/centavos.ts";
import type {
  Movement,
  Payable,
  ReconciliationInput,
  ReturnedItem,
} from "../../src/reconciliation/types.ts";
import { caseOf, ELEVADORES, LIMPADORA, movement, payable, SABESP } from "./case.ts";

/** Few parties, amounts and days, so that everything collides with everything. */
const PARTIES = [
  { document: ELEVADORES, name: "Elevadores Exemplo Ltda", memo: "ELEV EXEMPLO" },
  { document: LIMPADORA, name: "Limpadora Modelo Serviços", memo: "LIMPADORA MODELO SERV" },
  { document: SABESP, name: "Sabesp", memo: "SABESP" },
  { document: "52998224725", name: "Jorge Matos", memo: "JORGE MATOS" },
  { document: null, name: null, memo: "" },
] as const;
const AMOUNTS = [10_000n, 12_345n, 84_501n, 99_999n];
const FIRST_DAY = "2026-10-01";
const IDS = ["1707a1B2c3D4e5F", "1726k1L2m3N4o5P", "1812z9Y8x7W6v5U"].map(
  (end) => `E6070119020261105${end}`,
);
const DEBIT_MEMOS = [
  "PIX ENVIADO",
  "TED ENVIADA",
  "PAGAMENTO DE BOLETO",
  "PIX RECEBIDO DEVOLVIDO",
  "APL APLIC AUT MAIS",
  "TARIFA",
];
const CREDIT_MEMOS = [
  "PIX RECEBIDO",
  "PIX DEVOLVIDO",
  "TED DEVOLVIDA",
  "ESTORNO DE DEBITO",
  "RES APLIC AUT MAIS",
];

const party = fc.constantFrom(...PARTIES);
const maybe = <T>(values: readonly T[]) => fc.option(fc.constantFrom(...values), { freq: 3 });
const amount = fc.constantFrom(...AMOUNTS);
const day = fc.nat(45).map((days) => addDays(FIRST_DAY, days));

const arbitraryPayable = (id: string): fc.Arbitrary<Payable> =>
  fc
    .record({
      party,
      amount,
      day,
      withDocument: fc.boolean(),
      endToEndId: maybe(IDS),
      note: fc.nat(9),
    })
    .map((one) =>
      payable(id, one.day, formatDecimal(one.note === 0 ? -one.amount : one.amount), {
        kind: one.note === 0 ? "CREDIT_NOTE" : "SUPPLIER",
        payeeDocument: one.withDocument ? one.party.document : null,
        payeeName: one.party.name,
        endToEndIds: one.endToEndId === null ? [] : [one.endToEndId],
        externalId: `N-${id}`,
      }),
    );

const arbitraryMovement = (id: string): fc.Arbitrary<Movement> =>
  fc
    .record({
      party,
      amount,
      day,
      hour: fc.constantFrom("03:00:00.000Z", "12:30:00.000Z", "18:00:00.000Z"),
      credit: fc.boolean(),
      memo: fc.nat(9),
      part: fc.nat(9),
      withDocument: fc.boolean(),
      endToEndId: maybe(IDS),
      originalEndToEndId: maybe(IDS),
      checkNumber: maybe(["36897762", "800544"]),
      pending: fc.nat(9),
    })
    .map((one) => {
      const memos = one.credit ? CREDIT_MEMOS : DEBIT_MEMOS;
      const size = one.credit && one.part === 0 ? one.amount / 3n : one.amount;
      return movement(
        id,
        `${one.day}T${one.hour}`,
        formatDecimal(one.credit ? size : -size),
        `${memos[one.memo % memos.length]} ${one.party.memo}`.trim(),
        {
          counterpartyDocument: one.withDocument ? one.party.document : null,
          endToEndId: one.credit ? null : one.endToEndId,
          originalEndToEndId: one.credit && one.memo < 5 ? one.originalEndToEndId : null,
          checkNumber: one.checkNumber,
          status: one.pending === 0 ? "PENDING" : "POSTED",
        },
      );
    });

/** Of one payable or of nobody's, alone or beside others in a batch. */
const arbitraryItem = (id: string): fc.Arbitrary<ReturnedItem> =>
  fc
    .record({
      party,
      amount,
      day,
      number: fc.nat(12),
      batch: fc.constantFrom("0001", "0002"),
      outcome: fc.constantFrom("PAID", "PAID", "PAID", "REJECTED", "SCHEDULED"),
    })
    .map((one) => ({
      id,
      accountId: "account",
      batch: `2026-11-05/000042/${one.batch}`,
      outcome: one.outcome,
      occurrences: [],
      payeeDocument: one.party.document,
      amount: one.amount,
      faceAmount: null,
      dueOn: null,
      paidOn: one.day,
      barcode: null,
      ownNumber: one.number === 0 ? null : `N-${one.number}`,
    }));

/** A month of one condominium in which payables and movements bear the same ids, as in the database, and names, amounts, days and identifiers keep colliding. */
export const arbitraryCase: fc.Arbitrary<ReconciliationInput> = fc
  .tuple(fc.nat(10), fc.nat(20), fc.nat(6))
  .chain(([payables, movements, items]) =>
    fc.tuple(
      fc.tuple(...Array.from({ length: payables }, (_, at) => arbitraryPayable(String(at + 1)))),
      fc.tuple(...Array.from({ length: movements }, (_, at) => arbitraryMovement(String(at + 1)))),
      fc.tuple(...Array.from({ length: items }, (_, at) => arbitraryItem(String(at + 1)))),
    ),
  )
  // As the database has it, where links are kept.
  .map(([payables, movements, returnedItems]) => ({
    ...caseOf(payables, movements),
    returnedItems,
    doubtfulDebitsPay: true,
  }));
