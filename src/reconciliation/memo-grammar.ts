import { fold } from "./memo-text.ts";

/** The means of payment, where memo, type or identifier tell it. */
export type Channel = "PIX" | "TED" | "BOLETO" | "CHEQUE" | "CARD" | "FEE";

/**
 * What a memo says a movement is. REFUND: a credit that undoes a debit. INCOME_REVERSAL: a debit
 * that undoes a credit. NEUTRAL: money moved between account and investment. SCHEDULED: announced.
 */
export type MemoMeaning = "REFUND" | "INCOME_REVERSAL" | "NEUTRAL" | "SCHEDULED";

export type MemoRule = {
  id: string;
  /** Banks on whose statements it was seen. The rules apply to all: banks copy each other's words. */
  banks: readonly string[];
  direction: "CREDIT" | "DEBIT" | "BOTH";
  meaning: MemoMeaning;
  /** Tested on the folded memo (`fold`): upper case, no accents, single spaces. */
  pattern: RegExp;
  /** The memo is not what the pattern says if this is in it too. */
  unless?: RegExp;
  /** The payment never arrived, so it comes back soon, a Pix too. */
  rejection?: boolean;
};

// A fee for something ("TARIFA DEVOLUCAO CHEQUE") is a fee; only ESTORNO gives the fee itself back.
const FEE = /^(?:TAR|TARIFA|CUSTAS|COBRANCA TAR\w*)\b(?!.*\bESTORN)/;
const SWEEP =
  /\b(?:APLIC\w*|RESG\w*|RENDE FACIL|CONTAMAX|INVEST FACIL|INVESTIM\w*|CDB|RDB|LCI|LCA|BAIXA AUTOMATICA|APL AUT\w*|RES AUT\w*)\b/;
const YIELD = /\b(?:REND|RENDIMENTOS?|JUROS|REMUNERACAO)\b/;

/**
 * The grammar: the first rule that fits decides. To teach a bank's wording, add a row and a line to
 * `test/fixtures/reconciliation/memos.json`. Sources: that file and its README.
 */
export const MEMO_RULES: readonly MemoRule[] = [
  // Sweep and investment: neither income nor expense. The yield itself is income.
  {
    id: "SWEEP_IN",
    banks: ["ITAU", "BB", "BRADESCO", "SANTANDER", "CAIXA"],
    direction: "CREDIT",
    meaning: "NEUTRAL",
    pattern: SWEEP,
    // Nobody else redeems by Pix: a sender may be called Resgate, too.
    unless: new RegExp(`${YIELD.source}|\\bPIX\\b`),
  },
  {
    id: "SWEEP_OUT",
    banks: ["ITAU", "BB", "BRADESCO", "SANTANDER", "CAIXA"],
    direction: "DEBIT",
    meaning: "NEUTRAL",
    pattern: SWEEP,
    // A supplier may be called Resgate; a sweep is never sent by Pix, TED or boleto, nor called a payment.
    unless:
      /\b(?:PIX|TED|DOC|BOLETO|TITULO|REND|RENDIMENTOS?|PA?GTO|PAG|PAGAMENTO|SISPAG|FORN\w*|COMPRA)\b/,
  },
  // What a court blocks is neither paid nor, when it is free again, received.
  {
    id: "BLOCKED",
    banks: [],
    direction: "BOTH",
    meaning: "NEUTRAL",
    pattern: /\b(?:DES)?BLOQ(?:UEIO)?\b/,
    unless: /\b(?:PIX|TED|DOC|BOLETO|TITULO|PA?GTO|PAG|PAGAMENTO|SISPAG|FORN\w*|COMPRA|TAR\w*)\b/,
  },

  // Debits that take income back. A word alone is not enough where it could be an expense's name
  // (REEMBOLSO to a síndico, CANCELAS of a gate maker, a fee for a returned cheque).
  {
    id: "RECEIVED_PIX_RETURNED",
    banks: ["BB", "INTER", "NUBANK"],
    direction: "DEBIT",
    meaning: "INCOME_REVERSAL",
    pattern: /\bRECEB\w*.*\b(?:DEVOL\w*|ESTORN\w*|REJEI\w*|RECUSAD\w*|CANCEL(?:AD[OA]|AMENTO)?)\b/,
    unless: FEE,
  },
  {
    id: "RETURN_SENT",
    banks: ["ITAU", "BRADESCO", "SICREDI"],
    direction: "DEBIT",
    meaning: "INCOME_REVERSAL",
    pattern: /\bDEVOL\w*|\bDEVO$|^DEV\b|\bDEV (?:PIX|TED|DOC|REC\w*|DEP\w*|CRED\w*|CH\w*)\b/,
    unless: FEE,
  },
  {
    id: "CREDIT_REVERSED",
    banks: ["BB", "CAIXA", "BRADESCO"],
    direction: "DEBIT",
    meaning: "INCOME_REVERSAL",
    pattern:
      /\bESTORN\w*|^EST\b|\bEST (?:CRED\w*|DEP\w*|REC\w*|PIX REC\w*|TED REC\w*)\b|\bREVERSAO\b|\bCANC(?:EL(?:AD[OA]|AMENTO)?)? (?:DE )?(?:CRED\w*|DEP\w*|RECEB\w*)\b/,
    unless: FEE,
  },

  // Credits that undo a debit.
  {
    id: "REVERSED",
    banks: ["BB", "NUBANK", "CAIXA"],
    direction: "CREDIT",
    meaning: "REFUND",
    // Cut at 22 to 30 letters, the word itself may be cut. EST alone may be someone's name.
    pattern:
      /\bESTORN?\w*|\bESTO$|(?:^EST|\bCRED EST)\b|\bEST (?:PIX|TED|DOC|TRANSF\w*|TRF|DEB\w*|PAG\w*|PGTO?|TAR\w*|BOL\w*|TIT\w*|CONV\w*|LANC\w*|COMPRA\w*|ENV\w*|COB\w*|CH\w*)\b|\bREVERS(?:AO?|AD[OA])?\b/,
  },
  {
    id: "RETURNED",
    banks: ["BB", "ITAU", "INTER", "BRADESCO", "SICREDI", "NUBANK"],
    direction: "CREDIT",
    meaning: "REFUND",
    pattern:
      /\bDEVOL\w*|\bDEVO$|(?:^DEV|\bCRED DEV)\b|\bDEV (?:PIX|TED|DOC|TRANSF\w*|DEB\w*|ENV\w*|PAG\w*|PGTO?|BOL\w*|TIT\w*|SISPAG|CH\w*)\b|\b(?:PIX|TED|DOC|TRANSF|PAGTO|PGTO|BOLETO|TITULO) DEV\b/,
  },
  {
    id: "REJECTED",
    banks: ["BB"],
    direction: "CREDIT",
    meaning: "REFUND",
    rejection: true,
    pattern:
      /\bREJ(?:EI\w*|E|TD[OA])?\b|\bRECUSAD\w*|\bNEGAD[OA]\b|\bNAO (?:EFETIV|EFETUA|REALIZ|CONCLU|PROCESS)\w*|\b(?:CONTA|CHAVE|AGENCIA) INVALID\w*/,
  },
  {
    id: "CANCELLED",
    banks: [],
    direction: "CREDIT",
    meaning: "REFUND",
    rejection: true,
    pattern: /\bCANC(?:EL(?:A(?:D[OA]?|M\w*)?)?)?\b/,
  },
  {
    id: "REIMBURSED",
    banks: ["NUBANK"],
    direction: "CREDIT",
    meaning: "REFUND",
    pattern: /\bREEMB\w*|\bRESSARC\w*|\bRESTIT\w*|\bCHARGEBACK\b|\bCONTESTACAO\b/,
  },
  {
    id: "PAYMENT_CAME_BACK",
    banks: [],
    direction: "CREDIT",
    meaning: "REFUND",
    rejection: true,
    pattern: /\bRET(?:ORNO|ORN)? (?:DE )?(?:PGTO|PAG\w*|TED|DOC|PIX|TRANSF\w*|SISPAG|BOL\w*)\b/,
  },

  // "Agendado" is announced, not paid.
  {
    id: "SCHEDULED",
    banks: [],
    direction: "DEBIT",
    meaning: "SCHEDULED",
    pattern: /\bAGEND(?:AD[OA]|AMENTO)\b|\bLANC(?:AMENTOS?)? FUTUROS?\b/,
  },
];

const CHANNELS: readonly [Channel, RegExp][] = [
  [
    "FEE",
    /^(?:IOF|JUROS|ENCARGOS|ANUIDADE)\b|\b(?:TAR|TARIF\w*|PACOTE (?:DE )?SERVICOS|CESTA (?:DE )?(?:SERV\w*|RELAC\w*))\b/,
  ],
  ["PIX", /\bPIX\b/],
  ["TED", /\b(?:TED|DOC|TEC|TEV)\b/],
  ["CHEQUE", /\b(?:CHEQUES?|CHQ|CH)\b/],
  ["BOLETO", /\b(?:BOLETOS?|TITULOS?|TIT|COBRANCA)\b/],
  ["CARD", /\bCOMPRA\b|\bCARTAO\b/],
];

const OPERATION_CHANNELS: ReadonlyMap<string, Channel> = new Map([
  ["PIX", "PIX"],
  ["TED", "TED"],
  ["DOC", "TED"],
  ["BOLETO", "BOLETO"],
  ["CARTAO", "CARD"],
  ["PACOTE_TARIFA_SERVICOS", "FEE"],
  ["TARIFA_SERVICOS_AVULSOS", "FEE"],
]);

/**
 * What the memo of a movement says, or undefined for an ordinary one.
 * @param folded the memo through `fold`
 */
export function readMemo(folded: string, direction: "CREDIT" | "DEBIT"): MemoRule | undefined {
  return MEMO_RULES.find(
    (rule) =>
      (rule.direction === "BOTH" || rule.direction === direction) &&
      rule.pattern.test(folded) &&
      !rule.unless?.test(folded),
  );
}

/** The means of payment; the memo's own word wins over the bank's type, which is often OUTROS. */
export function readChannel(folded: string, operationType: string | null): Channel | undefined {
  const named = CHANNELS.find(([, pattern]) => pattern.test(folded));
  if (named) return named[0];
  const type = operationType === null ? "" : fold(operationType).replaceAll(" ", "_");
  return OPERATION_CHANNELS.get(type);
}
