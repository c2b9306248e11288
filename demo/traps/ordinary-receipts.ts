import type { Medium } from "../drawing/render.ts";
import { toReview } from "../expected/end.ts";
import { at } from "../synthetic/calendar.ts";
import {
  boletoPaperOf,
  boletoProofOf,
  goodsOf,
  nfseOf,
  type PixLayout,
  pixProofOf,
} from "../synthetic/papers.ts";
import { boletoOf, payByBoleto, payByPix } from "../synthetic/payments.ts";
import type { Scene } from "../synthetic/scene.ts";
import { trapExpense, trapSupplier } from "./kit.ts";
import { fileOf } from "./paper-kit.ts";

type Paper = "pix" | "boleto" | "boleto-pago" | "nfce" | "nfe" | "nfse";

type Case = [
  code: string,
  category: string,
  paper: Paper,
  medium: Medium,
  layout: PixLayout,
  gross: string,
  /** Brasília: when it was paid, or the note issued. */
  time: string,
];

/** Papers with which nothing is wrong: each kind, layout and medium that a reader must cope with. */
const cases: Case[] = [
  ["HZ-01", "MATERIAIS", "nfce", "png", "AURORA", "186.40", "10:42:15"],
  ["HZ-02", "MATERIAIS", "nfce", "jpeg", "AURORA", "342.75", "16:08:51"],
  ["BV-01", "MATERIAIS", "nfce", "scanned-pdf", "AURORA", "97.30", "09:31:04"],
  ["IP-01", "MATERIAIS", "nfce", "text-pdf", "AURORA", "254.10", "14:55:38"],
  ["HZ-04", "MATERIAIS", "nfe", "png", "AURORA", "1318.90", "11:17:26"],
  ["BV-03", "MATERIAIS", "nfe", "jpeg", "AURORA", "876.20", "15:29:40"],
  ["IP-02", "MATERIAIS", "nfe", "text-pdf", "AURORA", "659.85", "08:46:13"],
  ["HZ-05", "OBRAS_REFORMA", "nfse", "png", "AURORA", "4870.00", "17:21:09"],
  ["BV-02", "OBRAS_REFORMA", "nfse", "jpeg", "AURORA", "3640.50", "13:38:47"],
  ["IP-01", "OBRAS_REFORMA", "nfse", "scanned-pdf", "AURORA", "2915.00", "10:04:33"],
  ["HZ-01", "JURIDICO", "nfse", "text-pdf", "AURORA", "1450.00", "09:52:18"],
  ["BV-01", "JURIDICO", "pix", "png", "AURORA", "1180.00", "11:36:42"],
  ["IP-04", "JURIDICO", "nfse", "png", "AURORA", "990.00", "16:44:05"],
  ["HZ-02", "SEGURO_CONDOMINIO", "boleto-pago", "png", "AURORA", "2384.16", "10:15:37"],
  ["HZ-03", "SEGURO_CONDOMINIO", "boleto-pago", "jpeg", "LITORAL", "1127.94", "14:27:53"],
  ["BV-03", "SEGURO_CONDOMINIO", "boleto-pago", "text-pdf", "CERRADO", "2698.43", "09:48:21"],
  ["IP-02", "SEGURO_CONDOMINIO", "boleto-pago", "png", "CERRADO", "1342.67", "15:13:46"],
  ["BV-02", "SEGURO_CONDOMINIO", "boleto", "png", "AURORA", "1209.38", "12:00:00"],
  ["IP-04", "SEGURO_CONDOMINIO", "boleto", "text-pdf", "AURORA", "1085.22", "12:00:00"],
  ["HZ-03", "MANUT_ELETRICA", "pix", "png", "AURORA", "735.60", "10:24:36"],
  ["HZ-04", "MANUT_ELETRICA", "pix", "jpeg", "LITORAL", "583.25", "14:47:28"],
  ["HZ-05", "PORTOES_INTERFONE_CFTV", "pix", "png", "CERRADO", "964.40", "09:36:52"],
  ["BV-01", "PORTOES_INTERFONE_CFTV", "pix", "jpeg", "CERRADO", "812.35", "16:52:14"],
  ["BV-02", "INCENDIO", "pix", "png", "LITORAL", "447.80", "11:43:29"],
  ["BV-03", "INCENDIO", "pix", "jpeg", "LITORAL", "528.15", "13:26:57"],
  ["IP-01", "JARDINAGEM_PAISAGISMO", "pix", "text-pdf", "AURORA", "615.70", "15:38:41"],
  ["IP-02", "DEDETIZACAO_CAIXA_DAGUA", "pix", "scanned-pdf", "LITORAL", "472.95", "10:56:23"],
  ["IP-04", "MANUT_HIDRAULICA", "pix", "png", "LITORAL", "391.45", "17:09:34"],
];

/** One supplier for each trade that hands in papers. */
const suppliers: Record<string, [name: string, cnae: string]> = {
  MATERIAIS: ["Casa do Síndico Materiais", "4744099"],
  OBRAS_REFORMA: ["Alicerce Reformas Prediais", "4330404"],
  JURIDICO: ["Vasconcelos e Prado Advogados", "6911701"],
  SEGURO_CONDOMINIO: ["Farol Seguros", "6512000"],
  MANUT_ELETRICA: ["Faísca Elétrica Predial", "4321500"],
  PORTOES_INTERFONE_CFTV: ["Sentinela Interfones", "8020001"],
  INCENDIO: ["Hidrante Sul Equipamentos", "4322303"],
  JARDINAGEM_PAISAGISMO: ["Orvalho Paisagismo", "8130300"],
  DEDETIZACAO_CAIXA_DAGUA: ["Tamanduá Dedetizadora", "8122200"],
  MANUT_HIDRAULICA: ["Nascente Hidráulica", "4322301"],
};

export function ordinaryReceipts(scene: Scene): void {
  cases.forEach((one, place) => {
    ordinaryReceipt(scene, one, place);
  });
}

function ordinaryReceipt(
  scene: Scene,
  [code, category, paper, medium, layout, grossAmount, time]: Case,
  place: number,
) {
  const [name, cnae] = suppliers[category] ?? ["", ""];
  const supplier = trapSupplier(scene, name, cnae);
  const goods = paper === "nfce" || paper === "nfe";
  const row = trapExpense(scene, code, "receiptOrdinary", supplier, {
    category,
    documentKind: goods
      ? paper === "nfce"
        ? "NFCE"
        : "NFE"
      : paper.startsWith("boleto")
        ? "BOLETO"
        : "NFSE",
    documentNumber: String(20_410 + place * 37),
    grossAmount,
    description: goods ? "Material de manutenção" : `Serviço de ${name}`,
  });
  const document = () => {
    const paid = at(row.dueDate, time);
    if (paper === "pix") {
      const pix = payByPix(scene, { code, row, instant: paid });
      const proof = pixProofOf(scene, row, pix, layout);
      // Every third proof is a copy printed later: a second time on the page.
      const printedAt = at("2026-11-06", "18:20:44");
      return place % 3 === 0 ? { ...proof, printedAt } : proof;
    }
    if (paper === "boleto" || paper === "boleto-pago") {
      const boleto = boletoOf(row);
      payByBoleto(scene, { code, row, day: row.dueDate, boleto });
      return paper === "boleto"
        ? boletoPaperOf(scene, code, row, boleto)
        : boletoProofOf(scene, code, row, boleto.line, paid, layout);
    }
    payByPix(scene, { code, row, instant: at(row.dueDate, "13:05:09") });
    if (paper === "nfse") return nfseOf(scene, code, row, time);
    const items = [{ name: "MATERIAL DE MANUTENÇÃO", quantity: 1, unit: "CJ", total: grossAmount }];
    return goodsOf(scene, code, row, paper === "nfce" ? "NFCE" : "NFE", time, items);
  };
  const file = scene.receipt({ file: fileOf(row, paper, medium), document: document(), medium });
  row.documents.push(file);
  if (place !== 20) return;
  scene.flip({
    trap: "receiptOrdinary",
    what: "the proof shows ten reais more",
    patch: [{ op: "replace", path: `/receipts/${file}/document/amount`, value: "593.25" }],
    ends: { [row.externalId]: toReview("PAID", "RECEIPT_AMOUNT_MISMATCH") },
  });
}
