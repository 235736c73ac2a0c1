import { badInput, TallowError } from '../domain/errors.ts'

/** Bad input that says what the user's code threw, and where; the hint of what it threw is kept. */
export function failedAt(what: string, where: string, error: unknown): TallowError {
  const said = error instanceof Error ? error.message : String(error)
  return badInput(`${what}: ${said}`, {
    where,
    cause: error,
    hint: (error instanceof TallowError ? error.hint : undefined) ?? 'correct it there; --verbose shows the stack',
  })
}
