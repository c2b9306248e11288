import type { FieldArgs, FieldPlanResolver, Step } from "postgraphile/grafast";
import { constant, lambda, list } from "postgraphile/grafast";
import { ApiError } from "../errors.ts";

/** Rows of a page when neither `first` nor `last` says so. */
export const DEFAULT_PAGE_SIZE = 50;
/** The most rows of one page. */
export const MAXIMUM_PAGE_SIZE = 500;

type Page = readonly [first: unknown, last: unknown, before: unknown];

/** `first` as it counts: asked for, or the default when the page goes forwards. */
export function effectiveFirst([first, last, before]: Page): number | null {
  if (first != null) return checked(first);
  return last == null && before == null ? DEFAULT_PAGE_SIZE : null;
}

/** `last` as it counts: asked for, or the default when the page goes backwards. */
export function effectiveLast([first, last, before]: Page): number | null {
  if (last != null) return checked(last);
  return first == null && before != null ? DEFAULT_PAGE_SIZE : null;
}

function checked(size: unknown): number {
  if (typeof size === "number" && size >= 0 && size <= MAXIMUM_PAGE_SIZE) return size;
  throw new ApiError("BLD13", `Uma página tem de 0 a ${MAXIMUM_PAGE_SIZE} registros.`);
}

/**
 * Caps every connection: without it, a query that names no page size reads the whole table. A page that is too large
 * is refused, not cut, since a cut one would look complete.
 */
export const pageSizePlugin: GraphileConfig.Plugin = {
  name: "BlindagemPageSizePlugin",
  version: "1.0.0",
  schema: {
    hooks: {
      GraphQLObjectType_fields_field_args: {
        after: ["PgFirstLastBeforeAfterArgsPlugin"],
        callback(args, _build, { scope }) {
          if (!isPaged(scope) || !args.first) return args;
          // Both are applied by the field's own plan below, which also runs when they are absent.
          return Object.fromEntries(
            Object.entries(args).map(([name, arg]) => {
              if (name !== "first" && name !== "last") return [name, arg];
              const { applyPlan: _, ...rest } = arg;
              return [name, rest];
            }),
          );
        },
      },
      GraphQLObjectType_fields_field(field, _build, { scope }) {
        const { plan } = field;
        if (!isPaged(scope) || !plan) return field;
        return { ...field, plan: paged(plan) };
      },
    },
  },
};

function isPaged(scope: {
  isPgFieldConnection?: boolean;
  isPgFieldSimpleCollection?: boolean;
}): boolean {
  return scope.isPgFieldConnection === true || scope.isPgFieldSimpleCollection === true;
}

/** A step that has pages: a connection. */
interface Paged {
  setFirst(first: Step): void;
  setLast(last: Step): void;
}

function paged(plan: FieldPlanResolver): FieldPlanResolver {
  return ($parent, args, info) => {
    const $result = plan($parent, args, info);
    if (isPagedStep($result) && "$first" in args) {
      const $page = list([
        argument(args, "first"),
        argument(args, "last"),
        argument(args, "before"),
      ]);
      $result.setFirst(lambda($page, effectiveFirst));
      $result.setLast(lambda($page, effectiveLast));
    }
    return $result;
  };
}

function isPagedStep(step: unknown): step is Paged {
  return typeof step === "object" && step !== null && "setFirst" in step && "setLast" in step;
}

/** Not every connection goes backwards. */
function argument(args: FieldArgs, name: string): Step {
  return `$${name}` in args ? args.getRaw(name) : constant(null);
}
