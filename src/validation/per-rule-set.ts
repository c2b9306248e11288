import type { Rule } from "./rule.ts";

/**
 * Makes a function of rules remember its answers for as long as that very array lives: the expenses of a chunk share
 * one, and to work out which rules are in force, and their hash, took two thirds of deciding. The array must not change.
 */
export function perRuleSet<T>(
  compute: (rules: readonly Rule[], key: string) => T,
): (rules: readonly Rule[], key: string) => T {
  const known = new WeakMap<readonly Rule[], Map<string, { answer: T }>>();
  return (rules, key) => {
    const answers = known.get(rules) ?? new Map<string, { answer: T }>();
    known.set(rules, answers);
    const answered = answers.get(key) ?? { answer: compute(rules, key) };
    answers.set(key, answered);
    return answered.answer;
  };
}
