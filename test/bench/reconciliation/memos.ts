import { fold } from "../../../src/reconciliation/memo-text.ts";
import type { Random } from "./random.ts";

/** How a payment leaves the account. */
export type Means = "PIX" | "TED" | "BOLETO";

/** What a bank writes; NAME and DATE are filled in. Without NAME the line names no one. */
type Bank = {
  paid: Record<Means, readonly string[]>;
  back: Record<Means, readonly string[]>;
  /** Statements of files are upper case and cut; those of the API are not. */
  width: number | null;
};

export const BANKS: readonly Bank[] = [
  {
    paid: {
      PIX: ["PIX TRANSF NAMEDATE", "PIX QRS NAMEDATE", "PIX ENVIADO NAME"],
      TED: ["TED 341.0001 NAME", "SISPAG TED NAME"],
      BOLETO: ["BOLETO PAGO NAME", "INT PAG TIT BANCO 341", "SISPAG BOLETO NAME"],
    },
    back: {
      PIX: ["PIX DEVOLVIDO NAME", "DEV PIX NAME", "DEV NAME"],
      TED: ["TED DEVOLVIDA NAME", "DEV TED NAME"],
      BOLETO: ["ESTORNO PAGTO BOLETO", "DEV BOLETO NAME"],
    },
    width: 30,
  },
  {
    paid: {
      PIX: ["PIX - ENVIADO - DATE 17:07 NAME"],
      TED: ["TED Transf.Eletr.Disponiv - NAME"],
      BOLETO: ["PAGAMENTO DE BOLETO - NAME", "PAGTO TITULO NAME"],
    },
    back: {
      PIX: ["PIX-ENVIO DEVOLVIDO - DATE 17:12 NAME", "PIX - REJEITADO - DATE 17:12"],
      TED: ["TED Devolvida"],
      BOLETO: ["ESTORNO DE DÉBITO"],
    },
    width: null,
  },
  {
    paid: {
      PIX: ["TRANSFERENCIA PIX DES: NAME DATE"],
      TED: ["TED-TRANSF ELET DISPON REMET.NAME"],
      BOLETO: ["PAGTO ELETRON COBRANCA NAME", "LIQ TITULO NAME"],
    },
    back: {
      PIX: ["DEVOLUCAO PIX NAME", "ESTORNO TRANSF PIX NAME"],
      TED: ["DEVOLUCAO DE TED NAME"],
      BOLETO: ["EST PAGTO ELETRON COBRANCA", "ESTORNO PAGTO COBRANCA"],
    },
    width: 38,
  },
  {
    paid: {
      PIX: ["PIX ENVIADO NAME"],
      TED: ["TED ENVIADA NAME"],
      BOLETO: ["PAGAMENTO DE BOLETO OUTROS BANCOS NAME", "PAGAMENTO BOLETO NAME"],
    },
    back: {
      PIX: ["EST PIX ENVIADO NAME", "PIX DEVOLUCAO NAME"],
      TED: ["EST TED ENVIADA", "TED DEVOL NAME"],
      BOLETO: ["EST PAGAMENTO BOLETO", "PAGTO REJEITADO BOLETO"],
    },
    width: 30,
  },
  {
    paid: {
      PIX: ["ENVIO PIX", "PIX ENVIADO NAME"],
      TED: ["ENVIO TED"],
      BOLETO: ["PAG BOLETO", "PAG BOLETO IBC NAME"],
    },
    back: {
      PIX: ["DEV PIX", "DEVOLUCAO PIX"],
      TED: ["DEV TED", "DEVOL TED"],
      BOLETO: ["ESTORNO", "RET PAGTO BOLETO"],
    },
    width: 22,
  },
  {
    paid: {
      PIX: ["DEB.PIX EMITIDO OUTRA IF NAME", "PIX EMITIDO OUTRA IF NAME"],
      TED: ["DEB.TED EMITIDA NAME"],
      BOLETO: ["DEB.TIT.COMPE.EFETIVADO NAME"],
    },
    back: {
      PIX: ["CRED.PIX DEVOLVIDO NAME", "DEVOL. PIX NAME"],
      TED: ["CRED.DEVOLUCAO TED"],
      BOLETO: ["CRED.ESTORNO TITULO"],
    },
    width: 30,
  },
  {
    paid: {
      PIX: ["Transferência enviada pelo Pix - NAME", 'Pix enviado: "NAME"'],
      TED: ["Transferência enviada (TED) - NAME"],
      BOLETO: ["Pagamento de boleto efetuado - NAME"],
    },
    back: {
      PIX: [
        "Estorno - Transferência enviada pelo Pix - NAME",
        "Reembolso recebido pelo Pix - NAME",
        'Pix enviado devolvido: "NAME"',
      ],
      TED: ["TED devolvida - NAME"],
      BOLETO: ["Pagamento de boleto devolvido"],
    },
    width: null,
  },
];

/** The text as that bank prints it: abbreviated, upper case and cut where it does so. */
export function printed(
  template: string,
  name: string,
  date: string,
  bank: Bank,
  random: Random,
): string {
  const [, month, day] = date.split("-");
  const shown = bank.width === null ? name : abbreviated(fold(name), random);
  // Itaú's line has ten letters of the name, and the date glued to them.
  const glued = template.includes("NAMEDATE") ? shown.slice(0, 10) : shown;
  const text = template.replace("NAME", glued).replace("DATE", `${day}/${month}`);
  return (bank.width === null ? text : fold2(text).slice(0, bank.width)).trim();
}

/** Upper case without accents; punctuation stays. */
function fold2(text: string): string {
  return text
    .normalize("NFD")
    .replace(/\p{M}+/gu, "")
    .toUpperCase();
}

function abbreviated(name: string, random: Random): string {
  if (random.chance(0.5)) return name;
  return name
    .split(" ")
    .map((word) =>
      word.length > 7 && random.chance(0.5) ? word.slice(0, random.integer(4, 6)) : word,
    )
    .join(" ");
}
