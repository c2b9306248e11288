import type { PgClient } from "postgraphile/@dataplan/pg";
import { withPgClientTransaction } from "postgraphile/@dataplan/pg";
import type { NodePostgresPgClient } from "postgraphile/adaptors/pg";
import { access } from "postgraphile/grafast";
import { extendSchema, gql } from "postgraphile/utils";
import { z } from "zod";
import { importStatement } from "../../banking/import-statement.ts";
import { ApiError } from "../errors.ts";
import { statementFileName } from "../rest/bank-statements.ts";

const id = z.string().regex(/^\d{1,18}$/);
const input = z.object({
  clientMutationId: z.string().nullish(),
  content: z.base64(),
  fileName: statementFileName,
  condominiumId: id.nullish(),
  accountId: id.nullish(),
  newAccount: z.boolean().nullish(),
  reason: z.string().nullish(),
});

/** The mutation importBankStatement, for clients that speak GraphQL alone; files over 6 MB go to POST /bank-statements. */
export function importBankStatementPlugin(): GraphileConfig.Plugin {
  return extendSchema((build) => {
    const { main: executor } = build.input.pgRegistry.pgExecutors;
    const { statement_files: files } = build.input.pgRegistry.pgResources;
    if (!executor || !files)
      throw new Error("The schema blindagem is not there; run `blindagem migrate`.");
    return {
      typeDefs: gql`
        extend type Mutation {
          """Takes in a bank's file: an OFX statement or a CNAB 240 payment return. The same file twice changes nothing."""
          importBankStatement(input: ImportBankStatementInput!): ImportBankStatementPayload
        }

        input ImportBankStatementInput {
          clientMutationId: String
          """The file's bytes in base64."""
          content: String!
          fileName: String!
          """Whose the accounts are; without it, the administradora's pool."""
          condominiumId: BigInt
          """Which account the file is of, where its number is not known yet. Only for a file of one account."""
          accountId: BigInt
          """The file's account is none of the known ones."""
          newAccount: Boolean = false
          """Why, for the audit log."""
          reason: String
        }

        """What came of one account's part of a file."""
        type ImportedAccount {
          accountId: BigInt!
          from: Date
          to: Date
          """Movements that were not known."""
          added: Int!
          """Movements, or items, of which an earlier file or the provider had told."""
          known: Int!
          """Entries that a person has to tell apart first."""
          doubtful: Int!
          """Items of a payment return that were not known."""
          items: Int!
        }

        type ImportBankStatementPayload {
          clientMutationId: String
          fileId: BigInt!
          file: StatementFile
          """OFX or CNAB240."""
          kind: String!
          """True when the same file was there before."""
          repeated: Boolean!
          accounts: [ImportedAccount!]!
        }
      `,
      objects: {
        Mutation: {
          plans: {
            importBankStatement(_$root, { $input }) {
              return withPgClientTransaction(executor, $input, importFile);
            },
          },
        },
        ImportBankStatementPayload: {
          scope: { isMutationPayload: true },
          plans: { file: ($payload) => files.get({ id: access($payload, "fileId") }) },
        },
      },
    };
  }, "BlindagemImportBankStatementPlugin");
}

async function importFile(client: PgClient, raw: unknown) {
  const parsed = input.safeParse(raw);
  if (!parsed.success) {
    const fields = parsed.error.issues.map(({ path }) => path.join(".")).join(", ");
    throw new ApiError("BLD04", `O pedido tem um dado inválido: ${fields}.`);
  }
  const { content, fileName, condominiumId, accountId, newAccount, reason } = parsed.data;
  const bytes = new Uint8Array(Buffer.from(content, "base64"));
  if (bytes.length === 0) throw new ApiError("BLD04", "O arquivo está vazio.");
  const result = await importStatement((client as NodePostgresPgClient).rawClient, {
    bytes,
    fileName,
    condominiumId: condominiumId ?? null,
    accountId: accountId ?? null,
    newAccount: newAccount ?? false,
    reason: reason ?? null,
  });
  return { ...result, clientMutationId: parsed.data.clientMutationId };
}
