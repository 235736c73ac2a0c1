import assert from 'node:assert/strict'
import { readFileSync } from 'node:fs'
import { describe, test } from 'node:test'
import { Point as ClientPoint } from '@influxdata/influxdb-client'
import fc from 'fast-check'
import { LineEncoder } from '../../src/telemetry/line-encoder.ts'
import type { FieldValue, Point } from '../../src/telemetry/point.ts'
import { requireTestData, withoutTestData } from '../support/test-data.ts'

const encoder = new LineEncoder()
const encodePoint = (point: Point): string | undefined => encoder.encode(point)

const POINT: Point = { measurement: 'm', tags: {}, fields: { a: 1 }, timeMs: 0 }

interface CorpusCase {
  readonly input: {
    readonly point: {
      /** Digits: more than a number holds. */
      readonly time: string
      readonly name: string
      readonly tags: readonly { readonly key: string; readonly value: string }[]
      readonly fields: readonly { readonly key: string; readonly value: Readonly<Record<string, unknown>> }[]
    }
  }
  readonly output: { readonly result?: string; readonly error?: string }
}

interface TableCase {
  readonly name?: string
  readonly fields?: readonly (readonly [name: string, type: string, value?: unknown])[]
  readonly tags?: readonly (readonly [name: string, value?: string])[]
  readonly time?: string
  readonly line?: string
  readonly fails?: true
  readonly throws?: string
  readonly pointSettings?: { readonly defaultTags?: Readonly<Record<string, string>>; readonly convertTime?: string }
}

describe("InfluxData's own vectors", { skip: withoutTestData('golden/influx') }, () => {
  const read = (file: string): string => readFileSync(requireTestData(`golden/influx/${file}`), 'utf8')

  test('tags, measurements and strings are escaped as in the escape tables', () => {
    const tables = JSON.parse(read('escapeTables.json')) as Record<'tag' | 'measurement' | 'quoted', [string, string][]>
    for (const [text, escaped] of tables.tag) {
      assert.equal(encodePoint({ ...POINT, tags: { [text]: 'v' } }), `m,${escaped}=v a=1 0`)
      assert.equal(encodePoint({ ...POINT, tags: { t: text } }), `m,t=${escaped} a=1 0`)
      assert.equal(encodePoint({ ...POINT, fields: { [text]: 1 } }), `m ${escaped}=1 0`)
    }
    for (const [text, escaped] of tables.measurement)
      assert.equal(encodePoint({ ...POINT, measurement: text }), `${escaped} a=1 0`)
    for (const [text, quoted] of tables.quoted)
      assert.equal(encodePoint({ ...POINT, fields: { a: text } }), `m a=${quoted} 0`)
  })

  test('the whole corpus of points is encoded as InfluxData encodes it, and what it refuses is refused', () => {
    const corpus = Object.values(JSON.parse(read('corpus_encode.json'), exactNumbers) as Record<string, CorpusCase>)
    let refused = 0
    for (const { input, output } of corpus) {
      const { name, time, tags, fields } = input.point
      const line = encodePoint({
        measurement: name,
        tags: Object.fromEntries(tags.map(({ key, value }) => [key, value])),
        fields: Object.fromEntries(fields.map(({ key, value }) => [key, corpusValue(value)])),
        ...timeOf(BigInt(time)),
      })
      assert.equal(line, output.result === undefined ? undefined : asTheClientWrites(output.result, fields))
      if (output.error !== undefined) refused++
    }
    assert.deepEqual([corpus.length, refused], [76, 1])
  })

  test("the client's table of points holds for what Tallow writes, refusals included", () => {
    let compared = 0
    for (const { name = '', fields = [], tags = [], time, line, fails, pointSettings } of JSON.parse(
      read('pointTables.json'),
    ) as TableCase[]) {
      // Unsigned integers, which no version 1 takes, Tallow has not; nor values of a type that their field has not.
      if (fields.some(([, type]) => type === 'u') || (line === undefined && fails === undefined)) continue
      const { defaultTags = {}, convertTime } = pointSettings ?? {}
      const encoded = encodePoint({
        measurement: name,
        tags: { ...defaultTags, ...(Object.fromEntries(tags) as Record<string, string>) },
        fields: Object.fromEntries(fields.map(([key, type, value]) => [key, tableValue(type, value) as FieldValue])),
        ...timeOf(BigInt(time ?? convertTime ?? 0)),
      })
      assert.equal(encoded, fails ? undefined : line && `${line.replace(/ \d+$/, '')} ${time ?? convertTime ?? 0}`)
      compared++
    }
    assert.equal(compared, 12)
  })
})

/** Integers with more digits than a float holds stay what they are: for the time and for integer fields. */
function exactNumbers(key: string, value: unknown, context?: { readonly source?: string }): unknown {
  return (key === 'time' || key === 'int') && context?.source !== undefined ? context.source : value
}

function corpusValue(value: Readonly<Record<string, unknown>>): FieldValue {
  const [[type, given] = ['', undefined]] = Object.entries(value)
  return type === 'int' ? BigInt(String(given)) : (given as number | string | boolean)
}

/**
 * Where the client and InfluxData's Go code write the same value in other words, InfluxDB reads both alike: 6.632243e+06
 * and 6632243, `true` and `T`; a line break in a string as such or as the two characters \n (outbox-sink.test.ts reads one
 * back from a real server).
 */
function asTheClientWrites(line: string, fields: CorpusCase['input']['point']['fields']): string {
  const plain = line
    .replace(/=(\d\.\d+e\+\d+)/g, (_match, float: string) => `=${Number(float)}`)
    .replace(/=(\d+e\+\d+)/g, (_match, float: string) => `=${Number(float)}`)
  const has = (type: string): boolean => fields.some(({ value }) => type in value)
  const booleans = has('bool')
    ? plain.replace(/=(true|false)(?=[ ,])/g, (_m, word: string) => `=${word === 'true' ? 'T' : 'F'}`)
    : plain
  const broken = fields.some(({ value }) => typeof value.string === 'string' && value.string.includes('\n'))
  return broken ? booleans.replaceAll('\\n', '\n') : booleans
}

function tableValue(type: string, value: unknown): unknown {
  if (value === undefined || value === null) return undefined
  switch (type) {
    case 'n':
      return Number(value)
    case 'i':
      return BigInt(Math.floor(Number(value)))
    case 'b':
      return Boolean(value)
    default:
      return typeof value === 'number' ? String(value) : value
  }
}

/** Nanoseconds as Tallow has them: a millisecond and what is behind it. */
function timeOf(nanoseconds: bigint): Pick<Point, 'timeMs' | 'sequence'> {
  const sequence = ((nanoseconds % 1_000_000n) + 1_000_000n) % 1_000_000n
  return { timeMs: Number((nanoseconds - sequence) / 1_000_000n), sequence: Number(sequence) }
}

test("any point is encoded as the official client's Point encodes it", () => {
  const name = fc.oneof(
    fc.string({ unit: fc.constantFrom('a', 'b', ',', ' ', '=', '"', '\\', '\n', '\t', '\r', 'ü', '😀'), maxLength: 6 }),
    fc.string({ unit: 'binary', maxLength: 6 }),
  )
  // What ends in a backslash is cut; the client leaves that to its caller.
  const goodName = name.filter(text => !text.endsWith('\\'))
  const value = fc.oneof(
    fc.double(),
    fc.integer(),
    fc.boolean(),
    name,
    fc.bigInt({ min: -(2n ** 53n), max: 2n ** 53n }),
  )
  const points = fc.record({
    measurement: goodName,
    tags: fc.dictionary(
      goodName,
      goodName.filter(text => text !== ''),
      { maxKeys: 5 },
    ),
    fields: fc.dictionary(goodName, value, { maxKeys: 5 }),
    timeMs: fc.integer({ min: -9_000_000_000_000, max: 9_000_000_000_000 }),
    sequence: fc.integer({ min: 0, max: 999_999 }),
    frozen: fc.boolean(),
  })
  fc.assert(
    fc.property(points, ({ frozen, ...point }) => {
      const tags = frozen ? Object.freeze({ ...point.tags }) : point.tags
      assert.equal(encodePoint({ ...point, tags }), byTheClient(point))
      // Once more: frozen tags and names are known now.
      assert.equal(encodePoint({ ...point, tags }), byTheClient(point))
    }),
    { numRuns: 5_000 },
  )
})

function byTheClient({ measurement, tags, fields, timeMs, sequence = 0 }: Point): string | undefined {
  const line = new ClientPoint(measurement).timestamp(String(BigInt(timeMs) * 1_000_000n + BigInt(sequence)))
  for (const [key, value] of Object.entries(tags)) line.tag(key, value)
  for (const [key, value] of Object.entries(fields)) {
    if (typeof value === 'string') line.stringField(key, value)
    else if (typeof value === 'boolean') line.booleanField(key, value)
    else if (typeof value === 'bigint') line.intField(key, Number(value))
    else if (Number.isFinite(value)) line.floatField(key, value)
  }
  return line.toLineProtocol()
}

test('tags are sorted; a point with a tag that has no value is refused, as InfluxDB refuses it', () => {
  assert.equal(encodePoint({ ...POINT, tags: { z: '1', a: '2' } }), 'm,a=2,z=1 a=1 0')
  assert.equal(encodePoint({ ...POINT, tags: { z: '1', empty: '' } }), undefined)
  assert.equal(encodePoint({ ...POINT, tags: Object.freeze({ empty: '' }) }), undefined)
  assert.equal(encodePoint({ ...POINT, tags: { '': 'no name' } }), 'm a=1 0')
})

test('whole numbers are floats, integers are bigints that fit', () => {
  assert.equal(encodePoint({ ...POINT, fields: { a: 2, b: -0, c: 1e21, d: 5e-324 } }), 'm a=2,b=0,c=1e+21,d=5e-324 0')
  const edge = { max: 2n ** 63n - 1n, min: -(2n ** 63n), over: 2n ** 63n }
  assert.equal(encodePoint({ ...POINT, fields: edge }), 'm max=9223372036854775807i,min=-9223372036854775808i 0')
})

test('values that are not finite are left out, and a point without a field is none', () => {
  assert.equal(encodePoint({ ...POINT, fields: { a: Number.NaN, b: 1, c: Infinity } }), 'm b=1 0')
  assert.equal(encodePoint({ ...POINT, fields: { a: Number.NaN, c: -Infinity } }), undefined)
  assert.equal(encodePoint({ ...POINT, fields: {} }), undefined)
})

test('the time is the millisecond and the sequence behind it, to the last digit', () => {
  assert.equal(encodePoint({ ...POINT, timeMs: 1_700_000_000_123, sequence: 7 }), 'm a=1 1700000000123000007')
  assert.equal(encodePoint({ ...POINT, timeMs: 1_700_000_000_123, sequence: 999_999 }), 'm a=1 1700000000123999999')
  assert.equal(encodePoint({ ...POINT, timeMs: -1, sequence: 1 }), 'm a=1 -999999')
  assert.equal(encodePoint({ ...POINT, timeMs: 0, sequence: 5 }), 'm a=1 5')
})

test('a time that no clock shows is refused', () => {
  for (const timeMs of [Number.NaN, 0.5, Infinity, 9e15]) assert.equal(encodePoint({ ...POINT, timeMs }), undefined)
  for (const sequence of [-1, 0.5, 1e6, Number.NaN]) assert.equal(encodePoint({ ...POINT, sequence }), undefined)
})

test('a backslash at the end of a name does not swallow what follows', () => {
  assert.equal(encodePoint({ ...POINT, measurement: 'm\\', tags: { 'a\\': 'b\\\\' } }), 'm,a=b a=1 0')
  assert.equal(encodePoint({ ...POINT, measurement: '\\' }), undefined)
})

test('a line never holds a line break outside a string', () => {
  assert.equal(encodePoint({ ...POINT, measurement: 'a\nb', tags: { 'c\nd': 'e\nf' } }), 'a\\nb,c\\nd=e\\nf a=1 0')
})

test('tags that change are read again', () => {
  const tags: Record<string, string> = { a: '1' }
  assert.equal(encodePoint({ ...POINT, tags }), 'm,a=1 a=1 0')
  tags.a = '2'
  assert.equal(encodePoint({ ...POINT, tags }), 'm,a=2 a=1 0')
})
