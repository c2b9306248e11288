import {
  type DocumentNode,
  getOperationAST,
  Kind,
  parse,
  print,
  valueFromASTUntyped,
  visit,
} from "graphql";
import type { Access } from "../access-log.ts";
import { LIMITS } from "./limits.ts";
import { operationName } from "./operation-name.ts";
import { graphqlRequest } from "./request-shape.ts";

/** Names of fields and arguments that hold ids. */
const ID = /^(?:id|sha256|\w+Ids?)$/;
const NAME_LENGTH = 200;

/**
 * What a GraphQL request asks for. The document keeps its structure and loses its values: a text or number in it becomes
 * the variable $1, $2…, a name that no client can give one.
 *
 * @returns undefined for what is no GraphQL request, or no document within the limits: nothing is answered to either
 */
export function describeGraphqlAccess(body: unknown): Access | undefined {
  const request = graphqlRequest.safeParse(body);
  const document = request.success ? parsed(request.data.query) : undefined;
  if (!request.success || !document) return undefined;
  const given = request.data.variables ?? {};
  const literals: Record<string, unknown> = {};
  const withoutValues = visit(document, {
    enter(node) {
      if (node.kind !== Kind.STRING && node.kind !== Kind.INT && node.kind !== Kind.FLOAT)
        return undefined;
      const name = String(Object.keys(literals).length + 1);
      literals[name] = valueFromASTUntyped(node);
      return { kind: Kind.VARIABLE, name: { kind: Kind.NAME, value: name } };
    },
  });
  const name = request.data.operationName ?? undefined;
  return {
    operation: operationName(getOperationAST(document, name)),
    operationName: name?.slice(0, NAME_LENGTH),
    document: print(withoutValues),
    variables: { ...given, ...literals },
    entityIds: [...idsOf(document, given)],
  };
}

function parsed(query: string): DocumentNode | undefined {
  try {
    return parse(query, { maxTokens: LIMITS.tokens, noLocation: true });
  } catch {
    return undefined;
  }
}

/** The values of arguments and fields that are named as ids are, however deep they lie: `entityId: {in: [...]}`. */
function idsOf(document: DocumentNode, variables: Readonly<Record<string, unknown>>): Set<string> {
  const ids = new Set<string>();
  const defaults: Record<string, unknown> = {};
  const collect = (value: unknown, isId: boolean): void => {
    if (Array.isArray(value)) {
      for (const each of value) collect(each, isId);
    } else if (typeof value === "object" && value !== null) {
      for (const [name, inner] of Object.entries(value)) collect(inner, isId || ID.test(name));
    } else if (isId && (typeof value === "string" || typeof value === "number")) {
      ids.add(String(value));
    }
  };
  visit(document, {
    VariableDefinition({ variable, defaultValue }) {
      if (defaultValue) defaults[variable.name.value] = valueFromASTUntyped(defaultValue);
    },
  });
  visit(document, {
    Argument({ name, value }) {
      collect(valueFromASTUntyped(value, { ...defaults, ...variables }), ID.test(name.value));
    },
  });
  return ids;
}
