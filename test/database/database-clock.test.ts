import { beforeEach, describe, expect, it } from "@jest/globals";
import { type Logger, pino } from "pino";
import { DatabaseClock } from "../../src/database/database-clock.ts";

const start = Date.parse("2030-11-05T15:00:00Z");

let own = start;
let lines: string[] = [];
let logger: Logger;
beforeEach(() => {
  own = start;
  lines = [];
  logger = pino({ level: "warn" }, { write: (line: string) => void lines.push(line) });
});

const clockOf = () => new DatabaseClock(() => new Date(own), logger);

describe("the database's clock in a process of another machine", () => {
  it("is the process's own until the database says another time", () => {
    const clock = clockOf();
    expect(clock.now()).toEqual(new Date(start));
    clock.note(new Date(start - 5_000), 20);
    expect(clock.now()).toEqual(new Date(start - 4_980));
    own += 60_000;
    expect(clock.now()).toEqual(new Date(start + 55_020));
  });

  it("follows when a clock is set", () => {
    const clock = clockOf();
    clock.note(new Date(start + 30_000), 0);
    own += 30_000;
    clock.note(new Date(start + 30_000), 0);
    expect(clock.now()).toEqual(new Date(start + 30_000));
  });

  it("stays where the answer says nothing against it, or took too long to say anything", () => {
    const clock = clockOf();
    clock.note(new Date(start - 15), 20);
    clock.note(new Date(start - 60_000), 1_001);
    expect(clock.now()).toEqual(new Date(start));
  });

  it("is not put wrong by an answer that a busy process reads late", () => {
    const clock = clockOf();
    clock.note(new Date(start - 805), 800);
    expect(clock.now()).toEqual(new Date(start - 5));
    clock.note(new Date(start - 15), 10);
    expect(clock.now()).toEqual(new Date(start - 5));
  });

  it("is told of once, from a second on", () => {
    const clock = clockOf();
    clock.note(new Date(start + 900), 0);
    expect(lines).toEqual([]);
    clock.note(new Date(start + 4_000), 0);
    clock.note(new Date(start + 4_500), 0);
    expect(lines).toHaveLength(1);
    expect(lines[0]).toContain('"databaseAheadMs":4000');
  });
});
