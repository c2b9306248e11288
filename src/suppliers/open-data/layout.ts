import { parseDate } from "../../calendar/brasilia.ts";
import { parseCnpj } from "../../identifiers/cnpj.ts";
import { parseCnae } from "../cnae.ts";

/**
 * The layout of the Receita Federal's open CNPJ data ("Novo layout dos dados abertos do CNPJ",
 * gov.br/receitafederal), as far as the mirror needs it.
 */

export type MirrorStatus = "Nula" | "Ativa" | "Suspensa" | "Inapta" | "Baixada";

/** From Estabelecimentos. Dates are 'YYYY-MM-DD', CNAEs 7 digits. */
export type Establishment = {
  cnpj: string;
  status: MirrorStatus;
  statusDate: string | null;
  openedOn: string | null;
  mainCnae: string | null;
  secondaryCnaes: string[];
};

/** From Empresas: the name belongs to the root (first 8 characters) that establishments share. */
export type CompanyName = { root: string; name: string };

/** From Simples, which lists those that opted at any time; null where the file leaves it blank. */
export type SimplesOption = { root: string; simples: boolean | null; mei: boolean | null };

/** A line that cannot be read, and why (Portuguese, without values: names of MEIs hold CPFs). */
export type Broken = { broken: string };

export type Layout<Row> = { columns: number; read(fields: readonly string[]): Row | Broken };

const STATUSES: Readonly<Record<string, MirrorStatus>> = {
  "01": "Nula",
  "02": "Ativa",
  "03": "Suspensa",
  "04": "Inapta",
  "08": "Baixada",
};

/** 'yyyymmdd' -> 'YYYY-MM-DD'; "", "0" and "00000000" mean none; undefined: no such day. */
function readDate(field: string): string | null | undefined {
  if (field === "" || /^0+$/.test(field)) return null;
  if (!/^\d{8}$/.test(field)) return undefined;
  return parseDate(`${field.slice(0, 4)}-${field.slice(4, 6)}-${field.slice(6)}`);
}

function readRoot(field: string): string | undefined {
  return /^[0-9A-Z]{8}$/.test(field) ? field : undefined;
}

/** S, N or blank (the layout: "em branco: outros"); undefined: something else. */
function readOption(field: string): boolean | null | undefined {
  if (field === "") return null;
  return field === "S" ? true : field === "N" ? false : undefined;
}

export const establishments: Layout<Establishment> = {
  columns: 30,
  read(fields) {
    const [root = "", order = "", digits = "", , , code = "", statusDay = ""] = fields;
    const [openingDay = "", main = "", secondary = ""] = fields.slice(10);
    const cnpj = parseCnpj(root + order + digits);
    if (cnpj === undefined) return { broken: "CNPJ inválido" };
    const status = STATUSES[code.padStart(2, "0")];
    if (status === undefined) return { broken: "situação cadastral desconhecida" };
    const statusDate = readDate(statusDay);
    if (statusDate === undefined) return { broken: "data da situação cadastral inválida" };
    const openedOn = readDate(openingDay);
    if (openedOn === undefined) return { broken: "data de início de atividade inválida" };
    const mainCnae = main === "" ? null : parseCnae(main);
    if (mainCnae === undefined) return { broken: "CNAE principal inválido" };
    const secondaryCnaes: string[] = [];
    for (const text of secondary === "" ? [] : secondary.split(",")) {
      const cnae = parseCnae(text);
      if (cnae === undefined) return { broken: "CNAE secundário inválido" };
      secondaryCnaes.push(cnae);
    }
    return { cnpj, status, statusDate, openedOn, mainCnae, secondaryCnaes };
  },
};

export const companyNames: Layout<CompanyName> = {
  columns: 7,
  read([rootField = "", nameField = ""]) {
    const root = readRoot(rootField);
    if (root === undefined) return { broken: "CNPJ básico inválido" };
    // Real files hold NULs and other control characters in free text; PostgreSQL takes no NUL.
    const name = nameField.replace(/\p{Cc}+/gu, " ").trim();
    return name === "" ? { broken: "razão social vazia" } : { root, name };
  },
};

export const simplesOptions: Layout<SimplesOption> = {
  columns: 7,
  read([rootField = "", simplesField = "", , , meiField = ""]) {
    const root = readRoot(rootField);
    if (root === undefined) return { broken: "CNPJ básico inválido" };
    const simples = readOption(simplesField);
    if (simples === undefined) return { broken: "opção pelo Simples desconhecida" };
    const mei = readOption(meiField);
    if (mei === undefined) return { broken: "opção pelo MEI desconhecida" };
    return { root, simples, mei };
  },
};
