import { formatDecimal } from "../../src/money/centavos.ts";
import type { Trap } from "../expected/traps.ts";
import type { Row, Supplier } from "../model.ts";
import { share } from "./amounts.ts";
import { at, PAYMENT_DAYS } from "./calendar.ts";
import { plainName } from "./names.ts";
import { payByBoleto, payByMemo, payByPix, payByTed, payGuias } from "./payments.ts";
import { createRandom, type Random, seedOf } from "./random.ts";
import type { Place, Scene } from "./scene.ts";
import { hasLetters, tradeSupplier } from "./suppliers.ts";
import { type Trade, trades } from "./trades.ts";

/** Condominiums whose bank data is too old to tell what was paid in November. */
export const withoutNews: Record<string, Trap> = {
  "BV-04": "staleBank",
  "IP-03": "partialBank",
};

const dueDays = [
  "2026-11-03",
  "2026-11-05",
  "2026-11-05",
  "2026-11-05",
  "2026-11-05",
  "2026-11-06",
  "2026-11-09",
];

/** An ordinary month of one condominium: nothing is wrong with it. */
export function ordinaryMonth(scene: Scene, place: Place, batch: string): void {
  const { code, units } = place.condominium;
  const random = createRandom(seedOf(`month:${code}`));
  const drawn = new Set<string>();
  // Amounts do not repeat within a condominium: equal ones are traps, and stand among those.
  const draw = (from: number, to: number): string => {
    const amount = formatDecimal(BigInt(random.integer(from * 100, to * 100)));
    if (drawn.has(amount)) return draw(from, to);
    drawn.add(amount);
    return amount;
  };
  for (const trade of trades) {
    if (units < (trade.minimumUnits ?? 0)) continue;
    tradeExpense(scene, place, batch, trade, draw(trade.from, trade.to), random);
  }
  ownExpenses(scene, place, batch, draw, random);
}

function tradeExpense(
  scene: Scene,
  place: Place,
  batch: string,
  trade: Trade,
  grossAmount: string,
  random: Random,
): void {
  const { code } = place.condominium;
  const number = seedOf(`${trade.category}:${code}`) % 3;
  const supplier = scene.supplier(tradeSupplier(trade, number));
  const dueDate = random.pick(dueDays);
  const retentions = retained(trade, supplier, grossAmount);
  const trap = withoutNews[code] ?? trapOf(trade, supplier, retentions);
  const row = scene.expense(code, batch, trap, {
    category: trade.category,
    documentKind: trade.documentKind,
    documentNumber: String(random.integer(1000, 99_999)),
    issueDate: `2026-10-${random.integer(20, 30)}`,
    competence: trade.documentKind === "NFSE" ? "2026-10" : "2026-11",
    grossAmount,
    retentions,
    payeeDocument: supplier.cnpj,
    payeeName: supplier.tradeName || supplier.name,
    dueDate,
    description: trade.description,
    payeePixKey: trade.method === "pix" && random.next() < 0.5 ? supplier.cnpj : null,
  });
  if (withoutNews[code]) return;
  const day = payDay(dueDate, random);
  if (trade.method === "pix") payByPix(scene, { code, row, instant: at(day, officeTime(random)) });
  else if (trade.method === "ted") payByTed(scene, { code, row, day });
  else if (trade.method === "boleto") payByBoleto(scene, { code, row, day });
  else {
    const description = `DEB AUTOMATICO ${plainName(row.payeeName).slice(0, 22)}`;
    payByMemo(scene, { code, row, day, description, operationType: "CONVENIO_ARRECADACAO" });
  }
  payGuias(scene, { code, row });
}

/** What the law retains from companies outside the Simples: INSS on ceded labour, CSRF on upkeep. */
function retained(trade: Trade, supplier: Supplier, gross: string): Row["retentions"] {
  if (supplier.simples) return [];
  if (["LIMPEZA", "PORTARIA_ZELADORIA", "SEGURANCA_VIGILANCIA"].includes(trade.category)) {
    return [{ kind: "INSS", amount: share(gross, 1100) }];
  }
  if (trade.category === "ELEVADORES") return [{ kind: "CSRF", amount: share(gross, 465) }];
  return [];
}

function trapOf(trade: Trade, supplier: Supplier, retentions: Row["retentions"]): Trap {
  if (hasLetters(supplier.cnpj)) return "alphanumericCnpj";
  if (retentions.length > 0) return "retentionsRight";
  return trade.category === "LIMPEZA" ? "simplesCleaning" : "ordinary";
}

/** Payroll, charges on it, taxes, the bank's fee and the administradora's own. */
function ownExpenses(
  scene: Scene,
  place: Place,
  batch: string,
  draw: (from: number, to: number) => string,
  random: Random,
): void {
  const { organization, condominium } = place;
  const { code, city } = condominium;
  const stale = withoutNews[code];
  const pay = (
    trap: Trap,
    expense: Pick<Row, "category" | "documentKind" | "payeeName" | "description" | "dueDate">,
    amounts: [number, number],
    memo: string,
    operationType: string,
  ) => {
    const row = scene.expense(code, batch, stale ?? trap, {
      documentNumber: null,
      issueDate: "2026-10-30",
      grossAmount: draw(...amounts),
      payeeDocument: null,
      ...expense,
    });
    if (!stale) {
      payByMemo(scene, { code, row, day: row.dueDate, description: memo, operationType });
    }
  };
  pay(
    "payroll",
    {
      category: "FOLHA_PAGAMENTO",
      documentKind: "PAYROLL",
      payeeName: `Folha de pagamento (${random.integer(3, 7)} empregados)`,
      description: "Salários de outubro",
      dueDate: "2026-11-05",
    },
    [4100, 8700],
    "FOLHA DE PAGAMENTO",
    "FOLHA_PAGAMENTO",
  );
  pay(
    "noPayee",
    {
      category: "ENCARGOS_FOLHA",
      documentKind: "TAX_SLIP",
      payeeName: "FGTS Digital",
      description: "FGTS de outubro",
      dueDate: "2026-11-19",
    },
    [400, 900],
    "PIX QR CODE FGTS DIGITAL",
    "PIX",
  );
  pay(
    "noPayee",
    {
      category: "ENCARGOS_FOLHA",
      documentKind: "TAX_SLIP",
      payeeName: "Receita Federal - INSS patronal",
      description: "Contribuição previdenciária patronal de outubro",
      dueDate: "2026-11-19",
    },
    [1000, 2200],
    "PAGTO DARF PREVIDENCIARIO",
    "CONVENIO_ARRECADACAO",
  );
  pay(
    "noPayee",
    {
      category: "TRIBUTOS",
      documentKind: "TAX_SLIP",
      payeeName: `Prefeitura de ${city}`,
      description: "IPTU da área comum, parcela de novembro",
      dueDate: "2026-11-10",
    },
    [210, 390],
    `PAGTO IPTU PREFEITURA ${plainName(city)}`,
    "CONVENIO_ARRECADACAO",
  );
  pay(
    "ordinary",
    {
      category: "TARIFAS_BANCARIAS",
      documentKind: "RECEIPT",
      payeeName: "Banco, pacote de serviços",
      description: "Tarifa mensal da conta",
      dueDate: "2026-11-04",
    },
    [62, 138],
    "TARIFA PACOTE DE SERVICOS",
    "PACOTE_TARIFA_SERVICOS",
  );
  scene.expense(code, batch, "administrationFee", {
    category: "ADMINISTRACAO_CONDOMINIAL",
    documentKind: "NFSE",
    documentNumber: String(random.integer(1000, 9999)),
    issueDate: "2026-10-30",
    grossAmount: draw(1500, 3900),
    payeeDocument: organization.cnpj,
    payeeName: organization.name,
    dueDate: "2026-11-05",
    description: "Taxa de administração de outubro",
  });
}

/** The due day, or now and then the payment day before it. */
export function payDay(dueDate: string, random: Random): string {
  const place = PAYMENT_DAYS.indexOf(dueDate);
  return random.next() < 0.8 ? dueDate : (PAYMENT_DAYS[Math.max(0, place - 1)] ?? dueDate);
}

const two = (number: number) => String(number).padStart(2, "0");

/** Between 8:00 and 18:59. */
export function officeTime(random: Random): string {
  return [random.integer(8, 18), random.integer(0, 59), random.integer(0, 59)].map(two).join(":");
}
