import assert from 'node:assert/strict'
import { test } from 'node:test'
import { gunzipSync } from 'node:zlib'
import fc from 'fast-check'
import { LineEncoder } from '../../src/telemetry/line-encoder.ts'
import { joinRuns, packLines, pointsIn, unpackLines } from '../../src/telemetry/line-run.ts'

const awkward = fc.string({
  unit: fc.constantFrom('a', ' ', ',', '=', '"', '\\', '\n', '="', ' "', '\\"', 'b=1 2'),
  minLength: 1,
  maxLength: 8,
})

/** Lines as the encoder makes them, line breaks in strings among them. */
const lines = fc
  .array(
    fc.record({
      tags: fc.dictionary(awkward, awkward, { maxKeys: 3 }),
      fields: fc.dictionary(awkward, fc.oneof(awkward, fc.integer()), { minKeys: 1, maxKeys: 3 }),
    }),
    { minLength: 1, maxLength: 8 },
  )
  .map(points =>
    points.flatMap(
      (point, index) => new LineEncoder().encode({ ...point, measurement: 'm', timeMs: index, sequence: 1 }) ?? [],
    ),
  )
  .filter(encoded => encoded.length > 0)

test('lines come out as they went in, whatever stands in their strings', () => {
  fc.assert(
    fc.property(lines, encoded => {
      assert.deepEqual(unpackLines(packLines('m', encoded)), encoded)
    }),
    { numRuns: 5_000 },
  )
})

test('several runs become one text, in order; one is not packed again', async () => {
  const one = packLines('a', ['a x=1 1', 'a x=2 2'])
  const two = packLines('b', ['b x=1 1'])
  assert.equal(gunzipSync(await joinRuns([one, two])).toString(), 'a x=1 1\na x=2 2\nb x=1 1')
  assert.equal(await joinRuns([one]), one.gzipped)
  assert.equal(pointsIn([one, two]), 3)
})
