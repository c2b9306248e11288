import type { Nfce, Nfe, Nfse } from "./documents.ts";
import { createPen, type Sheet } from "./sheet.ts";
import { day, inFours, money, taxpayer, time } from "./wording.ts";

const plain = (amount: string) => money(amount).slice(3);

/** DANFE NFC-e: the shop's slip in a fixed-width face. */
export function nfce(slip: Nfce): Sheet {
  const pen = createPen(700, { face: "mono" });
  const center = (text: string, size = 22, bold = false) =>
    pen.write(350, text, { size, bold, align: "center" });
  center(slip.issuer.name, 26, true);
  center(`CNPJ: ${taxpayer(slip.issuer.document)}`);
  center(slip.issuer.address, 20);
  pen.rule("#444444");
  center("DANFE NFC-e - Documento Auxiliar da", 20);
  center("Nota Fiscal de Consumidor Eletrônica", 20);
  pen.rule("#444444");
  for (const item of slip.items) {
    pen.write(40, item.name, { size: 22 });
    pen.beside(70, `${item.quantity} ${item.unit}`, { size: 22 });
    pen.write(660, plain(item.total), { size: 22, align: "right" });
  }
  pen.rule("#444444");
  pen.beside(40, `QTD. TOTAL DE ITENS ${slip.items.length}`, { size: 22 });
  pen.skip(32);
  pen.beside(40, "VALOR TOTAL", { size: 28, bold: true });
  pen.write(660, money(slip.total), { size: 28, bold: true, align: "right" });
  pen.beside(40, "Pix", { size: 22 });
  pen.write(660, plain(slip.total), { size: 22, align: "right" });
  pen.rule("#444444");
  center("Consulte pela chave de acesso em", 20);
  center("www.nfce.exemplo.com.br/consulta", 20);
  const key = inFours(slip.key);
  center(key.slice(0, 30).trim(), 23);
  center(key.slice(30).trim(), 23);
  pen.rule("#444444");
  center("CONSUMIDOR", 22, true);
  center(`CNPJ: ${taxpayer(slip.consumer.document)}`);
  center(slip.consumer.name, 20);
  pen.rule("#444444");
  const number = String(slip.number).padStart(9, "0");
  center(`NFC-e nº ${number} Série ${String(slip.series).padStart(3, "0")}`);
  pen.write(
    350,
    [{ text: `Emissão: ${day(slip.issuedAt)} ` }, { text: time(slip.issuedAt), name: "hour" }],
    { size: 24, align: "center" },
  );
  return pen.sheet();
}

/** A municipality's NFS-e. */
export function nfse(note: Nfse): Sheet {
  const pen = createPen(1240, {});
  pen.write(620, `PREFEITURA MUNICIPAL DE ${note.municipality.toUpperCase()}`, {
    size: 30,
    bold: true,
    align: "center",
  });
  pen.write(620, "NOTA FISCAL DE SERVIÇOS ELETRÔNICA - NFS-e", { size: 28, align: "center" });
  pen.rule("#222222");
  pen.beside(40, `Número da Nota: ${note.number}`, { bold: true });
  pen.write(1200, `Competência: ${note.competence}`, { align: "right" });
  pen.write(40, [
    { text: `Data e Hora de Emissão: ${day(note.issuedAt)} ` },
    { text: time(note.issuedAt), name: "hour" },
  ]);
  pen.write(40, `Código de Verificação: ${note.verificationCode}`);
  for (const [title, who] of [
    ["PRESTADOR DE SERVIÇOS", note.provider],
    ["TOMADOR DE SERVIÇOS", note.taker],
  ] as const) {
    pen.rule("#222222");
    pen.write(40, title, { bold: true });
    pen.write(40, `Nome/Razão Social: ${who.name}`);
    pen.write(40, `CPF/CNPJ: ${taxpayer(who.document)}`);
  }
  pen.rule("#222222");
  pen.write(40, "DISCRIMINAÇÃO DOS SERVIÇOS", { bold: true });
  pen.write(40, note.service);
  pen.skip(20);
  pen.rule("#222222");
  pen.write(40, `VALOR TOTAL DA NOTA = ${money(note.gross)}`, { size: 30, bold: true });
  for (const retention of note.retentions) {
    pen.beside(40, `Retenção ${retention.name}`);
    pen.write(700, money(retention.amount), { align: "right" });
  }
  pen.beside(40, "Valor líquido da nota", { bold: true });
  pen.write(700, money(note.net), { bold: true, align: "right" });
  return pen.sheet();
}

/** A simplified DANFE of an NF-e (goods). */
export function nfe(note: Nfe): Sheet {
  const pen = createPen(1240, {});
  pen.beside(40, note.issuer.name, { size: 30, bold: true });
  pen.write(1200, "DANFE", { size: 34, bold: true, align: "right" });
  pen.beside(40, `CNPJ: ${taxpayer(note.issuer.document)}`);
  const number = String(note.number).padStart(9, "0");
  pen.write(1200, `NF-e nº ${number} Série ${note.series}`, { align: "right" });
  pen.write(40, note.issuer.address, { size: 22 });
  pen.rule("#222222");
  pen.write(40, "CHAVE DE ACESSO", { size: 20, color: "#555555" });
  pen.write(40, inFours(note.key), { size: 28 });
  pen.rule("#222222");
  pen.write(40, "DESTINATÁRIO", { bold: true });
  pen.beside(40, note.recipient.name);
  pen.write(1200, `CNPJ: ${taxpayer(note.recipient.document)}`, { align: "right" });
  pen.write(40, [
    { text: `Data da emissão: ${day(note.issuedAt)}  Hora da emissão: ` },
    { text: time(note.issuedAt), name: "hour" },
  ]);
  pen.rule("#222222");
  pen.write(40, "DADOS DOS PRODUTOS", { bold: true });
  for (const item of note.items) {
    pen.beside(40, item.name);
    pen.beside(760, `${item.quantity} ${item.unit}`);
    pen.write(1200, plain(item.total), { align: "right" });
  }
  pen.rule("#222222");
  pen.beside(40, "VALOR TOTAL DA NOTA", { bold: true });
  pen.write(1200, money(note.total), { bold: true, align: "right" });
  return pen.sheet();
}
