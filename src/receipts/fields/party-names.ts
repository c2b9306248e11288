import type { Field } from "../reading.ts";
import type { Line } from "../words.ts";
import type { Cell } from "./cells.ts";
import type { Side } from "./cnpj.ts";
import { fieldIn, type Labelled, labelledIn, onlyValue, type Place } from "./labelled.ts";

const BEFORE = "^(?:DADOS D[AEO]S? |NOME D[AEO] |IDENTIFICACAO D[AEO] )?";
/** A label is a cell's only words, or a colon follows: "Pagador: …", not "Pagador efetivo". */
const AFTER = String.raw`(?: \(A\))?(?=\s*(?:[:.=_]|$))`;

const HEADINGS: Record<Side, RegExp> = {
  PAYEE: new RegExp(
    `${BEFORE}(?:RECEBEDOR|FAVORECIDO|BENEFICIARIO|CEDENTE|EMITENTE|DESTINO|QUEM (?:RECEBEU|RECEBE|VAI RECEBER)|PAGO PARA|PARA|(?:PRESTADOR|PRESTADOR D[EO]S? SERVICOS?|AUTONOMO|CONTRATADO)(?: \\(?AUTONOMO\\)?)?)${AFTER}`,
  ),
  PAYER: new RegExp(
    `${BEFORE}(?:PAGADOR|SACADO|REMETENTE|TOMADOR|TOMADOR D[EO]S? SERVICOS?|CONTRATANTE|FONTE PAGADORA|DESTINATARIO(?: ?/ ?REMETENTE)?|CONSUMIDOR|ORIGEM|QUEM (?:PAGOU|ENVIOU|FEZ)|DEBITADO D[EO]|DE)${AFTER}`,
  ),
};

const NAME =
  /^(?:NOME ?\/ ?RAZAO SOCIAL|NOME (?:COMPLETO|EMPRESARIAL)|NOME|RAZAO SOCIAL)(?=[\s:.=_/-]|$)/;

/** Within so many lines under a heading its name is looked for by its own label. */
const LINES_UNDER_HEADING = 5;

/** Where a name ends on its line: at the number of its bearer, masked or not. */
const NUMBER_OF_BEARER =
  /[\s,;:|(-]*(?:\b(?:CPF|CNPJ)\b|\*{2,}|(?<![\dA-Z])[\dA-Z*]{2,3}\.[\dA-Z*]{3}\.|(?<!\d)\d{11}(?:\d{3})?(?!\d))/;

/** What else stands beside or below a heading. A bank there is where the account is, not whose. */
const ANOTHER_LABEL =
  /^(?:AG(?:ENCIA)?|BANCO|BAIRRO|CARTEIRA|CEP|CHAVE|CODIGO|COMPETENCIA|CONTA|DATA|DESCRICAO|DISCRIMINACAO|DOCUMENTO|EMISSAO|ENDERECO|ESPECIE|FONE|HORA|ID|INSCRICAO|INSTITUICAO|MUNICIPIO|NOSSO|NUMERO|PIX|TELEFONE|TIPO|UF|VALOR|VENCIMENTO)\b|^N[º°O.]\s/;

const LONGEST = 120;

/**
 * The names of who is paid and who pays, as printed, by their labels alone: beside or below a heading of their side, or by a
 * label of their own under it. What no label tells, or what is printed in two ways, is ABSENT.
 */
export function findPartyNames(lines: readonly Line[]): { payee: Field; payer: Field } {
  return { payee: nameOf(lines, "PAYEE"), payer: nameOf(lines, "PAYER") };
}

function nameOf(lines: readonly Line[], side: Side): Field {
  return onlyValue(
    lines.flatMap((_, index) =>
      labelledIn(lines, index, HEADINGS[side]).flatMap(
        (heading) => firstName(heading) ?? nameUnder(lines, index, heading) ?? [],
      ),
    ),
  );
}

function firstName(places: Labelled): Field | undefined {
  for (const place of places) {
    const name = nameAt(place);
    if (name) {
      return name;
    }
  }
  return undefined;
}

/** The name by a label of its own in the lines under a heading, up to the heading of another party. */
function nameUnder(lines: readonly Line[], index: number, places: Labelled): Field | undefined {
  // What follows the heading in its own cell is what it says: no name, then.
  if (places.some(({ at }) => at === "INSIDE")) {
    return undefined;
  }
  for (let i = index + 1; i <= index + LINES_UNDER_HEADING; i++) {
    const line = lines[i];
    if (!line || line.page !== lines[index]?.page || headsAnother(lines, i)) {
      return undefined;
    }
    const [named] = labelledIn(lines, i, NAME);
    if (named) {
      return firstName(named);
    }
  }
  return undefined;
}

function headsAnother(lines: readonly Line[], index: number): boolean {
  return Object.values(HEADINGS).some((heading) => labelledIn(lines, index, heading).length > 0);
}

function nameAt({ cell, start, at }: Place): Field | undefined {
  const rest = cell.folded.slice(start);
  // "Tomador" above "Nome: …": what a label of its own names is read by that label.
  if (NAME.test(rest) || (at !== "INSIDE" && isLabel(cell))) {
    return undefined;
  }
  const until = NUMBER_OF_BEARER.exec(rest)?.index ?? rest.length;
  const name = rest.slice(0, until).replace(/[\s,;|(-]+$/, "");
  return isName(name)
    ? fieldIn(cell, start, start + name.length, cell.text.slice(start, start + name.length))
    : undefined;
}

function isLabel({ folded }: Cell): boolean {
  return (
    ANOTHER_LABEL.test(folded) || Object.values(HEADINGS).some((heading) => heading.test(folded))
  );
}

/** Words, with more letters than digits, and nothing of a form or an amount among them. */
function isName(folded: string): boolean {
  const letters = folded.match(/\p{L}/gu)?.length ?? 0;
  const digits = folded.match(/\d/g)?.length ?? 0;
  return (
    folded.length <= LONGEST &&
    /\p{L}{2}/u.test(folded) &&
    letters >= 3 &&
    letters > digits &&
    !/:|R\$/.test(folded)
  );
}
