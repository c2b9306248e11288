import { remembered } from "./remembered.ts";

/** A text that may name someone, taken apart once, since it is compared many times. */
export type Name = {
  /** The words that may name someone, in order, without repetition. */
  words: readonly string[];
  /** All words. */
  all: readonly string[];
  /** The words by which memos name this payee if it is a public one. */
  guias: readonly string[];
  /** What to look it up by: the first letters of its words, and its guias. */
  handles: readonly string[];
};

/** Words that name no one: a bank's own, legal forms, particles. */
const EMPTY_WORDS = new Set(
  (
    "PIX TED DOC TEC TEV ENVIADO ENVIADA ENVIO ENV RECEBIDO RECEBIDA RECEBIMENTO REC TRANSF TRANSFERENCIA " +
    "TRANSFERIDO PAGTO PGTO PAGAMENTO PAGAMENTOS PAGO PAG PG BOLETO BOLETOS TITULO TITULOS TIT COBRANCA COB DEBITO " +
    "DEB CREDITO CRED AUTOMATICO AUTOM AUT AUTORIZADO ELETRON ELETRONICO INTERNET INT NET MOBILE APP ON LINE ONLINE " +
    "SISPAG FORNECEDOR FORNECEDORES FORNEC DIVERSOS OUTROS OUTRA OUTRO MESMA INSTITUICAO TITULARIDADE CONTA CTA CC CP " +
    "AG AGENCIA BANCO BCO QR QRCODE CODE QRS CHAVE DINAMICO ESTATICO COPIA COLA VIA PELO PELA PARA POR COM EM NO NA " +
    "EST DEV NAO CONCLUIDO CONCLUIDA REALIZADO REALIZADA PROCESSADO PROCESSADA RECUSADO NEGADO NEGADA INEXISTENTE ENCERRADA " +
    "SALDO INSUFICIENTE DIVERGENTE ACERTO REGULARIZACAO CORRECAO " +
    "CANCELADO CANCELADA CANCELAMENTO CANC CANCEL RET RETORNO COMPRA CARTAO CHEQUE CHQ CH " +
    "COMPENSADO SAQUE DEPOSITO DEP TARIFA TAR TARIFAS REF REFERENTE NF NFE NFSE NOTA FISCAL FATURA PARCELA PARC DATA " +
    "VALOR CNPJ CPF DESCONHECIDO FAVORECIDO AGENDADO AGENDADA AGENDAMENTO CONVENIO UNIDADE APTO AP " +
    "BLOCO BL TAXA OUTRA IF EMITIDO EMITIDA EMIT DISPON DISPONIV DISPONIVEL ELET ELETR REMET REMETENTE DES DEST " +
    "DESTINATARIO EFETIVADO EFETIVADA EFETUADO EFETUADA EFETI COMPE QRS LIQ LIQUIDACAO LIQUIDADO LOTE BANCOS BAN IBC " +
    "RECEB FORN TRF LANC LANCTO LANCAMENTO OPERACAO OPER TRANSACAO AJUSTE SOLICITACAO SOLIC INDEVIDO INDEVIDA ERRO " +
    "DUPLICIDADE ORIGEM MOTIVO INVALIDO INVALIDA INCORRETO INCORRETA CORRENTE POUPANCA BENEF BENEFICIARIO INSTANTANEO " +
    "BANKING BANK TRANSFERIDA DIF TITULAR TERCEIROS CIP STR SPB PGT PAGTOS REMESSA CONTAS ENTRE PAGAR DIV REJ " +
    "LTDA LIMITADA ME EPP EIRELI MEI SA CIA COMPANHIA DE DA DO DAS DOS E A O S"
  ).split(" "),
);

/** Words of giving back, however inflected or cut short: what came back is not a name. */
const RETURN_WORD =
  /^(?:ESTORN|DEVOL|REEMB|RESSARC|RESTIT|REVERS|REJEI|RECUSAD|CONTESTA)\w*$|^CHARGEBACK$/;

/** Words that many payees share: they say little. */
export const COMMON_WORDS = new Set(
  (
    "SERVICO SERVICOS SERV COMERCIO COM IND INDUSTRIA BRASIL BRASILEIRA EMPRESA GRUPO ADMINISTRADORA ADM CONDOMINIO " +
    "CONDOMINIAL EDIFICIO MANUTENCAO MANUT CONSERVACAO LIMPEZA TERCEIRIZACAO SOLUCOES TECNOLOGIA MATERIAIS " +
    "PREDIAL LIMPADORA ELEVADORES JARDINS JARDINAGEM PAISAGISMO PINTURAS PISCINAS SEGURANCA VIGILANCIA PATRIMONIAL " +
    "GAS AGUA CONTABIL CONTABILIDADE ADVOCACIA SEGURADORA SEGUROS DEDETIZADORA ELETRO ELETRICA HIDRAULICA BOMBAS PORTOES " +
    "INTERFONIA EXTINTORES GRAFICA PAPELARIA GERADORES DISTRIBUIDORA DISTRIBUICAO CONSTRUTORA TELECOMUNICACOES " +
    "CONDOMINIOS " +
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
const GUIAS: ReadonlySet<string> = new Set(ALIASES.flatMap(([, guias]) => guias.split(" ")));

/** "PAGAMENTO CONTA LUZ" names a kind of bill, not the utility. */
const UTILITY_BILL =
  /\b(?:CONTA|CTA|CT|FATURA|PAGTO|PGTO|PAG|PAGAMENTO) (?:DE )?(?:LUZ|AGUA|GAS|TELEFONE|ENERGIA)(?: (?:E )?(?:ESGOTO|ELETRICA|ENCANADO))?\b|\b(?:FOLHA|SALARIOS?)\b/g;

/**
 * Takes a text apart.
 * @param folded the text through `fold`
 */
export const nameOf = remembered((folded: string): Name => {
  const all = folded.split(" ").filter((word) => word !== "" && !/\d/.test(word));
  const named = folded
    .replace(UTILITY_BILL, " ")
    .split(" ")
    .filter(
      (word) =>
        word.length > 1 && !EMPTY_WORDS.has(word) && !RETURN_WORD.test(word) && !/\d/.test(word),
    );
  // "J M SI" is what the line's width left of a name: anyone's.
  const words = named.some((word) => word.length > 2) ? named : [];
  const guias = ALIASES.find(([payee]) => payee.test(folded))?.[1].split(" ") ?? [];
  const handles = new Set(words.map((word) => word.slice(0, 3)));
  for (const guia of [...guias, ...all.filter((word) => GUIAS.has(word))]) {
    handles.add(`guia ${guia}`);
  }
  return { words: [...new Set(words)], all, guias, handles: [...handles] };
});
