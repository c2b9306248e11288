import { describe, expect, it } from "@jest/globals";
import { parsePixKey } from "../../src/identifiers/pix-key.ts";

describe("parsePixKey", () => {
  it.each([
    ["12.abc.345/01de-35", "12ABC34501DE35"],
    ["529.982.247-25", "52998224725"],
    ["+5511999998888", "+5511999998888"],
    ["Financeiro@Example.com.br", "financeiro@example.com.br"],
    ["123E4567-E12B-12D1-A456-426655440000", "123e4567-e12b-12d1-a456-426655440000"],
  ])("reads %s", (text, key) => {
    expect(parsePixKey(text)).toBe(key);
    expect(parsePixKey(` ${key} `)).toBe(key);
  });

  it.each([
    "",
    "11999998888",
    "(11) 99999-8888",
    "11222333000182",
    "a@",
    "@b.com",
    "a b@c.com",
    `${"a".repeat(71)}@bb.com`,
    "+0511999998888",
  ])("refuses %j", (text) => {
    expect(parsePixKey(text)).toBeUndefined();
  });
});
