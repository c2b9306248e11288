import type { PixProof, Scheduling } from "./documents.ts";
import { createPen, type Sheet } from "./sheet.ts";
import { day, dayInWords, dayWithMonth, money, taxpayer, time } from "./wording.ts";

const banks = {
  AURORA: { name: "Banco Aurora", color: "#5b2a86" },
  CERRADO: { name: "Banco do Cerrado S.A.", color: "#1d5c3a" },
  LITORAL: { name: "Litoral Pagamentos", color: "#0b4f8a" },
};

/** The proof of a Pix payment, in one of three layouts that follow what banks' apps show. */
export function pixProof(proof: PixProof): Sheet {
  if (proof.layout === "AURORA") return aurora(proof);
  if (proof.layout === "CERRADO") return cerrado(proof);
  return litoral(proof);
}

/** An app's screen: big amount, month as three letters. */
function aurora(proof: PixProof): Sheet {
  const pen = createPen(720, {});
  pen.write(40, banks.AURORA.name, { size: 30, bold: true, color: banks.AURORA.color });
  pen.skip(18);
  pen.write(40, "Comprovante de transferência", { size: 36, bold: true });
  pen.write(40, [
    { text: `${dayWithMonth(proof.paidAt)} - ` },
    { text: time(proof.paidAt), name: "hour" },
  ]);
  pen.rule();
  pair(pen, "Valor", money(proof.amount), true);
  pair(pen, "Tipo de transferência", "Pix");
  if (proof.description) pair(pen, "Descrição", proof.description);
  pen.rule();
  party(pen, "Destino", proof.payee, 40);
  pen.rule();
  party(pen, "Origem", proof.payer, 40);
  pen.rule();
  pen.write(40, "ID da transação", { color: "#666666" });
  pen.write(40, proof.endToEndId, { size: 25 });
  printed(pen, proof);
  return pen.sheet();
}

/** A teller machine's slip in a fixed-width face. */
function cerrado(proof: PixProof): Sheet {
  const pen = createPen(760, { face: "mono", background: "#fffdf6" });
  pen.write(380, banks.CERRADO.name.toUpperCase(), { size: 28, bold: true, align: "center" });
  pen.write(380, "COMPROVANTE DE PAGAMENTO PIX", { size: 26, align: "center" });
  pen.rule("#555555");
  const row = (label: string, value: string) => pen.write(40, `${label.padEnd(15, ".")}: ${value}`);
  pen.write(40, [
    { text: "DATA/HORA......: " },
    { text: `${day(proof.paidAt)} ` },
    { text: time(proof.paidAt), name: "hour" },
  ]);
  row("VALOR", money(proof.amount));
  if (proof.description) row("DESCRICAO", proof.description);
  pen.rule("#555555");
  pen.write(40, "PAGO PARA", { bold: true });
  row("NOME", proof.payee.name.slice(0, 26));
  row("CPF/CNPJ", taxpayer(proof.payee.document));
  pen.rule("#555555");
  pen.write(40, "PAGADOR", { bold: true });
  row("NOME", proof.payer.name.slice(0, 26));
  row("CPF/CNPJ", taxpayer(proof.payer.document));
  pen.rule("#555555");
  pen.write(40, "ID FIM A FIM:");
  pen.write(40, proof.endToEndId, { size: 28 });
  printed(pen, proof);
  return pen.sheet();
}

/** A letter-like page: date in words, labels above values. */
function litoral(proof: PixProof): Sheet {
  const pen = createPen(900, {});
  pen.box(0, 0, 900, 96, banks.LITORAL.color);
  pen.write(40, banks.LITORAL.name, { size: 32, bold: true, color: "#ffffff" });
  pen.skip(50);
  pen.write(40, "Pix enviado", { size: 40, bold: true });
  pen.skip(10);
  pen.write(40, money(proof.amount), { size: 46, bold: true, color: banks.LITORAL.color });
  pen.skip(16);
  label(pen, "Data e hora do pagamento");
  pen.write(40, [
    { text: `${dayInWords(proof.paidAt)}, às ` },
    { text: time(proof.paidAt), name: "hour" },
    { text: " (horário de Brasília)" },
  ]);
  pen.rule();
  party(pen, "Quem recebeu", proof.payee, 40);
  pen.rule();
  party(pen, "Quem pagou", proof.payer, 40);
  pen.rule();
  if (proof.description) {
    label(pen, "Mensagem");
    pen.write(40, proof.description);
  }
  label(pen, "Código da transação (End to End)");
  pen.write(40, proof.endToEndId);
  printed(pen, proof);
  return pen.sheet();
}

/** The slip of a scheduled Pix: it promises, and proves nothing. */
export function scheduling(slip: Scheduling): Sheet {
  const bank = banks[slip.layout];
  const pen = createPen(760, {});
  pen.write(40, bank.name, { size: 30, bold: true, color: bank.color });
  pen.skip(14);
  pen.write(40, "Comprovante de agendamento Pix", { size: 34, bold: true });
  pen.write(40, "Pagamento AGENDADO - ainda não efetivado", { color: "#9a5b00" });
  pen.rule();
  pair(pen, "Valor", money(slip.amount), true);
  pair(pen, "Agendado para", day(slip.scheduledFor));
  pen.write(40, [
    { text: `Solicitado em ${day(slip.requestedAt)} às ` },
    { text: time(slip.requestedAt), name: "hour" },
  ]);
  pen.rule();
  party(pen, "Favorecido", slip.payee, 40);
  pen.rule();
  party(pen, "Pagador", slip.payer, 40);
  pen.skip(10);
  pen.write(40, "O débito ocorre na data, se houver saldo em conta.", { size: 22 });
  return pen.sheet();
}

type PenOf = ReturnType<typeof createPen>;

function label(pen: PenOf, text: string) {
  pen.skip(6);
  pen.write(40, text, { size: 22, color: "#666666" });
}

function pair(pen: PenOf, name: string, value: string, bold = false) {
  pen.beside(40, name, { color: "#666666" });
  pen.write(pen.sheet().width - 40, value, { align: "right", bold });
}

function party(pen: PenOf, title: string, who: { name: string; document: string }, x: number) {
  pen.write(x, title, { bold: true, size: 28 });
  pen.write(x, who.name);
  const kind = who.document.length === 14 ? "CNPJ" : "CPF";
  pen.write(x, `${kind}: ${taxpayer(who.document)}`);
}

function printed(pen: PenOf, proof: PixProof) {
  if (proof.printedAt === undefined) return;
  pen.skip(14);
  pen.write(40, `2ª via emitida em ${day(proof.printedAt)} ${time(proof.printedAt)}`, { size: 20 });
}
