import { approved } from "../expected/end.ts";
import { at } from "../synthetic/calendar.ts";
import { makeCpf } from "../synthetic/identifiers.ts";
import { uuidOf } from "../synthetic/names.ts";
import { payByMemo, payByPix } from "../synthetic/payments.ts";
import type { Scene } from "../synthetic/scene.ts";
import { complementOf, rowPath, trapExpense, trapSupplier } from "./kit.ts";

/** Payees without CNPJ, and a payee whose Pix key is not what it was. */
export function payeeTraps(scene: Scene): void {
  persons(scene);
  noDocument(scene);
  keyChanged(scene);
}

function persons(scene: Scene) {
  const cases = [
    { code: "HZ-03", name: "Antônio Carlos Pedroso", nine: "529982247", gross: "480.00" },
    { code: "BV-02", name: "Rosângela Teixeira", nine: "111444777", gross: "365.50" },
    { code: "IP-02", name: "Sebastião Galvão", nine: "390533447", gross: "720.00" },
  ];
  const removed = cases.map(({ code, name, nine, gross }) => {
    const row = trapExpense(scene, code, "cpfPayee", null, {
      category: "MANUT_HIDRAULICA",
      documentKind: "RPA",
      grossAmount: gross,
      payeeDocument: makeCpf(nine),
      payeeName: name,
      description: "Conserto de vazamento",
    });
    return { row, pix: payByPix(scene, { code, row, instant: at("2026-11-05", "16:20:11") }) };
  });
  const first = removed[0];
  if (!first) return;
  scene.flip({
    trap: "cpfPayee",
    what: "the bank shows no such debit",
    patch: [{ op: "remove", path: `/transactions/${first.pix.id}` }],
    ends: { [first.row.externalId]: approved("UNPAID") },
  });
}

function noDocument(scene: Scene) {
  const pay = (
    trap: "noPayee" | "payroll",
    code: string,
    expense: Parameters<typeof trapExpense>[4],
    memo: string,
    operationType: string,
  ) => {
    const row = trapExpense(scene, code, trap, null, { documentNumber: null, ...expense });
    const day = row.dueDate;
    const id = payByMemo(scene, { code, row, day, description: memo, operationType });
    scene.flip({
      trap,
      what: "the bank shows no such debit",
      patch: [{ op: "remove", path: `/transactions/${id}` }],
      ends: { [row.externalId]: approved("UNPAID") },
    });
  };
  pay(
    "noPayee",
    "IP-01",
    {
      category: "TRIBUTOS",
      documentKind: "TAX_SLIP",
      grossAmount: "418.66",
      payeeName: "Prefeitura de Goiânia",
      description: "Taxa de vigilância sanitária da piscina",
    },
    "PAGTO TAXA PREFEITURA GOIANIA",
    "CONVENIO_ARRECADACAO",
  );
  pay(
    "payroll",
    "HZ-05",
    {
      category: "FOLHA_PAGAMENTO",
      documentKind: "PAYROLL",
      grossAmount: "3127.48",
      payeeName: "Rescisão do zelador",
      description: "Verbas rescisórias",
      dueDate: "2026-11-06",
    },
    "FOLHA DE PAGAMENTO RESCISAO",
    "FOLHA_PAGAMENTO",
  );
}

/** The keys become known with October's expenses; November asks for one of them to go elsewhere. */
function keyChanged(scene: Scene) {
  const before = "financeiro@floradasjardins.exemplo.com.br";
  const supplier = trapSupplier(scene, "Florada Jardins", "8130300");
  const month = (batch: string, month: string, key: string, gross: string) =>
    scene.expense("HZ-01", batch, month === "10" ? "ordinary" : "payeeKeyChanged", {
      category: "JARDINAGEM_PAISAGISMO",
      documentKind: "NFSE",
      documentNumber: month === "10" ? "5120" : "5177",
      issueDate: month === "10" ? "2026-09-24" : "2026-10-28",
      competence: month === "10" ? "2026-09" : "2026-10",
      grossAmount: gross,
      payeeDocument: supplier.cnpj,
      payeeName: supplier.tradeName,
      dueDate: `2026-${month}-05`,
      description: "Manutenção do jardim interno",
      payeePixKey: key,
    });
  const october = month("01-horizonte-outubro.json", "10", before, "812.00");
  payByPix(scene, { code: "HZ-01", row: october, instant: at("2026-10-05", "10:11:12") });
  const november = month(complementOf("HZ-01"), "11", uuidOf("pix key: somebody else's"), "826.00");
  payByPix(scene, { code: "HZ-01", row: november, instant: at("2026-11-05", "10:12:44") });
  scene.flip({
    trap: "payeeKeyChanged",
    what: "the key is the one of October",
    patch: [{ op: "replace", path: rowPath(november, "payeePixKey"), value: before }],
    ends: { [november.externalId]: approved("PAID") },
  });
}
