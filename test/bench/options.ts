/** @throws Error naming what can be measured: a bench that measured nothing would look as if all went well */
export function requireNames(only: readonly string[], known: readonly string[]): void {
  const wrong = only.find((name) => !known.includes(name));
  if (wrong !== undefined) {
    throw new Error(`Nothing is measured as "${wrong}": ${known.join(", ")}.`);
  }
}

/** @throws Error when the option's value is no count, or less than `least` */
export function countOf(option: string, text: string, least = 1): number {
  if (/^\d{1,12}$/.test(text) && Number(text) >= least) return Number(text);
  throw new Error(`--${option} is a whole number from ${least} on, not "${text}".`);
}
