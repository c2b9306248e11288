import { Kind, type OperationDefinitionNode } from "graphql";

/** "mutation cancelExpense": what an operation does, whatever the client calls it. */
export function operationName(operation: OperationDefinitionNode | null | undefined): string {
  const fields = (operation?.selectionSet.selections ?? []).flatMap((selection) =>
    selection.kind === Kind.FIELD ? [selection.name.value] : [],
  );
  return [operation?.operation ?? "query", ...new Set(fields)].join(" ").slice(0, 200);
}
