import { Point as ClientPoint } from '@influxdata/influxdb-client'
import type { Point } from './point.ts'

const NANOSECONDS_PER_MILLISECOND = 1_000_000
/** Times that InfluxDB can hold, in ms. */
const TIME_MS_MAX = 9_223_372_036_854

/**
 * One line for InfluxDB, at nanosecond precision: the millisecond of the event and its sequence behind it. Numbers are
 * floats, whole ones too, so that a field never changes its type; values that are not finite are left out.
 * @returns undefined for a point that cannot be stored: no name, no field left, or a time that no clock shows.
 */
export function encodePoint(point: Point): string | undefined {
  const time = nanoseconds(point.timeMs, point.sequence ?? 0)
  const measurement = name(point.measurement)
  if (time === undefined || measurement === '') return undefined
  const line = new ClientPoint(measurement).timestamp(time)
  for (const [key, value] of Object.entries(point.tags)) line.tag(name(key), name(value))
  for (const [key, value] of Object.entries(point.fields)) {
    if (typeof value === 'string') line.stringField(name(key), value)
    else if (Number.isFinite(value)) line.floatField(name(key), value)
  }
  return line.toLineProtocol()
}

/** The time as text: it has more digits than a float. */
function nanoseconds(timeMs: number, sequence: number): string | undefined {
  if (!Number.isInteger(timeMs) || Math.abs(timeMs) > TIME_MS_MAX - 1) return undefined
  if (!Number.isInteger(sequence) || sequence < 0 || sequence >= NANOSECONDS_PER_MILLISECOND) return undefined
  return String(BigInt(timeMs) * BigInt(NANOSECONDS_PER_MILLISECOND) + BigInt(sequence))
}

/** A backslash at the end would swallow the separator behind it, and line protocol has no way to escape it. */
function name(text: string): string {
  return text.endsWith('\\') ? text.replace(/\\+$/, '') : text
}
