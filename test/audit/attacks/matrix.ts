import { ALTERED_LOG } from "./altered-log.ts";
import type { Attack, AttackNotRun } from "./attack.ts";
import { CHANGED_ROWS } from "./changed-rows.ts";
import { FORGED_RECORDS } from "./forged-records.ts";
import { CLOCK, OTHER_HISTORIES } from "./other-history.ts";
import { REFUSED } from "./refused.ts";

/** Every attack, by the heading under which docs/attacks.md lists it. */
export const MATRIX: readonly { heading: string; attacks: readonly (Attack | AttackNotRun)[] }[] = [
  { heading: "O que o banco recusa", attacks: REFUSED },
  { heading: "Linhas do negócio", attacks: CHANGED_ROWS },
  { heading: "O registro e o selo", attacks: ALTERED_LOG },
  { heading: "Dizer-se outro", attacks: FORGED_RECORDS },
  { heading: "Outra história", attacks: [...OTHER_HISTORIES, CLOCK] },
];
