import { describe, expect, it } from "@jest/globals";
import type { PixProof } from "../../demo/drawing/documents.ts";
import { render } from "../../demo/drawing/render.ts";
import {
  boletoLine,
  dayInWords,
  dayWithMonth,
  money,
  taxpayer,
} from "../../demo/drawing/wording.ts";

const proof: PixProof = {
  kind: "PIX_PROOF",
  layout: "AURORA",
  paidAt: "2026-11-05T14:38:12-03:00",
  amount: "1234.56",
  payer: { name: "CONDOMÍNIO EDIFÍCIO EXEMPLO", document: "99887766000105" },
  payee: { name: "ELEVADORES EXEMPLO LTDA", document: "11222333000181" },
  endToEndId: "E60701190202611051738a1B2c3D4e5F",
};

const startsWith = (bytes: Uint8Array, text: string) =>
  Buffer.from(bytes.slice(0, 16)).toString("latin1").includes(text);

describe("render", () => {
  it("writes each medium in its own format, the same bytes for the same seed", async () => {
    for (const [medium, magic] of [
      ["png", "PNG"],
      ["jpeg", "JFIF"],
      ["text-pdf", "%PDF"],
      ["scanned-pdf", "%PDF"],
    ] as const) {
      const first = await render(proof, { medium, seed: 3 });
      expect(startsWith(first, magic)).toBe(true);
      expect(Buffer.compare(first, await render(proof, { medium, seed: 3 }))).toBe(0);
    }
  });

  it("damages the hour of a picture and refuses to damage a text", async () => {
    const clean = await render(proof, { medium: "png", seed: 3 });
    for (const damage of ["stain", "fold", "fade", "chip"] as const) {
      const harmed = await render(proof, { medium: "png", seed: 3, damage });
      expect(Buffer.compare(clean, harmed)).not.toBe(0);
    }
    await expect(render(proof, { medium: "text-pdf", seed: 3, damage: "stain" })).rejects.toThrow(
      "no paper",
    );
  });
});

describe("wording", () => {
  it("writes as Brazilian documents do", () => {
    expect(money("1234567.8")).toBe("R$ 1.234.567,80");
    expect(money("12.00")).toBe("R$ 12,00");
    expect(dayWithMonth("2026-11-05")).toBe("05 NOV 2026");
    expect(dayInWords("2026-11-05T10:00:00-03:00")).toBe("5 de novembro de 2026");
    expect(taxpayer("12ABC34501DE35")).toBe("12.ABC.345/01DE-35");
    expect(boletoLine("34191097010000001234456789012301916210000123456")).toBe(
      "34191.09701 00000.012344 56789.012301 9 16210000123456",
    );
  });
});
