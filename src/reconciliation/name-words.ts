/** A text that may name someone, taken apart once, since it is compared many times. */
export type Name = {
  /** The words that may name someone, in order, without repetition. */
  words: readonly string[];
  /** All words. */
  all: readonly string[];
  /** The words by which memos name this payee if it is a public one. */
  guias: readonly string[];
};

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
    "VALOR CNPJ CPF DESCONHECIDO FAVORECIDO AGENDADO AGENDADA AGENDAMENTO CONVENIO UNIDADE APTO AP " +
    "BLOCO BL TAXA OUTRA IF EMITIDO EMITIDA EMIT DISPON DISPONIV DISPONIVEL ELET ELETR REMET REMETENTE DES DEST " +
    "DESTINATARIO EFETIVADO EFETIVADA EFETUADO EFETUADA EFETI COMPE QRS LIQ LIQUIDACAO LIQUIDADO LOTE BANCOS BAN IBC " +
    "BANKING BANK TRANSFERIDA DIF TITULAR TERCEIROS CIP STR SPB PGT PAGTOS REMESSA CONTAS ENTRE PAGAR DIV REJ " +
    "LTDA LIMITADA ME EPP EIRELI MEI SA CIA COMPANHIA DE DA DO DAS DOS E A O S"
  ).split(" "),
);

/** Words that many payees share: they say little. */
export const COMMON_WORDS = new Set(
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

/** All words by which memos name a guia. */
export const GUIAS: ReadonlySet<string> = new Set(ALIASES.flatMap(([, guias]) => guias.split(" ")));

/** "PAGAMENTO CONTA LUZ" names a kind of bill, not the utility. */
const UTILITY_BILL = /\bCONTA (?:DE )?(?:LUZ|AGUA|GAS|TELEFONE|ENERGIA)\b/;

/**
 * Takes a text apart.
 * @param folded the text through `fold`
 */
export function nameOf(folded: string): Name {
  const all = folded.split(" ").filter((word) => word !== "" && !/\d/.test(word));
  const named = UTILITY_BILL.test(folded) ? folded.replace(UTILITY_BILL, " ").split(" ") : all;
  const words = named.filter(
    (word) => word.length > 1 && !EMPTY_WORDS.has(word) && !/\d/.test(word),
  );
  const guias = ALIASES.find(([payee]) => payee.test(folded))?.[1].split(" ") ?? [];
  return { words: [...new Set(words)], all, guias };
}
