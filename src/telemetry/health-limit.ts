import type { CheckName, HealthCheck } from './health-document.ts'

/** A reading with the bounds that it is held against. */
export interface Limit {
  readonly name: CheckName
  readonly unit: HealthCheck['unit']
  readonly value: number | undefined
  /** The bound that is shown: past it the check warns. */
  readonly warn: number
  /** Past it the check fails; absent: it only ever warns. */
  readonly fail?: number | undefined
  /** Which side of the bounds is bad. */
  readonly bad: 'above' | 'below'
  /** What is wrong and what to do about it. */
  readonly advice: string
  /** Why there is no value. */
  readonly unknown?: string | undefined
}

/** What a reading comes to. One that is no number is unknown, never a verdict. */
export function held(limit: Limit): HealthCheck {
  const { name, unit, value, warn } = limit
  if (value === undefined || !Number.isFinite(value))
    return { name, status: 'unknown', value: null, threshold: warn, unit, detail: limit.unknown ?? 'not measured yet' }
  const past = (bound: number): boolean => (limit.bad === 'above' ? value > bound : value < bound)
  const status = limit.fail !== undefined && past(limit.fail) ? 'fail' : past(warn) ? 'warn' : 'ok'
  const shown = Number(value.toPrecision(9))
  return { name, status, value: shown, threshold: warn, unit, detail: status === 'ok' ? '' : limit.advice }
}

/** The same check with a second thing that is wrong, of which its value says nothing. */
export function alsoWrong(check: HealthCheck, detail: string | undefined): HealthCheck {
  if (detail === undefined) return check
  const status = check.status === 'fail' ? 'fail' : 'warn'
  return { ...check, status, detail: check.detail === '' ? detail : `${check.detail}; ${detail}` }
}

const MEBIBYTE = 1024 * 1024

export function inMebibytes(bytes: number): string {
  return `${Math.round(bytes / MEBIBYTE)} MiB`
}

/** `40 s`, `5 min`, `2 h`: near enough to act on. */
export function inWords(seconds: number): string {
  if (seconds < 120) return `${Math.round(seconds)} s`
  return seconds < 7_200 ? `${Math.round(seconds / 60)} min` : `${Math.round(seconds / 3_600)} h`
}
