import { spawn } from "node:child_process";
import { once } from "node:events";
import { fileURLToPath } from "node:url";
import { expect, it } from "@jest/globals";
import { isAlive } from "../start/processes.ts";
import { waitFor } from "../wait-for.ts";

const BUSY = fileURLToPath(new URL("../fixtures/receipts/busy-orphan.mjs", import.meta.url));

/** Tells the id of a busy child, and waits. */
const PARENT = `
  const child = require("node:child_process").fork(${JSON.stringify(BUSY)});
  child.once("message", () => console.log(child.pid));
`;

it("ends a process that is too busy to hear that its parent was killed", async () => {
  const parent = spawn(process.execPath, ["-e", PARENT], { stdio: ["ignore", "pipe", "inherit"] });
  const [line] = await once(parent.stdout, "data");
  const child = Number(String(line));
  expect(await isAlive(child)).toBe(true);
  parent.kill("SIGKILL");
  await once(parent, "exit");
  await waitFor("the child's end", async () => !(await isAlive(child)));
}, 60_000);
