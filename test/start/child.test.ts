import { mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import path from "node:path";
import { PassThrough } from "node:stream";
import { afterAll, beforeAll, describe, expect, it } from "@jest/globals";
import { startChild } from "../../src/start/child.ts";
import { waitFor } from "../wait-for.ts";

let directory: string;
beforeAll(async () => {
  directory = await mkdtemp(path.join(tmpdir(), "blindagem-child-"));
});
afterAll(() => rm(directory, { recursive: true, force: true }));

/** Starts a program of that source; tells its restarts and its log. */
async function start(source: string) {
  const program = path.join(directory, `${source.length}-${Math.abs(hash(source))}.mjs`);
  await writeFile(program, source);
  const log = new PassThrough().setEncoding("utf8");
  let written = "";
  log.on("data", (text: string) => {
    written += text;
  });
  const restarts: unknown[] = [];
  const child = startChild({
    command: "worker",
    environment: { OWN: "alone" },
    log,
    program,
    onRestart: (...restart) => restarts.push(restart),
  });
  return { child, restarts, log: () => written };
}

const hash = (text: string) =>
  [...text].reduce((sum, letter) => (sum * 31 + letter.charCodeAt(0)) | 0, 7);

const READY = `process.send({ ready: true, url: "http://here" });`;

describe("startChild", () => {
  it("waits until the process is ready, with its own environment alone, and keeps its lines", async () => {
    const { child, log } = await start(`
      console.log(process.argv[2], Object.keys(process.env).filter((name) => name === "OWN" || name === "HOME"));
      const running = setInterval(() => {}, 1000);
      process.once("SIGTERM", () => { console.error("bye"); clearInterval(running); process.disconnect(); });
      ${READY}`);
    const { url, stop } = await child;
    expect(url).toBe("http://here");
    await stop();
    await waitFor("its last line", () => log().includes("bye"));
    expect(log()).toContain("worker [ 'OWN' ]");
  });

  it("tells the last words for people of one that ends before it is ready", async () => {
    const { child } = await start(`
      console.error('{"level":30,"msg":"a line of the log"}');
      console.error("A porta já está em uso.");
      process.exitCode = 3;`);
    await expect(child).rejects.toThrow(
      'O processo "worker" terminou (3) antes de estar pronto.\nA porta já está em uso.',
    );
  });

  it("starts one again that ends by itself, later if it lived shortly, and not once it is stopped", async () => {
    const { child, restarts } = await start(`${READY} process.exitCode = 7;`);
    const { stop } = await child;
    await waitFor("the restart", () => restarts.length === 1);
    expect(restarts).toEqual([["worker", 7, 1000]]);
    await waitFor("the second", () => restarts.length === 2);
    expect(restarts[1]).toEqual(["worker", 7, 2000]);
    await stop();
    expect(restarts).toHaveLength(2);
  });
});
