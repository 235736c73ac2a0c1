import { badInput, TallowError, type ErrorDetails } from '../domain/errors.ts'

export interface Failure {
  readonly message: string
  readonly details: ErrorDetails
}

/** What the user's code threw and where, in words; the hint of what it threw is kept. */
export function failureOf(what: string, where: string, error: unknown): Failure {
  const said = error instanceof Error ? error.message : String(error)
  const hint = error instanceof TallowError ? error.hint : undefined
  return {
    message: `${what}: ${said}`,
    details: { where, cause: error, hint: hint ?? 'correct it there; --verbose shows the stack' },
  }
}

/** The same as bad input. */
export function failedAt(what: string, where: string, error: unknown): TallowError {
  const { message, details } = failureOf(what, where, error)
  return badInput(message, details)
}
