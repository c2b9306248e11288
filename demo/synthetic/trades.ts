/**
 * The trades of a condominium's suppliers: category, the CNAE that one expects, the word in their
 * names, what a month costs (reais), and how it is paid. CNAEs are those of src/suppliers/cnae-map.json.
 */
export type Trade = {
  category: string;
  cnae: string;
  word: string;
  documentKind: "NFSE" | "BOLETO" | "UTILITY_BILL" | "NFE";
  from: number;
  to: number;
  method: "pix" | "ted" | "boleto" | "debit";
  description: string;
  /** Only where there are so many units. */
  minimumUnits?: number;
};

const service = (
  category: string,
  cnae: string,
  word: string,
  [from, to]: [number, number],
  method: Trade["method"],
  description: string,
  minimumUnits = 0,
): Trade => ({
  category,
  cnae,
  word,
  documentKind: method === "boleto" ? "BOLETO" : method === "debit" ? "UTILITY_BILL" : "NFSE",
  from,
  to,
  method,
  description,
  minimumUnits,
});

export const trades: Trade[] = [
  service(
    "LIMPEZA",
    "8121400",
    "Limpeza e Conservação",
    [2800, 5200],
    "ted",
    "Limpeza das áreas comuns",
  ),
  service("PORTARIA_ZELADORIA", "8111700", "Portaria", [4200, 6800], "ted", "Portaria 24 horas"),
  service(
    "SEGURANCA_VIGILANCIA",
    "8011101",
    "Vigilância",
    [2600, 4900],
    "pix",
    "Vigilância noturna",
    60,
  ),
  service(
    "ELEVADORES",
    "4329103",
    "Elevadores",
    [900, 2400],
    "boleto",
    "Manutenção preventiva de elevadores",
  ),
  service(
    "JARDINAGEM_PAISAGISMO",
    "8130300",
    "Jardins",
    [500, 1400],
    "pix",
    "Poda e manutenção do jardim",
  ),
  service(
    "DEDETIZACAO_CAIXA_DAGUA",
    "8122200",
    "Controle de Pragas",
    [380, 990],
    "pix",
    "Dedetização e limpeza de caixa d'água",
  ),
  service(
    "ENERGIA",
    "3514000",
    "Energia",
    [1500, 5600],
    "debit",
    "Energia elétrica das áreas comuns",
  ),
  service("AGUA_ESGOTO", "3600601", "Saneamento", [1900, 5900], "debit", "Água e esgoto"),
  service("GAS", "3520402", "Gás Canalizado", [800, 2300], "debit", "Gás canalizado"),
  service("TELECOM", "6110803", "Telecom", [140, 520], "boleto", "Internet da portaria"),
  service(
    "CONTABILIDADE",
    "6920601",
    "Contabilidade",
    [600, 1300],
    "boleto",
    "Honorários contábeis",
  ),
  service(
    "SINDICO_PROFISSIONAL",
    "6822600",
    "Síndicos Profissionais",
    [1800, 3300],
    "pix",
    "Síndico profissional",
    70,
  ),
  service("AUDITORIA", "6920602", "Auditores", [700, 1700], "pix", "Auditoria das contas", 90),
  service(
    "MANUT_ELETRICA",
    "4321500",
    "Instalações Elétricas",
    [300, 1700],
    "pix",
    "Manutenção elétrica",
  ),
  service("MANUT_HIDRAULICA", "4322301", "Hidráulica", [300, 1800], "pix", "Reparo hidráulico"),
  service(
    "INCENDIO",
    "4322303",
    "Sistemas contra Incêndio",
    [250, 1150],
    "pix",
    "Recarga de extintores",
  ),
  service("BOMBAS_GERADORES", "3314702", "Bombas", [400, 1500], "boleto", "Manutenção de bombas"),
  service(
    "PORTOES_INTERFONE_CFTV",
    "8020001",
    "Segurança Eletrônica",
    [350, 1450],
    "pix",
    "Manutenção de portões e câmeras",
  ),
  service("PISCINA", "8129000", "Piscinas", [400, 1050], "pix", "Tratamento da piscina", 60),
  service(
    "RESIDUOS",
    "3811400",
    "Coleta de Resíduos",
    [500, 1400],
    "boleto",
    "Retirada de entulho e recicláveis",
  ),
];

/** First words of invented suppliers: trees and birds. */
export const supplierWords = [
  "Jatobá",
  "Aroeira",
  "Cambuci",
  "Pitangueira",
  "Mandacaru",
  "Jequitibá",
  "Sabiá",
  "Tucano",
  "Graúna",
  "Juriti",
  "Bem-te-vi",
  "Curió",
];
