import { digit11 } from "../../../src/identifiers/check-digit.ts";
import { cnpjCheckDigits } from "../../../src/identifiers/cnpj.ts";
import type { Random } from "./random.ts";

/** Someone whom a condominium pays. */
export type Supplier = {
  name: string;
  category: string;
  description: string;
  cnpj: string | null;
  cpf: string | null;
};

/** Made-up names, built as real ones are; several share words, as real ones do. */
const NAMES: readonly [name: string, category: string, description: string][] = [
  ["Limpadora Horizonte Serviços Ltda", "LIMPEZA", "Limpeza e conservação"],
  ["Horizonte Elevadores e Escadas Ltda", "ELEVADORES", "Manutenção de elevadores"],
  ["Elevadores Atlântico S/A", "ELEVADORES", "Contrato de conservação"],
  ["Jardins & Cia Paisagismo ME", "JARDINAGEM", "Manutenção do jardim"],
  ["J. M. Silva Manutenção Predial", "MANUTENCAO", "Reparo na garagem"],
  ["Silva & Souza Pinturas Ltda", "MANUTENCAO", "Pintura do hall"],
  ["Aqua Piscinas Tratamento de Água EIRELI", "PISCINA", "Tratamento da piscina"],
  ["Segurança Total Vigilância Patrimonial Ltda", "PORTARIA", "Portaria 24h"],
  ["Total Gás Distribuidora S.A.", "GAS", "Gás encanado"],
  ["Contábil Prisma Assessoria", "CONTABILIDADE", "Honorários contábeis"],
  ["Advocacia Ramos e Teixeira", "JURIDICO", "Honorários advocatícios"],
  ["Seguradora Brasil Sul S/A", "SEGURO", "Seguro do condomínio"],
  ["Dedetizadora Imunizar Controle de Pragas", "DEDETIZACAO", "Dedetização"],
  ["Eletro Predial Materiais Elétricos Ltda", "MATERIAIS", "Lâmpadas e reatores"],
  ["Hidráulica São Jorge Comércio", "MATERIAIS", "Conexões e registros"],
  ["Bombas Centrífugas do Brasil Ltda", "BOMBAS", "Revisão das bombas"],
  ["TecPort Portões Automáticos", "PORTOES", "Manutenção do portão"],
  ["Interfonia Digital Segurança Eletrônica", "INTERFONE", "Interfones e CFTV"],
  ["Extintores Fênix Ltda ME", "INCENDIO", "Recarga de extintores"],
  ["Gráfica Modelo Impressos", "EXPEDIENTE", "Impressão de boletos"],
  ["Papelaria Nova Era", "EXPEDIENTE", "Material de escritório"],
  ["Administradora Lares Condomínios Ltda", "ADMINISTRACAO", "Taxa de administração"],
  ["NetFibra Telecomunicações S.A.", "INTERNET", "Internet da portaria"],
  ["Geradores Potência Locação Ltda", "GERADOR", "Manutenção do gerador"],
];

const PEOPLE = [
  "Adriana Moreira Lopes",
  "Benedito Alves da Cruz",
  "Cleide Rodrigues Pinto",
  "Damião Ferreira Neto",
  "Edna Carvalho Dias",
  "Francisco das Chagas Lima",
  "Gilson Teodoro Brandão",
  "Helena Martins Prado",
  "Ivanildo Barbosa Melo",
  "Jussara Nogueira Reis",
] as const;

export const UTILITIES: readonly Supplier[] = [
  utility("Companhia de Saneamento Básico SABESP", "AGUA_ESGOTO", "Água e esgoto", 1),
  utility("Enel Distribuição São Paulo", "ENERGIA", "Energia elétrica das áreas comuns", 2),
  utility("Comgás Companhia de Gás", "GAS", "Gás das áreas comuns", 3),
];

export const TAX_OFFICE: Supplier = {
  name: "Receita Federal do Brasil",
  category: "TRIBUTOS",
  description: "Tributos retidos",
  cnpj: null,
  cpf: null,
};
export const CITY: Supplier = {
  name: "Prefeitura Municipal de São Paulo",
  category: "TRIBUTOS",
  description: "ISS retido",
  cnpj: null,
  cpf: null,
};

/** The suppliers and staff of one condominium. */
export function suppliersOf(random: Random): { companies: Supplier[]; people: Supplier[] } {
  const companies = random.shuffled(NAMES).map(([name, category, description]) => ({
    name,
    category,
    description,
    cnpj: cnpjOf(random.digits(8)),
    cpf: null,
  }));
  const people = random.shuffled(PEOPLE).map((name) => person(name, random));
  return { companies, people };
}

/** So many people, their names put together from those. */
export function peopleOf(random: Random, count: number): Supplier[] {
  const words = PEOPLE.flatMap((name) => name.split(" ").filter((word) => word.length > 3));
  return Array.from({ length: count }, () => {
    const name = [random.pick(words), random.pick(words), random.pick(words)].join(" ");
    return person(name, random);
  });
}

function person(name: string, random: Random): Supplier {
  return {
    name,
    category: "FOLHA",
    description: `Salário ${name.split(" ")[0]}`,
    cnpj: null,
    cpf: cpfOf(random.digits(11).slice(0, 9)),
  };
}

function utility(name: string, category: string, description: string, root: number): Supplier {
  return { name, category, description, cnpj: cnpjOf(`4${root}000000`), cpf: null };
}

function cnpjOf(root: string): string {
  return `${root}0001${cnpjCheckDigits(`${root}0001`)}`;
}

function cpfOf(base: string): string {
  const first = digit11(base, 11);
  return base + first + digit11(base + first, 11);
}
