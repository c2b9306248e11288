import { z } from "zod";

/** How a command or another system reaches the API. */
export interface ApiClientOptions {
  /** Address of the API, e.g. http://127.0.0.1:5678 */
  url: string;
  /** Sign-in token, or API key. */
  token: string;
  /** With an API key: on whose behalf it comes. */
  onBehalfOf?: string | undefined;
}

/** The API's answer to a request that it refused. */
export class ApiRefusal extends Error {
  readonly status: number;
  readonly code: string | undefined;

  constructor(status: number, code: string | undefined, message: string) {
    super(message);
    this.name = "ApiRefusal";
    this.status = status;
    this.code = code;
  }
}

const rowError = z.object({
  index: z.int(),
  field: z.string().nullable(),
  code: z.string(),
  message: z.string(),
});

/** What the API answers to a batch: stored, repeated, or refused with all its row errors. */
const batchAnswer = z.looseObject({
  batchId: z.string().nullable(),
  accepted: z.int(),
  repeated: z.boolean(),
  errors: z.array(rowError),
  refusedFile: z.string().nullish(),
  progressUrl: z.string().nullish(),
});
export type BatchAnswer = z.infer<typeof batchAnswer>;

const refusal = z.object({ error: z.object({ code: z.string().optional(), message: z.string() }) });
const graphqlAnswer = z.object({
  data: z.unknown().optional(),
  errors: z
    .array(z.object({ message: z.string(), extensions: z.looseObject({}).optional() }))
    .optional(),
});

export interface BatchOptions {
  contentType: "application/json" | "text/csv";
  idempotencyKey?: string | undefined;
  onError?: "refuse" | "acceptValid";
  dryRun?: boolean;
  parentId?: string | undefined;
}

const statementAnswer = z.looseObject({
  fileId: z.string(),
  kind: z.enum(["OFX", "CNAB240"]),
  repeated: z.boolean(),
  accounts: z.array(
    z.looseObject({
      accountId: z.string(),
      from: z.string().nullable(),
      to: z.string().nullable(),
      added: z.int(),
      known: z.int(),
      doubtful: z.int(),
      items: z.int(),
    }),
  ),
});
/** What the API answers to a bank's file. */
export type StatementAnswer = z.infer<typeof statementAnswer>;

export interface StatementOptions {
  condominiumId?: string | undefined;
  accountId?: string | undefined;
  newAccount?: boolean;
  reason?: string | undefined;
}

export interface BundleOptions {
  /** As 2026-10; without it all that there is of the condominium. */
  month?: string | undefined;
  documents?: boolean | undefined;
}

const bundleCounts = z.object({
  origin: z.string(),
  treeSize: z.int(),
  records: z.int(),
  documents: z.int(),
  lostDocuments: z.int(),
  lost: z.int(),
  firstLost: z.int().optional(),
});

export interface DownloadedBundle {
  exported: z.infer<typeof bundleCounts>;
  archive: AsyncIterable<Uint8Array>;
}

/** A small client of our own API: what the commands and the demo use, as any customer could. */
export interface ApiClient {
  graphql<T>(query: string, variables: Record<string, unknown>, data: z.ZodType<T>): Promise<T>;
  submitBatch(body: Uint8Array | string, options: BatchOptions): Promise<BatchAnswer>;
  /** @returns the document's SHA-256 */
  uploadDocument(fileName: string, bytes: Uint8Array): Promise<string>;
  importStatement(
    fileName: string,
    bytes: Uint8Array,
    options: StatementOptions,
  ): Promise<StatementAnswer>;
  /** The bundle of a condominium, or of its month, as a tar archive, and what it came to. */
  downloadBundle(condominiumId: string, options: BundleOptions): Promise<DownloadedBundle>;
}

/** @throws ApiRefusal from every method when the API refuses; Error when it cannot be reached */
export function createApiClient(options: ApiClientOptions): ApiClient {
  const base = options.url.replace(/\/$/, "");
  const headers = {
    authorization: `Bearer ${options.token}`,
    ...(options.onBehalfOf && { "on-behalf-of": options.onBehalfOf }),
  };

  const ask = async (path: string, init: RequestInit): Promise<Response> => {
    try {
      return await fetch(`${base}${path}`, { ...init, headers: { ...headers, ...init.headers } });
    } catch (cause) {
      throw new Error(`A API em ${base} não responde.`, { cause });
    }
  };
  const send = async (
    path: string,
    init: RequestInit,
  ): Promise<{ status: number; body: unknown }> => {
    const response = await ask(path, { method: "POST", ...init });
    const text = await response.text();
    return { status: response.status, body: parseJson(text) };
  };

  return {
    async graphql(query, variables, data) {
      const { status, body } = await send("/graphql", {
        headers: { "content-type": "application/json" },
        body: JSON.stringify({ query, variables }),
      });
      const answer = graphqlAnswer.safeParse(body);
      if (!answer.success) throw refusalOf(status, body);
      const [first] = answer.data.errors ?? [];
      if (first) throw new ApiRefusal(status, codeOf(first.extensions), first.message);
      return data.parse(answer.data.data);
    },

    async submitBatch(body, batch) {
      const query = new URLSearchParams();
      if (batch.onError) query.set("onError", batch.onError);
      if (batch.dryRun) query.set("dryRun", "true");
      if (batch.parentId) query.set("parentId", batch.parentId);
      const { status, body: answer } = await send(`/batch-expenses?${query}`, {
        headers: {
          "content-type": batch.contentType,
          ...(batch.idempotencyKey && { "idempotency-key": batch.idempotencyKey }),
        },
        body: typeof body === "string" ? body : new Blob([Uint8Array.from(body)]),
      });
      const parsed = batchAnswer.safeParse(answer);
      if (!parsed.success) throw refusalOf(status, answer);
      return parsed.data;
    },

    async uploadDocument(fileName, bytes) {
      const { status, body } = await send("/documents", {
        headers: {
          "content-type": "application/octet-stream",
          "x-file-name": encodeURIComponent(fileName),
        },
        body: new Blob([Uint8Array.from(bytes)]),
      });
      const parsed = z.looseObject({ sha256: z.string() }).safeParse(body);
      if (!parsed.success) throw refusalOf(status, body);
      return parsed.data.sha256;
    },

    async importStatement(fileName, bytes, statement) {
      const query = new URLSearchParams();
      if (statement.condominiumId) query.set("condominiumId", statement.condominiumId);
      if (statement.accountId) query.set("accountId", statement.accountId);
      if (statement.newAccount) query.set("newAccount", "true");
      if (statement.reason) query.set("reason", statement.reason);
      const { status, body } = await send(`/bank-statements?${query}`, {
        headers: {
          "content-type": "application/octet-stream",
          "x-file-name": encodeURIComponent(fileName),
        },
        body: new Blob([Uint8Array.from(bytes)]),
      });
      const parsed = statementAnswer.safeParse(body);
      if (!parsed.success) throw refusalOf(status, body);
      return parsed.data;
    },

    async downloadBundle(condominiumId, { month, documents }) {
      const query = new URLSearchParams();
      if (month) query.set("month", month);
      if (documents) query.set("documents", "true");
      const id = encodeURIComponent(condominiumId);
      const response = await ask(`/audit/condominiums/${id}/bundle?${query}`, { method: "GET" });
      if (!response.ok || response.body === null) {
        throw refusalOf(response.status, parseJson(await response.text()));
      }
      const exported = bundleCounts.parse(parseJson(response.headers.get("x-bundle") ?? ""));
      return { exported, archive: response.body };
    },
  };
}

function refusalOf(status: number, body: unknown): ApiRefusal {
  const parsed = refusal.safeParse(body);
  return parsed.success
    ? new ApiRefusal(status, parsed.data.error.code, parsed.data.error.message)
    : new ApiRefusal(status, undefined, `A API respondeu com o estado ${status}.`);
}

function codeOf(extensions: Record<string, unknown> | undefined): string | undefined {
  const code = extensions?.code;
  return typeof code === "string" ? code : undefined;
}

function parseJson(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}
