import { fold } from "./memo-text.ts";

/** Words that name no one: a bank's own, legal forms, particles. */
const EMPTY_WORDS = new Set(
  (
    "PIX TED DOC TEC TEV ENVIADO ENVIADA ENVIO ENV RECEBIDO RECEBIDA RECEBIMENTO REC TRANSF TRANSFERENCIA " +
    "TRANSFERIDO PAGTO PGTO PAGAMENTO PAGAMENTOS PAGO PAG PG BOLETO BOLETOS TITULO TITULOS TIT COBRANCA COB DEBITO " +
    "DEB CREDITO CRED AUTOMATICO AUTOM AUT AUTORIZADO ELETRON ELETRONICO INTERNET INT NET MOBILE APP ON LINE ONLINE " +
    "SISPAG FORNECEDOR FORNECEDORES FORNEC DIVERSOS OUTROS OUTRA OUTRO MESMA INSTITUICAO TITULARIDADE CONTA CTA CC CP " +
    "AG AGENCIA BANCO BCO QR QRCODE CODE QRS CHAVE DINAMICO ESTATICO COPIA COLA VIA PELO PELA PARA POR COM EM NO NA " +
    "ESTORNO ESTORNADO EST DEVOLVIDO DEVOLVIDA DEVOLUCAO DEVOL DEVOLU DEV REJEITADO REJEITADA REJEICAO REEMBOLSO " +
    "RECUSADO RECUSADA CANCELADO CANCELADA CANCELAMENTO CANC CANCEL RET RETORNO REVERSAO COMPRA CARTAO CHEQUE CHQ CH " +
    "COMPENSADO SAQUE DEPOSITO DEP TARIFA TAR TARIFAS REF REFERENTE NF NFE NFSE NOTA FISCAL FATURA PARCELA PARC DATA " +
    "VALOR CNPJ CPF DESCONHECIDO FAVORECIDO AGENDADO AGENDADA AGENDAMENTO CONVENIO " +
    "LTDA LIMITADA ME EPP EIRELI MEI SA CIA COMPANHIA DE DA DO DAS DOS E A O S"
  ).split(" "),
);

/** Words that many payees share: they say little. */
const COMMON_WORDS = new Set(
  (
    "SERVICO SERVICOS SERV COMERCIO COM IND INDUSTRIA BRASIL BRASILEIRA EMPRESA GRUPO ADMINISTRADORA ADM CONDOMINIO " +
    "CONDOMINIAL EDIFICIO MANUTENCAO MANUT CONSERVACAO LIMPEZA TERCEIRIZACAO SOLUCOES TECNOLOGIA MATERIAIS " +
    "CONSTRUCAO ENGENHARIA GESTAO ASSESSORIA SILVA SANTOS SOUZA OLIVEIRA PEREIRA COSTA MARIA JOSE JOAO ANTONIO"
  ).split(" "),
);

/** Public payees are paid by guia, and the memo names the guia. */
const ALIASES: readonly [RegExp, string][] = [
  [
    /\b(?:RECEITA FEDERAL|SECRETARIA DA RECEITA|UNIAO|MINISTERIO DA FAZENDA|INSS|PREVIDENCIA)\b/,
    "DARF DARFC GPS RFB RECEITA TRIBUTO TRIBUTOS TRIB INSS IMPOSTO IMPOSTOS FEDERAL SIMPLES DAS",
  ],
  [
    /\b(?:PREFEITURA|MUNICIPIO|SECRETARIA MUNICIPAL|SEFAZ MUNICIPAL)\b/,
    "ISS ISSQN DAM PREFEITURA PREF PMSP PM MUNICIPAL IPTU GUIA TRIBUTO TRIBUTOS",
  ],
  [/\b(?:FGTS|CAIXA ECONOMICA)\b/, "FGTS GRF GRRF GFD"],
];

/** "PAGAMENTO CONTA LUZ" names a kind of bill, not the utility. */
const UTILITY_BILL = /\bCONTA (?:DE )?(?:LUZ|AGUA|GAS|TELEFONE|ENERGIA)\b/;

const INFORMATIVE_SHARE = 0.3;

/** The words of a folded text that may name someone, in order, without repetition. */
export function nameWords(folded: string): string[] {
  const named = folded.replace(UTILITY_BILL, " ");
  const words = named.split(" ").filter((word) => !EMPTY_WORDS.has(word) && !/\d/.test(word));
  return [...new Set(words)].filter((word) => word.length > 1);
}

/**
 * How well two names agree although one is abbreviated or cut short, as statements do ("LIMPAD
 * EXEMPLO SERV" for "Limpadora Exemplo Serviços Ltda"). 0 to 1; undefined if either names no one.
 * Symmetric. Words compare as equal, prefix, consonant skeleton or one wrong letter; common words
 * count for less.
 */
export function nameSimilarity(left: string, right: string): number | undefined {
  const a = fold(left);
  const b = fold(right);
  return foldedNameSimilarity(a, nameWords(a), b, nameWords(b));
}

/** The same for texts folded and split before, since both sides are compared many times. */
export function foldedNameSimilarity(
  left: string,
  leftWords: readonly string[],
  right: string,
  rightWords: readonly string[],
): number | undefined {
  if (aliased(left, right) || aliased(right, left)) return 0.9;
  if (leftWords.length === 0 || rightWords.length === 0) return undefined;
  const covered = coverage(leftWords, rightWords);
  const covering = coverage(rightWords, leftWords);
  const mean = (covered + covering) / 2;
  const whole = Math.max(covered, covering);
  // One side lies wholly within the other, which adds words: a cut memo, or a memo with a remark.
  const base = whole >= 0.85 && hasWeight(leftWords, rightWords) ? Math.max(mean, 0.78) : mean;
  return firstWordsAgree(leftWords, rightWords) ? base : base * 0.8;
}

function aliased(payee: string, memo: string): boolean {
  const entry = ALIASES.find(([name]) => name.test(payee));
  if (!entry) return false;
  const guias = entry[1].split(" ");
  return memo.split(" ").some((word) => guias.includes(word));
}

/** The weighted share of the words of one side that the other has too. */
function coverage(words: readonly string[], others: readonly string[]): number {
  let total = 0;
  let found = 0;
  for (const word of words) {
    const weight = COMMON_WORDS.has(word) ? INFORMATIVE_SHARE : 1;
    total += weight;
    found += weight * Math.max(...others.map((other) => wordAgreement(word, other)));
  }
  return found / total;
}

/** Whether the agreeing words are more than words that anyone may have in the name. */
function hasWeight(words: readonly string[], others: readonly string[]): boolean {
  return words.some(
    (word) =>
      word.length >= 3 &&
      others.some(
        (other) =>
          !(COMMON_WORDS.has(word) && COMMON_WORDS.has(other)) && wordAgreement(word, other) >= 0.8,
      ),
  );
}

function firstWordsAgree(a: readonly string[], b: readonly string[]): boolean {
  const first = a[0] ?? "";
  const other = b[0] ?? "";
  return (
    b.some((word) => wordAgreement(first, word) > 0) ||
    a.some((word) => wordAgreement(word, other) > 0)
  );
}

function wordAgreement(a: string, b: string): number {
  if (a === b) return 1;
  const [short, long] = a.length <= b.length ? [a, b] : [b, a];
  if (short.length >= 3 && long.startsWith(short)) return 0.95;
  if (short.length === 2 && long.startsWith(short)) return 0.6;
  if (
    short.length >= 3 &&
    short[0] === long[0] &&
    isSubsequence(short, long) &&
    !/[AEIOU]{2}/.test(short)
  ) {
    return short.length * 3 >= long.length ? 0.8 : 0;
  }
  return short.length >= 5 && oneEditApart(short, long) ? 0.85 : 0;
}

function isSubsequence(short: string, long: string): boolean {
  let at = 0;
  for (const letter of long) {
    if (letter === short[at]) at += 1;
  }
  return at === short.length;
}

/** One letter replaced, added or missing. */
function oneEditApart(short: string, long: string): boolean {
  if (long.length - short.length > 1) return false;
  let start = 0;
  while (start < short.length && short[start] === long[start]) start += 1;
  const tail = long.length === short.length ? short.slice(start + 1) : short.slice(start);
  return long.slice(start + 1) === tail;
}
