import { describe, expect, it } from "@jest/globals";
import fc from "fast-check";
import { findPartyNames } from "../../../src/receipts/fields/party-names.ts";
import { printed } from "../printed.ts";

const NAMES = ["Limpadora Boa Vista Ltda", "Condomínio Jardim das Acácias"];

function namesIn(text: string): (string | null)[] {
  const { payee, payer } = findPartyNames(printed(text));
  return [payee.value, payer.value];
}

describe("the names of the parties", () => {
  it.each([
    [
      "a Pix below its headings",
      "Destino\nLimpadora Boa Vista Ltda\nCNPJ: 1\nOrigem\nCondomínio Jardim das Acácias\nCNPJ: 2",
    ],
    [
      "a Pix by labels of their own under the headings",
      "PAGO PARA\nNOME...........: Limpadora Boa Vista Ltda\nCPF/CNPJ.......: 1\nPAGADOR\nNOME...........: Condomínio Jardim das Acácias",
    ],
    [
      "a TED with the bank before the name",
      "Favorecido\nBanco: 341\nAgência 1234 Conta 5-6\nNome: Limpadora Boa Vista Ltda\nRemetente: Condomínio Jardim das Acácias",
    ],
    [
      "from and to, the number behind the name",
      "De: Condomínio Jardim das Acácias CNPJ 11.222.333/0001-81\nPara: Limpadora Boa Vista Ltda - 12.ABC.345/01DE-35",
    ],
    [
      "a boleto's proof, label and value at two edges",
      "Beneficiário              Limpadora Boa Vista Ltda\nPagador              Condomínio Jardim das Acácias",
    ],
    [
      "a boleto's columns",
      "Beneficiário                     CNPJ do beneficiário\nLimpadora Boa Vista Ltda         12.ABC.345/01DE-35\nPagador\nCondomínio Jardim das Acácias - CNPJ 11.222.333/0001-81",
    ],
    [
      "an NFS-e",
      "PRESTADOR DE SERVIÇOS\nNome/Razão Social: Limpadora Boa Vista Ltda\nCPF/CNPJ: 1\nTOMADOR DE SERVIÇOS\nCPF/CNPJ: 2\nNome/Razão Social: Condomínio Jardim das Acácias",
    ],
    [
      "an RPA",
      "Contratado (Autônomo): Limpadora Boa Vista Ltda\nContratante: Condomínio Jardim das Acácias",
    ],
    [
      "a DANFE",
      "IDENTIFICAÇÃO DO EMITENTE\nLimpadora Boa Vista Ltda\nDESTINATÁRIO / REMETENTE\nNOME / RAZÃO SOCIAL                   CNPJ / CPF\nCondomínio Jardim das Acácias         11.222.333/0001-81",
    ],
    [
      "two columns",
      "Recebedor                      Pagador\nLimpadora Boa Vista Ltda       Condomínio Jardim das Acácias",
    ],
  ])("of %s", (_, text) => {
    expect(namesIn(text)).toEqual(NAMES);
  });

  it("are left out where no label says whose they are", () => {
    for (const text of [
      "Limpadora Boa Vista Ltda\nCNPJ: 12.ABC.345/01DE-35\nDANFE NFC-e\nVALOR TOTAL 10,00",
      "CONSUMIDOR\nCNPJ: 11.222.333/0001-81\nVolte sempre",
      "Pagador\nBanco Aurora S.A.\nAgência 1234",
      "Recebedor 12ABC34501DE35\nPagador: ***.982.247-**",
      "Pagador efetivo\nBeneficiário final\nDe 1 a 3 dias úteis\nPara mais informações, ligue",
      "Beneficiário              Vencimento\nR$ 10,00                  05/11/2026",
      "Pagador\nQuem recebeu\nValor: R$ 10,00",
    ]) {
      expect(namesIn(text)).toEqual([null, null]);
    }
  });

  it("are left out where two printings differ, and given where they are alike", () => {
    expect(namesIn("Pagador: Maria de Souza\nPagador: Mario de Souza")[1]).toBeNull();
    expect(namesIn("Pagador: Maria de Souza\nPAGADOR: MARIA DE SOUZA")[1]).toBe("Maria de Souza");
  });

  it("have the place and the least certain character of the name alone", () => {
    const [line] = printed("Pagador: Maria de Souza CPF ***.982.247-**", 0.9);
    expect(findPartyNames(line ? [line] : []).payer).toEqual({
      value: "Maria de Souza",
      confidence: 0.9,
      box: [90, 0, 230, 14],
      page: 0,
    });
  });

  it("are any words beside their label, as printed", () => {
    const words = fc.array(fc.stringMatching(/^[A-ZÀ-Ü][a-zà-ü]{2,11}$/), {
      minLength: 2,
      maxLength: 5,
    });
    fc.assert(
      fc.property(words, (name) => {
        fc.pre(!/^(?:nome|raz[aã]o)/i.test(name.join(" ")));
        expect(namesIn(`Favorecido: ${name.join(" ")}\nCPF: ***.982.247-**`)[0]).toBe(
          name.join(" "),
        );
      }),
    );
  });
});
