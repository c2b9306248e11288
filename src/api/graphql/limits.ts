import {
  type ASTVisitor,
  type FieldNode,
  GraphQLError,
  type GraphQLNamedType,
  getNamedType,
  isInterfaceType,
  isObjectType,
  type OperationDefinitionNode,
  type SelectionSetNode,
  type ValidationContext,
} from "graphql";
import { DEFAULT_PAGE_SIZE, MAXIMUM_PAGE_SIZE } from "./page-size.ts";

/** What one GraphQL document may ask for. */
export const LIMITS = {
  /** Characters of the document; variables have the request body's own limit. */
  characters: 50_000,
  /** Levels within the variables: what an auditor asks with is kept in the log, which is read again and again. */
  nesting: 100,
  tokens: 4_000,
  /** 60 aliases of a slow field took a whole pool of connections. */
  aliases: 30,
  depth: 12,
  /** Rows that may be read, as the page sizes of nested connections multiply. */
  cost: 50_000,
} as const;

interface Measure {
  aliases: number;
  depth: number;
  cost: number;
}

const NOTHING: Measure = { aliases: 0, depth: 0, cost: 0 };

/**
 * Validation rule: refuses (BLD13) an operation with too many aliases, too deep, or that may read too many rows.
 * Fragments count each time they are spread. Introspection is not measured: it has a gate of its own.
 */
export function limitsRule(context: ValidationContext): ASTVisitor {
  return {
    OperationDefinition(operation) {
      const measure = measureOperation(context, operation);
      for (const name of ["aliases", "depth", "cost"] as const) {
        if (measure[name] > LIMITS[name]) {
          context.reportError(
            limitError(`A consulta passa do limite (${TITLES[name]}: ${LIMITS[name]}).`),
          );
        }
      }
    },
  };
}

const TITLES = { aliases: "apelidos", depth: "profundidade", cost: "registros" };

/** An error of the limits, with its code. */
export function limitError(message: string): GraphQLError {
  return new GraphQLError(message, { extensions: { code: "BLD13" } });
}

function measureOperation(context: ValidationContext, operation: OperationDefinitionNode): Measure {
  const fragments = new Map<string, Measure>();

  function ofSelections(
    { selections }: SelectionSetNode,
    parent: GraphQLNamedType | undefined,
  ): Measure {
    let total = NOTHING;
    for (const selection of selections) {
      if (selection.kind === "Field") {
        total = add(total, ofField(selection, parent));
      } else if (selection.kind === "InlineFragment") {
        const name = selection.typeCondition?.name.value;
        const type = name === undefined ? parent : context.getSchema().getType(name);
        total = add(total, ofSelections(selection.selectionSet, type));
      } else {
        total = add(total, ofFragment(selection.name.value));
      }
    }
    return total;
  }

  function ofField(field: FieldNode, parent: GraphQLNamedType | undefined): Measure {
    const name = field.name.value;
    const aliases = field.alias ? 1 : 0;
    if (name.startsWith("__")) return { aliases, depth: 1, cost: 0 };
    if (!field.selectionSet) return { aliases, depth: 1, cost: 0 };
    const hasFields = isObjectType(parent) || isInterfaceType(parent);
    const definition = hasFields ? parent.getFields()[name] : undefined;
    const inner = ofSelections(field.selectionSet, definition && getNamedType(definition.type));
    const isPaged = definition?.args.some((argument) => argument.name === "first") ?? false;
    const rows = isPaged ? pageSize(field) : 1;
    return {
      aliases: aliases + inner.aliases,
      depth: 1 + inner.depth,
      cost: rows * Math.max(1, inner.cost),
    };
  }

  function ofFragment(name: string): Measure {
    const known = fragments.get(name);
    if (known) return known;
    // A fragment that spreads itself is another rule's error; here it must only come to an end.
    fragments.set(name, NOTHING);
    const fragment = context.getFragment(name);
    if (!fragment) return NOTHING;
    const type = context.getSchema().getType(fragment.typeCondition.name.value);
    const measure = ofSelections(fragment.selectionSet, type);
    fragments.set(name, measure);
    return measure;
  }

  return ofSelections(
    operation.selectionSet,
    context.getSchema().getRootType(operation.operation) ?? undefined,
  );
}

function add(a: Measure, b: Measure): Measure {
  return {
    aliases: a.aliases + b.aliases,
    depth: Math.max(a.depth, b.depth),
    cost: a.cost + b.cost,
  };
}

/** What is known of a page's size before the variables are: each of them may ask for the largest page. */
function pageSize(field: FieldNode): number {
  const argument = field.arguments?.find(
    ({ name }) => name.value === "first" || name.value === "last",
  );
  if (!argument) return DEFAULT_PAGE_SIZE;
  // A negative page is refused when it is read; until then it must not weigh up another one.
  return argument.value.kind === "IntValue"
    ? Math.max(0, Number(argument.value.value))
    : MAXIMUM_PAGE_SIZE;
}
