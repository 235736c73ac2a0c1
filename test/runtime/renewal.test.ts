import assert from 'node:assert/strict'
import { test } from 'node:test'
import { CandleFrame } from '../../src/frame/candle-frame.ts'
import { Renewal } from '../../src/runtime/renewal.ts'

function frameOf(rows: number): CandleFrame {
  const frame = new CandleFrame()
  grow(frame, rows)
  return frame
}

function grow(frame: CandleFrame, rows: number): void {
  for (let row = 0; row < rows; row++) frame.append(frame.length * 60_000, 1, 1, 1, 1, 1)
}

async function isDue({ due }: Renewal): Promise<boolean> {
  return Promise.race([due.then(() => true), new Promise<false>(resolve => setImmediate(() => resolve(false)))])
}

test('a run is over when its longest frame has more rows than are enough', async () => {
  const frames = [frameOf(10), frameOf(3)]
  const renewal = new Renewal(frames, 30)
  for (const frame of frames) grow(frame, 20)
  renewal.decided(true)
  assert.equal(await isDue(renewal), false)
  for (const frame of frames) grow(frame, 1)
  renewal.decided(true)
  assert.equal(await isDue(renewal), true)
})

test('a run that began with many rows may double them', async () => {
  const frame = frameOf(100)
  const renewal = new Renewal([frame], 30)
  renewal.decided(true)
  grow(frame, 100)
  renewal.decided(true)
  assert.equal(await isDue(renewal), false)
  grow(frame, 1)
  renewal.decided(true)
  assert.equal(await isDue(renewal), true)
})

test('while exchange or store fail, or the ledger is behind, a run goes on; then it ends', async () => {
  const frame = frameOf(1)
  const renewal = new Renewal([frame], 10)
  grow(frame, 20)
  renewal.troubled()
  renewal.decided(true)
  assert.equal(await isDue(renewal), false)
  renewal.decided(false)
  assert.equal(await isDue(renewal), false)
  renewal.decided(true)
  assert.equal(await isDue(renewal), true)
})
