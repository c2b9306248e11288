import { readFileSync } from "node:fs";
import { describe, expect, it } from "@jest/globals";
import fc from "fast-check";
import { readPaymentReturn } from "../../src/banking/cnab240.ts";
import { StatementFileError } from "../../src/banking/statement.ts";

const file = readFileSync("test/fixtures/banking/pagamentos.ret", "latin1");

function read(text: string) {
  return readPaymentReturn(Buffer.from(text, "latin1"));
}

/** The file with one line changed. */
function withLine(at: number, change: (line: string) => string): string {
  const lines = file.split("\r\n");
  return lines.map((line, index) => (index === at - 1 ? change(line) : line)).join("\r\n");
}

function put(line: string, from: number, text: string): string {
  return line.slice(0, from - 1) + text + line.slice(from - 1 + text.length);
}

describe("readPaymentReturn", () => {
  const { batches, ...header } = read(file);
  const payments = batches.flatMap((batch) => batch.payments);

  it("reads who pays, and when the bank made the file", () => {
    expect(header).toEqual({
      bankCode: "001",
      generatedOn: "2026-11-05",
      sequence: "000042",
      payer: { document: "45723174000110", branch: "01234", account: "000000067890" },
    });
    expect(batches.map(({ number, service, form }) => [number, service, form])).toEqual([
      ["0001", "20", "45"],
      ["0002", "20", "31"],
      ["0003", "22", "11"],
    ]);
  });

  it("reads each payment's outcome, payee and amount", () => {
    expect(
      payments.map((one) => [
        one.segment,
        one.outcome,
        one.amount,
        one.paidOn,
        one.payeeDocument,
        one.ownNumber,
      ]),
    ).toEqual([
      ["A", "PAID", 123_456n, "2026-11-05", "11222333000181", "2026-11-001"],
      ["A", "REJECTED", 70_000n, "2026-11-05", "52998224725", "2026-11-002"],
      ["A", "SCHEDULED", 25_000n, "2026-11-10", null, "2026-11-003"],
      ["J", "PAID", 97_353n, "2026-11-05", "19131243000197", "2026-11-004"],
      ["O", "PAID", 18_743n, "2026-11-05", null, "2026-11-005"],
      ["N", "PAID", 110_000n, "2026-11-05", null, "2026-11-006"],
    ]);
  });

  it("takes the Pix identifier from the authentication, and a boleto's parts", () => {
    expect(payments[0]).toMatchObject({ endToEndId: "E00000000202611051930p4R7i1A2l3X" });
    expect(payments[3]).toMatchObject({
      payeeName: "LIMPADORA MODELO SERVICOS LTDA",
      barcode: "34197100000000953501090000012345678901234560",
      dueOn: "2026-11-03",
      faceAmount: 95_350n,
      discount: 0n,
      fine: 2_003n,
    });
  });

  it("finds Itaú's segment O where Itaú has it", () => {
    const itau = file.replace(/^001/gm, "341");
    const lines = itau.split("\r\n");
    const barcode = "826500000018874300410008000000001794202611050012";
    let line = `${lines[14]?.slice(0, 17)}${barcode}${"CIA DE SANEAMENTO".padEnd(30)}`;
    line = put(line.padEnd(240), 96, "05112026BRL000000000000000000000000018743");
    line = put(put(put(line, 137, "05112026000000000018743"), 175, "2026-11-005"), 231, "00");
    expect(() => read([...lines.slice(0, 14), line, ...lines.slice(15)].join("\r\n"))).toThrow(
      /linha 16: o segmento N do Itaú/,
    );
    const trailer = put(put(lines[16] ?? "", 18, "000003"), 24, "000000000000018743");
    const end = put(lines[17] ?? "", 24, "000017");
    const changed = [...lines.slice(0, 14), line, trailer, end].join("\r\n");
    expect(read(changed).batches[2]?.payments).toMatchObject([
      { amount: 18_743n, barcode, paidOn: "2026-11-05", ownNumber: "2026-11-005" },
    ]);
  });

  it("checks the trailers", () => {
    expect(() => read(withLine(9, (line) => put(line, 24, "000000000000218457")))).toThrow(
      "linha 9: a soma do lote é R$ 2.184,56, e o trailer diz R$ 2.184,57.",
    );
    expect(() => read(withLine(9, (line) => put(line, 18, "000009")))).toThrow(
      "linha 9: há 8 registros, e o trailer diz 9: o arquivo está incompleto.",
    );
    expect(() => read(file.replace(/^0019999.*$/m, ""))).toThrow(/falta o registro header/);
    expect(() => read(withLine(9, () => ""))).toThrow(/fora de ordem/);
  });

  it("refuses what is no return of payments, and what it cannot read", () => {
    const collection = readFileSync("test/fixtures/banking/cobranca.ret");
    expect(() => readPaymentReturn(collection)).toThrow("é um retorno de cobrança");
    expect(() => read(withLine(1, (line) => put(line, 143, "1")))).toThrow(/arquivo de remessa/);
    expect(() => read(withLine(3, (line) => `${line}X`))).toThrow("linha 3: tem 241 posições");
    expect(() => read(withLine(3, (line) => put(line, 155, "31022026")))).toThrow(
      "linha 3: as posições 155 a 162 não são uma data.",
    );
    expect(() => read(withLine(3, (line) => put(line, 163, "00000000000123A")))).toThrow(
      "linha 3: as posições 163 a 177 não são um número.",
    );
  });

  it("throws nothing but its own error on a damaged file", () => {
    fc.assert(
      fc.property(fc.nat(file.length - 1), fc.string({ maxLength: 3 }), (at, text) => {
        try {
          read(file.slice(0, at) + text + file.slice(at + 1));
        } catch (error) {
          expect(error).toBeInstanceOf(StatementFileError);
        }
      }),
      { numRuns: 300 },
    );
  });
});
