import type { Stage } from "./stage.ts";

/** What can notice an attack. */
export const DETECTORS = {
  database: "banco de dados",
  log: "registro",
  auditor: "consulta",
  sealing: "selagem",
  comparison: "comparação",
  verification: "verificação",
} as const;
export type Detector = keyof typeof DETECTORS;

/**
 * What notices, and how it calls it: SQLSTATE of the refusal; OUT_OF_BAND, in the log and as the API shows it; the cause of an unattested record, or why
 * sealing is refused; a kind of divergence; a fault of the verifiers.
 */
export type Detection = `${Detector} ${string}`;

interface Named {
  /** In Portuguese, as the table in docs/attacks.md has it. */
  name: string;
  /** As whom: a role, a login, or what else is in the attacker's hands. */
  as: string;
}

/** A way to change data, log or seal that is not the platform's, and all that notices it. */
export interface Attack extends Named {
  detections: readonly Detection[];
  /** Takes the rights of the server's superuser, which nobody has on a managed one. */
  superuser?: true;
  run(stage: Stage): Promise<void>;
}

/** An attack that cannot be carried out here. */
export interface AttackNotRun extends Named {
  /** Why, and what is known of it all the same. */
  notRun: string;
}

/** An attack that asks for the superuser. */
export function bySuperuser(attack: Omit<Attack, "as" | "superuser"> & { as?: string }): Attack {
  return { as: "superusuário", superuser: true, ...attack };
}
