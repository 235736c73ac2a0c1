import assert from 'node:assert/strict'
import { test } from 'node:test'
import fc from 'fast-check'
import { Gathered } from '../../../src/telemetry/outbox/gathered.ts'
import { LineBuffer } from '../../../src/telemetry/outbox/line-buffer.ts'
import { unpackLines } from '../../../src/telemetry/line-run.ts'

test('lines come out of a buffer as they went in, however often it has to grow', () => {
  const line = fc.string({ unit: 'grapheme', minLength: 1, maxLength: 3_000 }).map(text => text.replaceAll('\n', ' '))
  fc.assert(
    fc.property(fc.array(line, { minLength: 1, maxLength: 60 }), lines => {
      const buffer = new LineBuffer()
      for (const each of lines) buffer.add(each)
      assert.equal(buffer.text().toString(), lines.join('\n'))
      assert.deepEqual([buffer.count, buffer.length], [lines.length, Buffer.byteLength(lines.join('\n'))])
    }),
    { numRuns: 100 },
  )
})

test('what has gathered is cut into runs of one measurement each, in order, the same in this thread and outside', async () => {
  const gathered = new Gathered(5, 10)
  const added: string[] = []
  for (let index = 0; index < 47; index++) {
    const measurement = index % 3 === 0 ? 'a' : 'b'
    added.push(`${measurement} x=${index} 1`)
    gathered.add(measurement, added.at(-1) ?? '')
  }
  assert.deepEqual([gathered.count, gathered.since], [47, 5])
  const [here, aside] = [gathered.pack(), await gathered.packAside()]
  assert.deepEqual(here.map(unpackLines), aside.map(unpackLines))
  for (const { points } of here) assert.ok(points <= 10)
  for (const name of ['a', 'b']) {
    const lines = here.filter(({ measurement }) => measurement === name).flatMap(unpackLines)
    assert.deepEqual(
      lines,
      added.filter(line => line.startsWith(name)),
    )
  }
})
