import { type DefinitionNode, type DocumentNode, GraphQLError, parse, visit } from "graphql";
import type { RequestRole } from "../../database/role-names.ts";
import { LIMITS, limitError, limitsRule } from "./limits.ts";

type Parsed =
  | { document: DocumentNode; errors?: undefined }
  | { document?: undefined; errors: readonly GraphQLError[] };
type ParseAndValidate = (query: string) => Parsed;

/** Who may ask what the schema is. */
const MAY_INTROSPECT: ReadonlySet<RequestRole> = new Set(["auditor", "operator"]);

/**
 * Stands before the library's parsing and validating: size limits come first, introspection is for auditors and
 * operators, and no message suggests the names of fields. The library caches its results per document and not per
 * asker, so the gate looks at each request.
 */
export const documentGuardPlugin: GraphileConfig.Plugin = {
  name: "BlindagemDocumentGuardPlugin",
  version: "1.0.0",
  grafserv: {
    middleware: {
      setPreset(next, event) {
        event.validationRules.push(limitsRule);
        const { getExecutionConfig } = event;
        event.getExecutionConfig = async function guarded(requestContext) {
          const config = await getExecutionConfig.call(this, requestContext);
          const role = requestContext.fastifyv5?.request.identity.role ?? "anonymous";
          return { ...config, parseAndValidate: guard(config.parseAndValidate, role) };
        };
        return next();
      },
    },
  },
};

function guard(parseAndValidate: ParseAndValidate, role: RequestRole): ParseAndValidate {
  return (query) => {
    const tooLarge = sizeError(query);
    if (tooLarge) return { errors: [tooLarge] };
    const parsed = parseAndValidate(query);
    if (parsed.errors) return { errors: parsed.errors.map(withoutSuggestion) };
    if (parsed.document.definitions.some(isSubscription)) {
      const message = "As operações são query e mutation; não há subscription.";
      return { errors: [new GraphQLError(message, { extensions: { code: "BLD04" } })] };
    }
    if (!MAY_INTROSPECT.has(role) && introspects(query, parsed.document)) {
      const message = "O esquema só é mostrado a auditores e operadores.";
      return { errors: [new GraphQLError(message, { extensions: { code: "BLD02" } })] };
    }
    return parsed;
  };
}

function sizeError(query: string): GraphQLError | undefined {
  if (query.length > LIMITS.characters) {
    return limitError(`A consulta passa do limite (caracteres: ${LIMITS.characters}).`);
  }
  if (query.length <= LIMITS.tokens) return undefined;
  try {
    parse(query, { maxTokens: LIMITS.tokens, noLocation: true });
    return undefined;
  } catch (error) {
    const isLimit = error instanceof Error && /more tha[nt] \d+ tokens/.test(error.message);
    return isLimit
      ? limitError(`A consulta passa do limite (símbolos: ${LIMITS.tokens}).`)
      : undefined;
  }
}

/** The schema has none; the library would only notice while planning, as a fault of ours. */
function isSubscription(definition: DefinitionNode): boolean {
  return definition.kind === "OperationDefinition" && definition.operation === "subscription";
}

function introspects(query: string, document: DocumentNode): boolean {
  if (!query.includes("__schema") && !query.includes("__type")) return false;
  let found = false;
  visit(document, {
    Field({ name }) {
      found ||= name.value === "__schema" || name.value === "__type";
    },
  });
  return found;
}

/** "Cannot query field "x" on type "Y". Did you mean "z"?" names what the asker may not know. */
export function withoutSuggestion(error: GraphQLError): GraphQLError {
  const message = error.message.replace(/ Did you mean .*$/s, "");
  return sameError(error, message, { code: "BLD04", ...error.extensions });
}

/** The error's place, with other words. */
export function sameError(
  { nodes, source, positions, path }: GraphQLError,
  message: string,
  extensions: Record<string, unknown>,
): GraphQLError {
  const place = {
    nodes: nodes ?? null,
    source: source ?? null,
    positions: positions ?? null,
    path: path ?? null,
  };
  return new GraphQLError(message, { ...place, extensions });
}
