/** A possible link between a row and a column, by their indices. */
export type Edge = { row: number; column: number; weight: number };

/**
 * The connected components of a bipartite graph: an assignment in one never touches another, so each
 * is solved alone and stays small. In order of their first edge.
 */
export function components<E extends Edge>(edges: readonly E[]): E[][] {
  // Rows are the even nodes, columns the odd ones.
  const parents = new Map<number, number>();
  const find = (node: number): number => {
    let root = node;
    for (let up = parents.get(root); up !== undefined && up !== root; up = parents.get(root)) {
      root = up;
    }
    for (let at = node; at !== root; ) {
      const up = parents.get(at) ?? root;
      parents.set(at, root);
      at = up;
    }
    return root;
  };
  for (const { row, column } of edges) parents.set(find(2 * row), find(2 * column + 1));
  const groups = new Map<number, E[]>();
  for (const edge of edges) {
    const root = find(2 * edge.row);
    const group = groups.get(root);
    if (group) group.push(edge);
    else groups.set(root, [edge]);
  }
  return [...groups.values()];
}
