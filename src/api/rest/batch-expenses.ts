import type { FastifyInstance, FastifyRequest } from "fastify";
import { z } from "zod";
import { dateInBrasilia } from "../../calendar/brasilia.ts";
import { parseExpenseCsv } from "../../expenses/csv.ts";
import type { SubmissionResult } from "../../expenses/submit.ts";
import type { TableError } from "../../expenses/table.ts";
import { ApiError, errorBody, publicError } from "../errors.ts";
import { countSubmission } from "../metrics.ts";
import type { ApiContext } from "../server.ts";
import { submitBatch } from "../submit-batch.ts";

/** 10,000 rows of JSON are 3.1 MB. */
export const BATCH_BODY_LIMIT = 8_000_000;

const idempotencyKey = z.string().min(1).max(200);
const onError = z.enum(["refuse", "acceptValid"]);
const flag = z.enum(["true", "false"]).transform((text) => text === "true");

const query = z.strictObject({
  onError: onError.default("refuse"),
  dryRun: flag.default(false),
  parentId: z
    .string()
    .regex(/^\d{1,18}$/)
    .optional(),
});

/** The JSON body: a list of rows, or an object that holds them. */
const body = z.preprocess(
  (content) => (Array.isArray(content) ? { rows: content } : content),
  z
    .strictObject({
      rows: z.array(z.unknown()).optional(),
      expenses: z.array(z.unknown()).optional(),
      idempotencyKey: idempotencyKey.optional(),
    })
    .transform(({ rows, expenses, idempotencyKey }) => ({
      rows: rows ?? expenses ?? [],
      idempotencyKey,
    })),
);

/** What keeps a file from being read, before there are rows. */
class FileError extends ApiError {
  readonly errors: readonly TableError[];
  constructor(errors: readonly TableError[]) {
    super("BLD04", `O arquivo não pôde ser lido. ${errors[0]?.message ?? ""}`.trimEnd());
    this.errors = errors;
  }
}

/**
 * `POST /batch-expenses`: hands in a batch, as JSON or CSV. `GET /batch-expenses/:id`: how far it is.
 * Their scope must have authenticated the request before its body is read.
 */
export function batchExpensesRoutes(context: ApiContext) {
  return async (app: FastifyInstance) => {
    app.addContentTypeParser(
      /^text\/csv/,
      { parseAs: "buffer" },
      async (_request: FastifyRequest, bytes: Buffer) => new Uint8Array(bytes),
    );

    app.post("/batch-expenses", { bodyLimit: BATCH_BODY_LIMIT }, async (request, reply) => {
      const options = parse(query, request.query);
      const { rows, idempotencyKey: keyOfBody } = rowsOf(request.body);
      const result = await context.asRequest(request, "write", (client) =>
        submitBatch(client, {
          rows,
          idempotencyKey: keyOfHeader(request) ?? keyOfBody,
          onError: options.onError,
          dryRun: options.dryRun,
          today: dateInBrasilia(context.options.clock()),
          parentId: options.parentId,
        }),
      );
      countSubmission(result);
      // With acceptValid, too, if no row was good; a dry run of it tells what would be stored.
      const isRefused =
        result.errors.length > 0 &&
        result.batchId === null &&
        (options.onError === "refuse" || !options.dryRun);
      const status = isRefused ? 422 : result.batchId === null || result.repeated ? 200 : 201;
      const refusal = publicError(
        new ApiError("BLD04", "Há linhas com erro; nada foi gravado. Corrija-as e envie de novo."),
      );
      if (result.batchId !== null) reply.header("location", progressUrl(result.batchId));
      return reply
        .status(status)
        .send({ ...(isRefused && errorBody(refusal, request.id)), ...answerOf(result) });
    });

    app.get<{ Params: { id: string } }>("/batch-expenses/:id", async (request) => {
      const id = parse(z.string().regex(/^\d{1,18}$/), request.params.id);
      const progress = await context.asRequest(request, "read", async (client) => {
        const { rows } = await client.query<Record<string, unknown>>(PROGRESS, [id]);
        return rows[0];
      });
      if (!progress) throw new ApiError("BLD03");
      return progress;
    });

    app.setErrorHandler((error, request, reply) => {
      if (!(error instanceof FileError)) throw error;
      const answer = { ...publicError(error), status: 422 };
      return reply
        .status(answer.status)
        .send({ ...errorBody(answer, request.id), fileErrors: error.errors });
    });
  };
}

/** Where a batch's progress is to be watched. */
export function progressUrl(batchId: string): string {
  return `/batch-expenses/${batchId}`;
}

const PROGRESS = `
  select p.batch_id::text as "batchId", p.expenses, p.pending::int, p.approved::int, p.rejected::int,
    p.manual_review::int as "manualReview", p.awaiting_second_approval::int as "awaitingSecondApproval",
    p.cancelled::int
  from blindagem.batch_progress p
  where p.batch_id = $1`;

function answerOf(result: SubmissionResult) {
  return {
    ...result,
    progressUrl: result.batchId === null ? null : progressUrl(result.batchId),
  };
}

function rowsOf(content: unknown): {
  rows: readonly unknown[];
  idempotencyKey: string | undefined;
} {
  if (content instanceof Uint8Array) {
    const { rows, errors } = parseExpenseCsv(content);
    if (errors.length > 0) throw new FileError(errors);
    return { rows, idempotencyKey: undefined };
  }
  return parse(body, content);
}

function keyOfHeader(request: FastifyRequest): string | undefined {
  const header = request.headers["idempotency-key"];
  return header === undefined ? undefined : parse(idempotencyKey, header);
}

function parse<T>(schema: z.ZodType<T>, value: unknown): T {
  const parsed = schema.safeParse(value);
  if (parsed.success) return parsed.data;
  const fields = parsed.error.issues
    .flatMap((issue) => (issue.code === "unrecognized_keys" ? issue.keys : issue.path.join(".")))
    .filter(Boolean);
  throw new ApiError(
    "BLD04",
    fields.length > 0 ? `O pedido tem um dado inválido: ${fields.join(", ")}.` : undefined,
  );
}
