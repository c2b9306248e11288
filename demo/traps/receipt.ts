import type { Damage } from "../drawing/damage.ts";
import type { Medium } from "../drawing/render.ts";
import { approved, toReview } from "../expected/end.ts";
import type { Trap } from "../expected/traps.ts";
import type { Row } from "../model.ts";
import { banks } from "../synthetic/bank.ts";
import { at, dateOnly } from "../synthetic/calendar.ts";
import { makeEndToEndId } from "../synthetic/identifiers.ts";
import { plainName } from "../synthetic/names.ts";
import { goodsOf, nfseOf, type PixLayout, pixProofOf, schedulingOf } from "../synthetic/papers.ts";
import { payByPix, payByTed, payGuias } from "../synthetic/payments.ts";
import { createRandom, seedOf } from "../synthetic/random.ts";
import type { Scene } from "../synthetic/scene.ts";
import { post } from "../synthetic/statement.ts";
import { rowPath, trapExpense, trapSupplier } from "./kit.ts";
import { fileOf } from "./paper-kit.ts";

/** Papers that say something else than the expense, or that nobody can be sure of. */
export function receiptTraps(scene: Scene): void {
  showsNet(scene);
  noteSaysOtherwise(scene);
  wrongDay(scene);
  scheduled(scene);
  damaged(scene);
  missing(scene);
  late(scene);
}

const supplierOfWorks = (scene: Scene) => trapSupplier(scene, "Prumo Certo Reformas", "4330404");

function works(scene: Scene, code: string, trap: Trap, grossAmount: string): Row {
  return trapExpense(scene, code, trap, supplierOfWorks(scene), {
    category: "OBRAS_REFORMA",
    grossAmount,
    description: `Pintura do hall, etapa ${(seedOf(`${trap}:${code}`) % 9) + 1}`,
  });
}

function attach(
  scene: Scene,
  row: Row,
  what: string,
  medium: Medium,
  document: Parameters<Scene["receipt"]>[0]["document"],
) {
  const file = scene.receipt({ file: fileOf(row, what, medium), document, medium });
  row.documents.push(file);
  return file;
}

function showsNet(scene: Scene) {
  const supplier = trapSupplier(scene, "Jacarandá Conservação", "8121400", { simples: false });
  const row = trapExpense(scene, "HZ-01", "receiptShowsNet", supplier, {
    category: "LIMPEZA",
    grossAmount: "3200.00",
    retentions: [{ kind: "INSS", amount: "352.00" }],
    description: "Limpeza de vidros da fachada",
  });
  const pix = payByPix(scene, { code: "HZ-01", row, instant: at("2026-11-05", "11:28:36") });
  payGuias(scene, { code: "HZ-01", row });
  const file = attach(scene, row, "pix", "png", pixProofOf(scene, row, pix, "AURORA"));
  scene.flip({
    trap: "receiptShowsNet",
    what: "the proof shows neither gross nor net",
    patch: [{ op: "replace", path: `/receipts/${file}/document/amount`, value: "3000.00" }],
    ends: { [row.externalId]: toReview("PAID", "RECEIPT_AMOUNT_MISMATCH") },
  });
}

/** Notes over another amount, to another taker, by another issuer. */
function noteSaysOtherwise(scene: Scene) {
  const cases: [Trap, string, Medium, string, "gross" | "taker" | "provider"][] = [
    ["receiptAmountMismatch", "HZ-02", "png", "1840.00", "gross"],
    ["receiptTakerMismatch", "HZ-05", "png", "2260.00", "taker"],
    ["receiptPayeeMismatch", "BV-01", "text-pdf", "1975.00", "provider"],
  ];
  const others = {
    gross: "1480.00",
    taker: {
      name: plainName(scene.place("HZ-04").condominium.name),
      document: scene.place("HZ-04").condominium.cnpj,
    },
    provider: {
      name: "TERCEIRA MAO REFORMAS",
      document: trapSupplier(scene, "Terceira Mão Reformas", "4330404").cnpj,
    },
  };
  for (const [trap, code, medium, gross, field] of cases) {
    const row = works(scene, code, trap, gross);
    payByTed(scene, { code, row, day: "2026-11-05" });
    const right = nfseOf(scene, code, row, "14:26:43");
    const wrong = { ...right, [field]: others[field] };
    if (field === "gross") wrong.net = others.gross;
    const file = attach(scene, row, "nfse", medium, wrong);
    scene.flip({
      trap,
      what: `the note's ${field} is the expense's`,
      patch: [{ op: "replace", path: `/receipts/${file}/document`, value: right }],
      ends: { [row.externalId]: approved("PAID") },
    });
  }
}

/** Receipts may lie 15 days outside the time from issue to due date. */
function wrongDay(scene: Scene) {
  const cases: [Trap, string, string, string, string, Medium, PixLayout][] = [
    [
      "receiptDateMismatch",
      "HZ-03",
      "1330.00",
      at("2026-11-23", "10:33:27"),
      at("2026-11-05", "10:33:27"),
      "png",
      "LITORAL",
    ],
    [
      "receiptLateEvening",
      "IP-02",
      "1445.00",
      at("2026-11-20", "23:30:46"),
      at("2026-11-21", "00:10:46"),
      "png",
      "AURORA",
    ],
  ];
  for (const [trap, code, gross, instant, otherwise, medium, layout] of cases) {
    const row = works(scene, code, trap, gross);
    const pix = payByPix(scene, { code, row, instant });
    const proof = pixProofOf(scene, row, pix, layout);
    const file = attach(scene, row, "pix", medium, proof);
    const random = createRandom(seedOf(`flip:${file}`));
    const endToEndId = makeEndToEndId("E", banks.AURORA.ispb, otherwise, random);
    const fits = trap === "receiptDateMismatch";
    scene.flip({
      trap,
      what: fits
        ? "the proof is of the due date"
        : "the proof is of half an hour later: of the 16th day",
      patch: [
        {
          op: "replace",
          path: `/receipts/${file}/document`,
          value: { ...proof, paidAt: otherwise, endToEndId },
        },
      ],
      ends: {
        [row.externalId]: fits ? approved("PAID") : toReview("PAID", "RECEIPT_DATE_MISMATCH"),
      },
    });
  }
}

function scheduled(scene: Scene) {
  const code = "BV-02";
  const row = works(scene, code, "receiptScheduled", "1715.00");
  const id = post(scene.model, code, {
    key: `${row.externalId}:scheduled`,
    date: dateOnly("2026-11-27"),
    direction: "DEBIT",
    amount: row.grossAmount,
    description: `PIX AGENDADO ${plainName(row.payeeName).slice(0, 20)}`,
    operationType: "PIX",
    status: "PENDING",
  });
  scene.movement(id, { condominium: code, trap: "receiptScheduled", outcome: "PENDING" });
  const slip = schedulingOf(scene, code, row, at("2026-11-05", "09:21:54"));
  const file = attach(scene, row, "agendamento", "png", slip);
  const instant = at("2026-11-05", "09:21:54");
  const endToEndId = makeEndToEndId("E", banks.AURORA.ispb, instant, createRandom(seedOf(file)));
  const pix = { id: "", endToEndId, instant, amount: row.grossAmount, code };
  const payee = { name: plainName(row.payeeName), document: row.payeeDocument };
  scene.flip({
    trap: "receiptScheduled",
    what: "the paper proves a payment",
    patch: [
      {
        op: "replace",
        path: `/receipts/${file}/document`,
        value: pixProofOf(scene, row, { ...pix, payee }, "AURORA"),
      },
    ],
    ends: { [row.externalId]: approved("UNPAID") },
  });
}

function damaged(scene: Scene) {
  const cases: [string, string, Damage, Medium, PixLayout, string][] = [
    ["HZ-01", "1105.00", "stain", "png", "LITORAL", "14:38:12"],
    ["HZ-04", "1260.00", "fold", "jpeg", "CERRADO", "10:58:36"],
    ["BV-03", "1375.00", "fade", "png", "LITORAL", "16:08:43"],
    ["IP-01", "1490.00", "chip", "png", "CERRADO", "08:38:06"],
    ["IP-02", "1535.00", "stain", "scanned-pdf", "LITORAL", "15:47:29"],
  ];
  for (const [code, gross, damage, medium, layout, time] of cases) {
    const row = works(scene, code, "receiptHourDamaged", gross);
    const pix = payByPix(scene, { code, row, instant: at("2026-11-05", time) });
    const file = attach(scene, row, "pix", medium, pixProofOf(scene, row, pix, layout));
    const receipt = scene.model.receipts[file];
    if (receipt) receipt.damage = damage;
    if (code !== "HZ-01") continue;
    scene.flip({
      trap: "receiptHourDamaged",
      what: "there is no stain",
      patch: [{ op: "replace", path: `/receipts/${file}/damage`, value: null }],
      ends: { [row.externalId]: approved("PAID") },
    });
  }
}

function goods(scene: Scene, code: string, trap: Trap, grossAmount: string) {
  const supplier = trapSupplier(scene, "Ferragens do Bairro", "4744001");
  const row = trapExpense(scene, code, trap, supplier, {
    category: "MATERIAIS",
    documentKind: "NFCE",
    documentNumber: String(7000 + (seedOf(`${code}:${trap}`) % 80_000)),
    grossAmount,
    description: "Ferramentas da manutenção",
  });
  const items = [{ name: "FERRAMENTAS", quantity: 1, unit: "CJ", total: grossAmount }];
  return { row, note: goodsOf(scene, code, row, "NFCE", "15:19:32", items) };
}

function missing(scene: Scene) {
  for (const [code, gross] of [
    ["HZ-05", "276.90"],
    ["BV-01", "158.35"],
  ] as const) {
    const { row, note } = goods(scene, code, "receiptMissing", gross);
    if (code !== "HZ-05") continue;
    const file = fileOf(row, "nfce", "png");
    const value = { file, document: note, medium: "png", damage: null, copyOf: null, late: false };
    scene.flip({
      trap: "receiptMissing",
      what: "the receipt has been handed in",
      patch: [
        { op: "add", path: `/receipts/${file}`, value },
        { op: "add", path: `${rowPath(row, "documents")}/-`, value: file },
      ],
      ends: { [row.externalId]: approved("UNPAID") },
    });
  }
}

function late(scene: Scene) {
  for (const [code, gross, medium] of [
    ["HZ-02", "312.45", "png"],
    ["IP-01", "228.70", "jpeg"],
  ] as const) {
    const { row, note } = goods(scene, code, "receiptLate", gross);
    payByPix(scene, { code, row, instant: at("2026-11-05", "12:12:48") });
    const file = attach(scene, row, "nfce", medium, note);
    const receipt = scene.model.receipts[file];
    if (receipt) receipt.late = true;
    if (code !== "HZ-02") continue;
    scene.flip({
      trap: "receiptLate",
      what: "the note that comes later is over another amount",
      patch: [{ op: "replace", path: `/receipts/${file}/document/total`, value: "213.45" }],
      ends: { [row.externalId]: toReview("PAID", "RECEIPT_AMOUNT_MISMATCH") },
    });
  }
}
