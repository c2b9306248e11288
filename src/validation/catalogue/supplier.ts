import type { Entry } from "./entry.ts";
import { category, cnae, cnpj, day, text } from "./portuguese.ts";

const CNPJ = "12ABC34501DE35";

/** Supplier and trade. */
export const supplierTexts = {
  SUPPLIER_NOT_FOUND: {
    name: "CNPJ do fornecedor inexistente",
    example: { cnpj: CNPJ },
    text: (e) =>
      `O CNPJ ${cnpj(e.cnpj)} do favorecido não existe na Receita Federal. Confira o CNPJ no documento fiscal e envie a despesa de novo com o CNPJ certo.`,
  },
  SUPPLIER_REFUSED_BY_REGISTRY: {
    name: "CNPJ do fornecedor não aceito pela consulta",
    example: { cnpj: CNPJ },
    text: (e) =>
      `O serviço de consulta não aceitou o CNPJ ${cnpj(e.cnpj)}; ele pode ainda não conhecer CNPJs alfanuméricos. Consulte a situação cadastral no site da Receita Federal e anexe a prova à revisão.`,
  },
  SUPPLIER_INACTIVE: {
    name: "fornecedor sem situação cadastral ativa",
    example: { cnpj: CNPJ, status: "Baixada", source: "CNPJWS", sourceDate: "2026-11-01" },
    text: (e) =>
      `A situação cadastral do CNPJ ${cnpj(e.cnpj)} é “${text(e.status)}”, e não “Ativa” (dados de ${day(e.sourceDate)}). Não pague; peça ao fornecedor a regularização ou o documento emitido por empresa ativa.`,
  },
  SUPPLIER_OPENED_AFTER_ISSUE: {
    name: "fornecedor aberto depois da emissão",
    example: { cnpj: CNPJ, openedOn: "2026-10-20", issueDate: "2026-10-05" },
    text: (e) =>
      `O CNPJ ${cnpj(e.cnpj)} foi aberto em ${day(e.openedOn)}, depois da emissão do documento em ${day(e.issueDate)}. Confira a data de emissão e quem emitiu o documento.`,
  },
  PAYEE_WITHOUT_CNPJ: {
    name: "favorecido sem CNPJ",
    example: { payeeKind: "CPF" },
    text: (e) =>
      e.payeeKind === "CPF"
        ? "O favorecido é pessoa física: as regras de fornecedor e de CNAE não se aplicam."
        : "A despesa não tem favorecido com CNPJ: as regras de fornecedor e de CNAE não se aplicam.",
  },
  CNAE_ACCEPTED: {
    name: "atividade principal aceita",
    example: { category: "LIMPEZA", cnae: "7820500", expected: ["8121400"], mei: false },
    text: (e) =>
      `A atividade principal do fornecedor (CNAE ${cnae(e.cnae)}) é aceita para ${category(e.category)}, embora não seja a mais comum. Nada a fazer.`,
  },
  CNAE_SECONDARY: {
    name: "atividade secundária corresponde",
    example: { category: "LIMPEZA", cnae: "8121400", expected: ["8121400"], mei: false },
    text: (e) =>
      `Só uma atividade secundária do fornecedor (CNAE ${cnae(e.cnae)}) corresponde a ${category(e.category)}. Nada a fazer.`,
  },
  CNAE_MISMATCH: {
    name: "atividade do fornecedor não corresponde",
    example: { category: "ELEVADORES", cnae: "5611201", expected: ["4329103"], mei: true },
    text: (e) =>
      `Nenhuma atividade do fornecedor (CNAE principal ${cnae(e.cnae)}) corresponde a ${category(e.category)}; o esperado é ${cnae(e.expected)}.${
        e.mei === true ? " O fornecedor é MEI, e MEIs costumam ter CNAEs pouco usuais." : ""
      } Confira se a categoria está certa e se o serviço foi mesmo prestado por essa empresa.`,
  },
  CNAE_CONDOMINIUM: {
    name: "fornecedor com CNAE de condomínio",
    example: { category: "LIMPEZA", cnae: "8112500", expected: ["8121400"], mei: false },
    text: (e) =>
      `O fornecedor tem o CNAE ${cnae(e.cnae)}, que é o de condomínio predial. Um condomínio não presta serviço a outro: confira o CNPJ do favorecido; pode ser o do próprio condomínio.`,
  },
  CNAE_NOT_APPLICABLE: {
    name: "CNAE não se aplica",
    example: { category: "TRIBUTOS", cnae: null, expected: [], mei: null },
    text: (e) => `A regra de CNAE não se aplica à categoria ${category(e.category)}.`,
  },
} satisfies Record<string, Entry>;
