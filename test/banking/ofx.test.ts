import { readFileSync } from "node:fs";
import { describe, expect, it } from "@jest/globals";
import fc from "fast-check";
import { readOfx } from "../../src/banking/ofx.ts";
import { readOfxAmount, readOfxMoment } from "../../src/banking/ofx-values.ts";
import { StatementFileError } from "../../src/banking/statement.ts";
import { formatDecimal } from "../../src/money/centavos.ts";

function fixture(name: string) {
  return readOfx(readFileSync(`test/fixtures/banking/${name}.ofx`));
}

/** An OFX 1 file of one account; elements without end tags. */
function ofx(...entries: string[]): Uint8Array {
  return new TextEncoder().encode(
    `OFXHEADER:100\nENCODING:UTF-8\n\n<OFX><BANKMSGSRSV1><STMTTRNRS><STMTRS><BANKACCTFROM><BANKID>0341<ACCTID>0001-9
<ACCTTYPE>CHECKING</BANKACCTFROM><BANKTRANLIST><DTSTART>20261101<DTEND>20261130
${entries.join("\n")}
</BANKTRANLIST></STMTRS></STMTTRNRS></BANKMSGSRSV1></OFX>`,
  );
}

function entriesOf(...entries: string[]) {
  return readOfx(ofx(...entries))[0]?.entries ?? [];
}

const debit =
  "<STMTTRN><TRNTYPE>DEBIT<DTPOSTED>20261105<TRNAMT>-10.00<FITID>1<MEMO>PIX A</STMTTRN>";

describe("readOfx", () => {
  it("reads a Banco do Brasil statement: Windows-1252, no end tags", () => {
    const [statement] = fixture("bb");
    expect(statement).toMatchObject({
      bankCode: "001",
      account: "12345-6",
      from: "2010-09-30",
      to: "2010-10-25",
      closingBalance: { amount: 652_919n, on: "2010-10-25" },
    });
    expect(statement?.entries).toHaveLength(81);
    expect(statement?.entries[1]).toEqual({
      bankId: "2010100111834",
      entryKey: "id:2010100111834@2010-10-01/-1834",
      otherKey: expect.stringMatching(/^hash:[0-9a-f]{32}$/),
      postedOn: "2010-10-01",
      postedAt: new Date("2010-10-01T03:00:00Z"),
      amount: -1_834n,
      description: "COMPRA COM CARTÃO",
      counterpartyName: null,
      checkNumber: "147021",
    });
  });

  it("leaves out a Caixa line that is a balance without an amount", () => {
    expect(fixture("cef_malformed_decimal")).toMatchObject([
      { bankCode: "104", closingBalance: { amount: 0n, on: "2022-04-12" }, entries: [] },
    ]);
  });

  it("reads OFX 2, a bank account and a credit card", () => {
    const statements = fixture("v211");
    expect(statements.map((one) => [one.account, one.isCreditCard, one.entries.length])).toEqual([
      ["123456", false, 1],
      ["123412341234", true, 2],
    ]);
  });

  it("reads UTF-8 although the header says 1252, entities, and a bare ampersand", () => {
    const file = `OFXHEADER:100\nENCODING:USASCII\nCHARSET:1252\n<OFX><STMTRS><ACCTID>1
<STMTTRN><DTPOSTED>20261105<TRNAMT>-1,00<FITID>9<MEMO>JARDINS & CIA &amp; S&#227;o João</STMTTRN></STMTRS></OFX>`;
    const [statement] = readOfx(new TextEncoder().encode(file));
    expect(statement?.entries[0]?.description).toBe("JARDINS & CIA & São João");
  });

  it("joins NAME and MEMO, once", () => {
    const line = (name: string, memo: string) =>
      entriesOf(
        `<STMTTRN><DTPOSTED>20261105<TRNAMT>-1.00<FITID>9<NAME>${name}<MEMO>${memo}</STMTTRN>`,
      )[0];
    expect(line("ELEVADORES", "PIX ENVIADO")).toMatchObject({
      description: "ELEVADORES PIX ENVIADO",
      counterpartyName: "ELEVADORES",
    });
    expect(line("PIX ENV", "PIX ENVIADO ELEVADORES")).toMatchObject({
      description: "PIX ENVIADO ELEVADORES",
      counterpartyName: null,
    });
  });

  it("ends an entry where the next begins, if its end tag is missing", () => {
    const open = debit.replace("</STMTTRN>", "");
    expect(
      entriesOf(open, open.replace("<FITID>1", "<FITID>2"), debit.replace("1<MEMO", "3<MEMO")),
    ).toHaveLength(3);
  });

  it("gives entries without an id of their own a key that other files give them, too", () => {
    const nameless = debit.replace("<FITID>1", "<FITID>0");
    const twice = entriesOf(nameless, nameless);
    expect(new Set(twice.map((one) => one.entryKey)).size).toBe(2);
    expect(twice.map((one) => one.bankId)).toEqual([null, null]);
    expect(entriesOf(debit.replace("<FITID>1", ""), debit)[0]?.entryKey).toBe(twice[0]?.entryKey);
    expect(entriesOf(debit, debit).map((one) => one.entryKey)).toEqual(
      twice.map((one) => one.entryKey),
    );
  });

  it("knows an entry by its id with day and amount, as often as the file uses the id", () => {
    const nextDay = debit.replace("20261105", "20261106");
    const [one] = entriesOf(debit);
    expect(entriesOf(debit, nextDay)[0]?.entryKey).toBe(one?.entryKey);
    const [first, second] = entriesOf(debit, debit);
    expect([first?.otherKey, second?.otherKey]).toEqual([one?.entryKey, one?.entryKey]);
    expect(one?.otherKey).toBe(first?.entryKey);
  });

  it("takes the sign from the kind where a bank writes no signs", () => {
    const credit = debit.replace("DEBIT", "CREDIT").replace("<FITID>1", "<FITID>2");
    expect(
      entriesOf(debit.replace("-10", "10"), credit.replace("-10", "7")).map((one) => one.amount),
    ).toEqual([-1_000n, 700n]);
  });

  it("refuses a file with an entry that it cannot read, and says where", () => {
    expect(() => entriesOf(debit, debit.replace("-10.00", "x"))).toThrow(
      new StatementFileError("o valor (TRNAMT) falta ou não pode ser lido.", 7),
    );
    expect(() => entriesOf(debit.replace("20261105", "20261340"))).toThrow(/linha 6: a data/);
    expect(() => readOfx(new TextEncoder().encode("%PDF-1.7"))).toThrow(/não é um arquivo OFX/);
    expect(() => readOfx(new TextEncoder().encode("<OFX></OFX>"))).toThrow(/nenhum extrato/);
  });

  it("refuses a balance or a period that it cannot read: it is not as if the bank gave none", () => {
    const told = (tag: string, value: string) =>
      new TextDecoder()
        .decode(ofx(debit))
        .replace(
          "</BANKTRANLIST>",
          "</BANKTRANLIST>\n<LEDGERBAL><BALAMT>10.00<DTASOF>20261129</LEDGERBAL>",
        )
        .replace(new RegExp(`<${tag}>[^<\\n]*`), `<${tag}>${value}`);
    const read = (tag: string, value: string) =>
      readOfx(new TextEncoder().encode(told(tag, value)))[0];
    expect(() => read("BALAMT", "1O,00")).toThrow(
      new StatementFileError("o saldo (LEDGERBAL, BALAMT) não pode ser lido.", 8),
    );
    expect(() => read("DTASOF", "20261131")).toThrow(
      new StatementFileError("a data do saldo (LEDGERBAL, DTASOF) não pode ser lida.", 8),
    );
    expect(() => read("DTSTART", "20261301")).toThrow(
      new StatementFileError("o início do período (DTSTART) não pode ser lido.", 5),
    );
    expect(() => read("DTEND", "30 nov")).toThrow(
      new StatementFileError("o fim do período (DTEND) não pode ser lido.", 5),
    );
    // Banks fill with zeros what they do not know.
    expect(read("DTSTART", "00000000")?.from).toBeNull();
    expect(read("DTEND", "00000000000000[-3:BRT]")?.to).toBeNull();
    expect(read("BALAMT", "")?.closingBalance).toBeNull();
    expect(read("DTASOF", "00000000")?.closingBalance).toEqual({
      amount: 1_000n,
      on: "2026-11-30",
    });
  });

  it("refuses a file that was cut off, wherever", () => {
    const whole = new TextDecoder().decode(ofx(debit, debit.replace("<FITID>1", "<FITID>2")));
    for (let length = whole.indexOf("<OFX>") + 5; length < whole.length; length += 1) {
      expect(() => readOfx(new TextEncoder().encode(whole.slice(0, length)))).toThrow(
        /^linha \d+: o arquivo OFX está incompleto/,
      );
    }
  });

  it("throws nothing but its own error on anything", () => {
    const piece = fc.constantFrom("<", ">", "/", "OFX", "STMTTRN", "STMTRS", "ACCTID", "1", "&#9;");
    fc.assert(
      fc.property(fc.array(piece, { maxLength: 60 }), (pieces) => {
        try {
          readOfx(new TextEncoder().encode(`<OFX>${pieces.join("")}</OFX>`));
        } catch (error) {
          expect(error).toBeInstanceOf(StatementFileError);
        }
      }),
      { numRuns: 300 },
    );
  });
});

describe("readOfxAmount", () => {
  it.each([
    ["-836.30", "-836.30"],
    ["+12", "12.00"],
    ["-836,30", "-836.30"],
    ["1.234.567,89", "1234567.89"],
    ["1,234.56", "1234.56"],
    ["- 12,5", "-12.50"],
    ["R$ 7,00", "7.00"],
    ["-.50", "-0.50"],
    ["10.5000", "10.50"],
  ])("reads %s as %s", (text, amount) => {
    expect(formatDecimal(readOfxAmount(text) ?? -1n)).toBe(amount);
  });

  it.each(["", " . ", "1,234", "1.2.3", "10.505", "1e3", "--1"])("refuses %j", (text) => {
    expect(readOfxAmount(text)).toBeUndefined();
  });
});

describe("readOfxMoment", () => {
  it.each([
    ["20261105", "2026-11-05", "2026-11-05T03:00:00.000Z"],
    ["20261105000000", "2026-11-05", "2026-11-05T03:00:00.000Z"],
    ["20261105120000[-3:BRT]", "2026-11-05", "2026-11-05T03:00:00.000Z"],
    ["20261105221500[-3:BRT]", "2026-11-05", "2026-11-06T01:15:00.000Z"],
    ["20261105221500", "2026-11-05", "2026-11-06T01:15:00.000Z"],
    ["20261106011500.000[0:GMT]", "2026-11-05", "2026-11-06T01:15:00.000Z"],
    ["202611051430", "2026-11-05", "2026-11-05T17:30:00.000Z"],
  ])("reads %s", (text, on, at) => {
    expect(readOfxMoment(text)).toEqual({ on, at: new Date(at) });
  });

  it.each(["", "20260230", "05/11/2026", "20261105250000"])("refuses %j", (text) => {
    expect(readOfxMoment(text)).toBeUndefined();
  });
});
