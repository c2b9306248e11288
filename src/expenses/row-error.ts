import { titleOf } from "./columns.ts";

/** One thing wrong with one submitted row. */
export interface RowError {
  /** Position among the batch's rows, from 0. */
  index: number;
  /** Name of the field ("grossAmount", "retentions[1].amount"); "" when it is the row as a whole. */
  field: string;
  code: RowErrorCode;
  /** Portuguese: what is wrong and how to mend it. Never contains the value itself. */
  message: string;
}

/** What a message may need besides the field: a limit, or the row that an error refers to. */
export type Detail = string | number | undefined;

/** Every code of a row error with its text; `title` is what people call the field. */
const MESSAGES = {
  ROW_NOT_OBJECT: () => "A linha deve ser um objeto com os campos da despesa.",
  UNKNOWN_FIELD: (title: string) =>
    `O campo “${title}” não existe; remova-o ou confira o nome na documentação.`,
  REQUIRED: (title: string) => `Preencha “${title}”.`,
  REQUIRED_FOR_DOCUMENT_KIND: (title: string, kind: Detail) =>
    `Preencha “${title}”: é obrigatório para o tipo de documento ${kind}.`,
  NOT_TEXT: (title: string) =>
    `Informe “${title}” como texto (entre aspas no JSON; em planilha, formate a coluna como texto).`,
  NOT_LIST: (title: string) => `Informe “${title}” como lista.`,
  NOT_OBJECT: (title: string) =>
    `Cada item de “${title}” deve ser um objeto com “kind” e “amount”.`,
  TOO_MANY: (title: string, maximum: Detail) => `Informe no máximo ${maximum} itens em “${title}”.`,
  TEXT_TOO_LONG: (title: string, maximum: Detail) =>
    `Encurte “${title}”: o máximo são ${maximum} caracteres.`,
  CONTROL_CHARACTER: (title: string) =>
    `Remova de “${title}” as quebras de linha, tabulações e outros caracteres invisíveis.`,
  SPREADSHEET_ERROR: (title: string) =>
    `“${title}” traz um erro de fórmula da planilha; corrija a célula.`,
  CONDOMINIUM_CNPJ_INVALID: (title: string) =>
    `“${title}” parece um CNPJ, mas os dígitos verificadores não conferem; corrija-o ou use o código do condomínio.`,
  CATEGORY_UNKNOWN: (title: string) =>
    `“${title}” não é uma das categorias de despesa; use uma da lista, por exemplo LIMPEZA.`,
  DOCUMENT_KIND_UNKNOWN: (title: string) =>
    `“${title}” deve ser NFE, NFSE, NFCE, BOLETO, UTILITY_BILL, RPA, TAX_SLIP, PAYROLL, RECEIPT ou CREDIT_NOTE.`,
  DATE_INVALID: (title: string) =>
    `Informe “${title}” como uma data que exista: AAAA-MM-DD (em planilha também DD/MM/AAAA).`,
  DATE_IN_FUTURE: (title: string) => `“${title}” está no futuro; confira a data.`,
  DATE_TOO_OLD: (title: string, limit: Detail) =>
    `“${title}” é anterior a ${limit}; confira o ano.`,
  DUE_DATE_IMPLAUSIBLE: (title: string) =>
    `“${title}” está a mais de um ano antes ou dez anos depois da emissão; confira as datas.`,
  COMPETENCE_INVALID: (title: string) =>
    `Informe “${title}” como AAAA-MM (em planilha também MM/AAAA).`,
  COMPETENCE_IMPLAUSIBLE: (title: string) =>
    `“${title}” deve estar entre 2000-01 e dois anos à frente; confira o ano.`,
  AMOUNT_INVALID: (title: string) =>
    `Informe “${title}” com até duas casas decimais: "1234.56" (em planilha também 1.234,56).`,
  AMOUNT_AMBIGUOUS: (title: string) =>
    `“${title}” pode ser lido de duas formas (ponto de milhar ou de decimal); escreva também os centavos: "1234.00" (em planilha também 1.234,00).`,
  AMOUNT_NOT_POSITIVE: (title: string) =>
    `“${title}” deve ser maior que zero; uma nota de crédito também tem valor positivo, com o tipo CREDIT_NOTE.`,
  AMOUNT_NEGATIVE: (title: string) => `“${title}” não pode ser negativo.`,
  AMOUNT_TOO_LARGE: (title: string) =>
    `“${title}” passa de R$ 999.999.999.999,99; confira o valor.`,
  RETENTION_KIND_UNKNOWN: (title: string) => `“${title}” deve ser INSS, CSRF, ISS ou IRRF.`,
  RETENTION_REPEATED: (title: string) =>
    `“${title}” repete uma retenção do mesmo tipo; some as duas em uma só.`,
  RETENTIONS_NOT_BELOW_GROSS: () =>
    "A soma das retenções deve ser menor que o valor bruto; confira os valores.",
  RETENTIONS_ON_CREDIT_NOTE: () =>
    "Uma nota de crédito não tem retenções; informe só o valor do crédito.",
  PAYEE_DOCUMENT_INVALID: (title: string) =>
    `“${title}” não é um CNPJ nem um CPF válido; confira os dígitos (a planilha pode ter apagado os zeros à esquerda).`,
  PAYEE_CPF_REQUIRED: (title: string) =>
    `Um RPA é de pessoa física: informe em “${title}” o CPF, não um CNPJ.`,
  PAYEE_REQUIRED: (title: string) => `Sem CNPJ ou CPF do favorecido, preencha ao menos “${title}”.`,
  PIX_KEY_INVALID: (title: string) =>
    `“${title}” não é uma chave Pix: CNPJ, CPF, e-mail, telefone com +55 ou chave aleatória.`,
  INSTALMENT_INVALID: (title: string) =>
    `Informe “${title}” como 2/3 ou "2 de 3" (se a planilha trocar 2/3 por uma data, use "2 de 3").`,
  INSTALMENT_OUT_OF_RANGE: (title: string) =>
    `Em “${title}” o número da parcela vai de 1 até o total de parcelas.`,
  DOCUMENT_REFERENCE_INVALID: (title: string) =>
    `“${title}” deve ser o SHA-256 do arquivo (64 dígitos hexadecimais) ou um nome de arquivo sem pasta.`,
  DOCUMENT_REPEATED: (title: string) =>
    `“${title}” repete um documento da mesma despesa; remova-o.`,
  CONDOMINIUM_UNKNOWN: (title: string) =>
    `“${title}” não é o código nem o CNPJ de um condomínio que a administradora administra hoje.`,
  EXTERNAL_ID_TAKEN: (title: string) =>
    `“${title}” já é de uma despesa enviada antes; cada despesa precisa do seu.`,
  EXTERNAL_ID_REPEATED: (title: string, first: Detail) =>
    `“${title}” repete o da linha de índice ${first}; cada despesa precisa do seu.`,
} as const satisfies Record<string, (title: string, detail: Detail) => string>;

export type RowErrorCode = keyof typeof MESSAGES;

export function isRowErrorCode(text: string): text is RowErrorCode {
  return Object.hasOwn(MESSAGES, text);
}

/** Puts an error together with its Portuguese text. */
export function rowError(
  index: number,
  field: string,
  code: RowErrorCode,
  detail?: Detail,
): RowError {
  return { index, field, code, message: MESSAGES[code](titleOf(field), detail) };
}
