import { describe, expect, it } from "@jest/globals";
import { waitingForProvider } from "../../src/queue/waiting-for.ts";

const now = new Date("2026-11-06T01:00:00Z");
const at = new Date("2026-11-06T01:32:00Z");

describe("waitingForProvider", () => {
  it("names the limit, the quota, or the failure with the time in Brasília", () => {
    expect(waitingForProvider("CNPJ.ws", { at, cause: "LIMIT" }, now)).toBe(
      "limite de consultas do CNPJ.ws",
    );
    expect(waitingForProvider("CNPJ.ws", { at, cause: "QUOTA" }, now)).toBe(
      "cota diária de consultas do CNPJ.ws",
    );
    expect(waitingForProvider("CNPJ.ws", { at, cause: "DOWN" }, now)).toBe(
      "CNPJ.ws fora do ar; nova tentativa às 22:32",
    );
  });

  it("adds the day when it is another in Brasília", () => {
    const tomorrow = new Date("2026-11-06T03:05:00Z");
    expect(waitingForProvider("CNPJ.ws", { at: tomorrow, cause: "DOWN" }, now)).toBe(
      "CNPJ.ws fora do ar; nova tentativa às 00:05 de 06/11",
    );
  });
});
