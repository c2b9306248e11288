import { describe, expect, it } from "@jest/globals";
import fc from "fast-check";
import { digit11 } from "../../src/identifiers/check-digit.ts";
import { parseNfseKey } from "../../src/identifiers/nfse-key.ts";
import { cnpjs, cpfs, digits, neighbours } from "./arbitraries.ts";

const withDigit = (base: string) => base + digit11(base);
const NUMBER_ON = "0000000001234" + "2611" + "738291547";
const KEY = withDigit(`35503082212ABC34501DE35${NUMBER_ON}`);

describe("parseNfseKey", () => {
  it("takes a key of an alphanumeric CNPJ apart", () => {
    expect(parseNfseKey(KEY)).toEqual({
      key: KEY,
      yearMonth: "2026-11",
      issuer: "12ABC34501DE35",
      municipality: "3550308",
      number: "1234",
    });
  });

  it("reads groups apart by spaces", () => {
    expect(parseNfseKey(KEY.replace(/(.{5})/g, "$1 "))?.key).toBe(KEY);
  });

  it("reads any key that is put together right, and no neighbour of its check digit", () => {
    const system = fc.constantFrom("1", "2");
    const month = fc.integer({ min: 1, max: 12 }).map((n) => String(n).padStart(2, "0"));
    fc.assert(
      fc.property(cnpjs, system, digits(13), month, digits(9), (cnpj, made, number, mm, code) => {
        const key = withDigit(`3304557${made}2${cnpj}${number}26${mm}${code}`);
        expect(parseNfseKey(key)).toMatchObject({ key, issuer: cnpj, yearMonth: `2026-${mm}` });
        for (const changed of neighbours(key, 49, 50, "0123456789")) {
          expect(parseNfseKey(changed)).toBeUndefined();
        }
      }),
    );
  });

  it("finds the CPF of a person who gives the service", () => {
    fc.assert(
      fc.property(cpfs, digits(13), digits(9), (cpf, number, code) => {
        const key = withDigit(`355030821000${cpf}${number}2611${code}`);
        expect(parseNfseKey(key)?.issuer).toBe(cpf);
      }),
    );
  });

  it.each([
    ["a state that is none", withDigit(`99503082212ABC34501DE35${NUMBER_ON}`)],
    ["a system that is none", withDigit(`35503083212ABC34501DE35${NUMBER_ON}`)],
    ["a kind of inscription that is none", withDigit(`35503082312ABC34501DE35${NUMBER_ON}`)],
    ["a CNPJ for a CPF", withDigit(`35503082111222333000181${NUMBER_ON}`)],
    ["a provider with wrong check digits", withDigit(`35503082211222333000182${NUMBER_ON}`)],
    ["month 13", withDigit("35503082212ABC34501DE3500000000012342613738291547")],
    ["month 00", withDigit("35503082212ABC34501DE3500000000012342600738291547")],
    ["49 characters", KEY.slice(0, 49)],
    ["lower case letters", KEY.toLowerCase()],
    ["a DF-e's key", "35261112ABC34501DE35550010000123451738291544"],
    ["nothing", ""],
  ])("refuses %s", (_what, key) => {
    expect(parseNfseKey(key)).toBeUndefined();
  });
});
