import { approved, toReview } from "../expected/end.ts";
import type { Row } from "../model.ts";
import { asJsonNumber, netOf, share } from "../synthetic/amounts.ts";
import { dateOnly, GUIA_DAY } from "../synthetic/calendar.ts";
import { uuidOf } from "../synthetic/names.ts";
import { payByTed, payGuias, REVENUE } from "../synthetic/payments.ts";
import type { Scene } from "../synthetic/scene.ts";
import { post } from "../synthetic/statement.ts";
import { rowPath, supplierPath, trapExpense, trapSupplier } from "./kit.ts";

/** Taxes retained from the supplier: the debit is the net, each guia is paid on its own. */
export function retentionTraps(scene: Scene): void {
  right(scene);
  inssWrong(scene);
  inssMissing(scene);
  csrfWrong(scene);
  simplesAndMei(scene);
  guiaUnpaid(scene);
}

const cleaning = (
  scene: Scene,
  code: string,
  trap: Parameters<typeof trapExpense>[2],
  supplier: ReturnType<typeof trapSupplier>,
  grossAmount: string,
  retentions: Row["retentions"],
) =>
  trapExpense(scene, code, trap, supplier, {
    category: "LIMPEZA",
    grossAmount,
    retentions,
    description: "Limpeza pós-obra",
  });

/** 10,000 at 11 + 4.65 + 5 % is a debit of 7,935. */
function right(scene: Scene) {
  const supplier = trapSupplier(scene, "Paineira Conservação", "8121400", { simples: false });
  const row = cleaning(scene, "HZ-02", "retentionsRight", supplier, "10000.00", [
    { kind: "INSS", amount: "1100.00" },
    { kind: "CSRF", amount: "465.00" },
    { kind: "ISS", amount: "500.00" },
  ]);
  payByTed(scene, { code: "HZ-02", row, day: "2026-11-05" });
  payGuias(scene, { code: "HZ-02", row });
  scene.flip({
    trap: "retentionsRight",
    what: "what was retained is called IRRF, so the INSS is missing",
    patch: [{ op: "replace", path: `${rowPath(row, "retentions")}/0/kind`, value: "IRRF" }],
    ends: { [row.externalId]: toReview("PAID", "RETENTION_INSS_MISSING") },
  });
}

function inssWrong(scene: Scene) {
  const code = "BV-01";
  const supplier = trapSupplier(scene, "Cerejeira Conservação", "8121400", { simples: false });
  const row = cleaning(scene, code, "retentionInssWrong", supplier, "4180.00", [
    { kind: "INSS", amount: share("4180.00", 900) },
  ]);
  const debit = payByTed(scene, { code, row, day: "2026-11-05" });
  payGuias(scene, { code, row });
  const guia = uuidOf(`transaction:${code}:${row.externalId}:guia:INSS`);
  const inss = share(row.grossAmount, 1100);
  const net = netOf({ ...row, retentions: [{ kind: "INSS", amount: inss }] });
  scene.flip({
    trap: "retentionInssWrong",
    what: "11 % is retained, and paid so",
    patch: [
      { op: "replace", path: `${rowPath(row, "retentions")}/0/amount`, value: inss },
      { op: "replace", path: `/transactions/${debit}/amount`, value: -asJsonNumber(net) },
      { op: "replace", path: `/transactions/${guia}/amount`, value: -asJsonNumber(inss) },
    ],
    ends: { [row.externalId]: approved("PAID") },
  });
}

function inssMissing(scene: Scene) {
  const supplier = trapSupplier(scene, "Imbuia Conservação", "8121400", { simples: false });
  const row = cleaning(scene, "IP-01", "retentionInssMissing", supplier, "2975.00", []);
  payByTed(scene, { code: "IP-01", row, day: "2026-11-05" });
  scene.flip({
    trap: "retentionInssMissing",
    what: "the supplier is in the Simples",
    patch: [{ op: "replace", path: supplierPath(supplier, "simples"), value: true }],
    ends: { [row.externalId]: approved("PAID") },
  });
}

function csrfWrong(scene: Scene) {
  const supplier = trapSupplier(scene, "Canela Elevadores", "4329103", { simples: false });
  const row = trapExpense(scene, "HZ-01", "retentionCsrfWrong", supplier, {
    category: "ELEVADORES",
    grossAmount: "6350.00",
    retentions: [{ kind: "CSRF", amount: share("6350.00", 300) }],
    description: "Troca de cabos de tração",
  });
  payByTed(scene, { code: "HZ-01", row, day: "2026-11-05" });
  payGuias(scene, { code: "HZ-01", row });
  scene.flip({
    trap: "retentionCsrfWrong",
    what: "what was retained is IRRF",
    patch: [{ op: "replace", path: `${rowPath(row, "retentions")}/0/kind`, value: "IRRF" }],
    ends: { [row.externalId]: approved("PAID") },
  });
}

function simplesAndMei(scene: Scene) {
  const missing = toReview("PAID", "RETENTION_INSS_MISSING");
  const simples = trapSupplier(scene, "Sucupira Limpeza", "8121400");
  const first = cleaning(scene, "BV-02", "simplesCleaning", simples, "1875.00", []);
  payByTed(scene, { code: "BV-02", row: first, day: "2026-11-05" });
  scene.flip({
    trap: "simplesCleaning",
    what: "the supplier has left the Simples",
    patch: [{ op: "replace", path: supplierPath(simples, "simples"), value: false }],
    ends: { [first.externalId]: missing },
  });
  const mei = trapSupplier(scene, "Maria das Graças Faxinas", "8121400", { mei: true });
  const second = cleaning(scene, "HZ-03", "meiCleaning", mei, "960.00", []);
  payByTed(scene, { code: "HZ-03", row: second, day: "2026-11-05" });
  scene.flip({
    trap: "meiCleaning",
    what: "the supplier is neither MEI nor in the Simples",
    patch: [
      { op: "replace", path: supplierPath(mei, "mei"), value: false },
      { op: "replace", path: supplierPath(mei, "simples"), value: false },
    ],
    ends: { [second.externalId]: missing },
  });
}

function guiaUnpaid(scene: Scene) {
  const code = "HZ-04";
  const supplier = trapSupplier(scene, "Cedro Conservação", "8121400", { simples: false });
  const row = cleaning(scene, code, "guiaUnpaid", supplier, "5620.00", [
    { kind: "INSS", amount: share("5620.00", 1100) },
    { kind: "CSRF", amount: share("5620.00", 465) },
  ]);
  payByTed(scene, { code, row, day: "2026-11-05" });
  payGuias(scene, { code, row, only: ["INSS"] });
  // The entry is made and taken out again: the flip brings it back.
  const id = post(scene.model, code, {
    key: `${row.externalId}:guia:CSRF`,
    date: dateOnly(GUIA_DAY),
    direction: "DEBIT",
    amount: share("5620.00", 465),
    description: "PAGTO DARF CSRF",
    operationType: "CONVENIO_ARRECADACAO",
    counterparty: REVENUE,
  });
  const value = scene.model.transactions[id];
  delete scene.model.transactions[id];
  scene.flip({
    trap: "guiaUnpaid",
    what: "the second guia is paid as well",
    patch: [{ op: "add", path: `/transactions/${id}`, value }],
    ends: { [row.externalId]: approved("PAID") },
  });
}
