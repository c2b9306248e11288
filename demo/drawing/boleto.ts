import type { Boleto, BoletoProof } from "./documents.ts";
import { createPen, type Sheet } from "./sheet.ts";
import { boletoLine, day, money, taxpayer, time } from "./wording.ts";

/** A bank's boleto: what is to be paid. It carries dates without an hour. */
export function boleto(bill: Boleto): Sheet {
  const pen = createPen(1240, {});
  pen.beside(40, bill.bank.name, { size: 32, bold: true });
  pen.write(1200, `${bill.bank.code}-9`, { size: 32, bold: true, align: "right" });
  pen.write(1200, boletoLine(bill.line), { size: 28, bold: true, align: "right" });
  pen.rule("#222222");
  const pair = (left: [string, string], right: [string, string]) => {
    pen.beside(40, left[0], { size: 18, color: "#555555" });
    pen.write(860, right[0], { size: 18, color: "#555555" });
    pen.beside(40, left[1]);
    pen.write(860, right[1], { bold: right[0] === "Vencimento" });
    pen.rule("#999999");
  };
  pair(
    ["Local de pagamento", "Pagável em qualquer banco até o vencimento"],
    ["Vencimento", day(bill.dueDate)],
  );
  pair(
    ["Beneficiário", bill.beneficiary.name],
    ["CNPJ do beneficiário", taxpayer(bill.beneficiary.document)],
  );
  pair(["Data do documento", day(bill.issuedOn)], ["Número do documento", bill.documentNumber]);
  pair(["Espécie / Moeda", "DM   R$"], ["(=) Valor do documento", money(bill.amount)]);
  pair(
    ["Instruções", "Após o vencimento cobrar multa de 2% e juros de 1% ao mês."],
    ["(=) Valor cobrado", ""],
  );
  pen.write(40, "Pagador", { size: 18, color: "#555555" });
  pen.write(40, `${bill.payer.name} - CNPJ ${taxpayer(bill.payer.document)}`);
  pen.rule("#222222");
  pen.skip(10);
  bars(pen, bill.barcode, 40, 100);
  pen.skip(10);
  return pen.sheet();
}

/** Interleaved 2 of 5, as FEBRABAN prescribes: narrow 3 pixels, wide 7. */
function bars(pen: ReturnType<typeof createPen>, code: string, left: number, height: number) {
  const patterns = "00110 10001 01001 11000 00101 10100 01100 00011 10010 01010".split(" ");
  let x = left;
  const stroke = (wide: boolean, black: boolean) => {
    const width = wide ? 7 : 3;
    if (black) pen.box(x, pen.y, width, height, "#000000");
    x += width;
  };
  for (let edge = 0; edge < 4; edge += 1) stroke(false, edge % 2 === 0);
  for (let place = 0; place < code.length; place += 2) {
    const black = patterns[Number(code[place])] ?? "";
    const white = patterns[Number(code[place + 1])] ?? "";
    for (let element = 0; element < 5; element += 1) {
      stroke(black[element] === "1", true);
      stroke(white[element] === "1", false);
    }
  }
  stroke(true, true);
  stroke(false, false);
  stroke(false, true);
  pen.y += height;
}

/** The proof that a boleto was paid. */
export function boletoProof(proof: BoletoProof): Sheet {
  const slip = proof.layout === "CERRADO";
  const pen = createPen(860, slip ? { face: "mono", background: "#fffdf6" } : {});
  const bank =
    proof.layout === "AURORA"
      ? "Banco Aurora"
      : slip
        ? "BANCO DO CERRADO S.A."
        : "Litoral Pagamentos";
  pen.write(40, bank, { size: 30, bold: true });
  pen.write(40, "Comprovante de pagamento de boleto", { size: 32, bold: true });
  pen.rule();
  const row = (name: string, value: string, size = 26) => {
    pen.write(40, name, { size: 20, color: "#555555" });
    pen.write(40, value, { size });
    pen.skip(4);
  };
  row("Linha digitável", boletoLine(proof.line), slip ? 22 : 24);
  row("Beneficiário", proof.beneficiary.name);
  row("CNPJ do beneficiário", taxpayer(proof.beneficiary.document));
  row("Pagador", proof.payer.name);
  row("CNPJ do pagador", taxpayer(proof.payer.document));
  pen.rule();
  row("Data de vencimento", day(proof.dueDate));
  pen.write(40, "Data e hora do pagamento", { size: 20, color: "#555555" });
  pen.write(40, [
    { text: `${day(proof.paidAt)} ${slip ? "" : "às "}` },
    { text: time(proof.paidAt), name: "hour" },
  ]);
  pen.skip(4);
  row("Valor pago", money(proof.amount));
  pen.rule();
  row("Autenticação", proof.authentication, 22);
  return pen.sheet();
}
