import assert from 'node:assert/strict'
import { test } from 'node:test'
import fc from 'fast-check'
import { packLines, type LineRun } from '../../../src/telemetry/line-run.ts'
import { Delivery } from '../../../src/telemetry/sender/delivery.ts'
import { RequestSize } from '../../../src/telemetry/sender/request-size.ts'
import { AWAY, FakeDestination } from '../support/sinks.ts'

const never = new AbortController().signal

function lineOf(measurement: string, index: number): string {
  return `${measurement} x=${index} ${index}`
}

function runs(...counts: readonly number[]): readonly LineRun[] {
  return counts.map((count, at) =>
    packLines(
      `m${at}`,
      Array.from({ length: count }, (_, index) => lineOf(`m${at}`, index)),
    ),
  )
}

test('whatever is bad, too large or fails in between: good lines arrive in order, bad ones are told, each once', async () => {
  const cases = fc.record({
    counts: fc.array(fc.integer({ min: 1, max: 60 }), { minLength: 1, maxLength: 4 }),
    badEvery: fc.integer({ min: 7, max: 400 }),
    linesMax: fc.integer({ min: 1, max: 200 }),
    failures: fc.array(fc.boolean(), { maxLength: 60 }),
  })
  await fc.assert(
    fc.asyncProperty(cases, async ({ counts, badEvery, linesMax, failures }) => {
      const all = runs(...counts)
      const lines = counts.flatMap((count, at) => Array.from({ length: count }, (_, index) => lineOf(`m${at}`, index)))
      const isBad = (line: string): boolean => lines.indexOf(line) % badEvery === badEvery - 1
      const destination = new FakeDestination()
      const toFail = [...failures]
      destination.answer = asked => {
        if (toFail.shift() === true) return AWAY
        if (asked.length > linesMax) return { kind: 'too-large', reason: 'too much' }
        return asked.some(isBad) ? { kind: 'refused', reason: 'no' } : { kind: 'sent' }
      }
      const delivery = new Delivery(all, destination, new RequestSize(50, 250))
      let attempts = 0
      while ((await delivery.advance(never)) !== undefined) assert.ok(++attempts <= failures.length)
      assert.deepEqual(
        destination.lines,
        lines.filter(line => !isBad(line)),
      )
      assert.deepEqual(
        delivery.bad.map(({ line }) => line),
        lines.filter(isBad),
      )
      assert.deepEqual(
        [...delivery.sent.values()].reduce((sum, count) => sum + count, 0),
        destination.lines.length,
      )
      for (const { measurement, line } of delivery.bad) assert.ok(line.startsWith(`${measurement} `))
    }),
    { numRuns: 300 },
  )
})

test('one bad line among thousands costs a few dozen requests', async () => {
  const destination = new FakeDestination()
  destination.answer = lines =>
    lines.includes(lineOf('m2', 777)) ? { kind: 'refused', reason: 'no' } : { kind: 'sent' }
  const delivery = new Delivery(runs(1_000, 1_000, 1_000, 1_000, 1_000), destination, new RequestSize(5_000, 5_000))
  assert.equal(await delivery.advance(never), undefined)
  assert.deepEqual(delivery.bad, [{ measurement: 'm2', line: lineOf('m2', 777), reason: 'no' }])
  assert.equal(destination.lines.length, 4_999)
  assert.ok(destination.asked.length <= 30, `${destination.asked.length} requests`)
})

test('a measurement that is bad as a whole does not take the others with it', async () => {
  const destination = new FakeDestination()
  destination.answer = lines =>
    lines.some(line => line.startsWith('m1')) ? { kind: 'refused', reason: 'no' } : { kind: 'sent' }
  const delivery = new Delivery(runs(1_000, 1_000, 1_000), destination, new RequestSize(5_000, 5_000))
  assert.equal(await delivery.advance(never), undefined)
  assert.deepEqual(
    [...delivery.sent],
    [
      ['m0', 1_000],
      ['m2', 1_000],
    ],
  )
  assert.equal(delivery.bad.length, 1_000)
  assert.ok(destination.asked.length <= 620, `${destination.asked.length} requests`)
})

test('a single line that is too large is a dead letter', async () => {
  const destination = new FakeDestination()
  destination.answer = () => ({ kind: 'too-large', reason: 'too much' })
  const delivery = new Delivery(runs(3), destination, new RequestSize(100, 500))
  assert.equal(await delivery.advance(never), undefined)
  assert.deepEqual(
    delivery.bad.map(({ reason }) => reason),
    ['too much', 'too much', 'too much'],
  )
})

test('requests grow while they go through, shrink to what the server takes, and try more after a while', () => {
  const size = new RequestSize(1_000, 5_000)
  const grown: number[] = []
  for (let round = 0; round < 4; round++) {
    grown.push(size.lines)
    size.took(size.lines, 10)
  }
  assert.deepEqual(grown, [1_000, 2_000, 4_000, 5_000])
  size.refused(5_000)
  assert.equal(size.lines, 2_500)
  for (let round = 0; round < 99; round++) size.took(2_500, 10)
  assert.equal(size.lines, 2_500)
  for (let round = 0; round < 2; round++) size.took(2_500, 10)
  assert.equal(size.lines, 5_000)
  size.refused(5_000)
  size.took(2_500, 5_000)
  assert.equal(size.lines, 2_500, 'what took long does not grow')
  size.took(10, 1)
  assert.equal(size.lines, 2_500, 'a small request says nothing about a large one')
})
