import { describe, expect, it } from "@jest/globals";
import fc from "fast-check";
import { parseExpenseRows } from "../../src/expenses/row.ts";
import { context, row } from "./rows.ts";

/** "field CODE" of every error of one row with the given changes. */
function errorsOf(changes: { [field: string]: unknown }): string[] {
  return parseExpenseRows([row(changes)], context).errors.map(
    ({ field, code }) => `${field} ${code}`,
  );
}

function clean(changes: { [field: string]: unknown } = {}) {
  const { rows, errors } = parseExpenseRows([row(changes)], context);
  expect(errors).toEqual([]);
  return rows[0]?.row;
}

describe("a row that is right", () => {
  it("comes back clean", () => {
    expect(clean()).toEqual({
      externalId: "D-1",
      condominium: "11222333000181",
      category: "LIMPEZA",
      documentKind: "NFSE",
      documentNumber: "123",
      issueDate: "2026-11-05",
      competence: "2026-11",
      grossAmount: 1000000n,
      retentions: [
        { kind: "INSS", amount: 110000n },
        { kind: "CSRF", amount: 46500n },
      ],
      payee: { kind: "CNPJ", document: "12ABC34501DE35", name: "Limpeza Total Ltda" },
      payeePixKey: "12ABC34501DE35",
      dueDate: "2026-12-05",
      instalment: { number: 1, total: 3 },
      documents: [{ sha256: "a".repeat(64) }, { fileName: "nota.pdf" }],
      description: "Serviços de novembro",
    });
  });

  it("may leave out what is optional, by null and blank too", () => {
    const least = clean({
      documentKind: "PAYROLL",
      category: "FOLHA_PAGAMENTO",
      documentNumber: undefined,
      issueDate: null,
      retentions: undefined,
      payeeDocument: "  ",
      payeeName: "Empregados",
      payeePixKey: null,
      dueDate: "",
      instalment: null,
      documents: null,
      description: "\u00a0",
    });
    expect(least).toMatchObject({
      documentNumber: null,
      issueDate: null,
      retentions: [],
      payee: { kind: "NONE", document: null, name: "Empregados" },
      payeePixKey: null,
      dueDate: null,
      instalment: null,
      documents: [],
      description: null,
    });
  });

  it("takes categories and kinds of document by their Portuguese names", () => {
    expect(clean({ category: "Água e esgoto", documentKind: "Conta de consumo" })).toMatchObject({
      category: "AGUA_ESGOTO",
      documentKind: "UTILITY_BILL",
    });
  });

  it("takes retentions in the single columns, and zero for none", () => {
    expect(
      clean({ retentions: null, retentionIss: "500.00", retentionIrrf: "0.00" })?.retentions,
    ).toEqual([{ kind: "ISS", amount: 50000n }]);
  });

  it("takes a condominium by the administrator's code", () => {
    expect(clean({ condominium: " Ed. Aurora/7 " })?.condominium).toBe("Ed. Aurora/7");
  });

  it("takes an RPA of a person", () => {
    expect(
      clean({ documentKind: "RPA", payeeDocument: "529.982.247-25", payeePixKey: null })?.payee,
    ).toEqual({
      kind: "CPF",
      document: "52998224725",
      name: "Limpeza Total Ltda",
    });
  });

  it("takes a credit note with a positive amount", () => {
    expect(clean({ documentKind: "CREDIT_NOTE", retentions: [] })?.grossAmount).toBe(1000000n);
  });

  it("composes decomposed accents, so that file names from a Mac find their files", () => {
    expect(clean({ documents: ["recibo-março.pdf".normalize("NFD")] })?.documents).toEqual([
      { fileName: "recibo-março.pdf".normalize("NFC") },
    ]);
  });
});

describe("each field", () => {
  it.each([
    ["externalId", "x".repeat(101), "externalId TEXT_TOO_LONG"],
    ["externalId", 17, "externalId NOT_TEXT"],
    ["externalId", "  ", "externalId REQUIRED"],
    ["externalId", "a\u0000b", "externalId CONTROL_CHARACTER"],
    ["externalId", "a\u202eb", "externalId CONTROL_CHARACTER"],
    ["externalId", "a\ud800b", "externalId CONTROL_CHARACTER"],
    ["description", "uma\nduas", "description CONTROL_CHARACTER"],
    ["description", "uma\tduas", "description CONTROL_CHARACTER"],
    ["description", "x".repeat(501), "description TEXT_TOO_LONG"],
    ["payeeName", "#N/D", "payeeName SPREADSHEET_ERROR"],
    ["payeeName", "#REF!", "payeeName SPREADSHEET_ERROR"],
    ["payeeName", "#NÚM!", "payeeName SPREADSHEET_ERROR"],
    ["condominium", "11.222.333/0001-82", "condominium CONDOMINIUM_CNPJ_INVALID"],
    ["condominium", "11222333000182", "condominium CONDOMINIUM_CNPJ_INVALID"],
    ["category", "FESTAS", "category CATEGORY_UNKNOWN"],
    ["category", "ENERGIA", "category CATEGORY_UNKNOWN"],
    ["category", "constructor", "category CATEGORY_UNKNOWN"],
    ["documentKind", "toString", "documentKind DOCUMENT_KIND_UNKNOWN"],
    ["issueDate", "2026-02-30", "issueDate DATE_INVALID"],
    ["issueDate", "05/11/2026", "issueDate DATE_INVALID"],
    ["issueDate", "2026-11-25", "issueDate DATE_IN_FUTURE"],
    ["dueDate", "2016-12-05", "dueDate DUE_DATE_IMPLAUSIBLE"],
    ["dueDate", "2062-12-05", "dueDate DUE_DATE_IMPLAUSIBLE"],
    ["competence", "2026-13", "competence COMPETENCE_INVALID"],
    ["competence", "11/2026", "competence COMPETENCE_INVALID"],
    ["competence", "1999-12", "competence COMPETENCE_IMPLAUSIBLE"],
    ["competence", "2028-12", "competence COMPETENCE_IMPLAUSIBLE"],
    ["grossAmount", 10000, "grossAmount NOT_TEXT"],
    ["grossAmount", "1.234,56", "grossAmount AMOUNT_INVALID"],
    ["grossAmount", "1.234", "grossAmount AMOUNT_AMBIGUOUS"],
    ["grossAmount", "1,234", "grossAmount AMOUNT_AMBIGUOUS"],
    ["grossAmount", "0.00", "grossAmount AMOUNT_NOT_POSITIVE"],
    ["grossAmount", "-1.00", "grossAmount AMOUNT_NOT_POSITIVE"],
    ["grossAmount", "1000000000000.00", "grossAmount AMOUNT_TOO_LARGE"],
    ["grossAmount", "1565.00", "grossAmount RETENTIONS_NOT_BELOW_GROSS"],
    ["retentions", "INSS", "retentions NOT_LIST"],
    ["retentions", Array(5).fill({}), "retentions TOO_MANY"],
    ["retentions", [{ kind: "PIS", amount: "1.00" }], "retentions[0].kind RETENTION_KIND_UNKNOWN"],
    ["retentions", [{ kind: "ISS" }], "retentions[0].amount REQUIRED"],
    ["retentions", [{ kind: "ISS", amount: "-1.00" }], "retentions[0].amount AMOUNT_NEGATIVE"],
    [
      "retentions",
      [{ kind: "ISS", amount: "1.00", rate: "5" }],
      "retentions[0].rate UNKNOWN_FIELD",
    ],
    ["retentions", ["ISS"], "retentions[0] NOT_OBJECT"],
    ["retentionInss", "1100.00", "retentionInss RETENTION_REPEATED"],
    ["payeeDocument", "11222333000182", "payeeDocument PAYEE_DOCUMENT_INVALID"],
    ["payeeDocument", "191", "payeeDocument PAYEE_DOCUMENT_INVALID"],
    ["payeeDocument", "00000000000", "payeeDocument PAYEE_DOCUMENT_INVALID"],
    ["payeePixKey", "11999998888", "payeePixKey PIX_KEY_INVALID"],
    ["instalment", "4/3", "instalment INSTALMENT_OUT_OF_RANGE"],
    ["instalment", "0/3", "instalment INSTALMENT_OUT_OF_RANGE"],
    ["instalment", "02/mar", "instalment INSTALMENT_INVALID"],
    ["documents", "nota.pdf", "documents NOT_LIST"],
    ["documents", "nota-fiscal-de-novembro.pdf", "documents NOT_LIST"],
    ["documents", Array(21).fill("nota.pdf"), "documents TOO_MANY"],
    ["documents", ["../nota.pdf"], "documents[0] DOCUMENT_REFERENCE_INVALID"],
    ["documents", ["C:\\nota.pdf"], "documents[0] DOCUMENT_REFERENCE_INVALID"],
    ["documents", [".."], "documents[0] DOCUMENT_REFERENCE_INVALID"],
    ["documents", [""], "documents[0] DOCUMENT_REFERENCE_INVALID"],
    ["documents", ["a.pdf", "a.pdf"], "documents[1] DOCUMENT_REPEATED"],
    ["documents", ["a".repeat(64), "A".repeat(64)], "documents[1] DOCUMENT_REPEATED"],
    ["documents", [{ sha256: "a" }], "documents[0] NOT_TEXT"],
  ])("%s: %j -> %s", (field, value, expected) => {
    expect(errorsOf({ [field]: value })).toEqual([expected]);
  });

  it.each(["externalId", "condominium", "category", "documentKind", "competence", "grossAmount"])(
    "%s is required",
    (field) => {
      expect(errorsOf({ [field]: undefined })).toContain(`${field} REQUIRED`);
    },
  );

  it("refuses a date of issue in another century", () => {
    expect(errorsOf({ issueDate: "1999-12-31", dueDate: null })).toEqual([
      "issueDate DATE_TOO_OLD",
    ]);
  });

  it("requires of a fiscal document its number, date and issuer", () => {
    expect(errorsOf({ documentNumber: null, issueDate: null, payeeDocument: null })).toEqual([
      "documentNumber REQUIRED_FOR_DOCUMENT_KIND",
      "issueDate REQUIRED_FOR_DOCUMENT_KIND",
      "payeeDocument REQUIRED_FOR_DOCUMENT_KIND",
    ]);
  });

  it("requires of an RPA a CPF", () => {
    expect(errorsOf({ documentKind: "RPA" })).toEqual(["payeeDocument PAYEE_CPF_REQUIRED"]);
    expect(errorsOf({ documentKind: "RPA", payeeDocument: null })).toEqual([
      "payeeDocument PAYEE_CPF_REQUIRED",
    ]);
    expect(errorsOf({ documentKind: "RPA", payeeDocument: "1" })).toEqual([
      "payeeDocument PAYEE_DOCUMENT_INVALID",
    ]);
  });

  it("refuses retentions on a credit note, from which nothing is paid", () => {
    const creditNote = { documentKind: "CREDIT_NOTE", retentions: null };
    expect(errorsOf({ documentKind: "CREDIT_NOTE" })).toContain(
      "retentions RETENTIONS_ON_CREDIT_NOTE",
    );
    expect(errorsOf({ ...creditNote, retentionIss: "5.00", retentionCsrf: "1.00" })).toEqual([
      "retentions RETENTIONS_ON_CREDIT_NOTE",
    ]);
    expect(errorsOf({ ...creditNote, retentionIss: "0.00", retentionCsrf: null })).toEqual([]);
  });

  it("requires that somebody is paid", () => {
    expect(errorsOf({ documentKind: "BOLETO", payeeDocument: null, payeeName: null })).toEqual([
      "payeeName PAYEE_REQUIRED",
    ]);
  });
});

describe("a row that is wrong", () => {
  it("is told everything that is wrong, of shape and of content alike", () => {
    expect(
      errorsOf({
        externalId: 5,
        grossAmount: "abc",
        dueDate: "amanhã",
        instalment: "9/2",
        documents: ["a/b", 3],
        extra: true,
      }).sort(),
    ).toEqual([
      "documents[1] NOT_TEXT",
      "dueDate DATE_INVALID",
      "externalId NOT_TEXT",
      "extra UNKNOWN_FIELD",
      "grossAmount AMOUNT_INVALID",
      "instalment INSTALMENT_OUT_OF_RANGE",
    ]);
  });

  it.each([null, undefined, "texto", 7, true, [], [row()]])(
    "is told that %j is no object",
    (raw) => {
      expect(parseExpenseRows([raw], context)).toMatchObject({
        rows: [],
        errors: [{ index: 0, field: "", code: "ROW_NOT_OBJECT" }],
      });
    },
  );

  it.each(["__proto__", "constructor", "hasOwnProperty", "toString"])(
    "may not have a field %s, and gets nothing from it",
    (name) => {
      const raw: unknown = JSON.parse(`{"${name}": {"externalId": "D-9"}, "condominium": "C"}`);
      const { errors } = parseExpenseRows([raw], context);
      const found = errors.map(({ field, code }) => `${field} ${code}`);
      expect(found).toContain(`${name} UNKNOWN_FIELD`);
      expect(found).toContain("externalId REQUIRED");
    },
  );

  it("keeps few of thousands of unknown fields, and shows their names harmlessly", () => {
    const many = Object.fromEntries(Array.from({ length: 5000 }, (_, i) => [`f${i}`, 1]));
    expect(errorsOf(many)).toHaveLength(20);
    expect(errorsOf({ "<script>\u0000": 1 })).toEqual(["?script?? UNKNOWN_FIELD"]);
  });

  it("never repeats a value in a message", () => {
    const secret = "segredo-529.982.247-24";
    const wrong = Object.fromEntries(Object.keys(row()).map((field) => [field, `${secret}\u0007`]));
    const { errors } = parseExpenseRows([wrong], context);
    expect(errors.length).toBeGreaterThan(10);
    expect(JSON.stringify(errors)).not.toContain("529");
  });

  it("has a message for people", () => {
    const { errors } = parseExpenseRows([row({ grossAmount: "1.234" })], context);
    expect(errors).toEqual([
      {
        index: 0,
        field: "grossAmount",
        code: "AMOUNT_AMBIGUOUS",
        message:
          '“valor_bruto” pode ser lido de duas formas (ponto de milhar ou de decimal); escreva também os centavos: "1234.00" (em planilha também 1.234,00).',
      },
    ]);
  });
});

describe("a batch", () => {
  it("refuses the later rows that repeat an externalId, and names the first", () => {
    const { rows, errors } = parseExpenseRows(
      [
        row(),
        row({ externalId: "D-2" }),
        row({ externalId: " D-1 " }),
        row({ externalId: "D-1", grossAmount: "x" }),
      ],
      context,
    );
    expect(rows.map(({ index }) => index)).toEqual([0, 1]);
    expect(errors.map(({ index, code }) => [index, code])).toEqual([
      [2, "EXTERNAL_ID_REPEATED"],
      [3, "AMOUNT_INVALID"],
      [3, "EXTERNAL_ID_REPEATED"],
    ]);
    expect(errors[0]?.message).toContain("índice 0");
  });

  it("puts every row either among the clean or among those with errors, and keeps its index", () => {
    fc.assert(
      fc.property(fc.array(fc.boolean(), { maxLength: 40 }), (right) => {
        const batch = right.map((ok, i) =>
          row({ externalId: `D-${i}`, grossAmount: ok ? "10000.00" : "?" }),
        );
        const { rows, errors } = parseExpenseRows(batch, context);
        expect(rows.map(({ index, row: { externalId } }) => [index, externalId])).toEqual(
          right.flatMap((ok, i) => (ok ? [[i, `D-${i}`]] : [])),
        );
        expect(errors.map(({ index }) => index)).toEqual(right.flatMap((ok, i) => (ok ? [] : [i])));
      }),
    );
  });

  it("answers any JSON at all", () => {
    fc.assert(
      fc.property(fc.array(fc.oneof(fc.jsonValue(), jsonRows())), (batch) => {
        const { rows, errors } = parseExpenseRows(batch, context);
        const told = new Set([...rows, ...errors].map(({ index }) => index));
        expect(told.size).toBe(batch.length);
      }),
    );
  });
});

/** Rows of which any field may be any JSON. */
function jsonRows() {
  const fields = Object.keys(row()).map(
    (field) => [field, fc.option(fc.jsonValue(), { nil: row()[field] })] as const,
  );
  return fc.record(Object.fromEntries(fields));
}
