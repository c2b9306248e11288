import { describe, expect, it } from "@jest/globals";
import {
  category,
  cnae,
  cnpj,
  count,
  day,
  list,
  moment,
  money,
  percent,
  rate,
  text,
} from "../../../src/validation/catalogue/portuguese.ts";

describe("evidence in Portuguese", () => {
  it.each([
    [money("1234.56"), "R$ 1.234,56"],
    [money(null), "não informado"],
    [day("2026-11-05"), "05/11/2026"],
    [day("2026-11-06T02:30:00Z"), "05/11/2026"],
    [day("soon"), "soon"],
    [moment("2026-11-05T17:12:00-03:00"), "05/11/2026 17:12:00"],
    [moment(["2026-11-05", "2026-11-06"]), "05/11/2026 e 06/11/2026"],
    [moment("2026-11-05 17:12"), "05/11/2026 17:12"],
    [percent(0.824), "82%"],
    [cnpj("12ABC34501DE35"), "12.ABC.345/01DE-35"],
    [cnae("8121400"), "8121-4/00"],
    [cnae(["8121400", "8111700", "8129000"]), "8121-4/00, 8111-7/00 e 8129-0/00"],
    [category("AGUA_ESGOTO"), "“Água e esgoto”"],
    [rate(1100), "11%"],
    [rate(465), "4,65%"],
    [rate(250), "2,5%"],
    [rate(5), "0,05%"],
    [count(1, "dia", "dias"), "1 dia"],
    [count(30, "dia", "dias"), "30 dias"],
    [list([]), ""],
    [text(undefined), "não informado"],
    [text("JOAO DA SILVA 52998224725"), "JOAO DA SILVA ***"],
  ])("%s", (actual, expected) => {
    expect(actual).toBe(expected);
  });
});
