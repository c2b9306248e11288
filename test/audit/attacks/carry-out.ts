import { readFile, writeFile } from "node:fs/promises";
import { afterAll, beforeAll, describe, expect, it, jest } from "@jest/globals";
import { itWithSuperuser } from "../../database/superuser.ts";
import { inRepository } from "../../docs/markdown.ts";
import type { Attack, AttackNotRun, Detection } from "./attack.ts";
import { withMatrix } from "./attack-table.ts";
import { MATRIX } from "./matrix.ts";
import { Stage } from "./stage.ts";

export const PAGE = inRepository("docs/attacks.md");

const delays = new Map<Attack, number>();

/** What the sealing process tells of without stopping. */
const GOES_ON: readonly Detection[] = ["sealing UNATTESTED", "sealing CLOCK_SET_BACK"];

const isOf = (detector: string) => (detection: Detection) => detection.startsWith(`${detector} `);
const isRun = (attack: Attack | AttackNotRun): attack is Attack => "run" in attack;
const isRefused = ({ detections }: Attack) => detections.every(isOf("database"));

/** Carries an attack out and waits for all that may notice it. */
async function carryOut(stage: Stage, attack: Attack): Promise<void> {
  const { detections } = attack;
  stage.begins();
  await attack.run(stage);
  if (!isRefused(attack)) {
    await stage.until(
      detections.filter((each) => isOf("sealing")(each) || isOf("comparison")(each)),
    );
    const goesOn = detections.every((each) => !isOf("sealing")(each) || GOES_ON.includes(each));
    if (goesOn) await stage.sealed();
    await stage.examine();
  }
  expect(stage.found()).toEqual([...detections].sort());
  delays.set(attack, stage.delay());
}

/** The tests of one heading of the matrix: a file each, so that they run beside each other. */
export function describeAttacks(heading: string): void {
  // Installations start slowly on a machine that does other things too.
  jest.setTimeout(300_000);
  const attacks = MATRIX.find((part) => part.heading === heading)?.attacks;
  if (attacks === undefined) throw new Error(`No attacks are listed under "${heading}".`);

  describe(heading, () => {
    let furnished: Stage;
    let untouched: Stage;
    beforeAll(async () => {
      furnished = await Stage.furnish();
      untouched = await furnished.open();
      // It would take a core from the others.
      await untouched.stopComparing();
    });
    afterAll(async () => {
      await untouched.close();
      await furnished.close();
    });

    for (const attack of attacks.filter(isRun)) {
      const itAs = attack.superuser ? itWithSuperuser : it;
      itAs(`${attack.name}, ${attack.as}: ${attack.detections.join(", ")}`, async () => {
        if (isRefused(attack)) return carryOut(untouched, attack);
        const stage = await furnished.open();
        try {
          await carryOut(stage, attack);
        } finally {
          await stage.close();
        }
      });
    }

    it("notes nothing where nobody attacks, or is refused", async () => {
      untouched.begins();
      untouched.startComparing();
      await untouched.submit("3");
      await untouched.sealed();
      await untouched.examine();
      expect(untouched.found()).toEqual([]);
    });
  });

  // One file after the other (--runInBand): each keeps the others' times.
  afterAll(async () => {
    if (process.env.WRITE_ATTACKS === "1") {
      await writeFile(PAGE, withMatrix(await readFile(PAGE, "utf8"), delays));
    }
  });
}
