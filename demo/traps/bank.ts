import { approved } from "../expected/end.ts";
import type { Trap } from "../expected/traps.ts";
import type { Row } from "../model.ts";
import { at, dateOnly, utc } from "../synthetic/calendar.ts";
import { cnpjOf } from "../synthetic/names.ts";
import { boletoOf, payByPix, payByTed, returnPix } from "../synthetic/payments.ts";
import type { Scene } from "../synthetic/scene.ts";
import { post } from "../synthetic/statement.ts";
import { trapExpense, trapSupplier } from "./kit.ts";

/** Money that comes back, and payments at odd hours. Movements are named by what they are. */
export function bankTraps(scene: Scene): void {
  evening(scene);
  debitEstornoRedebit(scene);
  sixPairs(scene);
  pixReturns(scene);
  tedReturned(scene);
  feeRefunded(scene);
  notPaid(scene);
}

export function repair(scene: Scene, code: string, trap: Trap, grossAmount: string, what: string) {
  const supplier = trapSupplier(scene, `${what} Manutenções`, "4322301");
  return trapExpense(scene, code, trap, supplier, {
    category: "MANUT_HIDRAULICA",
    grossAmount,
    description: "Reparo na rede de água",
  });
}

const removed = (
  scene: Scene,
  trap: Trap,
  row: Row,
  id: string,
  end: ReturnType<typeof approved>,
  gone = false,
) =>
  scene.flip({
    trap,
    what: "the bank shows no such entry",
    patch: [{ op: "remove", path: `/transactions/${id}` }],
    ends: { [row.externalId]: end },
    movements: gone ? { [id]: null } : {},
  });

function evening(scene: Scene) {
  const cases = [
    ["HZ-03", "1017.35", "21:02:14", "Boreal"],
    ["BV-03", "1241.80", "22:41:09", "Crepúsculo"],
    ["IP-04", "1168.25", "23:58:47", "Vaga-lume"],
  ] as const;
  cases.forEach(([code, gross, time, name], place) => {
    const row = repair(scene, code, "eveningPayment", gross, name);
    const { id } = payByPix(scene, { code, row, instant: at("2026-11-05", time) });
    if (place === 0) removed(scene, "eveningPayment", row, id, approved("UNPAID"));
  });
}

/**
 * The case of the real statement bb-estorno-real.ofx.txt (annacruz/ofx, MIT): memos, amount and check
 * number as the bank wrote them, the days moved from October 2010.
 */
function debitEstornoRedebit(scene: Scene) {
  const code = "HZ-01";
  const row = trapExpense(scene, code, "debitEstornoRedebit", null, {
    category: "TARIFAS_BANCARIAS",
    documentKind: "RECEIPT",
    documentNumber: null,
    grossAmount: "18.83",
    payeeName: "Banco, cartão do condomínio",
    description: "Fatura do cartão",
  });
  const entry = (mark: string, day: string, direction: "DEBIT" | "CREDIT", description: string) =>
    post(scene.model, code, {
      key: `bb:${mark}`,
      date: dateOnly(day),
      direction,
      amount: row.grossAmount,
      description,
      operationType: "OUTROS",
      reference: "36897762",
    });
  const debitId = entry("debit", "2026-11-05", "DEBIT", "PAGTO CARTÃO CRÉDITO");
  const estorno = entry("estorno", "2026-11-05", "CREDIT", "ESTORNO DE DÉBITO");
  const redebit = entry("redebit", "2026-11-06", "DEBIT", "PAGTO CARTÃO CRÉDITO");
  scene.movement(estorno, {
    condominium: code,
    trap: "debitEstornoRedebit",
    outcome: "REFUND",
    debitId,
    amount: row.grossAmount,
  });
  removed(scene, "debitEstornoRedebit", row, redebit, approved("REFUNDED"));
}

/** A boleto is tried six times on one day, comes back six times on the next, and is paid at last. */
function sixPairs(scene: Scene) {
  const code = "BV-03";
  const row = repair(scene, code, "sixIdenticalPairs", "612.40", "Teimosa");
  row.documentKind = "BOLETO";
  const boleto = boletoOf(row);
  const counterparty = { name: row.payeeName.toUpperCase(), document: row.payeeDocument };
  const debit = (mark: number, instant: string) =>
    post(scene.model, code, {
      key: `six:debit:${mark}`,
      date: utc(instant),
      direction: "DEBIT",
      amount: row.grossAmount,
      description: "PAGAMENTO DE BOLETO",
      operationType: "BOLETO",
      counterparty,
      boleto,
    });
  const debits = [1, 2, 3, 4, 5, 6].map((number) =>
    debit(number, at("2026-11-05", `09:0${number}:30`)),
  );
  debits.forEach((debitId, place) => {
    const id = post(scene.model, code, {
      key: `six:return:${place + 1}`,
      date: utc(at("2026-11-06", `08:1${place}:00`)),
      direction: "CREDIT",
      amount: row.grossAmount,
      description: "PAGAMENTO DE BOLETO DEVOLVIDO",
      operationType: "OUTROS",
    });
    scene.movement(id, {
      condominium: code,
      trap: "sixIdenticalPairs",
      outcome: "REFUND",
      debitId,
      amount: row.grossAmount,
    });
  });
  const last = debit(7, at("2026-11-09", "10:00:00"));
  removed(scene, "sixIdenticalPairs", row, last, approved("REFUNDED"));
}

function pixReturns(scene: Scene) {
  const refund = (code: string, trap: Trap, debitId: string, amount: string) => ({
    condominium: code,
    trap,
    outcome: "REFUND" as const,
    debitId,
    amount,
  });
  const paid = (code: string, trap: Trap, gross: string, name: string, time: string) => {
    const row = repair(scene, code, trap, gross, name);
    return { row, pix: payByPix(scene, { code, row, instant: at("2026-11-05", time) }) };
  };

  const full = paid("HZ-02", "pixRefunded", "1234.56", "Refluxo", "14:07:12");
  const back = returnPix(scene, { payment: full.pix, instant: at("2026-11-06", "09:12:40") });
  scene.movement(back, refund("HZ-02", "pixRefunded", full.pix.id, "1234.56"));
  removed(scene, "pixRefunded", full.row, back, approved("PAID"), true);

  const part = paid("BV-01", "pixRefundedInPart", "1480.00", "Meia-água", "10:31:05");
  const parts = [
    ["500.00", "2026-11-10"],
    ["200.00", "2026-11-12"],
  ] as const;
  const ids = parts.map(([amount, day]) => {
    const instant = at(day, "13:20:00");
    const id = returnPix(scene, { payment: part.pix, instant, amount, mark: day });
    scene.movement(id, refund("BV-01", "pixRefundedInPart", part.pix.id, amount));
    return id;
  });
  const second = ids[1] ?? "";
  scene.flip({
    trap: "pixRefundedInPart",
    what: "the second part is all the rest",
    patch: [{ op: "replace", path: `/transactions/${second}/amount`, value: 980 }],
    ends: { [part.row.externalId]: approved("REFUNDED") },
    movements: { [second]: refund("BV-01", "pixRefundedInPart", part.pix.id, "980.00") },
  });

  const twice = paid("IP-01", "pixRefundedAndRepaid", "1066.30", "Vai-e-volta", "11:40:52");
  const returned = returnPix(scene, {
    payment: twice.pix,
    instant: at("2026-11-05", "11:45:10"),
    namesOriginal: false,
  });
  scene.movement(returned, refund("IP-01", "pixRefundedAndRepaid", twice.pix.id, "1066.30"));
  const again = payByPix(scene, {
    code: "IP-01",
    row: twice.row,
    mark: "again",
    instant: at("2026-11-05", "11:59:33"),
  });
  removed(scene, "pixRefundedAndRepaid", twice.row, again.id, approved("REFUNDED"));

  const med = paid("HZ-05", "pixRefundedElsewhere", "915.30", "Golpe d'Água", "16:14:25");
  const elsewhere = returnPix(scene, {
    payment: med.pix,
    instant: at("2026-11-17", "17:30:00"),
    amount: "640.00",
    from: { name: "CONTA INTERMEDIARIA SA", document: cnpjOf("med") },
  });
  const trap = "pixRefundedElsewhere";
  scene.movement(elsewhere, refund("HZ-05", trap, med.pix.id, "640.00"));
  scene.flip({
    trap,
    what: "nothing names the payment it undoes",
    patch: [
      {
        op: "replace",
        path: `/transactions/${elsewhere}/paymentData/receiverReferenceId`,
        value: null,
      },
    ],
    ends: { [med.row.externalId]: approved("PAID") },
    movements: { [elsewhere]: { condominium: "HZ-05", trap, outcome: "ORPHAN" } },
  });
}

/** The bank says "TED Devolvida", and not whose. */
function tedReturned(scene: Scene) {
  const code = "IP-02";
  const row = repair(scene, code, "tedReturned", "1389.75", "Contramão");
  const debitId = payByTed(scene, { code, row, day: "2026-11-05" });
  const id = post(scene.model, code, {
    key: "ted returned",
    date: dateOnly("2026-11-06"),
    direction: "CREDIT",
    amount: row.grossAmount,
    description: "TED Devolvida",
    operationType: "TED",
  });
  scene.movement(id, {
    condominium: code,
    trap: "tedReturned",
    outcome: "REFUND",
    debitId,
    amount: row.grossAmount,
  });
  removed(scene, "tedReturned", row, id, approved("PAID"), true);
}

function feeRefunded(scene: Scene) {
  const code = "HZ-04";
  const row = trapExpense(scene, code, "bankFeeRefunded", null, {
    category: "TARIFAS_BANCARIAS",
    documentKind: "RECEIPT",
    documentNumber: null,
    grossAmount: "89.90",
    payeeName: "Banco, emissão de boletos",
    description: "Tarifa cobrada em dobro",
  });
  const entry = (direction: "DEBIT" | "CREDIT", day: string, description: string) =>
    post(scene.model, code, {
      key: `fee:${direction}`,
      date: dateOnly(day),
      direction,
      amount: row.grossAmount,
      description,
      operationType: "TARIFA_SERVICOS_AVULSOS",
    });
  const debitId = entry("DEBIT", "2026-11-05", "TARIFA EMISSAO DE BOLETOS");
  const id = entry("CREDIT", "2026-11-12", "ESTORNO TARIFA EMISSAO DE BOLETOS");
  const trap = "bankFeeRefunded";
  scene.movement(id, { condominium: code, trap, outcome: "REFUND", debitId, amount: "89.90" });
  removed(scene, trap, row, id, approved("PAID"), true);
}

function notPaid(scene: Scene) {
  const code = "HZ-03";
  const row = repair(scene, code, "notPaidYet", "1577.20", "Espera");
  const { id } = payByPix(scene, { code, row, instant: at("2026-11-05", "09:09:09") });
  const value = scene.model.transactions[id];
  delete scene.model.transactions[id];
  scene.flip({
    trap: "notPaidYet",
    what: "the bank shows the debit",
    patch: [{ op: "add", path: `/transactions/${id}`, value }],
    ends: { [row.externalId]: approved("PAID") },
  });
}
