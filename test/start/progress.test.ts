import { describe, expect, it } from "@jest/globals";
import { plainLines, titleColumn, type WatchedBatch } from "../../src/start/progress.ts";

const batch: WatchedBatch = { batchId: "1", title: "Lote 1 · Alfa", token: "" };

/** Lines as they are written, under a clock that the test turns. */
function written() {
  const texts: string[] = [];
  const clock = { now: 0 };
  const output = { write: (text: unknown) => texts.push(String(text)) > 0 };
  return { texts, clock, display: plainLines(output, () => clock.now) };
}

describe("the titles beside bars", () => {
  const titles = ["Lote 1 · Alfa", "Lote 12 · Administradora de Condomínios Ltda"];

  it("are as wide as the longest, where the terminal has room", () => {
    const fitted = titles.map(titleColumn(titles, 120));
    expect(fitted).toEqual([titles[0]?.padEnd(44), titles[1]]);
  });

  it("are cut where they would push the figures out of the terminal", () => {
    const fitted = titles.map(titleColumn(titles, 80));
    expect(fitted).toEqual([titles[0]?.padEnd(37), "Lote 12 · Administradora de Condomín…"]);
    expect(titles.map(titleColumn(titles, 10))).toEqual(["…", "…"]);
  });
});

describe("plain lines of progress", () => {
  it("tell of a batch whenever its figure has changed", () => {
    const { texts, display } = written();
    for (const done of [0, 0, 3, 3, 9]) display.update(batch, done, 9);
    expect(texts).toEqual(
      [0, 3, 9].map((done) => `Lote 1 · Alfa: ${done} de 9 despesas decididas\n`),
    );
  });

  it("tell of the queue at most every five seconds, however often it changes", () => {
    const { texts, clock, display } = written();
    for (clock.now = 0; clock.now <= 10_000; clock.now += 500) display.queue(clock.now);
    expect(texts).toEqual([0, 5_000, 10_000].map((open) => `tarefas na fila: ${open}\n`));
  });

  it("do not repeat a queue that has not changed", () => {
    const { texts, clock, display } = written();
    for (clock.now = 0; clock.now <= 20_000; clock.now += 500) display.queue(7);
    expect(texts).toEqual(["tarefas na fila: 7\n"]);
  });
});
