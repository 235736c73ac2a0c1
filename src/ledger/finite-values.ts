/** Only the numbers that JSON can hold: a value that is not there yet is no reason to refuse a commit. */
export function finiteValues(values: Readonly<Record<string, number>>): Readonly<Record<string, number>> {
  return Object.fromEntries(Object.entries(values).filter(([, value]) => Number.isFinite(value)))
}
