import { TallowError, type ErrorKind } from '../../domain/errors.ts'

/** One line of JSON. What stands beside `ok: true` depends on the command. */
export type ControlAnswer = Done | Refusal

interface Done {
  readonly ok: true
  readonly [field: string]: unknown
}

interface Refusal {
  readonly ok: false
  /** What went wrong, in a sentence. */
  readonly error: string
  /** What to do next; null when nothing is known to help. */
  readonly hint: string | null
  /** File, line or key path that it is about; null when it is about none. */
  readonly where: string | null
  /** What the one who asked can do about it. */
  readonly kind: ErrorKind
}

/** Says an error in the words of an answer. */
export function refusalOf(error: unknown): Refusal {
  if (!(error instanceof TallowError)) {
    const message = error instanceof Error ? error.message : String(error)
    return { ok: false, error: message, hint: "see the daemon's log", where: null, kind: 'bug' }
  }
  return {
    ok: false,
    error: error.message,
    hint: error.hint ?? null,
    where: error.where ?? null,
    kind: error.kind,
  }
}

/** The other way round, on the side of the one who asked. */
export function errorOf({ error, hint, where, kind }: Refusal): TallowError {
  return new TallowError(kind, error, {
    ...(hint === null ? {} : { hint }),
    ...(where === null ? {} : { where }),
  })
}

const KINDS: ReadonlySet<unknown> = new Set<ErrorKind>([
  'retry-later',
  'never-retry',
  'unknown-outcome',
  'bad-input',
  'bug',
])

/** Reads an answer line; undefined when it is none, as of another version or another program. */
export function parseAnswer(line: string): ControlAnswer | undefined {
  let value: unknown
  try {
    value = JSON.parse(line)
  } catch {
    return undefined
  }
  if (typeof value !== 'object' || value === null || !('ok' in value)) return undefined
  if (value.ok === true) return { ...value, ok: true }
  if (value.ok !== false || !('error' in value) || typeof value.error !== 'string') return undefined
  return {
    ok: false,
    error: value.error,
    hint: 'hint' in value && typeof value.hint === 'string' ? value.hint : null,
    where: 'where' in value && typeof value.where === 'string' ? value.where : null,
    kind: 'kind' in value && isKind(value.kind) ? value.kind : 'never-retry',
  }
}

function isKind(value: unknown): value is ErrorKind {
  return KINDS.has(value)
}
