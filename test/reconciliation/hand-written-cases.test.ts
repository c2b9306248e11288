import { describe, expect, it } from "@jest/globals";
import { readCase } from "../../src/reconciliation/case-file.ts";
import { reconcileCase } from "../../src/reconciliation/reconcile-case.ts";

type Row = Record<string, unknown>;
/** What a careful person would say; a list that is left out must be empty. */
type Answer = {
  /** "expense transaction" of each payment. */
  pays?: string[];
  /** "credit debit" of each refund. */
  back?: string[];
  /** "debit credit" of each reversal of income; the credit "-" where it is not known. */
  reversed?: string[];
  orphans?: string[];
  income?: string[];
  /** Transactions that some question names. */
  asked?: string[];
};
type Case = [name: string, expenses: Row[], transactions: Row[], answer: Answer];

const LIMPA = "11222333000181";
const LIFT = "19131243000197";

/** An expense of Limpadora Aurora unless said otherwise; due in November. */
const e = (id: string, amount: string, due: string, more: Row = {}): Row => ({
  id,
  condominiumId: "c",
  description: "Serviço",
  category: "LIMPEZA",
  supplierCnpj: LIMPA,
  supplierName: "Limpadora Aurora Serviços Ltda",
  amount,
  dueDate: `2026-11-${due}`,
  ...more,
});
const lift = { supplierCnpj: LIFT, supplierName: "Elevadores Boreal S/A", category: "ELEVADORES" };
const t = (id: string, day: string, amount: string, description: string, more: Row = {}): Row => ({
  id,
  condominiumId: "c",
  accountId: "a",
  postedAt: day.length > 2 ? day : `2026-11-${day}T03:00:00Z`,
  amount,
  description,
  status: "POSTED",
  ...more,
});

const CASES: Case[] = [
  // Refunds, as banks write them.
  [
    "ESTORNO of a Pix",
    [e("e", "812.40", "05")],
    [
      t("d", "05", "-812.40", "PIX ENVIADO LIMPADORA AURORA"),
      t("c", "06", "812.40", "ESTORNO PIX ENVIADO LIMPADORA AURORA"),
    ],
    { back: ["c d"] },
  ],
  [
    "DEVOLUCAO PIX",
    [e("e", "812.40", "05")],
    [
      t("d", "05", "-812.40", "PIX TRANSF LIMPADORA05/11"),
      t("c", "09", "812.40", "DEVOLUCAO PIX LIMPADORA AURORA SERV"),
    ],
    { back: ["c d"] },
  ],
  [
    "PIX DEVOLVIDO, cut name",
    [e("e", "812.40", "05")],
    [
      t("d", "05", "-812.40", "PIX ENVIADO LIMPADORA AUR"),
      t("c", "07", "812.40", "PIX DEVOLVIDO LIMPADORA A"),
    ],
    { back: ["c d"] },
  ],
  [
    "EST. TARIFA",
    [],
    [
      t("d", "03", "-89.90", "TARIFA MENSALIDADE PACOTE SERVICOS"),
      t("c", "06", "89.90", "EST. TARIFA PACOTE SERVICOS"),
    ],
    { back: ["c d"] },
  ],
  [
    "ESTORNO TARIFA TED, beside the TED itself",
    [e("e", "12.00", "03", { supplierName: "Chaveiro Um", supplierCnpj: null })],
    [
      t("f", "03", "-12.00", "TARIFA TED"),
      t("d", "03", "-12.00", "TED CHAVEIRO UM"),
      t("c", "04", "12.00", "ESTORNO TARIFA TED"),
    ],
    { back: ["c f"], pays: ["e d"] },
  ],
  [
    "TED DEVOLVIDA and TED again",
    [e("e", "4300.00", "10")],
    [
      t("d", "10", "-4300.00", "TED LIMPADORA AURORA"),
      t("c", "11", "4300.00", "TED DEVOLVIDA LIMPADORA AURORA"),
      t("d2", "12", "-4300.00", "TED LIMPADORA AURORA"),
    ],
    { back: ["c d"], pays: ["e d2"] },
  ],
  [
    "TED DEVOLVIDA nameless",
    [e("e", "4317.20", "10")],
    [t("d", "10", "-4317.20", "TED LIMPADORA AURORA"), t("c", "11", "4317.20", "TED DEVOLVIDA")],
    { back: ["c d"] },
  ],
  [
    "CH DEVOLVIDO of our own cheque",
    [e("e", "730.00", "10")],
    [
      t("d", "10", "-730.00", "CHEQUE COMPENSADO 000123", { checkNumber: "000123" }),
      t("c", "11", "730.00", "CH DEVOLVIDO 000123", { checkNumber: "000123" }),
    ],
    { back: ["c d"] },
  ],
  [
    "a deposited cheque that bounced",
    [],
    [t("c", "10", "650.00", "DEPOSITO CHEQUE"), t("d", "12", "-650.00", "CHEQUE DEVOLVIDO")],
    { reversed: ["d c"], income: ["c"] },
  ],
  [
    "PIX RECEBIDO DEVOLVIDO is a reversal",
    [],
    [
      t("c", "10", "655.31", "PIX RECEBIDO MARIA TERESA LIMA"),
      t("d", "11", "-655.31", "PIX RECEBIDO DEVOLVIDO MARIA TERESA LIMA"),
    ],
    { reversed: ["d c"], income: ["c"] },
  ],
  [
    "a refund of a debit that the statement does not have",
    [],
    [t("c", "06", "540.18", "DEVOLUCAO PIX LIMPADORA AURORA")],
    { orphans: ["c"] },
  ],
  [
    "a refund of another amount from another supplier",
    [e("e", "900.00", "05")],
    [
      t("d", "05", "-900.00", "PIX ENVIADO LIMPADORA AURORA"),
      t("c", "07", "540.18", "DEVOLUCAO PIX ELEVADORES BOREAL"),
    ],
    { pays: ["e d"], orphans: ["c"] },
  ],
  [
    "a refund before any debit",
    [e("e", "540.18", "10")],
    [
      t("c", "06", "540.18", "DEVOLUCAO PIX LIMPADORA AURORA"),
      t("d", "10", "-540.18", "PIX ENVIADO LIMPADORA AURORA"),
    ],
    { pays: ["e d"], orphans: ["c"] },
  ],
  [
    "in part, by OrgnlEndToEndId",
    [e("e", "1000.17", "05")],
    [
      t("d", "05", "-1000.17", "PIX ENVIADO", { endToEndId: "E60701190202611051200ABCDEFGHIJK" }),
      t("c", "09", "250.00", "PIX RECEBIDO", {
        endToEndId: "D60701190202611091200ABCDEFGHIJK",
        originalEndToEndId: "E60701190202611051200ABCDEFGHIJK",
      }),
    ],
    { back: ["c d"], pays: ["e d"] },
  ],
  [
    "in two parts to the whole",
    [e("e", "1000.00", "05")],
    [
      t("d", "05", "-1000.00", "PIX ENVIADO LIMPADORA AURORA", { counterpartyDocument: LIMPA }),
      t("c1", "07", "400.00", "PIX DEVOLVIDO LIMPADORA AURORA", { counterpartyDocument: LIMPA }),
      t("c2", "09", "600.00", "PIX DEVOLVIDO LIMPADORA AURORA", { counterpartyDocument: LIMPA }),
    ],
    { back: ["c1 d", "c2 d"] },
  ],
  [
    "in part of one of two Pix of the week",
    [e("e1", "1000.00", "05"), e("e2", "1500.00", "06")],
    [
      t("d1", "05", "-1000.00", "PIX ENVIADO LIMPADORA AURORA"),
      t("d2", "06", "-1500.00", "PIX ENVIADO LIMPADORA AURORA"),
      t("c", "07", "400.00", "PIX DEVOLVIDO LIMPADORA AURORA"),
    ],
    { pays: ["e1 d1", "e2 d2"], asked: ["c", "d1", "d2"] },
  ],
  [
    "in part, weeks later, by the name alone",
    [e("e", "1000.00", "02")],
    [
      t("d", "02", "-1000.00", "PIX ENVIADO LIMPADORA AURORA"),
      t("c", "28", "137.55", "PIX DEVOLVIDO LIMPADORA AURORA"),
    ],
    { pays: ["e d"], asked: ["c", "d"] },
  ],
  [
    "twins, one estorno without a name",
    [e("e1", "500.00", "05"), e("e2", "500.00", "05", lift)],
    [
      t("d1", "05", "-500.00", "PIX ENVIADO LIMPADORA AURORA"),
      t("d2", "05", "-500.00", "PIX ENVIADO ELEVADORES BOREAL"),
      t("c", "06", "500.00", "ESTORNO"),
    ],
    { asked: ["c", "d1", "d2"] },
  ],
  [
    "twins, an estorno with the name",
    [e("e1", "500.00", "05"), e("e2", "500.00", "05", lift)],
    [
      t("d1", "05", "-500.00", "PIX ENVIADO LIMPADORA AURORA"),
      t("d2", "05", "-500.00", "PIX ENVIADO ELEVADORES BOREAL"),
      t("c", "06", "500.00", "ESTORNO PIX ELEVADORES BOREAL"),
    ],
    { back: ["c d2"], pays: ["e1 d1"] },
  ],
  [
    "the same amount in another condominium is not undone",
    [e("e", "777.00", "05"), e("e2", "777.00", "05", { condominiumId: "c2" })],
    [
      t("d", "05", "-777.00", "PIX ENVIADO LIMPADORA AURORA", { accountId: "pool" }),
      t("d2", "05", "-777.00", "PIX ENVIADO LIMPADORA AURORA", {
        accountId: "pool",
        condominiumId: "c2",
      }),
      t("c", "06", "777.00", "PIX DEVOLVIDO LIMPADORA AURORA", {
        accountId: "pool",
        condominiumId: "c2",
      }),
    ],
    { pays: ["e d"], back: ["c d2"] },
  ],
  [
    "six pairs the same day",
    [],
    [
      ...[1, 2, 3].map((n) =>
        t(`d${n}`, `2026-11-05T1${n}:00:00Z`, "-99.00", "PIX ENVIADO LIMPADORA AURORA"),
      ),
      ...[1, 2, 3].map((n) =>
        t(`c${n}`, `2026-11-05T1${n}:30:00Z`, "99.00", "PIX DEVOLVIDO LIMPADORA AURORA"),
      ),
    ],
    { back: ["c1 d1", "c2 d2", "c3 d3"] },
  ],
  [
    "paid twice, one came back",
    [e("e", "640.10", "05")],
    [
      t("d1", "05", "-640.10", "PIX ENVIADO LIMPADORA AURORA"),
      t("d2", "06", "-640.10", "PIX ENVIADO LIMPADORA AURORA"),
      t("c", "08", "640.10", "PIX DEVOLVIDO LIMPADORA AURORA"),
    ],
    { back: ["c d1"], pays: ["e d2"] },
  ],
  [
    "PAGTO NAO EFETUADO",
    [e("e", "318.77", "05")],
    [
      t("d", "05", "-318.77", "PAGTO TITULO LIMPADORA AURORA"),
      t("c", "05", "318.77", "PAGTO NAO EFETUADO TITULO"),
    ],
    { back: ["c d"] },
  ],
  [
    "AJUSTE CREDITO of the amount of a debit is suspect, not income",
    [e("e", "318.77", "05")],
    [
      t("d", "05", "-318.77", "PAGTO TITULO LIMPADORA AURORA"),
      t("c", "06", "318.77", "AJUSTE CREDITO LIMPADORA AURORA"),
    ],
    { pays: ["e d"], asked: ["c", "d"] },
  ],
  [
    "AJUSTE A CREDITO nameless",
    [e("e", "318.77", "05")],
    [
      t("d", "05", "-318.77", "PAGTO TITULO LIMPADORA AURORA"),
      t("c", "06", "318.77", "AJUSTE A CREDITO"),
    ],
    { pays: ["e d"], asked: ["c", "d"] },
  ],
  [
    "a supplier's plain Pix back",
    [e("e", "318.77", "05")],
    [
      t("d", "05", "-318.77", "PIX ENVIADO LIMPADORA AURORA", { counterpartyDocument: LIMPA }),
      t("c", "06", "318.77", "PIX RECEBIDO LIMPADORA AURORA", { counterpartyDocument: LIMPA }),
    ],
    { pays: ["e d"], asked: ["c", "d"] },
  ],
  [
    "REEMBOLSO to the síndico is an expense",
    [
      e("e", "230.45", "12", {
        supplierName: "Paulo Roberto Nunes",
        supplierCnpj: null,
        supplierCpf: "52998224725",
      }),
    ],
    [t("d", "12", "-230.45", "PIX ENVIADO REEMBOLSO PAULO ROBERTO NUNES")],
    { pays: ["e d"] },
  ],
  [
    "a gate maker called Cancelas",
    [e("e", "980.00", "12", { supplierName: "Cancelas e Portões Sul Ltda" })],
    [t("d", "12", "-980.00", "PIX ENVIADO CANCELAS E PORTOES SUL")],
    { pays: ["e d"] },
  ],
  [
    "MED: back from a stranger's account",
    [e("e", "2150.00", "05")],
    [
      t("d", "05", "-2150.00", "PIX ENVIADO LIMPADORA AURORA", {
        endToEndId: "E60701190202611051200ABCDEFGHIJK",
      }),
      t("c", "20", "2150.00", "PIX RECEBIDO JOSE DESCONHECIDO", {
        originalEndToEndId: "E60701190202611051200ABCDEFGHIJK",
      }),
    ],
    { back: ["c d"] },
  ],
  [
    "CREDITO EM CONTESTACAO",
    [e("e", "415.33", "05")],
    [
      t("d", "05", "-415.33", "COMPRA CARTAO LIMPADORA AURORA"),
      t("c", "25", "415.33", "CREDITO CONTESTACAO COMPRA LIMPADORA AURORA"),
    ],
    { back: ["c d"] },
  ],

  // Payments.
  [
    "instalments in order",
    [
      e("e1", "400.00", "05", { instalment: "1/2" }),
      e("e2", "400.00", "25", { instalment: "2/2" }),
    ],
    [
      t("d1", "05", "-400.00", "BOLETO PAGO LIMPADORA AURORA"),
      t("d2", "25", "-400.00", "BOLETO PAGO LIMPADORA AURORA"),
    ],
    { pays: ["e1 d1", "e2 d2"] },
  ],
  [
    "PARC 2/2 on the line",
    [
      e("e1", "400.00", "05", { instalment: "1/2" }),
      e("e2", "400.00", "06", { instalment: "2/2" }),
    ],
    [t("d", "06", "-400.00", "BOLETO LIMPADORA AURORA PARC 2/2")],
    { pays: ["e2 d"] },
  ],
  [
    "two equal bills, one debit",
    [e("e1", "400.00", "05"), e("e2", "400.00", "06")],
    [t("d", "05", "-400.00", "PIX ENVIADO LIMPADORA AURORA")],
    { asked: ["d"] },
  ],
  [
    "one debit for two bills",
    [e("e1", "410.17", "05"), e("e2", "233.90", "06")],
    [t("d", "06", "-644.07", "PIX ENVIADO LIMPADORA AURORA")],
    { pays: ["e1 d", "e2 d"] },
  ],
  [
    "two debits for one bill",
    [e("e", "1500.00", "05")],
    [
      t("d1", "05", "-700.00", "PIX ENVIADO LIMPADORA AURORA"),
      t("d2", "12", "-800.00", "PIX ENVIADO LIMPADORA AURORA"),
    ],
    { pays: ["e d1", "e d2"] },
  ],
  [
    "payroll in one lump",
    [
      ["s1", "1812.44", "Ana Beatriz Souza"],
      ["s2", "2140.09", "Carlos Eduardo Lima"],
      ["s3", "1990.71", "Rita de Cassia Melo"],
    ].map(([id, amount, name]) =>
      e(String(id), String(amount), "06", {
        supplierName: name,
        supplierCnpj: null,
        category: "FOLHA",
        description: "Salário outubro",
      }),
    ),
    [t("d", "06", "-5943.24", "SISPAG SALARIOS")],
    { pays: ["s1 d", "s2 d", "s3 d"] },
  ],
  [
    "a lump that fits nothing",
    [e("e1", "410.17", "05"), e("e2", "233.90", "05", lift)],
    [t("d", "05", "-644.08", "SISPAG FORNECEDORES")],
    {},
  ],
  [
    "fine and interest",
    [e("e", "1000.00", "05")],
    [t("d", "15", "-1023.33", "BOLETO PAGO LIMPADORA AURORA")],
    { pays: ["e d"] },
  ],
  [
    "a discount",
    [e("e", "1000.00", "10")],
    [t("d", "05", "-950.00", "BOLETO PAGO LIMPADORA AURORA")],
    { pays: ["e d"] },
  ],
  [
    "neither fine nor discount explains it",
    [e("e", "1000.00", "10")],
    [t("d", "12", "-1041.37", "BOLETO PAGO LIMPADORA AURORA")],
    { asked: ["d"] },
  ],
  [
    "net of retained taxes, guias apart",
    [
      e("e", "10000.00", "10", { netAmount: "7935.00" }),
      e("g1", "1565.00", "20", {
        supplierCnpj: null,
        supplierName: "Receita Federal",
        category: "TRIBUTOS",
        description: "INSS e CSRF",
      }),
      e("g2", "500.00", "20", {
        supplierCnpj: null,
        supplierName: "Prefeitura de São Paulo",
        category: "TRIBUTOS",
        description: "ISS",
      }),
    ],
    [
      t("d", "10", "-7935.00", "TED LIMPADORA AURORA"),
      t("x", "20", "-1565.00", "PAGTO DARF"),
      t("y", "20", "-500.00", "PAGTO ISS PMSP"),
    ],
    { pays: ["e d", "g1 x", "g2 y"] },
  ],
  [
    "a utility, before its bill",
    [
      e("e", "1187.35", "25", {
        supplierCnpj: null,
        supplierName: "Sabesp",
        category: "AGUA_ESGOTO",
        description: "Conta de água",
      }),
    ],
    [t("d", "06", "-1187.35", "DEB AUTOM SABESP")],
    { pays: ["e d"] },
  ],
  [
    "a light bill is not the water's",
    [
      e("e", "1187.35", "06", {
        supplierCnpj: null,
        supplierName: "Enel",
        category: "ENERGIA",
        description: "Luz",
      }),
    ],
    [t("d", "06", "-1187.35", "DEB AUT CONTA AGUA SABESP")],
    { asked: [] },
  ],
  [
    "agendado is not paid",
    [e("e", "812.40", "15")],
    [t("d", "10", "-812.40", "PIX AGENDADO LIMPADORA AURORA")],
    {},
  ],
  [
    "agendado, then paid",
    [e("e", "812.40", "15")],
    [
      t("s", "10", "-812.40", "AGENDAMENTO PIX LIMPADORA AURORA"),
      t("d", "15", "-812.40", "PIX ENVIADO LIMPADORA AURORA"),
    ],
    { pays: ["e d"] },
  ],
  [
    "PENDING is not paid",
    [e("e", "812.40", "15")],
    [t("d", "15", "-812.40", "PIX ENVIADO LIMPADORA AURORA", { status: "PENDING" })],
    {},
  ],
  [
    "PENDING beside its POSTED twin",
    [e("e", "812.40", "15")],
    [
      t("p", "15", "-812.40", "PIX ENVIADO LIMPADORA AURORA", { status: "PENDING" }),
      t("d", "15", "-812.40", "PIX ENVIADO LIMPADORA AURORA"),
    ],
    { pays: ["e d"] },
  ],
  [
    "a PENDING estorno undoes nothing, and is no income",
    [e("e", "812.40", "15")],
    [
      t("d", "15", "-812.40", "PIX ENVIADO LIMPADORA AURORA"),
      t("c", "16", "812.40", "ESTORNO PIX LIMPADORA AURORA", { status: "PENDING" }),
    ],
    { pays: ["e d"] },
  ],
  [
    "names abbreviated and swapped",
    [
      e("e", "2391.18", "05", {
        supplierCnpj: null,
        supplierName: "Silva & Souza Pinturas e Reformas Ltda ME",
      }),
    ],
    [t("d", "06", "-2391.18", "PAGTO FORN SILVA SOUZA PINT REF")],
    { pays: ["e d"] },
  ],
  [
    "another supplier, the same amount",
    [e("e", "500.00", "05")],
    [t("d", "05", "-500.00", "PIX ENVIADO ELEVADORES BOREAL", { counterpartyDocument: LIFT })],
    { asked: [] },
  ],
  [
    "nameless, a round amount",
    [e("e", "500.00", "05")],
    [t("d", "20", "-500.00", "PAGAMENTO DE BOLETO")],
    { asked: ["d"] },
  ],
  [
    "a branch of the same company",
    [e("e", "913.28", "05")],
    [t("d", "05", "-913.28", "TED", { counterpartyDocument: "11222333000262" })],
    { pays: ["e d"] },
  ],
  [
    "a boleto of which the bank tells no line, days late",
    [
      e("e", "913.28", "05", {
        digitableLine: "34191.79001 01043.510047 91020.150008 1 12340000091328",
      }),
    ],
    [t("d", "09", "-913.28", "PAGTO ELETRON COBRANCA")],
    { asked: ["d"] },
  ],
  [
    "by the Pix of the receipt, whatever the name",
    [e("e", "913.28", "05", { endToEndId: "E60701190202611051200ABCDEFGHIJK" })],
    [t("d", "05", "-913.28", "PIX ENVIADO", { endToEndId: "E60701190202611051200ABCDEFGHIJK" })],
    { pays: ["e d"] },
  ],
  [
    "the receipt's Pix is of another amount",
    [e("e", "913.28", "05", { endToEndId: "E60701190202611051200ABCDEFGHIJK" })],
    [t("d", "05", "-400.00", "PIX ENVIADO", { endToEndId: "E60701190202611051200ABCDEFGHIJK" })],
    { asked: ["d"] },
  ],
  [
    "a bank's fee entered as an expense",
    [
      e("e", "89.90", "03", {
        supplierCnpj: null,
        supplierName: "Banco Itaú",
        category: "TARIFAS_BANCARIAS",
        description: "Tarifa de manutenção",
      }),
    ],
    [t("d", "03", "-89.90", "TAR PACOTE ITAU")],
    { pays: ["e d"] },
  ],

  // Neither.
  [
    "APLICACAO and RESGATE",
    [],
    [
      t("d", "05", "-5000.00", "APLICACAO CDB DI"),
      t("c", "20", "5000.00", "RESGATE CDB DI"),
      t("y", "20", "31.07", "RENDIMENTO CDB DI"),
    ],
    { income: ["y"] },
  ],
  [
    "APLIC AUT and its back",
    [e("e", "5000.00", "05")],
    [t("d", "05", "-5000.00", "APL APLIC AUT MAIS"), t("c", "06", "5000.00", "RES APLIC AUT MAIS")],
    {},
  ],
  [
    "to the reserve fund",
    [e("e", "5000.00", "05")],
    [
      t("d", "05", "-5000.00", "TRANSF ENTRE CONTAS"),
      t("c", "05", "5000.00", "TRANSF ENTRE CONTAS", { accountId: "reserva" }),
    ],
    {},
  ],
  [
    "a card's bill and its purchases",
    [e("e", "129.90", "02", { supplierCnpj: null, supplierName: "Loja das Lâmpadas" })],
    [
      t("d", "02", "-129.90", "COMPRA CARTAO LOJA DAS LAMPADAS", { accountId: "cartao" }),
      t("p", "10", "-129.90", "PAGTO FATURA CARTAO"),
      t("c", "10", "129.90", "PAGAMENTO RECEBIDO FATURA", { accountId: "cartao" }),
    ],
    { pays: ["e d"] },
  ],
  [
    "a resident whose name begins like a return",
    [],
    [t("c", "10", "655.31", "PIX RECEBIDO DEVANIR REGO")],
    { income: ["c"] },
  ],
  [
    "residents' fees",
    [],
    [
      t("c1", "10", "655.31", "COBRANCA LIQUIDADA"),
      t("c2", "11", "655.31", "PIX RECEBIDO UNIDADE 101"),
      t("c3", "11", "702.00", "TED RECEBIDA JOSE ALVES"),
    ],
    { income: ["c1", "c2", "c3"] },
  ],
  [
    "EST DEB AUT of a utility, and again",
    [
      e("e", "431.19", "08", {
        supplierCnpj: null,
        supplierName: "Enel",
        category: "ENERGIA",
        description: "Luz",
      }),
    ],
    [
      t("d", "08", "-431.19", "DEB AUT CONTA LUZ ENEL"),
      t("c", "09", "431.19", "EST DEB AUT CONTA LUZ"),
      t("d2", "12", "-431.19", "DEB AUT CONTA LUZ ENEL"),
    ],
    { back: ["c d"], pays: ["e d2"] },
  ],
  [
    "DEV CH DEPOSITADO",
    [],
    [t("c", "03", "910.00", "DEP CHEQUE"), t("d", "05", "-910.00", "DEV CH DEPOSITADO")],
    { reversed: ["d c"], income: ["c"] },
  ],
  [
    "CREDITO DEVOLUCAO TED beside a resident's TED of the amount",
    [e("e", "1200.00", "10")],
    [
      t("d", "10", "-1200.00", "TED ENVIADA LIMPADORA AURORA"),
      t("r", "11", "1200.00", "TED RECEBIDA JOSE ALVES"),
      t("c", "11", "1200.00", "CRED DEVOLUCAO TED"),
    ],
    { back: ["c d"], income: ["r"] },
  ],
  [
    "a fee for returning a cheque is a fee",
    [],
    [t("d", "05", "-25.00", "TARIFA CHEQUE DEVOLVIDO")],
    {},
  ],
  [
    "cashback of a supplier is asked about",
    [e("e", "2000.00", "05")],
    [
      t("d", "05", "-2000.00", "PIX ENVIADO LIMPADORA AURORA", { counterpartyDocument: LIMPA }),
      t("c", "20", "150.00", "PIX RECEBIDO LIMPADORA AURORA", { counterpartyDocument: LIMPA }),
    ],
    { pays: ["e d"], asked: ["c", "d"] },
  ],
  [
    "PGTO CANCELADO",
    [e("e", "561.09", "05")],
    [
      t("d", "05", "-561.09", "PGTO BOLETO LIMPADORA AURORA"),
      t("c", "05", "561.09", "PGTO BOLETO CANCELADO"),
    ],
    { back: ["c d"] },
  ],
  [
    "DEVOLVIDO POR CONTA ENCERRADA",
    [e("e", "561.09", "05")],
    [
      t("d", "05", "-561.09", "TED LIMPADORA AURORA"),
      t("c", "06", "561.09", "TED DEVOLVIDO CONTA ENCERRADA"),
    ],
    { back: ["c d"] },
  ],
  [
    "a Pix refused for a wrong key",
    [e("e", "561.09", "05")],
    [
      t("d", "05", "-561.09", "PIX ENVIADO LIMPADORA AURORA"),
      t("c", "05", "561.09", "PIX REJEITADO CHAVE INVALIDA"),
    ],
    { back: ["c d"] },
  ],
  [
    "an estorno three months later",
    [e("e", "561.09", "02")],
    [
      t("d", "02", "-561.09", "PGTO BOLETO LIMPADORA AURORA"),
      t("c", "2027-02-20T03:00:00Z", "561.09", "ESTORNO PGTO BOLETO"),
    ],
    { pays: ["e d"], orphans: ["c"] },
  ],
  [
    "re-debit the same day",
    [e("e", "702.33", "05")],
    [
      t("d", "2026-11-05T12:00:00Z", "-702.33", "PAGTO TITULO"),
      t("c", "2026-11-05T15:00:00Z", "702.33", "ESTORNO PAGTO TITULO"),
      t("d2", "2026-11-05T18:00:00Z", "-702.33", "PAGTO TITULO LIMPADORA AURORA"),
    ],
    { back: ["c d"], pays: ["e d2"] },
  ],
  [
    "a monthly contract, October's unpaid",
    [
      e("e9", "850.00", "05", { dueDate: "2026-09-05" }),
      e("e10", "850.00", "05", { dueDate: "2026-10-05" }),
      e("e11", "850.00", "05"),
    ],
    [
      t("d9", "2026-09-05T03:00:00Z", "-850.00", "PIX ENVIADO LIMPADORA AURORA"),
      t("d11", "05", "-850.00", "PIX ENVIADO LIMPADORA AURORA"),
    ],
    { pays: ["e11 d11", "e9 d9"] },
  ],
  [
    "a credit note off the next bill",
    [e("n", "-200.00", "03"), e("e", "1000.00", "10")],
    [t("d", "10", "-800.00", "TED LIMPADORA AURORA", { counterpartyDocument: LIMPA })],
    { pays: ["e d", "n d"] },
  ],
  [
    "the pool account's own fee is nobody's expense",
    [e("e", "64.00", "05")],
    [t("d", "05", "-64.00", "TAR PACOTE SERVICOS", { accountId: "pool" })],
    {},
  ],
  [
    "IOF and interest of the account",
    [],
    [t("d1", "05", "-3.12", "IOF"), t("d2", "05", "-18.40", "JUROS SALDO DEVEDOR")],
    {},
  ],
  [
    "Pix to the síndico's company of the same name as a resident",
    [e("e", "1320.50", "07", { supplierCnpj: null, supplierName: "José Alves" })],
    [t("d", "07", "-1320.50", "PIX ENVIADO JOSE ALVES PEREIRA")],
    { pays: ["e d"] },
  ],
  [
    "two suppliers of one first word",
    [
      e("e1", "640.00", "05", { supplierCnpj: null, supplierName: "Horizonte Limpeza Ltda" }),
      e("e2", "640.00", "05", { supplierCnpj: null, supplierName: "Horizonte Elevadores Ltda" }),
    ],
    [
      t("d1", "05", "-640.00", "PIX ENVIADO HORIZONTE"),
      t("d2", "05", "-640.00", "PIX ENVIADO HORIZONTE ELEV"),
    ],
    { pays: ["e1 d1", "e2 d2"] },
  ],
  [
    "one line that either of two may be",
    [
      e("e1", "640.00", "05", { supplierCnpj: null, supplierName: "Horizonte Limpeza Ltda" }),
      e("e2", "640.00", "05", { supplierCnpj: null, supplierName: "Horizonte Elevadores Ltda" }),
    ],
    [t("d1", "05", "-640.00", "PIX ENVIADO HORIZONTE")],
    { asked: ["d1"] },
  ],
  [
    "a nameless debit of an amount that two suppliers are owed",
    [e("e1", "731.46", "05"), e("e2", "731.46", "05", lift)],
    [t("d", "05", "-731.46", "PAGAMENTO DE BOLETO")],
    { asked: ["d"] },
  ],
  [
    "two nameless debits of one bill's amount",
    [e("e", "731.46", "05")],
    [
      t("d1", "05", "-731.46", "PAGAMENTO DE BOLETO"),
      t("d2", "06", "-731.46", "PAGAMENTO DE BOLETO"),
    ],
    { asked: ["d1", "d2"] },
  ],
  [
    "twice the bill is not the bill",
    [e("e", "500.37", "05")],
    [t("d", "05", "-1000.74", "PIX ENVIADO LIMPADORA AURORA")],
    {},
  ],
  [
    "two sets of bills of one sum",
    [
      e("e1", "300.00", "05"),
      e("e2", "200.00", "05"),
      e("e3", "250.00", "05"),
      e("e4", "250.00", "05"),
    ],
    [t("d", "05", "-500.00", "PIX ENVIADO LIMPADORA AURORA")],
    {},
  ],
  [
    "a deposit given back is an expense, if it is one",
    [
      e("e", "800.00", "10", {
        supplierCnpj: null,
        supplierName: "Marcos Vinicius Teles",
        description: "Devolução de caução",
      }),
    ],
    [t("d", "10", "-800.00", "PIX ENVIADO DEVOLUCAO CAUCAO MARCOS VINICIUS TELES")],
    { pays: ["e d"] },
  ],
  [
    "a supplier called Resgate",
    [
      e("e", "1460.25", "10", {
        supplierCnpj: null,
        supplierName: "Resgate Móveis Planejados Ltda",
      }),
    ],
    [t("d", "10", "-1460.25", "PAGTO FORNEC RESGATE MOVEIS PLANEJADOS")],
    { pays: ["e d"] },
  ],
  [
    "a supplier called Aplic",
    [e("e", "1460.25", "10", { supplierCnpj: null, supplierName: "Aplic Revestimentos Ltda" })],
    [t("d", "10", "-1460.25", "SISPAG APLIC REVESTIMENTOS")],
    { pays: ["e d"] },
  ],
  [
    "a person who is paid and pays",
    [
      e("e", "480.00", "05", {
        supplierCnpj: null,
        supplierCpf: "52998224725",
        supplierName: "Rosa Maria Prado",
      }),
    ],
    [
      t("d", "05", "-480.00", "PIX ENVIADO ROSA MARIA PRADO"),
      t("c", "20", "480.00", "PIX RECEBIDO ROSA MARIA PRADO"),
    ],
    { pays: ["e d"], asked: ["c", "d"] },
  ],
  [
    "income taken back, of which the statement lacks the credit",
    [],
    [t("d", "05", "-655.31", "PIX RECEBIDO DEVOLVIDO MARIA LIMA")],
    { reversed: ["d -"] },
  ],
  [
    "the same amount next month is not late",
    [e("e1", "1000.00", "05", { dueDate: "2026-10-05" }), e("e2", "1020.00", "05")],
    [t("d", "05", "-1020.00", "BOLETO LIMPADORA AURORA")],
    { pays: ["e2 d"] },
  ],
  [
    "another document wins over the same name",
    [e("e", "913.28", "05", { supplierName: "Limpadora Aurora" })],
    [t("d", "05", "-913.28", "PIX ENVIADO LIMPADORA AURORA", { counterpartyDocument: LIFT })],
    { asked: ["d"] },
  ],
  [
    "a refund that names the supplier in the counterparty only",
    [e("e1", "500.00", "05"), e("e2", "500.00", "05", lift)],
    [
      t("d1", "05", "-500.00", "PIX ENVIADO", {
        counterpartyName: "LIMPADORA AURORA SERVICOS LTDA",
      }),
      t("d2", "05", "-500.00", "PIX ENVIADO", { counterpartyName: "ELEVADORES BOREAL SA" }),
      t("c", "07", "500.00", "DEVOLUCAO", { counterpartyName: "LIMPADORA AURORA SERVICOS LTDA" }),
    ],
    { back: ["c d1"], pays: ["e2 d2"] },
  ],
  [
    "a refund larger than its debit",
    [e("e", "500.00", "05")],
    [
      t("d", "05", "-500.00", "PIX ENVIADO LIMPADORA AURORA", {
        endToEndId: "E60701190202611051200ABCDEFGHIJK",
      }),
      t("c", "07", "600.00", "DEVOLUCAO PIX", {
        originalEndToEndId: "E60701190202611051200ABCDEFGHIJK",
      }),
    ],
    { pays: ["e d"], asked: ["c", "d"] },
  ],
  [
    "the estorno of an estorno",
    [e("e", "500.25", "05")],
    [
      t("d", "05", "-500.25", "PAGTO TITULO LIMPADORA AURORA"),
      t("c", "06", "500.25", "ESTORNO PAGTO TITULO"),
      t("d2", "07", "-500.25", "ESTORNO DE CREDITO"),
    ],
    { back: ["c d"], reversed: ["d2 -"] },
  ],
  [
    "a transfer from the reserve fund to pay",
    [e("e", "9000.00", "10")],
    [
      t("r", "10", "-9000.00", "TRANSF FUNDO DE RESERVA", { accountId: "reserva" }),
      t("c", "10", "9000.00", "CRED TRANSF CC"),
      t("d", "10", "-9000.00", "TED LIMPADORA AURORA"),
    ],
    { pays: ["e d"] },
  ],
  [
    "a payroll with one more worker than the lump",
    [
      ["s1", "1812.44", "Ana Beatriz Souza"],
      ["s2", "2140.09", "Carlos Eduardo Lima"],
      ["s3", "1990.71", "Rita de Cassia Melo"],
    ].map(([id, amount, name]) =>
      e(String(id), String(amount), "06", {
        supplierName: name,
        supplierCnpj: null,
        category: "FOLHA",
        description: "Salário outubro",
      }),
    ),
    [t("d", "06", "-3952.53", "SISPAG SALARIOS")],
    { pays: ["s1 d", "s2 d"] },
  ],
  [
    "a credit of the investment's yield",
    [],
    [t("c", "30", "12.87", "RENDIMENTO POUPANCA")],
    { income: ["c"] },
  ],
  [
    "ESTORNO RENDIMENTO is no refund of a payment",
    [e("e", "12.87", "30")],
    [t("d", "30", "-12.87", "ESTORNO RENDIMENTO")],
    { reversed: ["d -"] },
  ],
  [
    "VALOR BLOQUEADO and its release",
    [],
    [
      t("d", "05", "-1500.00", "BLOQUEIO JUDICIAL"),
      t("c", "15", "1500.00", "DESBLOQUEIO JUDICIAL"),
    ],
    {},
  ],
];

describe("cases written by hand", () => {
  it.each(CASES)("%s", (_, expenses, transactions, answer) => {
    const result = reconcileCase(readCase(JSON.stringify({ expenses, transactions })).condominiums);
    expect({
      pays: result.payments.map((one) => `${one.expenseId} ${one.transactionId}`).sort(),
      back: result.refunds.map((one) => `${one.creditId} ${one.debitId}`).sort(),
      reversed: result.incomeReversals.map((one) => `${one.debitId} ${one.creditId ?? "-"}`),
      orphans: result.orphanRefunds,
      income: result.income,
      asked: [...new Set(result.reviews.flatMap((one) => one.transactionIds))].sort(),
    }).toEqual({ pays: [], back: [], reversed: [], orphans: [], income: [], asked: [], ...answer });
  });
});
