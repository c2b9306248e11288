import { describe, expect, it } from "@jest/globals";
import { findParties } from "../../../src/receipts/fields/cnpj.ts";
import type { ReceiptKind } from "../../../src/receipts/reading.ts";
import { printed } from "../printed.ts";

const PAYER = "11.222.333/0001-81";
const PAYEE = "12.ABC.345/01DE-35";

function partiesIn(
  kind: ReceiptKind,
  text: string,
  issuer?: string,
): [string | null, string | null] {
  const { cnpj, takerCnpj } = findParties(printed(text), kind, issuer);
  return [cnpj.value, takerCnpj.value];
}

const BOTH = ["12ABC34501DE35", "11222333000181"];

describe("findParties", () => {
  it.each<[string, ReceiptKind, string]>([
    [
      "under headings",
      "PIX_PROOF",
      `Destino\nLimpadora\nCNPJ ${PAYEE}\nOrigem\nCondomínio\nCNPJ ${PAYER}`,
    ],
    [
      "the payer first",
      "PIX_PROOF",
      `Quem pagou\nCondomínio ${PAYER}\nQuem recebeu\nLimpadora ${PAYEE}`,
    ],
    [
      "on the lines of their labels",
      "BOLETO",
      `Beneficiário: Limpadora CNPJ ${PAYEE}\nPagador: Condomínio CNPJ ${PAYER}`,
    ],
    ["from and to", "TED_PROOF", `De: Condomínio ${PAYER}\nPara: Limpadora ${PAYEE}`],
    [
      "issuer at the head",
      "NFCE",
      `LIMPADORA LTDA\nCNPJ: ${PAYEE}\nDANFE NFC-e\nConsumidor CNPJ: ${PAYER}`,
    ],
    [
      "provider and taker",
      "NFSE",
      `Prestador de serviços\nCNPJ ${PAYEE}\nTomador de serviços\nCNPJ ${PAYER}`,
    ],
    ["bare digits", "PIX_PROOF", "Recebedor 12ABC34501DE35\nPagador 11222333000181"],
  ])("tells payee and payer apart: %s", (_, kind, text) => {
    expect(partiesIn(kind, text)).toEqual(BOTH);
  });

  it("tells two columns apart", () => {
    const text = `Favorecido                    Pagador\n${PAYEE}            ${PAYER}`;
    expect(partiesIn("PIX_PROOF", text)).toEqual(BOTH);
  });

  it("takes none that is masked or fails its check digits", () => {
    const text = "Recebedor\nCNPJ **.222.333/0001-**\nPagador\nCNPJ 11.222.333/0001-82";
    expect(partiesIn("PIX_PROOF", text)).toEqual([null, null]);
  });

  it("does not take the bank's own at the foot for the payer's", () => {
    const text = `Recebedor\nCNPJ ${PAYEE}\nPagador\nMaria ***.982.247-**\nAurora Instituição de Pagamento CNPJ 33.683.111/0002-80`;
    expect(partiesIn("PIX_PROOF", text)).toEqual(["12ABC34501DE35", null]);
  });

  it("mends letters that look like digits only if the check digits then hold, and says so", () => {
    const { cnpj } = findParties(
      printed("Recebedor CNPJ 11.222.333/OOO1-81"),
      "PIX_PROOF",
      undefined,
    );
    expect(cnpj).toMatchObject({ value: "11222333000181", confidence: 0.7 });
  });

  it("takes the issuer from the access key", () => {
    expect(partiesIn("NFE", `Destinatário ${PAYER}`, "12ABC34501DE35")).toEqual(BOTH);
  });

  it("names no CNPJ as the issuer's of a note that a person issued by its key", () => {
    const text = `${PAYEE}\nTomador de serviços ${PAYER}`;
    expect(partiesIn("NFSE", text, "52998224725")).toEqual([null, "11222333000181"]);
  });
});
