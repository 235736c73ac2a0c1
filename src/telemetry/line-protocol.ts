import type { Fields, FieldValue, Point, Tags } from './point.ts'

const NANOSECONDS_PER_MILLISECOND = 1_000_000
const SEQUENCE_DIGITS = 6
const INT64_MAX = 2n ** 63n - 1n
/** Times that InfluxDB can hold, in ns: what is left of int64 it has other uses for. */
const TIME_NS_MAX = INT64_MAX - 1n
const TIME_NS_MIN = 1n - INT64_MAX
const TIME_MS_SAFE = 9_223_372_036_853
/** Field names are few; a program that makes them up must not fill the memory. */
const NAMES_KEPT_MAX = 4_096

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

/** Encoded tags of frozen objects: the points of a series share one. */
const tagTexts = new WeakMap<Tags, string | undefined>()
const names = new Map<string, string>()

/**
 * One line for InfluxDB, at nanosecond precision: the millisecond of the event and its sequence behind it. It is what the
 * official client makes of the same point, several times as fast. Numbers are floats, whole ones too, so that a field
 * never changes its type; values that are not finite are left out.
 * @returns undefined for a point that cannot be stored: no name, no field left, a tag without a value, or a time that no
 *   clock shows.
 */
export function encodePoint(point: Point): string | undefined {
  const measurement = escaped(withoutLastBackslash(point.measurement), MEASUREMENT_SPECIALS)
  const time = nanoseconds(point.timeMs, point.sequence ?? 0)
  if (measurement === '' || time === undefined) return undefined
  const tags = tagsText(point.tags)
  if (tags === undefined) return undefined
  const fields = fieldsText(point.fields)
  return fields === '' ? undefined : `${measurement}${tags} ${fields} ${time}`
}

function fieldsText(fields: Fields): string {
  let text = ''
  for (const key of sortedKeys(fields)) {
    const value = fields[key]
    const encoded = value === undefined ? undefined : fieldText(value)
    const name = nameText(key)
    if (encoded === undefined || name === '') continue
    text += text === '' ? `${name}=${encoded}` : `,${name}=${encoded}`
  }
  return text
}

function fieldText(value: FieldValue): string | undefined {
  switch (typeof value) {
    case 'number':
      return Number.isFinite(value) ? String(value) : undefined
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

/** Begins with a comma. Undefined when a tag has no value: InfluxDB refuses such a line. */
function tagsText(tags: Tags): string | undefined {
  if (!Object.isFrozen(tags)) return encodeTags(tags)
  if (!tagTexts.has(tags)) tagTexts.set(tags, encodeTags(tags))
  return tagTexts.get(tags)
}

function encodeTags(tags: Tags): string | undefined {
  let text = ''
  for (const key of sortedKeys(tags)) {
    const name = nameText(key)
    const tag = tags[key]
    if (name === '' || tag === undefined || tag === null) continue
    const value = escaped(withoutLastBackslash(tag), KEY_SPECIALS)
    if (value === '') return undefined
    text += `,${name}=${value}`
  }
  return text
}

function sortedKeys(of: object): readonly string[] {
  const keys = Object.keys(of)
  for (let index = 1; index < keys.length; index++)
    if ((keys[index - 1] ?? '') > (keys[index] ?? '')) return keys.sort()
  return keys
}

/** The name of a tag or field. */
function nameText(name: string): string {
  let text = names.get(name)
  if (text === undefined) {
    text = escaped(withoutLastBackslash(name), KEY_SPECIALS)
    if (names.size >= NAMES_KEPT_MAX) names.clear()
    names.set(name, text)
  }
  return text
}

const MEASUREMENT_SPECIALS = /[, \n\r\t]/g
const KEY_SPECIALS = /[, =\n\r\t]/g
const QUOTED_SPECIALS = /["\\]/g

function escaped(text: string, specials: RegExp): string {
  return text.search(specials) < 0 ? text : text.replace(specials, special => ESCAPES[special] ?? special)
}

/** A backslash at the end would swallow the separator behind it, and line protocol has no way to escape it. */
function withoutLastBackslash(name: string): string {
  return name.endsWith('\\') ? name.replace(/\\+$/, '') : name
}

/** The time as text: it has more digits than a float. */
function nanoseconds(timeMs: number, sequence: number): string | undefined {
  if (!Number.isInteger(sequence) || sequence < 0 || sequence >= NANOSECONDS_PER_MILLISECOND) return undefined
  if (!Number.isInteger(timeMs)) return undefined
  if (timeMs > 0 && timeMs <= TIME_MS_SAFE) return `${timeMs}${String(sequence).padStart(SEQUENCE_DIGITS, '0')}`
  const time = BigInt(timeMs) * BigInt(NANOSECONDS_PER_MILLISECOND) + BigInt(sequence)
  return time < TIME_NS_MIN || time > TIME_NS_MAX ? undefined : String(time)
}
