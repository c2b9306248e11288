import { z } from "zod";
import { ROOT, resultOf, startProgram } from "../cli-process.ts";

/** Debian's, for which the package python3-cryptography is. */
const PYTHON = "/usr/bin/python3";

const reportSchema = z.object({
  ok: z.boolean(),
  faultCounts: z.record(z.string(), z.number()),
  notices: z.record(z.string(), z.number()),
  witnesses: z.array(z.object({ name: z.string(), at: z.string(), size: z.number() })),
});

/** Runs the independent verifier to its end. */
export function runVerifier(...args: string[]) {
  const program = `${ROOT}/verifier/blindagem_verify.py`;
  // Without bytecode beside the program.
  const environment = { PYTHONDONTWRITEBYTECODE: "1" };
  return resultOf(startProgram(PYTHON, [program, ...args], { environment }));
}

/** What it found, and its status. */
export async function verifierReport(...args: string[]) {
  const { status, stdout, stderr } = await runVerifier(...args, "--json");
  if (stderr !== "") throw new Error(`The verifier broke down: ${stderr}`);
  return { status, ...reportSchema.parse(JSON.parse(stdout)) };
}
