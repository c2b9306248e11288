import { canonicalJson } from "./canonical-json.ts";
import type { Approver, Decision, DecisionStatus } from "./decision.ts";
import type { ExpenseFacts } from "./facts.ts";
import { factsHash, ruleVersion } from "./facts-hash.ts";
import { deadlinePassed, missingFacts } from "./missing-facts.ts";
import type { Reason, Severity } from "./reason.ts";
import type { RuleCode } from "./rule-code.ts";
import { approvalLimitRules } from "./rules/approval-limit.ts";
import { cnaeRules } from "./rules/cnae.ts";
import { duplicateRules } from "./rules/duplicate.ts";
import { missingFactRules } from "./rules/missing-fact.ts";
import { payeeAccountRules } from "./rules/payee-account.ts";
import { receiptRules } from "./rules/receipt.ts";
import { retentionRules } from "./rules/retention.ts";
import type { RuleFunction } from "./rules/rule-function.ts";
import { splittingRules } from "./rules/splitting.ts";
import { supplierRules } from "./rules/supplier.ts";
import { ruleDate, ruleSetReasons, rulesInForce } from "./rules-in-force.ts";

const RULE_FUNCTIONS: Record<RuleCode, RuleFunction> = {
  ...missingFactRules,
  ...supplierRules,
  ...cnaeRules,
  ...receiptRules,
  ...retentionRules,
  ...payeeAccountRules,
  ...duplicateRules,
  ...splittingRules,
  ...approvalLimitRules,
};

const WEIGHT: Record<Severity, number> = { BLOCK: 0, REVIEW: 1, NOTE: 2 };

/**
 * Decides one expense from its facts alone: pure and total, and the same facts in whatever order give
 * the same decision. `asOf` counts only against the deadline of a fact that is still missing, so
 * deciding again later changes nothing unless that deadline passed or a fact came.
 */
export function decide(facts: ExpenseFacts): Decision {
  const date = ruleDate(facts.expense);
  const reasons = inOrder([
    ...rulesInForce(facts.rules, date).flatMap((rule) => RULE_FUNCTIONS[rule.code](facts, rule)),
    ...ruleSetReasons(facts.rules, date),
  ]);
  const missing = missingFacts(facts);
  const status = statusOf(reasons, missing.length > 0 && !deadlinePassed(facts));
  return {
    status,
    waitingFor: status === "PENDING" ? missing : [],
    reasons,
    secondApproval: secondApprovalOf(reasons),
    ruleVersion: ruleVersion(facts),
    thresholds: facts.thresholds,
    factsHash: factsHash(facts),
  };
}

/**
 * The order of weight: what blocks rejects at once, even while facts are missing; then a missing fact is
 * waited for; then a person; then a second approver. Notes change nothing.
 */
export function statusOf(reasons: readonly Reason[], waiting: boolean): DecisionStatus {
  if (reasons.some(({ severity }) => severity === "BLOCK")) return "REJECTED";
  if (waiting) return "PENDING";
  if (reasons.some(({ severity }) => severity === "REVIEW")) return "MANUAL_REVIEW";
  return secondApprovalOf(reasons) === null ? "APPROVED" : "AWAITING_SECOND_APPROVAL";
}

/** The stricter of what the reasons require: someone of the condominium's is a second approver too. */
function secondApprovalOf(reasons: readonly Reason[]): Approver | null {
  const required = reasons
    .filter(({ code }) => code === "APPROVAL_LIMIT" || code === "ADMINISTRATION_FEE")
    .map(({ evidence }) => evidence.requires);
  if (required.length === 0) return null;
  return required.includes("CONDOMINIUM") ? "CONDOMINIUM" : "SECOND_APPROVER";
}

/** Heaviest first, then by code and evidence, each once. */
function inOrder(reasons: Reason[]): Reason[] {
  const byText = new Map(
    reasons.map((reason) => [
      `${WEIGHT[reason.severity]} ${reason.code} ${canonicalJson(reason.evidence)}`,
      reason,
    ]),
  );
  return [...byText].sort(([one], [other]) => (one < other ? -1 : 1)).map(([, reason]) => reason);
}
