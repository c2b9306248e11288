import { approved, toReview } from "../expected/end.ts";
import type { Trap } from "../expected/traps.ts";
import type { Supplier } from "../model.ts";
import { at } from "../synthetic/calendar.ts";
import { alphanumericCnpjOf } from "../synthetic/names.ts";
import { payByPix, payByTed } from "../synthetic/payments.ts";
import type { Scene } from "../synthetic/scene.ts";
import { rowPath, supplierPath, trapExpense, trapSupplier } from "./kit.ts";

/** What the registry says of the supplier, and whether its trade fits. */
export function supplierTraps(scene: Scene): void {
  inactive(scene, "HZ-01", "supplierBaixada", "Baixada", "Pioneira Limpeza Predial", "612.00");
  inactive(
    scene,
    "HZ-02",
    "supplierSuspensa",
    "Suspensa",
    "Alvorada Limpeza de Fachadas",
    "734.50",
  );
  inactive(scene, "BV-01", "supplierInapta", "Inapta", "Capivari Limpeza Técnica", "588.20");
  inactive(scene, "IP-01", "supplierNula", "Nula", "Anhanguera Limpezas", "459.90");
  inactive(scene, "BV-02", "supplierStatusEmpty", "", "Iguaçu Higienização", "671.35", {
    known: "CNPJWS",
  });
  unknown(scene);
  refused(scene);
  letters(scene);
  failsFirst(scene);
  openedAfterIssue(scene);
  trade(scene);
}

function inactive(
  scene: Scene,
  code: string,
  trap: Trap,
  status: string,
  name: string,
  grossAmount: string,
  given: Partial<Supplier> = {},
) {
  const supplier = trapSupplier(scene, name, "8122200", {
    status,
    statusDate: "2026-06-17",
    ...given,
  });
  const row = trapExpense(scene, code, trap, supplier, {
    category: "DEDETIZACAO_CAIXA_DAGUA",
    grossAmount,
    description: "Limpeza da caixa d'água",
  });
  scene.flip({
    trap,
    what: "the supplier is active",
    patch: [{ op: "replace", path: supplierPath(supplier, "status"), value: "Ativa" }],
    ends: { [row.externalId]: approved("UNPAID") },
  });
}

function unknown(scene: Scene) {
  const supplier = trapSupplier(scene, "Fantasma Manutenções", "4321500", { known: "NOWHERE" });
  const row = trapExpense(scene, "HZ-04", "supplierUnknown", supplier, {
    category: "MANUT_ELETRICA",
    grossAmount: "842.00",
    description: "Troca de disjuntores",
  });
  scene.flip({
    trap: "supplierUnknown",
    what: "the open data has the supplier",
    patch: [{ op: "replace", path: supplierPath(supplier, "known"), value: "OPEN_DATA" }],
    ends: { [row.externalId]: approved("UNPAID") },
  });
}

function refused(scene: Scene) {
  const supplier = trapSupplier(scene, "Nova Era Jardinagem", "8130300", {
    cnpj: alphanumericCnpjOf("trap:refused"),
    openedOn: "2026-08-17",
    known: "REFUSED",
  });
  const row = trapExpense(scene, "IP-02", "supplierRefused", supplier, {
    category: "JARDINAGEM_PAISAGISMO",
    grossAmount: "693.40",
    description: "Replantio dos canteiros",
  });
  payByPix(scene, { code: "IP-02", row, instant: at("2026-11-05", "10:22:31") });
  scene.flip({
    trap: "supplierRefused",
    what: "CNPJ.ws knows alphanumeric CNPJs",
    patch: [{ op: "replace", path: supplierPath(supplier, "known"), value: "CNPJWS" }],
    ends: { [row.externalId]: approved("PAID") },
  });
}

function letters(scene: Scene) {
  const suppliers = (["OPEN_DATA", "CNPJWS"] as const).map((known, place) =>
    trapSupplier(
      scene,
      place === 0 ? "Aurora Boreal Elétrica" : "Quaresmeira Elétrica",
      "4321500",
      {
        cnpj: alphanumericCnpjOf(`trap:letters:${known}`),
        openedOn: "2026-09-01",
        known,
      },
    ),
  );
  const ends: Parameters<Scene["flip"]>[0]["ends"] = {};
  const patch: Parameters<Scene["flip"]>[0]["patch"] = [];
  suppliers.forEach((supplier, place) => {
    const code = place === 0 ? "HZ-05" : "BV-03";
    const row = trapExpense(scene, code, "alphanumericCnpj", supplier, {
      category: "MANUT_ELETRICA",
      grossAmount: place === 0 ? "918.70" : "1106.15",
      description: "Revisão do quadro de luz",
    });
    payByPix(scene, { code, row, instant: at("2026-11-05", `1${place}:41:09`) });
    patch.push({ op: "replace", path: supplierPath(supplier, "mainCnae"), value: "5611201" });
    ends[row.externalId] = toReview("PAID", "CNAE_MISMATCH");
  });
  scene.flip({ trap: "alphanumericCnpj", what: "it is a restaurant", patch, ends });
}

function failsFirst(scene: Scene) {
  const cases = [
    { name: "Ribeirão Bombas", code: "HZ-03", answersFirst: [503], grossAmount: "1312.00" },
    {
      name: "Cachoeira Bombas",
      code: "BV-01",
      answersFirst: ["html" as const],
      grossAmount: "977.30",
    },
    { name: "Nascente Bombas", code: "IP-04", answersFirst: [500, 503], grossAmount: "845.60" },
  ];
  const ends: Parameters<Scene["flip"]>[0]["ends"] = {};
  const patch: Parameters<Scene["flip"]>[0]["patch"] = [];
  for (const { name, code, answersFirst, grossAmount } of cases) {
    const supplier = trapSupplier(scene, name, "3314702", { known: "CNPJWS", answersFirst });
    const row = trapExpense(scene, code, "registryFailsFirst", supplier, {
      category: "BOMBAS_GERADORES",
      grossAmount,
      description: "Rebobinamento do motor da bomba",
    });
    payByTed(scene, { code, row, day: "2026-11-05" });
    patch.push({ op: "replace", path: supplierPath(supplier, "mainCnae"), value: "9602501" });
    ends[row.externalId] = toReview("PAID", "CNAE_MISMATCH");
  }
  scene.flip({ trap: "registryFailsFirst", what: "they are hairdressers", patch, ends });
}

function openedAfterIssue(scene: Scene) {
  const supplier = trapSupplier(scene, "Relâmpago Portões", "8020001", {
    openedOn: "2026-10-29",
    statusDate: "2026-10-29",
  });
  const row = trapExpense(scene, "HZ-02", "supplierOpenedAfterIssue", supplier, {
    category: "PORTOES_INTERFONE_CFTV",
    grossAmount: "1290.00",
    description: "Instalação de motor do portão",
  });
  payByPix(scene, { code: "HZ-02", row, instant: at("2026-11-05", "09:14:50") });
  scene.flip({
    trap: "supplierOpenedAfterIssue",
    what: "the supplier opened a year before",
    patch: [{ op: "replace", path: supplierPath(supplier, "openedOn"), value: "2025-10-29" }],
    ends: { [row.externalId]: approved("PAID") },
  });
}

function trade(scene: Scene) {
  const fits = (
    trap: Trap,
    code: string,
    supplier: Supplier,
    grossAmount: string,
    patch: { field: keyof Supplier; value: unknown; what: string },
    end: ReturnType<typeof approved>,
  ) => {
    const row = trapExpense(scene, code, trap, supplier, {
      category: "PISCINA",
      grossAmount,
      description: "Reparo do filtro da piscina",
    });
    payByPix(scene, { code, row, instant: at("2026-11-05", "15:03:27") });
    scene.flip({
      trap,
      what: patch.what,
      patch: [{ op: "replace", path: supplierPath(supplier, patch.field), value: patch.value }],
      ends: { [row.externalId]: end },
    });
  };
  const right = {
    field: "mainCnae",
    value: "8129000",
    what: "its trade is the right one",
  } as const;
  const condominium = trapSupplier(scene, "Condomínio Recanto das Águas", "8112500");
  fits("supplierIsCondominium", "HZ-04", condominium, "530.00", right, approved("PAID"));
  const mei = trapSupplier(scene, "José Ferreira Reparos", "4520001", { mei: true });
  fits("meiOddCnae", "HZ-01", mei, "387.40", right, approved("PAID"));
  const mismatch = toReview("PAID", "CNAE_MISMATCH");
  const accepted = trapSupplier(scene, "Lagoa Azul Produtos para Piscina", "4789099");
  fits(
    "cnaeAccepted",
    "BV-03",
    accepted,
    "498.15",
    { field: "mainCnae", value: "4712100", what: "it is a grocer's" },
    mismatch,
  );
  const secondary = trapSupplier(scene, "Mergulhão Serviços", "4330404", {
    secondaryCnaes: ["8129000", "4322301"],
  });
  fits(
    "cnaeSecondary",
    "IP-01",
    secondary,
    "562.80",
    { field: "secondaryCnaes", value: [], what: "it has no secondary trade" },
    mismatch,
  );
  serpro(scene);
}

/** SERPRO is real and stands in the real rows of the open data; certificates are no telecommunication. */
function serpro(scene: Scene) {
  const row = trapExpense(scene, "HZ-05", "cnaeMismatch", null, {
    category: "TELECOM",
    grossAmount: "245.00",
    payeeDocument: "33683111000280",
    payeeName: "Serviço Federal de Processamento de Dados (SERPRO)",
    description: "Certificado digital do condomínio",
  });
  payByPix(scene, { code: "HZ-05", row, instant: at("2026-11-05", "11:30:02") });
  scene.flip({
    trap: "cnaeMismatch",
    what: "it is entered as a tax, to which no trade applies",
    patch: [{ op: "replace", path: rowPath(row, "category"), value: "TRIBUTOS" }],
    ends: { [row.externalId]: approved("PAID") },
  });
}
