import { TallowError, type ErrorKind } from '../domain/errors.ts'

/** An error on its way between threads: a clone would lose its class, and may not be possible. */
export interface PackedError {
  readonly name: string
  readonly message: string
  readonly stack: string | undefined
  readonly cause: PackedError | undefined
  readonly tallow:
    | {
        readonly kind: ErrorKind
        readonly hint: string | undefined
        readonly where: string | undefined
        readonly retryAfterMs: number | undefined
      }
    | undefined
}

/** Causes of causes of causes: what an error chain in a circle is cut off at. */
const CAUSES_MAX = 4

export function packError(thrown: unknown, depth = 0): PackedError {
  if (!(thrown instanceof Error)) return { name: 'Error', message: describe(thrown), ...NOTHING_MORE }
  const { name, message, stack, cause } = thrown
  return {
    ...{ name, message, stack },
    cause: cause === undefined || depth >= CAUSES_MAX ? undefined : packError(cause, depth + 1),
    tallow:
      thrown instanceof TallowError
        ? { kind: thrown.kind, hint: thrown.hint, where: thrown.where, retryAfterMs: thrown.retryAfterMs }
        : undefined,
  }
}

/** The error as it was thrown, its stack that of the other side. */
export function unpackError({ name, message, stack, cause: packedCause, tallow }: PackedError): Error {
  const cause = packedCause === undefined ? undefined : unpackError(packedCause)
  const error =
    tallow === undefined
      ? Object.assign(new Error(message, cause === undefined ? undefined : { cause }), { name })
      : new TallowError(tallow.kind, message, {
          ...(tallow.hint === undefined ? {} : { hint: tallow.hint }),
          ...(tallow.where === undefined ? {} : { where: tallow.where }),
          ...(tallow.retryAfterMs === undefined ? {} : { retryAfterMs: tallow.retryAfterMs }),
          ...(cause === undefined ? {} : { cause }),
        })
  if (stack !== undefined) error.stack = stack
  return error
}

const NOTHING_MORE = { stack: undefined, cause: undefined, tallow: undefined }

function describe(thrown: unknown): string {
  try {
    return String(thrown)
  } catch {
    return 'a value that has no text was thrown'
  }
}
