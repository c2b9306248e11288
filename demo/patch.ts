import type { PatchOperation } from "./model.ts";

/**
 * Applies RFC 6902 operations (add, replace, remove) to a deep copy of a JSON value. Throws where a
 * path leads nowhere, so that a flip that flips nothing shows at once.
 */
export function applyPatch<Value>(value: Value, operations: readonly PatchOperation[]): Value {
  // Not structuredClone: that keeps two places that share an object sharing it, and a patch of one
  // would alter the other.
  const copy: Value = JSON.parse(JSON.stringify(value));
  for (const operation of operations) {
    const path = operation.path
      .split("/")
      .slice(1)
      .map((part) => part.replaceAll("~1", "/").replaceAll("~0", "~"));
    const last = path.pop();
    const parent = path.reduce<unknown>(
      (node, part) => (isObject(node) ? node[part] : undefined),
      copy,
    );
    if (last === undefined || !isObject(parent)) throw new Error(`no such path: ${operation.path}`);
    if (operation.op === "add" && Array.isArray(parent)) {
      parent.splice(last === "-" ? parent.length : Number(last), 0, operation.value);
    } else if (operation.op === "add") {
      parent[last] = operation.value;
    } else if (!(last in parent)) {
      throw new Error(`no such path: ${operation.path}`);
    } else if (operation.op === "replace") {
      parent[last] = operation.value;
    } else if (Array.isArray(parent)) {
      parent.splice(Number(last), 1);
    } else {
      delete parent[last];
    }
  }
  return copy;
}

function isObject(value: unknown): value is Record<string, unknown> {
  return typeof value === "object" && value !== null;
}
