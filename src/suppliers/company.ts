import { z } from "zod";
import { dateInBrasilia, parseDate } from "../calendar/brasilia.ts";
import { parseCnae } from "./cnae.ts";

/** A company (establishment) as a registry described it on a day. */
export type Company = {
  /** 14 characters, upper case, no punctuation. */
  cnpj: string;
  /** Razão social; null where the mirror was loaded without the companies' file. */
  name: string | null;
  /** Situação cadastral as the source gives it, trimmed: "Ativa", "Baixada", "". */
  status: string;
  /** True only for "Ativa": anything else blocks, an empty status included. */
  active: boolean;
  /** 'YYYY-MM-DD': since when the status holds. */
  statusDate: string | null;
  /** 'YYYY-MM-DD': início de atividade. */
  openedOn: string | null;
  /** CNAE subclasses, 7 digits. */
  mainCnae: string | null;
  secondaryCnaes: string[];
  /** Null: the source does not say. */
  mei: boolean | null;
  simples: boolean | null;
  source: "MIRROR" | "CNPJWS";
  /** 'YYYY-MM-DD': of when the source's data are (`atualizado_em`, or the day of the dump). */
  sourceDate: string | null;
  /** The answer as it came, kept as evidence. */
  raw: unknown;
};

/** What came of asking a registry for one CNPJ. */
export type LookupOutcome =
  | { kind: "FOUND"; company: Company }
  /** The registry does not know the CNPJ (404). */
  | { kind: "NOT_FOUND" }
  /** The registry refuses the CNPJ (400); it may not know alphanumeric ones yet. */
  | { kind: "INVALID" }
  /** Asked too often (429); not before `retryAt` again. */
  | { kind: "RATE_LIMITED"; retryAt: Date }
  /** No usable answer: 5xx, time-out, network, bad body. The cause holds no token and no body. */
  | { kind: "UNAVAILABLE"; cause: string };

/** Whether a status, trimmed, is the one that lets a supplier be paid. */
export function isActive(status: string): boolean {
  return status === "Ativa";
}

const trimmed = z.string().transform((text) => text.trim());

/** "2003-02-24"; null and "" are "not given", anything else is a shape we do not know. */
const date = trimmed.nullable().transform((text, context) => {
  if (text === null || text === "") return null;
  const parsed = parseDate(text);
  if (parsed === undefined) context.addIssue("not a date");
  return parsed ?? null;
});

const yesNo = trimmed.nullable().transform((text, context) => {
  if (text === null || text === "") return null;
  if (text === "Sim") return true;
  if (text === "Não") return false;
  context.addIssue("neither Sim nor Não");
  return z.NEVER;
});

const activity = z.object({ subclasse: z.string() }).transform(({ subclasse }, context) => {
  const cnae = parseCnae(subclasse);
  if (cnae === undefined) context.addIssue("not a CNAE subclass");
  return cnae ?? z.NEVER;
});

const instantDay = z.iso
  .datetime({ offset: true })
  .nullable()
  .transform((text) => (text === null ? null : dateInBrasilia(new Date(text))));

/**
 * The part of a CNPJ.ws answer that is used (docs.cnpj.ws, "Consultando CNPJ"). `capital_social` and
 * partners are not read; an unknown key is no error, a known one of another shape is.
 */
const cnpjWsBody = z.object({
  razao_social: trimmed,
  atualizado_em: instantDay,
  simples: z.object({ simples: yesNo, mei: yesNo }).nullable(),
  estabelecimento: z.object({
    cnpj: trimmed,
    situacao_cadastral: trimmed.nullable(),
    data_situacao_cadastral: date,
    data_inicio_atividade: date,
    atividade_principal: activity.nullable(),
    atividades_secundarias: z.array(activity),
  }),
});

/**
 * Reads the body of a 200 from CNPJ.ws. Returns the company, or the paths of what has not the known
 * shape (paths only: values could be personal data).
 */
export function companyFromCnpjWs(raw: unknown): Company | { unreadable: string } {
  const result = cnpjWsBody.safeParse(raw);
  if (!result.success) {
    const paths = result.error.issues.map((issue) => issue.path.join(".") || "body");
    return { unreadable: [...new Set(paths)].slice(0, 5).join(", ") };
  }
  const { razao_social, atualizado_em, simples, estabelecimento } = result.data;
  const status = estabelecimento.situacao_cadastral ?? "";
  return {
    cnpj: estabelecimento.cnpj,
    name: razao_social,
    status,
    active: isActive(status),
    statusDate: estabelecimento.data_situacao_cadastral,
    openedOn: estabelecimento.data_inicio_atividade,
    mainCnae: estabelecimento.atividade_principal,
    secondaryCnaes: estabelecimento.atividades_secundarias,
    mei: simples?.mei ?? null,
    simples: simples?.simples ?? null,
    source: "CNPJWS",
    sourceDate: atualizado_em,
    raw,
  };
}
