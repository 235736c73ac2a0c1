import assert from 'node:assert/strict'
import { test } from 'node:test'
import type { ColumnSpec } from '../../src/indicators/column-spec.ts'
import { computeColumns, type ComputedByKey } from '../../src/indicators/compute-columns.ts'
import { defineIndicator, requestColumn } from '../../src/indicators/define.ts'
import { ema } from '../../src/indicators/ema.ts'
import { macd } from '../../src/indicators/macd.ts'
import { indicators } from '../../src/indicators/registry.ts'
import { rsi } from '../../src/indicators/rsi.ts'
import { createWorkerPool } from '../../src/runtime/create-worker-pool.ts'
import { walkFrame } from './frames.ts'

const frames = Array.from({ length: 12 }, (_, index) => walkFrame(200 + index * 13, index))
const columns: readonly ColumnSpec[] = [
  ...indicators.filter(({ bridged }) => bridged !== true).map(definition => requestColumn(definition, {})),
  rsi({ period: 5 }).of(ema({ period: 3 })),
  ema({ period: 4 }).of(macd(), 'signal'),
]

/** As lists of numbers: of typed arrays Node also compares with which bits a NaN is written, which says nothing. */
function plain(computed: ComputedByKey): Readonly<Record<string, readonly (readonly number[])[]>> {
  return Object.fromEntries(
    Object.entries(computed).map(([key, outputs]) => [key, Object.values(outputs).map(values => Array.from(values))]),
  )
}

test('threads give the columns of this thread to the bit, for each frame in its place', async () => {
  const pool = createWorkerPool({ size: 2 })
  try {
    const threaded = await computeColumns(frames, columns, { runner: pool })
    const here = await computeColumns(frames, columns)
    assert.equal(threaded.length, frames.length)
    assert.deepEqual(threaded.map(plain), here.map(plain))
    frames.forEach((frame, index) => {
      const { value } = threaded[index]!['rsi(14)']!
      assert.deepEqual(Array.from(value!), Array.from(rsi(frame).subarray(0, frame.length)))
    })
  } finally {
    await pool.close()
  }
})

test('candles that lie on shared memory are not copied, results do', async () => {
  const frame = walkFrame(100)
  const closes = new Float64Array(new SharedArrayBuffer(800))
  closes.set(frame.close.values.subarray(0, 100))
  frame.close.values = closes
  const [computed] = await computeColumns([frame], [rsi()])
  assert.ok(computed!['rsi(14)']!.value!.buffer instanceof SharedArrayBuffer)
  assert.equal(computed!['rsi(14)']!.value!.length, 100)
})

test('a column of one’s own is refused: a worker does not know it', async () => {
  const own = defineIndicator({
    name: 'own',
    params: {},
    inputs: ['close'],
    outputs: ['value'],
    source: 'a test',
    warmup: () => 0,
    settle: () => 0,
    fold: () => ({ advance: () => undefined }),
  })
  await assert.rejects(computeColumns([walkFrame(3)], [own()]), /own\(\) cannot be computed by a worker/)
})

test('who gives up is heard, and no frames and no columns are nothing', async () => {
  await assert.rejects(computeColumns(frames, columns, { signal: AbortSignal.abort(new Error('enough')) }), /enough/)
  assert.deepEqual(await computeColumns([], columns), [])
  assert.deepEqual(await computeColumns(frames.slice(0, 1), []), [{}])
})
