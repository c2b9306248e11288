import { readFileSync } from "node:fs";
import { z } from "zod";
import { CATEGORIES_WITHOUT_CNAE, type Category, isCategory } from "./categories.ts";
import type { Company } from "./company.ts";

/**
 * How a company's trade fits a category of expense:
 * - `CORE`: its main CNAE is the trade one expects;
 * - `ACCEPTED`: its main CNAE is on the wider list, which passes with a note;
 * - `SECONDARY`: only a secondary CNAE is on either list, which passes with a note;
 * - `NONE`: neither, so a person decides (MEIs hold odd CNAEs: never a rejection on this alone);
 * - `CONDOMINIUM`: it carries 8112-5/00, that is, it is a condominium itself: a red flag in a supplier;
 * - `NOT_APPLICABLE`: the category has no CNAE rule (payroll, taxes, bank fees).
 */
export type Fit = "CORE" | "ACCEPTED" | "SECONDARY" | "NONE" | "CONDOMINIUM" | "NOT_APPLICABLE";

export type CnaeFit = {
  fit: Fit;
  /** The company's CNAE (7 digits) that decided, null where none did. */
  cnae: string | null;
  /** The category's core CNAEs (7 digits), to show what was expected; empty if no rule applies. */
  expected: readonly string[];
};

type Rule = { core: readonly string[]; ok: readonly string[] };

const subclass = z.object({ cnae: z.string().regex(/^\d{7}$/) });
const ruleShape = z.object({ core: z.array(subclass).min(1), ok: z.array(subclass) });
const redFlags = z.array(z.object({ cnae: z.string().optional() }));

/** Read at load: a map that is malformed or names an unknown category must stop the start. */
function loadMap(): { rules: ReadonlyMap<Category, Rule>; redFlagCnaes: ReadonlySet<string> } {
  const text = readFileSync(new URL("./cnae-map.json", import.meta.url), "utf8");
  const { _red_flags, ...categories } = z.record(z.string(), z.unknown()).parse(JSON.parse(text));
  const rules = new Map<Category, Rule>();
  for (const [key, value] of Object.entries(categories)) {
    if (!isCategory(key)) throw new Error(`cnae-map.json: unknown category ${key}`);
    const rule = ruleShape.parse(value);
    rules.set(key, {
      core: rule.core.map(({ cnae }) => cnae),
      ok: rule.ok.map(({ cnae }) => cnae),
    });
  }
  const flagged = redFlags.parse(_red_flags).flatMap(({ cnae }) => (cnae ? [cnae] : []));
  return { rules, redFlagCnaes: new Set(flagged) };
}

const { rules, redFlagCnaes } = loadMap();

/** Does the company's trade fit the category? See `Fit` for the answers. */
export function cnaeFit(
  category: Category,
  company: Pick<Company, "mainCnae" | "secondaryCnaes">,
): CnaeFit {
  if (CATEGORIES_WITHOUT_CNAE.has(category)) {
    return { fit: "NOT_APPLICABLE", cnae: null, expected: [] };
  }
  const rule = rules.get(category);
  if (rule === undefined) throw new Error(`cnae-map.json: no rule for the category ${category}`);
  const { mainCnae, secondaryCnaes } = company;
  const expected = rule.core;

  const all = mainCnae === null ? secondaryCnaes : [mainCnae, ...secondaryCnaes];
  const flagged = all.find((cnae) => redFlagCnaes.has(cnae));
  if (flagged !== undefined) return { fit: "CONDOMINIUM", cnae: flagged, expected };

  if (mainCnae !== null && rule.core.includes(mainCnae)) {
    return { fit: "CORE", cnae: mainCnae, expected };
  }
  if (mainCnae !== null && rule.ok.includes(mainCnae)) {
    return { fit: "ACCEPTED", cnae: mainCnae, expected };
  }
  const secondary =
    secondaryCnaes.find((cnae) => rule.core.includes(cnae)) ??
    secondaryCnaes.find((cnae) => rule.ok.includes(cnae));
  if (secondary !== undefined) return { fit: "SECONDARY", cnae: secondary, expected };
  return { fit: "NONE", cnae: mainCnae, expected };
}
