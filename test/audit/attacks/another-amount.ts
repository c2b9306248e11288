/**
 * The SQL for an expense's entry with another amount. Names would not do: of people an entry has commitments.
 *
 * @param entry SQL of the entry
 */
export function anotherAmount(entry: string): string {
  return `regexp_replace(${entry}, '"gross_amount":"[0-9.]+"', '"gross_amount":"1.00"')`;
}
