import { floatText } from './float-text.ts'
import type { FieldValue, Point, Tags } from './point.ts'

const NANOSECONDS_PER_MILLISECOND = 1_000_000
const INT64_MAX = 2n ** 63n - 1n
/** Times that InfluxDB can hold, in ns: what is left of int64 it has other uses for. */
const TIME_NS_MAX = INT64_MAX - 1n
const TIME_NS_MIN = 1n - INT64_MAX
const TIME_MS_SAFE = 9_223_372_036_853
const NO_SEQUENCE = '000000'
/** Measurements are few; a program that makes them up must not fill the memory. */
const MEASUREMENTS_KEPT_MAX = 4_096

/** What the points of one measurement have in common. */
interface Shape {
  /** As it stands in a line. */
  readonly name: string
  /** Fields, as they stand in a point. */
  readonly keys: readonly string[]
  /** Places in `keys`, in the order of a line. */
  readonly order: readonly number[]
  /** `close=`, by place in `keys`. */
  readonly heads: readonly string[]
}

/**
 * Makes lines for InfluxDB, at nanosecond precision: the millisecond of the event and its sequence behind it. They are what
 * the official client makes of the same points, in a third of the time: what comes again and again is worked out once.
 * Numbers are floats, whole ones too, so that a field never changes its type; values that are not finite are left out.
 */
export class LineEncoder {
  /** Of frozen objects: the points of a series share one. */
  readonly #tags = new WeakMap<Tags, string>()
  /** The newest of each measurement; most have but one. */
  readonly #shapes = new Map<string, Shape>()
  /** The newest time: all candles of a slice have it. */
  #timeMs = Number.NaN
  #timeText = ''

  /**
   * @returns undefined for a point that cannot be stored: no name, no field left, a tag without a value, or a time that no
   *   clock shows.
   */
  encode({ measurement, tags, fields, timeMs, sequence = 0 }: Point): string | undefined {
    const shape = this.#shapeOf(measurement, Object.keys(fields))
    const time = this.#time(timeMs, sequence)
    const tagged = this.#tags.get(tags) ?? this.#tagsText(tags)
    if (shape.name === '' || time === undefined || tagged === undefined) return undefined
    const text = fieldsText(shape, Object.values(fields))
    return text === '' ? undefined : `${shape.name}${tagged} ${text} ${time}`
  }

  #shapeOf(measurement: string, keys: readonly string[]): Shape {
    const known = this.#shapes.get(measurement)
    if (known !== undefined && isSame(known.keys, keys)) return known
    if (this.#shapes.size >= MEASUREMENTS_KEPT_MAX) this.#shapes.clear()
    const shape = newShape(measurement, keys)
    this.#shapes.set(measurement, shape)
    return shape
  }

  /** Begins with a comma. Undefined when a tag has no value: InfluxDB refuses such a line. */
  #tagsText(tags: Tags): string | undefined {
    let text = ''
    for (const key of Object.keys(tags).sort()) {
      const name = escaped(withoutLastBackslash(key), KEY_SPECIALS)
      const tag = tags[key]
      if (name === '' || tag === undefined || tag === null) continue
      const value = escaped(withoutLastBackslash(tag), KEY_SPECIALS)
      if (value === '') return undefined
      text += `,${name}=${value}`
    }
    if (Object.isFrozen(tags)) this.#tags.set(tags, text)
    return text
  }

  /** As text: it has more digits than a float. */
  #time(timeMs: number, sequence: number): string | undefined {
    if (!Number.isInteger(sequence) || sequence < 0 || sequence >= NANOSECONDS_PER_MILLISECOND) return undefined
    if (!Number.isInteger(timeMs)) return undefined
    if (timeMs <= 0 || timeMs > TIME_MS_SAFE) return exactTime(timeMs, sequence)
    if (this.#timeMs !== timeMs) {
      this.#timeMs = timeMs
      this.#timeText = String(timeMs)
    }
    return this.#timeText + (sequence === 0 ? NO_SEQUENCE : String(sequence).padStart(NO_SEQUENCE.length, '0'))
  }
}

function newShape(measurement: string, keys: readonly string[]): Shape {
  const names = keys.map(key => escaped(withoutLastBackslash(key), KEY_SPECIALS))
  const order = [...keys.keys()].filter(place => names[place] !== '')
  order.sort((a, b) => ((keys[a] ?? '') < (keys[b] ?? '') ? -1 : 1))
  const name = escaped(withoutLastBackslash(measurement), MEASUREMENT_SPECIALS)
  return { name, keys, order, heads: names.map(each => `${each}=`) }
}

function isSame(a: readonly string[], b: readonly string[]): boolean {
  if (a.length !== b.length) return false
  for (let index = 0; index < a.length; index++) if (a[index] !== b[index]) return false
  return true
}

/** @param values by place in the shape's keys. */
function fieldsText({ order, heads }: Shape, values: readonly (FieldValue | undefined)[]): string {
  let text = ''
  for (const place of order) {
    const value = values[place]
    const encoded =
      typeof value === 'number' ? (Number.isFinite(value) ? floatText(value) : undefined) : otherText(value)
    if (encoded === undefined) continue
    const head = heads[place] ?? ''
    text += text === '' ? head + encoded : `,${head}${encoded}`
  }
  return text
}

function otherText(value: Exclude<FieldValue, number> | undefined): string | undefined {
  switch (typeof value) {
    case 'string':
      return `"${escaped(value, QUOTED_SPECIALS)}"`
    case 'boolean':
      return value ? 'T' : 'F'
    case 'bigint':
      return value > INT64_MAX || value < -INT64_MAX - 1n ? undefined : `${value}i`
    default:
      return undefined
  }
}

/** Near and beyond the ends of what InfluxDB can hold. */
function exactTime(timeMs: number, sequence: number): string | undefined {
  const time = BigInt(timeMs) * BigInt(NANOSECONDS_PER_MILLISECOND) + BigInt(sequence)
  return time < TIME_NS_MIN || time > TIME_NS_MAX ? undefined : String(time)
}

const MEASUREMENT_SPECIALS = /[, \n\r\t]/g
const KEY_SPECIALS = /[, =\n\r\t]/g
const QUOTED_SPECIALS = /["\\]/g

const ESCAPES: Readonly<Record<string, string>> = {
  ',': '\\,',
  ' ': '\\ ',
  '=': '\\=',
  '\n': '\\n',
  '\r': '\\r',
  '\t': '\\t',
  '"': '\\"',
  '\\': '\\\\',
}

function escaped(text: string, specials: RegExp): string {
  return text.search(specials) < 0 ? text : text.replace(specials, special => ESCAPES[special] ?? special)
}

/** A backslash at the end would swallow the separator behind it, and line protocol has no way to escape it. */
function withoutLastBackslash(name: string): string {
  return name.endsWith('\\') ? name.replace(/\\+$/, '') : name
}
