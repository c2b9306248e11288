import { z } from "zod";
import { ROOT, resultOf, startProgram } from "../cli-process.ts";
import { VerifierServer } from "./verifier-server.ts";

/** Debian's, for which the package python3-cryptography is. */
const PYTHON = "/usr/bin/python3";
const PROGRAM = `${ROOT}/verifier/blindagem_verify.py`;

const reportSchema = z.object({
  ok: z.boolean(),
  faultCounts: z.record(z.string(), z.number()),
  notices: z.record(z.string(), z.number()),
  witnesses: z.array(z.object({ name: z.string(), at: z.string(), size: z.number() })),
});

/** Runs the independent verifier to its end. */
export function runVerifier(...args: string[]) {
  // Without bytecode beside the program.
  const environment = { PYTHONDONTWRITEBYTECODE: "1" };
  return resultOf(startProgram(PYTHON, [PROGRAM, ...args], { environment }));
}

let server: VerifierServer | undefined;

/** What it found, and its status: run by a process that has loaded it, since hundreds of tests ask. */
export async function verifierReport(...args: string[]) {
  server ??= new VerifierServer(PYTHON, PROGRAM);
  const { status, stdout, stderr } = await server.run([...args, "--json"]);
  if (stderr !== "") throw new Error(`The verifier broke down: ${stderr}`);
  return { status, ...reportSchema.parse(JSON.parse(stdout)) };
}
