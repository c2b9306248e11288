/**
 * The categories of a condominium's expenses, with the name that people read.
 * The first block has a CNAE rule in `cnae-map.json`; the second is paid to employees, to the State or
 * to the bank, where a company's trade says nothing.
 */
export const CATEGORIES = {
  LIMPEZA: "Limpeza",
  PORTARIA_ZELADORIA: "Portaria e zeladoria",
  SEGURANCA_VIGILANCIA: "Segurança e vigilância",
  ELEVADORES: "Elevadores",
  JARDINAGEM_PAISAGISMO: "Jardinagem e paisagismo",
  DEDETIZACAO_CAIXA_DAGUA: "Dedetização e limpeza de caixa d'água",
  ENERGIA: "Energia elétrica",
  AGUA_ESGOTO: "Água e esgoto",
  GAS: "Gás",
  TELECOM: "Telefonia e internet",
  CONTABILIDADE: "Contabilidade",
  ADMINISTRACAO_CONDOMINIAL: "Administração condominial",
  SINDICO_PROFISSIONAL: "Síndico profissional",
  JURIDICO: "Serviços jurídicos",
  AUDITORIA: "Auditoria",
  MANUT_ELETRICA: "Manutenção elétrica",
  MANUT_HIDRAULICA: "Manutenção hidráulica",
  INCENDIO: "Prevenção contra incêndio",
  BOMBAS_GERADORES: "Bombas e geradores",
  PORTOES_INTERFONE_CFTV: "Portões, interfone e CFTV",
  OBRAS_REFORMA: "Obras e reformas",
  PISCINA: "Piscina",
  SEGURO_CONDOMINIO: "Seguro do condomínio",
  MATERIAIS: "Materiais",
  RESIDUOS: "Coleta de resíduos",

  FOLHA_PAGAMENTO: "Folha de pagamento",
  ENCARGOS_FOLHA: "Encargos sobre a folha",
  TRIBUTOS: "Tributos",
  TARIFAS_BANCARIAS: "Tarifas bancárias",
} as const;

export type Category = keyof typeof CATEGORIES;

/** Every category, in the order in which people see them. */
export const CATEGORY_KEYS: readonly Category[] = Object.keys(CATEGORIES).filter(isCategory);

/** Categories to which no CNAE rule applies. */
export const CATEGORIES_WITHOUT_CNAE: ReadonlySet<Category> = new Set<Category>([
  "FOLHA_PAGAMENTO",
  "ENCARGOS_FOLHA",
  "TRIBUTOS",
  "TARIFAS_BANCARIAS",
]);

export function isCategory(text: string): text is Category {
  return Object.hasOwn(CATEGORIES, text);
}

/** "Segurança e vigilância", "seguranca_vigilancia" -> words without accents or punctuation. */
function fold(text: string): string {
  return text
    .normalize("NFD")
    .replace(/\p{M}/gu, "")
    .toUpperCase()
    .replace(/[^A-Z0-9]+/g, " ")
    .trim();
}

const byFoldedName = new Map<string, Category>(
  CATEGORY_KEYS.flatMap((key) => [
    [fold(key), key],
    [fold(CATEGORIES[key]), key],
  ]),
);

/**
 * The category meant by a key (`AGUA_ESGOTO`) or by its Portuguese name (`Água e esgoto`), whatever the
 * case, accents and punctuation; undefined if there is none.
 */
export function parseCategory(text: string): Category | undefined {
  return byFoldedName.get(fold(text));
}
