import { messageOfConstraint } from "./constraint-messages.ts";

/**
 * The registry of our errors, by code. SQL (blindagem_private.error_codes), this file and docs/errors.md agree by test.
 * `message` is what is said when the place that raises it says nothing more precise.
 */
export const ERRORS = {
  BLD01: { status: 401, message: "Falta autenticação, ou ela não vale." },
  BLD02: { status: 403, message: "O papel de quem pede não permite esta operação." },
  BLD03: {
    status: 404,
    message: "O registro pedido não existe ou não está ao alcance de quem pede.",
  },
  BLD04: { status: 400, message: "O pedido tem um dado inválido." },
  BLD05: { status: 409, message: "A chave de idempotência já foi usada com outro conteúdo." },
  BLD06: { status: 409, message: "O estado atual não permite esta mudança." },
  BLD07: { status: 409, message: "Quem submeteu não pode decidir." },
  BLD08: { status: 400, message: "Falta o motivo da mudança." },
  BLD09: { status: 413, message: "O pedido é maior que o permitido." },
  BLD10: { status: 429, message: "Pedidos demais; tente de novo mais tarde." },
  BLD11: { status: 409, message: "Já existe um registro com esta identificação." },
  BLD12: { status: 415, message: "O formato do arquivo não é aceito." },
  BLD13: { status: 400, message: "A consulta GraphQL passa dos limites." },
  BLD14: { status: 503, message: "O serviço está ocupado ou parando; tente de novo." },
} as const satisfies Record<string, { status: number; message: string }>;

export type ErrorCode = keyof typeof ERRORS;

/** An error that its receiver may see. */
export interface PublicError {
  code: ErrorCode | "INTERNAL";
  /** HTTP status. */
  status: number;
  /** Portuguese, for people. */
  message: string;
}

/** What is said of an error that nobody foresaw; the request id leads to its log line. */
export const INTERNAL: PublicError = {
  code: "INTERNAL",
  status: 500,
  message: "Erro interno; informe o código do pedido ao suporte.",
};

/** Raised by the API itself. */
export class ApiError extends Error {
  readonly code: ErrorCode;
  constructor(code: ErrorCode, message: string = ERRORS[code].message, options?: ErrorOptions) {
    super(message, options);
    this.code = code;
  }
}

/** Conditions of PostgreSQL that have a meaning for the caller; their own texts name tables and values, so never those. */
const BY_SQLSTATE: Readonly<Record<string, ErrorCode>> = {
  "22003": "BLD04", // numeric value out of range
  "2201X": "BLD04", // invalid row count in offset
  "22007": "BLD04", // invalid datetime format
  "22008": "BLD04", // datetime field overflow
  "22021": "BLD04", // character not in repertoire: NUL
  "22023": "BLD04", // invalid parameter value: JSON of another shape
  "22P02": "BLD04", // invalid text representation
  "22P05": "BLD04", // untranslatable character: NUL within JSON
  "23502": "BLD04", // not null violation
  "23503": "BLD04", // foreign key violation
  "23514": "BLD04", // check violation
  "23505": "BLD11", // unique violation
  "23P01": "BLD11", // exclusion violation
  "25006": "BLD02", // write in a read-only transaction
  "42501": "BLD02", // insufficient privilege
  "40001": "BLD14", // serialization failure
  "40P01": "BLD14", // deadlock
  "53300": "BLD14", // too many connections
  "55P03": "BLD14", // a lock that others hold too long
  "57014": "BLD14", // statement timeout
  "57P01": "BLD14", // the server is shutting down
  "57P03": "BLD14", // the server is starting
};

const NUL = "Um texto do pedido tem o caractere nulo (\\u0000), que não se pode guardar.";

/** What is wrong, where the condition says more than its code. */
const MESSAGE_BY_CONDITION: Readonly<Record<string, string>> = {
  FST_ERR_CTP_EMPTY_JSON_BODY: "O corpo do pedido está vazio; espera-se JSON.",
  FST_ERR_CTP_INVALID_JSON_BODY: "O corpo do pedido não é JSON bem formado.",
  FST_ERR_CTP_INVALID_MEDIA_TYPE:
    "O cabeçalho Content-Type não diz nenhum dos formatos que este endereço aceita.",
  FST_FIELDS_LIMIT: "O formulário tem um campo que não é arquivo; envie só o arquivo.",
  "22003": "Um número do pedido é grande demais.",
  "22007":
    "Uma data do pedido não tem a forma AAAA-MM-DD, ou um instante não a de 2026-11-05T17:12:00-03:00.",
  "22008": "Uma data do pedido não existe no calendário.",
  "22021": NUL,
  "22023": "Um campo JSON do pedido não tem a forma esperada: uma lista de objetos.",
  "22P02":
    "Um valor do pedido não tem a forma do seu tipo: um número, um id, um sim ou não, um JSON.",
  "22P05": NUL,
  "23502": "Falta um dado obrigatório.",
};

/** The database, or the issuer of tokens, cannot be reached; pg gives some of these without a code, the last two for what is asked after them. */
const UNREACHABLE_CODES = [
  "ECONNREFUSED",
  "ECONNRESET",
  "ETIMEDOUT",
  "EPIPE",
  "EHOSTUNREACH",
  "ENOTFOUND",
];
const UNREACHABLE_MESSAGE =
  /^(timeout exceeded when trying to connect|Connection terminated|Query read timeout|Client (was closed|has encountered a connection error))/;

/** Errors of the HTTP framework, by code. */
const BY_FRAMEWORK: Readonly<Record<string, ErrorCode>> = {
  FST_ERR_CTP_EMPTY_JSON_BODY: "BLD04",
  FST_ERR_CTP_INVALID_JSON_BODY: "BLD04",
  FST_FIELDS_LIMIT: "BLD04",
  FST_ERR_CTP_BODY_TOO_LARGE: "BLD09",
  FST_REQ_FILE_TOO_LARGE: "BLD09",
  FST_FILES_LIMIT: "BLD09",
  FST_ERR_CTP_INVALID_MEDIA_TYPE: "BLD12",
  FST_INVALID_MULTIPART_CONTENT_TYPE: "BLD12",
};

/**
 * What the caller may know of an error: code, HTTP status and a message in Portuguese. INTERNAL for whatever is not
 * foreseen; the caller then logs it.
 */
export function publicError(error: unknown): PublicError {
  const code = textOf(error, "code");
  if (isErrorCode(code)) {
    // Our own: raised by ApiError, by the domain, or by SQL functions of ours. Each message is written for people.
    return {
      code,
      status: ERRORS[code].status,
      message: textOf(error, "message") ?? ERRORS[code].message,
    };
  }
  const known =
    code === undefined ? undefined : (own(BY_SQLSTATE, code) ?? own(BY_FRAMEWORK, code));
  if (known) {
    const said =
      messageOfConstraint(textOf(error, "constraint")) ?? own(MESSAGE_BY_CONDITION, code ?? "");
    return { code: known, ...ERRORS[known], ...(said !== undefined && { message: said }) };
  }
  if (isUnreachable(error)) return { code: "BLD14", ...ERRORS.BLD14 };
  if (isClientFault(error)) return { code: "BLD04", ...ERRORS.BLD04 };
  return INTERNAL;
}

/** Where a request's lines go. */
interface Log {
  error(fields: object, message: string): void;
  warn(fields: object, message: string): void;
}

/**
 * Writes to the log what its receiver is not told: what nobody foresaw, and what PostgreSQL itself refused (our own
 * functions' refusals are answers, not faults).
 */
export function logFault(log: Log, error: unknown, answer: PublicError, where: object = {}): void {
  if (answer.code === "INTERNAL") {
    log.error({ ...where, error: errorForLog(error) }, "request failed");
  } else if (answer.code === "BLD14" || isRefusalOfPostgres(error, answer)) {
    log.warn({ ...where, error: errorForLog(error) }, "request refused");
  }
}

/** An error in a form fit for the log: what PostgreSQL says of values (message, detail, where) stays out. */
export function errorForLog(error: unknown): Record<string, unknown> {
  if (!(error instanceof Error)) return { type: typeof error };
  const code = textOf(error, "code");
  const routine = textOf(error, "routine");
  if (routine === undefined) return { type: error.name, code, stack: error.stack };
  return {
    type: error.name,
    code,
    routine,
    table: textOf(error, "table"),
    constraint: textOf(error, "constraint"),
    stack: error.stack
      ?.split("\n")
      .filter((line) => /^\s+at /.test(line))
      .join("\n"),
  };
}

/** The answer's body, the same wherever an error arises. */
export function errorBody({ code, message }: PublicError, requestId: string) {
  return { error: { code, message, requestId } };
}

/** Never what an object inherits: an error may come with any code. */
function own<T>(codes: Readonly<Record<string, T>>, code: string): T | undefined {
  return Object.hasOwn(codes, code) ? codes[code] : undefined;
}

function isErrorCode(code: string | undefined): code is ErrorCode {
  return code !== undefined && Object.hasOwn(ERRORS, code);
}

function isUnreachable(error: unknown): boolean {
  const code = textOf(error, "code");
  return code === undefined
    ? UNREACHABLE_MESSAGE.test(textOf(error, "message") ?? "")
    : UNREACHABLE_CODES.includes(code);
}

/** `routine` names the place in PostgreSQL's source that raised it. */
function isRefusalOfPostgres(error: unknown, answer: PublicError): boolean {
  return textOf(error, "code") !== answer.code && textOf(error, "routine") !== undefined;
}

/** Fastify's own errors for a request that cannot be read (malformed JSON, wrong length…) carry a status. */
function isClientFault(error: unknown): boolean {
  if (typeof error !== "object" || error === null || !("statusCode" in error)) return false;
  const { statusCode } = error;
  return typeof statusCode === "number" && statusCode >= 400 && statusCode < 500;
}

function textOf(error: unknown, name: string): string | undefined {
  if (typeof error !== "object" || error === null) return undefined;
  const value: unknown = Reflect.get(error, name);
  return typeof value === "string" ? value : undefined;
}
