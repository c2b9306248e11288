import { readFileSync } from "node:fs";
import { describe, expect, it } from "@jest/globals";
import { z } from "zod";
import { type InterpretOptions, interpret } from "../../src/receipts/interpret.ts";
import type { ReceiptReading } from "../../src/receipts/reading.ts";
import { linesOf } from "../../src/receipts/words.ts";
import { printed, printedPage } from "./printed.ts";

const samples = z
  .object({
    clean: z.array(z.string()),
    degraded: z.array(z.string()),
    styleB: z.array(z.string()),
  })
  .parse(
    JSON.parse(
      readFileSync(new URL("../fixtures/receipts/receipts-ocr.json", import.meta.url), "utf8"),
    ),
  );

/** What the reader of a Brazilian document begins with; looks give nothing. */
const OPTIONS: InterpretOptions = {
  referenceDate: "2026-11-24",
  home: "-03:00",
  lookAgain: async () => [],
  readAgain: async () => [],
};

/** Reads lines of a picture; every second look sees what the first saw. */
function read(
  text: string,
  method: "OCR" | "TEXT_LAYER" = "OCR",
  options: Partial<InterpretOptions> = {},
): Promise<ReceiptReading> {
  const page = printedPage(text, method);
  return interpret([page], {
    ...OPTIONS,
    async lookAgain({ box }, looks) {
      const [line] = page.lines.filter((each) => each.box[1] <= box[1] && each.box[3] >= box[3]);
      return line ? looks.map(() => line) : [];
    },
    ...options,
  });
}

describe("the sample proofs", () => {
  it("a label decides between two hours", async () => {
    const reading = await read(samples.clean.join("\n"));
    expect(reading).toMatchObject({
      kind: "PIX_PROOF",
      verdict: "ACCEPTED",
      fields: {
        timestamp: { value: "2026-09-28T22:29:14-03:00", precision: "second" },
        amount: { value: "100.00" },
        identifiers: [{ kind: "PIX_END_TO_END", valid: true }],
      },
    });
  });

  it("degraded lines are read all the same", async () => {
    const reading = await read(samples.degraded.join("\n"));
    expect(reading).toMatchObject({
      verdict: "ACCEPTED",
      fields: { timestamp: { value: "2026-09-28T22:29:17-03:00" }, amount: { value: "100.00" } },
    });
  });

  it("a month in letters is read", async () => {
    const reading = await read(samples.styleB.join("\n"));
    expect(reading).toMatchObject({
      kind: "PIX_PROOF",
      verdict: "ACCEPTED",
      fields: { timestamp: { value: "2026-09-28T22:29:14-03:00" }, amount: { value: "1500.00" } },
    });
  });

  it("a damaged hour goes to a person, and is not filled in from the id", async () => {
    for (const hour of ["22:2?:14", "2?:29:14", "29:14:xx", ""]) {
      const text = samples.styleB.join("\n").replace("22:29:14", hour);
      const reading = await read(text);
      expect(reading.verdict).toBe("MANUAL_REVIEW");
      expect(reading.reasons.map(({ code }) => code)).toEqual(["HOUR_MISSING"]);
      expect(reading.fields.timestamp.value).toBe("2026-09-28");
    }
  });

  it("an hour that the id contradicts goes to a person, even from a text layer", async () => {
    const text = samples.styleB.join("\n").replace("22:29:14", "12:29:14");
    const reading = await read(text, "TEXT_LAYER");
    expect(reading.reasons).toMatchObject([
      { code: "TIMESTAMP_CONTRADICTED", evidence: { witness: "PIX_END_TO_END" } },
    ]);
  });
});

describe("text made to be slow", () => {
  it.each([
    "VALOR 1,00 ",
    "1 2.3-4 ",
    "AAAAAAAAA",
    "E1234567890",
    "05/11/2026 ",
    "17:12:3",
    "DATA DA TRANSACAO ",
    "12.ABC.345/",
    "000201 ",
    "R$ 1.111.111",
  ])("is done with in time: %s", async (piece) => {
    const words = printedPage(piece.repeat(800 / piece.length)).lines.flatMap((line) => line.words);
    const lines = Array.from({ length: 120 }, () => linesOf(words, 0)).flat();
    const page = { width: 800, height: 1000, method: "OCR" as const, lines, barcodes: [] };
    // What goes back and forth over it takes minutes: the test's own time would be over.
    await expect(interpret([page], OPTIONS)).resolves.toBeDefined();
  });
});

describe("other documents", () => {
  it("reads a boleto's line, due date, amount and both sides", async () => {
    const reading = await read(
      [
        "Banco Aurora   341-9   34191.09701 00000.012344 56789.012301 9 16210000123456",
        "Beneficiário: Limpadora Boa Vista Ltda   CNPJ 12.ABC.345/01DE-35",
        "Data do documento      Nosso número      Vencimento      Valor do documento",
        "20/10/2026             4711              05/11/2026      R$ 1.234,56",
        "Pagador: Condomínio Jardim das Acácias   CNPJ 11.222.333/0001-81",
      ].join("\n"),
    );
    expect(reading).toMatchObject({
      kind: "BOLETO",
      verdict: "ACCEPTED",
      fields: {
        timestamp: { value: "2026-10-20", precision: "day" },
        amount: { value: "1234.56", confidence: 0.99 },
        cnpj: { value: "12ABC34501DE35" },
        takerCnpj: { value: "11222333000181" },
        dueDate: { value: "2026-11-05", confidence: 0.99 },
        identifiers: [{ kind: "BOLETO_LINE", valid: true }],
      },
    });
  });

  it("an NFS-e's key bears out its month, or contradicts it, and gives issuer and number", async () => {
    const note = (month: string): string =>
      [
        "DANFSe v1.0   Documento Auxiliar da NFS-e",
        "Chave de Acesso da NFS-e",
        "35503082212ABC34501DE35000000000123426117382915472",
        `Número da NFS-e: 1284      Data e hora da emissão: 05/${month}/2026 10:21:33`,
        "TOMADOR DO SERVIÇO",
        "Nome / Razão Social: Condomínio Jardim das Acácias",
        "Valor líquido da NFS-e R$ 10,00",
      ].join("\n");
    const reading = await read(note("11"));
    expect(reading).toMatchObject({
      kind: "NFSE",
      verdict: "ACCEPTED",
      fields: {
        timestamp: { value: "2026-11-05T10:21:33-03:00" },
        cnpj: { value: "12ABC34501DE35", confidence: 0.99 },
        payer: { value: "Condomínio Jardim das Acácias" },
        documentNumber: { value: "1234", confidence: 0.99, box: null },
        identifiers: [{ kind: "NFSE_KEY", valid: true }],
      },
    });
    expect(reading.fields.timestamp.evidence).toContain("DFE_KEY");
    expect((await read(note("10"))).reasons).toMatchObject([
      { code: "TIMESTAMP_CONTRADICTED", evidence: { witness: "DFE_KEY" } },
    ]);
  });

  it("an English receipt whose day and month are not told apart goes to a person", async () => {
    const reading = await read("RECEIPT\nDATE 05/11/2018 10:04\nTOTAL 9.54\nCASH 10.00");
    expect(reading).toMatchObject({
      kind: "TILL_RECEIPT",
      verdict: "MANUAL_REVIEW",
      fields: {
        timestamp: { value: null },
        amount: { value: "9.54" },
        cnpj: { value: null, confidence: 0 },
      },
      reasons: [
        { code: "TIMESTAMP_AMBIGUOUS", evidence: { candidates: ["2018-05-11", "2018-11-05"] } },
      ],
    });
  });

  it("a page on which no date was found is read a second time", async () => {
    const text = "Pix enviado\nValor R$ 1.234,56\n05/11/2026 17:12:33";
    const garbled = text.replace("05/11/2026", "O5V11Z2O2G");
    const reading = await read(garbled, "OCR", {
      readAgain: async () => printed(text),
      lookAgain: async () => printed("05/11/2026 17:12:33"),
    });
    expect(reading).toMatchObject({
      verdict: "ACCEPTED",
      fields: { timestamp: { value: "2026-11-05T17:12:33-03:00" }, amount: { value: "1234.56" } },
    });
  });

  it("a page on which no amount was found is read a second time, too, and its date is kept", async () => {
    const text = "Pix enviado\nValor R$ 1.234,56\n05/11/2026 17:12:33";
    const reading = await read(text.replace("1.234,56", "12?4"), "OCR", {
      readAgain: async () => printed(text.replace("17:12:33", "17:12:38")),
    });
    expect(reading.fields).toMatchObject({
      timestamp: { value: "2026-11-05T17:12:33-03:00" },
      amount: { value: "1234.56" },
    });
  });

  it("a slip that only the second reading shows to be a scheduling proves no payment", async () => {
    const reading = await read("Pix\nValor R$ 1.234,56", "OCR", {
      readAgain: async () => printed("Pix agendado\nValor R$ 1.234,56\nData 05/11/2026"),
    });
    expect(reading.reasons.map(({ code }) => code)).toEqual(["SCHEDULED_NOT_PAID"]);
  });

  it("is never accepted against the other language's data, however sure the first looks were", async () => {
    const misread = "Emissão: 22/09/2026 21:49";
    const reading = await read(`DANFE NFC-e\nNota Fiscal de Consumidor\n${misread}`, "OCR", {
      lookAgain: async (_, [look]) =>
        printed(look === "OTHER_DATA" ? "Emissão: 22/03/2026 21:49" : misread, 0.95),
    });
    expect(reading.verdict).toBe("MANUAL_REVIEW");
    expect(reading.reasons).toMatchObject([{ code: "TIMESTAMP_LOW_CONFIDENCE" }]);
  });

  it("a day that no document can bear is replaced by what all looks at it say", async () => {
    const receipt = (day: string): string => `RECEIPT\nDATE ${day}\nTOTAL 9.54`;
    const looks = { lookAgain: async () => printed("DATE 28/11/2017") };
    const reading = await read(receipt("28/11/7017"), "OCR", looks);
    expect(reading).toMatchObject({
      verdict: "ACCEPTED",
      fields: { timestamp: { value: "2017-11-28" } },
    });
    const refuted = await read(receipt("28/11/2027"), "OCR");
    expect(refuted.reasons.map(({ code }) => code)).toEqual(["TIMESTAMP_CONTRADICTED"]);
  });

  it("a timestamp that would be refused is looked at straight, and no other", async () => {
    const text = "RECEIPT\nDATE 28/11/2017\nTOTAL 9.54";
    const looksAt = async (sureness: number, seen: (look: string) => string) => {
      const asked: string[] = [];
      const page = { ...printedPage(text), method: "OCR" as const, lines: printed(text, sureness) };
      const reading = await interpret([page], {
        ...OPTIONS,
        async lookAgain({ box }, [look = "ENLARGED"]) {
          if (box[1] !== 20) return [];
          asked.push(look);
          return printed(seen(look), sureness);
        },
      });
      return { asked, reading };
    };
    const straight = (look: string): boolean => /STRAIGHT|TIGHT/.test(look);
    const sure = await looksAt(0.95, () => "DATE 28/11/2017");
    expect(sure.asked.filter(straight)).toEqual([]);
    const askew = await looksAt(0.82, (look) => (straight(look) ? "DATE 28/11/2017" : "DN 7E"));
    expect(askew.asked.filter(straight)).toHaveLength(4);
    expect(askew.reading).toMatchObject({
      verdict: "ACCEPTED",
      fields: { timestamp: { value: "2017-11-28" } },
    });
    const misread = await looksAt(0.82, (look) => (straight(look) ? "DATE 23/11/2017" : "DN 7E"));
    expect(misread.reading.verdict).toBe("MANUAL_REVIEW");
  });

  it("an unsure day that four straight looks read otherwise is theirs", async () => {
    const text = "RECEIPT\nDATE 25/11/2017\nTOTAL 9.54";
    const page = { ...printedPage(text), method: "OCR" as const, lines: printed(text, 0.6) };
    const reading = await interpret([page], {
      ...OPTIONS,
      lookAgain: async (_, [look = ""]) =>
        /STRAIGHT|TIGHT/.test(look) ? printed("DATE 23/11/2017", 0.9) : [],
    });
    expect(reading).toMatchObject({
      verdict: "ACCEPTED",
      fields: { timestamp: { value: "2017-11-23" } },
    });
  });

  it("a day open between a zero and an 8 is that of the looks that have the zero", async () => {
    const receipt = (day: string): string => `CNPJ: 99.501.978/8081-02\nEMISSAO ${day}\nTOTAL 9,54`;
    const lookedAt = async (...days: string[]) => {
      const looks = days.values();
      return read(receipt("18/03/2026"), "OCR", {
        lookAgain: async ({ box }) =>
          box[1] === 20 ? printed(`EMISSAO ${looks.next().value ?? "18/03/2026"}`, 0.95) : [],
      });
    };
    const open = await lookedAt();
    expect(open.reasons).toMatchObject([
      { code: "TIMESTAMP_AMBIGUOUS", evidence: { candidates: ["2026-03-18", "2026-03-10"] } },
    ]);
    const seen = await lookedAt("10/03/2026", "10/83/2026", "10/03/2026", "10/03/2826");
    expect(seen.fields.timestamp.value).toBe("2026-03-10");
    const once = await lookedAt("10/03/2026");
    expect(once.verdict).toBe("MANUAL_REVIEW");
  });

  it("a day that one reading found to be due is none of the payment in another that lost the label", async () => {
    const first = "RECIBO\nVencimento: 10/10/2026\nTOTAL 9,54\nData: 0?/09/2026";
    const second = "RECIBO\n10/10/2026\nTOTAL 9,54";
    const reading = await read(first, "OCR", {
      readAgain: async () => printed(second, 0.95),
      lookAgain: async ({ box }) => (box[1] === 20 ? printed("10/10/2026", 0.95) : []),
    });
    expect(reading.fields.timestamp.value).toBeNull();
  });

  it("a page on which two readings find no date is read cleaned, and its places then, too", async () => {
    const asked: (boolean | undefined)[] = [];
    const reading = await read("RECIBO\nEmissao 0?/09\nTOTAL 9,54", "OCR", {
      readAgain: async (_, look) =>
        look === "CLEANED" ? printed("RECIBO\nEmissao 05/09/2026\nTOTAL 9,54", 0.95) : [],
      lookAgain: async ({ box, cleaned }) => {
        if (box[1] !== 20 || cleaned === undefined) return [];
        asked.push(cleaned);
        return printed("05/09/2026", 0.95);
      },
    });
    expect(reading.fields.timestamp.value).toBe("2026-09-05");
    expect(new Set(asked)).toEqual(new Set([true]));
  });

  it("an hour that a Pix's page did not give is looked for beside its day, or by its label", async () => {
    const seen = (text: string, hour: string, day = "25/10/2026") => {
      const page = { ...printedPage(text), method: "OCR" as const, lines: printed(text, 0.95) };
      return interpret([page], {
        ...OPTIONS,
        lookAgain: async ({ box }) =>
          printed(
            box[1] === 40 ? hour : box[1] === 20 && box[2] > 200 ? `${day} ${hour}` : day,
            0.95,
          ),
      });
    };
    const beside = await seen("Comprovante de Pix\nData: 25/10/2026 l7:l2", "17:12");
    expect(beside).toMatchObject({
      verdict: "ACCEPTED",
      fields: { timestamp: { value: "2026-10-25T17:12:00-03:00" } },
    });
    const labelled = await seen("Comprovante de Pix\nData: 25/10/2026\nHora: l7:l2", "17:12");
    expect(labelled.fields.timestamp.value).toBe("2026-10-25T17:12:00-03:00");
    const nothing = await seen("Comprovante de Pix\nData: 25/10/2026 l7:l2", "l7:l2");
    expect(nothing.reasons.map(({ code }) => code)).toEqual(["HOUR_MISSING"]);
  });

  it("an unsure hour is that of a look that has the minute of the id, or of three that are alike", async () => {
    const proof = (id: string) => `Comprovante de Pix\nData: 25/10/2026 17:12\nID: ${id}`;
    const seen = (text: string, ...hours: string[]) => {
      const left = hours.values();
      const page = { ...printedPage(text), method: "OCR" as const, lines: printed(text, 0.7) };
      return interpret([page], {
        ...OPTIONS,
        lookAgain: async ({ box }) =>
          box[1] === 20 ? printed(`25/10/2026 ${left.next().value ?? hours[0]}`, 0.9) : [],
      });
    };
    const known = await seen(proof("E12345678202610252042Ab3dE9fGh1J"), "11:12", "17:42");
    expect(known.fields.timestamp.value).toBe("2026-10-25T17:42:00-03:00");
    expect((await seen(proof("?"), "17:42")).fields.timestamp.value).toBe(
      "2026-10-25T17:42:00-03:00",
    );
    expect((await seen(proof("?"), "17:42", "17:42", "17:12")).verdict).toBe("MANUAL_REVIEW");
  });

  it("an hour is in the zone of the document's country, and left out where that is unknown", async () => {
    const day = (country: string): string => `${country}\nDATE 28/11/2017 10:04\nTOTAL 9.54`;
    const malaysian = await read(day("JALAN DEDAP JOHOR SDN BHD"), "OCR", { home: undefined });
    expect(malaysian.fields.timestamp.value).toBe("2017-11-28T10:04:00+08:00");
    const anywhere = await read(day("RECEIPT"), "OCR", { home: undefined });
    expect(anywhere).toMatchObject({
      verdict: "ACCEPTED",
      fields: { timestamp: { value: "2017-11-28", precision: "day" } },
    });
  });

  it("a page without a word is unreadable", async () => {
    expect((await read("")).reasons).toEqual([
      { code: "UNREADABLE", severity: "REVIEW", evidence: { cause: "NO_TEXT" } },
    ]);
  });

  it("an unsure amount is read again", async () => {
    const page = {
      ...printedPage("Pix enviado\nValor R$ 1.2?4,56\n05/11/2026 17:12:33"),
      method: "OCR" as const,
    };
    const reading = await interpret([page], {
      ...OPTIONS,
      lookAgain: async ({ box }) => (box[1] === 20 ? printed("Valor R$ 1.234,56") : []),
    });
    expect(reading.fields.amount.value).toBe("1234.56");
  });
});
