import { approved } from "../expected/end.ts";
import { at } from "../synthetic/calendar.ts";
import { payByPix } from "../synthetic/payments.ts";
import type { Scene } from "../synthetic/scene.ts";
import { rowPath, trapExpense, trapSupplier } from "./kit.ts";

/** Approval limits (alçada): above, split below, and the administradora's own fee. */
export function limitTraps(scene: Scene): void {
  split(scene);
  above(scene);
  fee(scene);
}

/** Below 20,000 each, 21,500 together, in three weeks. */
function split(scene: Scene) {
  const code = "HZ-04";
  const supplier = trapSupplier(scene, "Fonte Clara Hidráulica", "4322301");
  const parts = [
    ["7400.00", "2026-10-19", "Troca da prumada, bloco A", "09:40:00"],
    ["6900.00", "2026-10-26", "Troca da prumada, bloco B", "09:47:30"],
    ["7200.00", "2026-11-03", "Troca da prumada, bloco C", "09:55:10"],
  ] as const;
  const rows = parts.map(([grossAmount, issueDate, description, time]) => {
    const row = trapExpense(scene, code, "splitBelowLimit", supplier, {
      category: "MANUT_HIDRAULICA",
      grossAmount,
      issueDate,
      description,
    });
    payByPix(scene, { code, row, instant: at("2026-11-05", time) });
    return row;
  });
  scene.flip({
    trap: "splitBelowLimit",
    what: "the condominium's limit is 30,000",
    patch: [
      {
        op: "add",
        path: "/organizations/horizonte/approvalLimits/-",
        value: { condominium: code, amount: "30000.00", requires: "SECOND_APPROVER" },
      },
    ],
    ends: Object.fromEntries(rows.map(({ externalId }) => [externalId, approved("PAID")])),
  });
}

function above(scene: Scene) {
  const pump = trapSupplier(scene, "Correnteza Bombas e Geradores", "3314702");
  const own = trapExpense(scene, "HZ-03", "aboveLimit", pump, {
    category: "BOMBAS_GERADORES",
    grossAmount: "13500.00",
    description: "Substituição do gerador",
  });
  const cameras = trapSupplier(scene, "Olho Vivo Segurança Eletrônica", "8020001");
  trapExpense(scene, "BV-02", "aboveLimit", cameras, {
    category: "PORTOES_INTERFONE_CFTV",
    grossAmount: "18200.00",
    description: "Modernização das câmeras",
  });
  scene.flip({
    trap: "aboveLimit",
    what: "the condominium's limit is 16,000",
    patch: [
      {
        op: "replace",
        path: "/organizations/horizonte/approvalLimits/1/amount",
        value: "16000.00",
      },
    ],
    ends: { [own.externalId]: approved("UNPAID") },
  });
}

/** The fees are in the ordinary months; one of them is flipped. */
function fee(scene: Scene) {
  const found = Object.values(scene.model.expenses).find(
    ({ trap, condominiumCode }) => trap === "administrationFee" && condominiumCode === "BV-01",
  );
  if (found === undefined) throw new Error("fee: BV-01 has no administration fee");
  scene.flip({
    trap: "administrationFee",
    what: "it is entered as a professional síndico's fee",
    patch: [{ op: "replace", path: rowPath(found.row, "category"), value: "SINDICO_PROFISSIONAL" }],
    ends: { [found.row.externalId]: approved("UNPAID") },
  });
}
