import "postgraphile";
import { PgSimplifyInflectionPreset } from "@graphile/simplify-inflection";
import { PostGraphileAmberPreset } from "postgraphile/presets/amber";
import { PostGraphileConnectionFilterPreset } from "postgraphile-plugin-connection-filter";
import type { ListedKey } from "../../audit/key-list.ts";
import { auditCheckpointsPlugin } from "./audit-checkpoints.ts";
import { auditCosignaturesPlugin } from "./audit-cosignatures.ts";
import { auditLogPlugins } from "./audit-log.ts";
import { auditProofsPlugin } from "./audit-proofs.ts";
import { auditWitnessesPlugin } from "./audit-witnesses.ts";
import { documentGuardPlugin } from "./document-guard.ts";
import { errorMaskingPlugin, maskUnknown } from "./error-masking.ts";
import { filterableColumnsPlugin } from "./filterable-columns.ts";
import { importBankStatementPlugin } from "./import-bank-statement.ts";
import { multirangesPlugin } from "./multiranges.ts";
import { namesPlugin } from "./names.ts";
import { pageSizePlugin } from "./page-size.ts";
import { relationNamesPlugin } from "./relation-names.ts";
import { strictValuesPlugin } from "./strict-values.ts";
import { submitExpenseBatchPlugin } from "./submit-expense-batch.ts";

/** Largest body of a GraphQL request: a batch of 10,000 rows. Who may send so much is the route's business. */
export const GRAPHQL_BODY_LIMIT = 8_000_000;

/**
 * How the schema blindagem becomes GraphQL: tables and views as queries, functions as mutations, and no mutation that
 * writes a table directly.
 *
 * @param keys the key list of the audit log
 */
export function graphqlPreset(
  clock: () => Date,
  keys: readonly ListedKey[],
): GraphileConfig.Preset {
  return {
    extends: [
      PostGraphileAmberPreset,
      PgSimplifyInflectionPreset,
      PostGraphileConnectionFilterPreset,
    ],
    plugins: [
      namesPlugin,
      relationNamesPlugin,
      multirangesPlugin,
      strictValuesPlugin,
      filterableColumnsPlugin,
      pageSizePlugin,
      ...auditLogPlugins,
      auditProofsPlugin(keys),
      auditCheckpointsPlugin(keys),
      auditCosignaturesPlugin(keys),
      auditWitnessesPlugin(keys),
      documentGuardPlugin,
      errorMaskingPlugin,
      submitExpenseBatchPlugin(clock),
      importBankStatementPlugin(),
    ],
    // Rows are known by their own ids, the same as in REST and on the command line, not by opaque ones.
    // Filters across relations go, too: no limit sees what they cost, and the plugin's own setting for them is dead (4.0.1).
    disablePlugins: [
      "NodePlugin",
      "QueryQueryPlugin",
      "PgConnectionArgFilterBackwardRelationsPlugin",
      "PgConnectionArgFilterForwardRelationsPlugin",
    ],
    schema: {
      // No more than that: the plain "-insert" would take the inputs of composite arguments away, too.
      defaultBehavior: "-resource:insert -resource:update -resource:delete",
      connectionFilterComputedColumns: false,
      connectionFilterSetofFunctions: false,
      connectionFilterArrays: false,
      connectionFilterAllowedOperators: [
        "isNull",
        "equalTo",
        "notEqualTo",
        "in",
        "notIn",
        "lessThan",
        "lessThanOrEqualTo",
        "greaterThan",
        "greaterThanOrEqualTo",
        "startsWith",
      ],
    },
    grafserv: {
      graphqlPath: "/graphql",
      // The page is served by graphiql.ts, with a policy of its own.
      graphiql: false,
      graphiqlOnGraphQLGET: false,
      websockets: false,
      maxRequestLength: GRAPHQL_BODY_LIMIT,
      maskError: maskUnknown,
    },
    grafast: { explain: false, timeouts: { planning: 3_000, execution: 30_000 } },
  };
}
