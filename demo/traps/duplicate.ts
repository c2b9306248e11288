import { formatDecimal } from "../../src/money/centavos.ts";
import type { Medium } from "../drawing/render.ts";
import { approved, type End, rejected, toReview } from "../expected/end.ts";
import type { Trap } from "../expected/traps.ts";
import type { PatchOperation, Row } from "../model.ts";
import { centavosOf } from "../synthetic/amounts.ts";
import { banks } from "../synthetic/bank.ts";
import { at } from "../synthetic/calendar.ts";
import { makeEndToEndId } from "../synthetic/identifiers.ts";
import { dfeKeyOf, goodsOf, nfseOf, pixProofOf } from "../synthetic/papers.ts";
import { payByPix } from "../synthetic/payments.ts";
import { createRandom, seedOf } from "../synthetic/random.ts";
import type { Scene } from "../synthetic/scene.ts";
import { rowPath, trapExpense, trapSupplier } from "./kit.ts";
import { fileOf } from "./paper-kit.ts";

/** The same document or receipt twice, and instalments, which only look like it. */
export function duplicateTraps(scene: Scene): void {
  instalments(scene);
  sameDocument(scene);
  sameFile(scene);
  sameEndToEndId(scene);
  sameKey(scene);
  elsewhere(scene);
}

/** One note of 2,550 in three parts; all three name the same note and hand in the same file. */
function instalments(scene: Scene) {
  const code = "BV-02";
  const supplier = trapSupplier(scene, "Guarita Nova Serralheria", "8020001");
  const part = (number: number, dueDate: string) =>
    trapExpense(scene, code, number === 1 ? "instalmentPaid" : "instalmentToCome", supplier, {
      category: "PORTOES_INTERFONE_CFTV",
      documentNumber: "3391",
      grossAmount: "850.00",
      instalment: `${number}/3`,
      dueDate,
      description: "Portão da garagem, em três parcelas",
    });
  const rows = [part(1, "2026-11-05"), part(2, "2026-12-07"), part(3, "2027-01-05")] as const;
  const [first, second] = rows;
  const debit = payByPix(scene, { code, row: first, instant: at("2026-11-05", "11:02:59") });
  const note = { ...nfseOf(scene, code, first, "16:33:28"), gross: "2550.00", net: "2550.00" };
  const file = scene.receipt({
    file: fileOf(first, "nfse", "text-pdf"),
    document: note,
    medium: "text-pdf",
  });
  for (const row of rows) row.documents.push(file);
  scene.flip({
    trap: "instalmentToCome",
    what: "the second instalment calls itself the first",
    patch: [{ op: "replace", path: rowPath(second, "instalment"), value: "1/3" }],
    ends: { [second.externalId]: rejected("UNPAID", "DUPLICATE_DOCUMENT") },
  });
  scene.flip({
    trap: "instalmentPaid",
    what: "the bank shows no such debit",
    patch: [{ op: "remove", path: `/transactions/${debit.id}` }],
    ends: { [first.externalId]: approved("UNPAID") },
  });
}

/** Pruning by one gardener, without need of a receipt: taking the receipt away mends the expense. */
function pruning(scene: Scene, code: string, trap: Trap, grossAmount: string, what: string) {
  const supplier = trapSupplier(scene, "Sombra Boa Jardinagem", "8130300");
  return trapExpense(scene, code, trap, supplier, {
    category: "JARDINAGEM_PAISAGISMO",
    grossAmount,
    description: `Poda de árvores, ${what}`,
  });
}

function sameDocument(scene: Scene) {
  const ends: Record<string, End> = {};
  const patch: PatchOperation[] = [];
  const again = (original: Row, code: string) => {
    const supplier = scene.model.suppliers[original.payeeDocument ?? ""];
    if (supplier === undefined) throw new Error("sameDocument: the original names no company");
    const { category, documentKind, documentNumber, issueDate, dueDate, grossAmount } = original;
    const row = trapExpense(scene, code, "duplicateDocument", supplier, {
      category,
      documentKind,
      documentNumber,
      issueDate,
      dueDate,
      grossAmount,
      description: `${original.description} (reenvio)`,
    });
    const another = formatDecimal(centavosOf(grossAmount) + 1_117n);
    patch.push(
      { op: "replace", path: rowPath(row, "documentNumber"), value: "900001" },
      { op: "replace", path: rowPath(row, "grossAmount"), value: another },
    );
    ends[row.externalId] = approved("UNPAID");
  };
  // One repeats a row of the ordinary month, one a row of its own batch.
  const ordinary = Object.values(scene.model.expenses).find(
    ({ condominiumCode, row }) => condominiumCode === "HZ-03" && row.category === "TELECOM",
  );
  if (ordinary === undefined) throw new Error("sameDocument: HZ-03 has no telecommunication");
  again(ordinary.row, "HZ-03");
  const first = pruning(scene, "IP-01", "ordinary", "688.00", "bloco A");
  payByPix(scene, { code: "IP-01", row: first, instant: at("2026-11-05", "14:13:25") });
  again(first, "IP-01");
  scene.flip({
    trap: "duplicateDocument",
    what: "they are other notes, over other amounts",
    patch,
    ends,
  });
}

function sameFile(scene: Scene) {
  const code = "HZ-02";
  const first = pruning(scene, code, "receiptOrdinary", "540.00", "entrada");
  const pix = payByPix(scene, { code, row: first, instant: at("2026-11-05", "14:16:08") });
  const proof = pixProofOf(scene, first, pix, "AURORA");
  const file = scene.receipt({ file: fileOf(first, "pix", "png"), document: proof, medium: "png" });
  first.documents.push(file);
  const later = pruning(scene, code, "duplicateReceiptFile", "540.00", "fundos");
  later.documents.push(
    scene.receipt({
      file: fileOf(later, "comprovante", "png"),
      document: proof,
      medium: "png",
      copyOf: file,
    }),
  );
  withoutReceipt(scene, "duplicateReceiptFile", later, toReview("UNPAID", "DUPLICATE_SUSPECTED"));
}

/** Two prints of one Pix, as PDFs with text: every letter of the id can be read. */
function sameEndToEndId(scene: Scene) {
  const code = "BV-01";
  const first = pruning(scene, code, "receiptOrdinary", "575.00", "jardim");
  const instant = at("2026-11-05", "10:27:49");
  const pix = payByPix(scene, { code, row: first, instant });
  first.documents.push(
    scene.receipt({
      file: fileOf(first, "pix", "text-pdf"),
      document: pixProofOf(scene, first, pix, "AURORA"),
      medium: "text-pdf",
    }),
  );
  const later = pruning(scene, code, "duplicateEndToEndId", "575.00", "calçada");
  const file = scene.receipt({
    file: fileOf(later, "pix", "text-pdf"),
    document: pixProofOf(scene, later, pix, "LITORAL"),
    medium: "text-pdf",
  });
  later.documents.push(file);
  const another = makeEndToEndId("E", banks.AURORA.ispb, instant, createRandom(seedOf(file)));
  scene.flip({
    trap: "duplicateEndToEndId",
    what: "the second print is of another Pix",
    patch: [{ op: "replace", path: `/receipts/${file}/document/endToEndId`, value: another }],
    // The same gardener for the same amount in the same month is still asked about.
    ends: { [later.externalId]: toReview("UNPAID", "DUPLICATE_SUSPECTED") },
  });
}

/** One shop's note, photographed twice, under two numbers. */
function sameKey(scene: Scene) {
  const code = "HZ-04";
  const supplier = trapSupplier(scene, "Depósito São Jorge", "4744099");
  const purchase = (trap: Trap, documentNumber: string) =>
    trapExpense(scene, code, trap, supplier, {
      category: "MATERIAIS",
      documentKind: "NFCE",
      documentNumber,
      grossAmount: "433.20",
      description: `Compra de cimento e areia, cupom ${documentNumber}`,
    });
  const first = purchase("receiptOrdinary", "8841");
  payByPix(scene, { code, row: first, instant: at("2026-11-05", "08:39:17") });
  const items = [{ name: "CIMENTO E AREIA", quantity: 1, unit: "CJ", total: first.grossAmount }];
  const note = goodsOf(scene, code, first, "NFCE", "11:44:27", items);
  const add = (row: Row, medium: Medium) => {
    const file = scene.receipt({ file: fileOf(row, "nfce", medium), document: note, medium });
    row.documents.push(file);
    return file;
  };
  add(first, "png");
  const later = purchase("duplicateDfeKey", "8814");
  const file = add(later, "text-pdf");
  scene.flip({
    trap: "duplicateDfeKey",
    what: "the second purchase and its note are another, over five reais more",
    patch: [
      { op: "replace", path: rowPath(later, "grossAmount"), value: "438.20" },
      { op: "replace", path: `/receipts/${file}/document/total`, value: "438.20" },
      { op: "replace", path: `/receipts/${file}/document/key`, value: dfeKeyOf(later, "NFCE") },
      { op: "replace", path: `/receipts/${file}/document/number`, value: 8814 },
    ],
    ends: { [later.externalId]: approved("UNPAID") },
  });
}

/** The same file in the batch of another administradora; its condominium has no CNPJ to compare. */
function elsewhere(scene: Scene) {
  const first = pruning(scene, "HZ-05", "receiptOrdinary", "605.00", "praça");
  const instant = at("2026-11-05", "15:54:31");
  const pix = payByPix(scene, { code: "HZ-05", row: first, instant });
  const proof = pixProofOf(scene, first, pix, "CERRADO");
  const file = scene.receipt({ file: fileOf(first, "pix", "png"), document: proof, medium: "png" });
  first.documents.push(file);
  const later = pruning(scene, "IP-04", "duplicateElsewhere", "605.00", "rua interna");
  later.documents.push(
    scene.receipt({
      file: fileOf(later, "comprovante", "png"),
      document: proof,
      medium: "png",
      copyOf: file,
    }),
  );
  withoutReceipt(scene, "duplicateElsewhere", later);
}

function withoutReceipt(scene: Scene, trap: Trap, row: Row, end = approved("UNPAID")) {
  scene.flip({
    trap,
    what: "the expense hands in no receipt",
    patch: [{ op: "replace", path: rowPath(row, "documents"), value: [] }],
    ends: { [row.externalId]: end },
  });
}
