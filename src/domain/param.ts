import { badInput } from './errors.ts'
import { nearest } from './nearest.ts'

/** A declared parameter of a strategy or an indicator: default, range, and how its text is read. */
export interface Param<T extends ParamValue = ParamValue> {
  readonly type: 'int' | 'number' | 'boolean' | 'choice'
  readonly default: T
  readonly min?: number
  readonly max?: number
  readonly choices?: readonly string[]
}

export type ParamValue = number | boolean | string
export type Params = Readonly<Record<string, Param>>
export type ParamValues<P extends Params> = { readonly [K in keyof P]: P[K] extends Param<infer T> ? T : never }

export interface Range {
  readonly min?: number
  readonly max?: number
}

/** A whole number. */
export function int(defaultValue: number, range: Range = {}): Param<number> {
  return { type: 'int', default: defaultValue, ...range }
}

/** A finite number. */
export function number(defaultValue: number, range: Range = {}): Param<number> {
  return { type: 'number', default: defaultValue, ...range }
}

export function boolean(defaultValue: boolean): Param<boolean> {
  return { type: 'boolean', default: defaultValue }
}

/** One of the given words. */
export function choice<const T extends string>(defaultValue: NoInfer<T>, choices: readonly T[]): Param<T> {
  return { type: 'choice', default: defaultValue, choices }
}

/** Whether a value declares a parameter: it was made by `int`, `number`, `boolean` or `choice`. */
export function isParam(value: unknown): value is Param {
  if (typeof value !== 'object' || value === null || !('default' in value)) return false
  return ['int', 'number', 'boolean', 'choice'].includes((value as Partial<Param>).type ?? '')
}

/**
 * Fills in defaults and checks what was given.
 * @param owner whose parameters they are, for messages: `strategy rsi-macd`.
 * @param given numbers, booleans, or text as typed on a command line.
 * @throws bad input that names the parameter, its range, and the nearest right name.
 */
export function resolveParams<P extends Params>(
  owner: string,
  declared: P,
  given: Readonly<Record<string, unknown>>,
): ParamValues<P> {
  const names = Object.keys(declared)
  for (const name of Object.keys(given)) {
    if (Object.hasOwn(declared, name)) continue
    const near = nearest(name, names)
    throw badInput(`${owner} has no parameter "${name}"`, {
      hint: near ? `did you mean "${near}"?` : `its parameters are: ${names.join(', ') || 'none'}`,
    })
  }
  const values: Record<string, ParamValue> = {}
  for (const [name, param] of Object.entries(declared)) {
    const value = Object.hasOwn(given, name) ? given[name] : param.default
    values[name] = readParam(`${owner}: parameter "${name}"`, param, value)
  }
  // Frozen: what a strategy is handed is no place to keep memory in.
  return Object.freeze(values) as ParamValues<P>
}

function readParam(what: string, param: Param, value: unknown): ParamValue {
  if (param.type === 'boolean') {
    if (value === true || value === 'true') return true
    if (value === false || value === 'false') return false
    throw badInput(`${what} is ${show(value)}, which is neither true nor false`)
  }
  if (param.type === 'choice') {
    if (typeof value === 'string' && param.choices?.includes(value)) return value
    throw badInput(`${what} is ${show(value)}`, { hint: `use one of: ${param.choices?.join(', ') ?? ''}` })
  }
  const parsed = typeof value === 'string' && value.trim() !== '' ? Number(value) : value
  if (typeof parsed !== 'number' || !Number.isFinite(parsed))
    throw badInput(`${what} is ${show(value)}, which is not a number`)
  if (param.type === 'int' && !Number.isInteger(parsed))
    throw badInput(`${what} is ${show(value)}, which is not a whole number`)
  const min = param.min ?? -Infinity
  const max = param.max ?? Infinity
  if (parsed < min || parsed > max)
    throw badInput(`${what} is ${show(value)}`, { hint: `it must be ${describeRange(min, max)}` })
  return parsed
}

function describeRange(min: number, max: number): string {
  if (max === Infinity) return `at least ${min}`
  if (min === -Infinity) return `at most ${max}`
  return `between ${min} and ${max}`
}

function show(value: unknown): string {
  return typeof value === 'string' ? `"${value}"` : String(value)
}
