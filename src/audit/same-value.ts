/**
 * Whether two values that were read from JSON are the same. The order of an object's names tells nothing. Without
 * recursion: a value may be nested as deep as somebody wanted, and neither verifying nor comparing must end there.
 */
export function areSame(one: unknown, other: unknown): boolean {
  const pairs: [unknown, unknown][] = [[one, other]];
  for (let pair = pairs.pop(); pair !== undefined; pair = pairs.pop()) {
    const [left, right] = pair;
    if (left === right) continue;
    if (!isNested(left) || !isNested(right) || Array.isArray(left) !== Array.isArray(right)) {
      return false;
    }
    const names = Object.keys(left);
    if (names.length !== Object.keys(right).length) return false;
    for (const name of names) {
      if (!Object.hasOwn(right, name)) return false;
      pairs.push([Reflect.get(left, name), Reflect.get(right, name)]);
    }
  }
  return true;
}

function isNested(value: unknown): value is object {
  return typeof value === "object" && value !== null;
}
