import { describe, expect, it } from "@jest/globals";
import { findIdentifiers } from "../../src/receipts/fields/identifiers.ts";
import { kindOf } from "../../src/receipts/kind.ts";
import type { ReceiptKind } from "../../src/receipts/reading.ts";
import { printed } from "./printed.ts";

const NFSE_KEY = "35503082212ABC34501DE35000000000123426117382915472";

function kindIn(text: string): ReceiptKind {
  const lines = printed(text);
  return kindOf(lines, findIdentifiers(lines, "2026-11-05"));
}

describe("kindOf", () => {
  it.each<[ReceiptKind, string]>([
    ["PIX_PROOF", "Banco Aurora\nComprovante de transferência\nTipo de transferência Pix"],
    ["PIX_PROOF", "Pix enviado\nR$ 10,00\nQuem recebeu"],
    ["PIX_PROOF", "Comprovante Pix\nMensagem: boleto 4711, nota fiscal de serviços 12"],
    [
      "PIX_PROOF",
      "Transferência enviada\nR$ 1.500,00\nID da transação\nE12345678202609290129Ab3dE9fGh1J",
    ],
    ["TED_PROOF", "Comprovante de TED\nFavorecido\nAgência 1234 Conta 5-6"],
    ["BOLETO_PROOF", "Comprovante de pagamento de boleto\nLinha digitável"],
    [
      "BOLETO_PROOF",
      "Comprovante de pagamento\n34191.09701 00000.012344 56789.012301 9 16210000123456",
    ],
    ["BOLETO", "Beneficiário: Jardim das Acácias\nNosso número 1\nVencimento 05/11/2026\nPagador"],
    ["NFCE", "DANFE NFC-e Documento Auxiliar\nForma de pagamento: PIX"],
    ["NFCE", "Consulte pela chave\n35261111222333000181650010000007771482619370"],
    ["NFE", "DANFE\nDocumento Auxiliar da Nota Fiscal Eletrônica"],
    ["NFE", "35261111222333000181550010000123451738291543"],
    [
      "NFSE",
      "Prefeitura de São Paulo\nNota Fiscal Eletrônica de Serviços - NFS-e\nPrestador de serviços",
    ],
    ["RPA", "RPA - Recibo de Pagamento a Autônomo\nINSS 11%"],
    [
      "RPA",
      "Recibo de Pagamento a Autônomo - RPA\nPrestador de serviços: João\nTomador de serviços",
    ],
    ["NFSE", `Consulte pela chave\n${NFSE_KEY}`],
    ["TAX_SLIP", "Documento de Arrecadação de Receitas Federais\nDARF"],
    ["UTILITY_BILL", "Conta de energia elétrica\nConsumo faturado 350 kWh\nVencimento"],
    ["TILL_RECEIPT", "CUPOM\nTOTAL 10,00\nTROCO 0,00"],
    ["TILL_RECEIPT", "TAX INVOICE\nTOTAL 9.54\nCASH"],
    ["UNKNOWN", "Bom dia,\nsegue em anexo."],
  ])("%s", (kind, text) => {
    expect(kindIn(text)).toBe(kind);
  });

  it.each([
    "Comprovante de agendamento\nPix\nR$ 10,00",
    "Pix agendado\nR$ 10,00\nE12345678202609290129Ab3dE9fGh1J",
    "COMPROVANTE\nSituação: AGENDADO",
    "C0MPROVANTE DE AGENDAMENT0\nPIX",
  ])("a scheduling slip is no proof: %s", (text) => {
    expect(kindIn(text)).toBe("SCHEDULING");
  });

  it("a proof that only mentions scheduling stays one", () => {
    expect(kindIn("Pix enviado\nR$ 10,00\nConsulte seus agendamentos no aplicativo")).toBe(
      "PIX_PROOF",
    );
  });
});
