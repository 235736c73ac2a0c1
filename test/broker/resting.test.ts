import assert from 'node:assert/strict'
import { test } from 'node:test'
import type { Bar } from '../../src/broker/matching/bar.ts'
import { matchResting, type Touch } from '../../src/broker/matching/resting.ts'

const bar = (open: number, high: number, low: number, close: number): Bar => ({
  openTime: 0,
  durationMs: 60_000,
  open,
  high,
  low,
  close,
})

const inside = (price: number, liquidity: Touch['liquidity']): Touch => ({ price, liquidity, atOpen: false })
const atOpen = (price: number, liquidity: Touch['liquidity']): Touch => ({ price, liquidity, atOpen: true })

type Case = readonly [string, Bar, fresh: boolean, Touch | undefined]

/** A bar and what it does, seen in a mirror at 100: buys become sells. */
function mirrored([name, { open, high, low, close }, fresh, touch]: Case): Case {
  const at = (price: number): number => 200 - price
  return [name, bar(at(open), at(low), at(high), at(close)), fresh, touch && { ...touch, price: at(touch.price) }]
}

const BUY_LIMIT_95: readonly Case[] = [
  ['above it', bar(100, 101, 96, 97), false, undefined],
  ['touched, not traded through', bar(100, 101, 95, 97), false, undefined],
  ['traded through', bar(100, 101, 94.9, 97), false, inside(95, 'maker')],
  ['at the open itself', bar(95, 99, 95, 97), false, undefined],
  ['at the open, then through', bar(95, 99, 94, 97), false, inside(95, 'maker')],
  ['jumped over', bar(94, 99, 94, 97), false, atOpen(94, 'maker')],
  ['fresh and above', bar(100, 101, 96, 97), true, undefined],
  ['fresh and through', bar(100, 101, 94, 97), true, inside(95, 'maker')],
  ['fresh and marketable at the open', bar(94, 99, 93, 97), true, atOpen(94, 'taker')],
  ['fresh and exactly at the open', bar(95, 99, 95, 97), true, atOpen(95, 'taker')],
]

const BUY_STOP_105: readonly Case[] = [
  ['below it', bar(100, 104.9, 96, 97), false, undefined],
  ['touched', bar(100, 105, 96, 97), false, inside(105, 'taker')],
  ['passed', bar(100, 110, 96, 97), false, inside(105, 'taker')],
  ['at the open', bar(105, 110, 96, 97), false, atOpen(105, 'taker')],
  ['jumped over', bar(107, 110, 96, 97), false, atOpen(107, 'taker')],
  ['fresh, beyond it already', bar(107, 110, 96, 97), true, atOpen(107, 'taker')],
]

for (const [name, sample, fresh, expected] of BUY_LIMIT_95)
  test(`a limit buy at 95: ${name}`, () => {
    assert.deepEqual(matchResting('buy', 'limit', 95, sample, fresh), expected)
  })

for (const each of BUY_LIMIT_95) {
  const [name, sample, fresh, expected] = mirrored(each)
  test(`a limit sell at 105: ${name}, mirrored`, () => {
    assert.deepEqual(matchResting('sell', 'limit', 105, sample, fresh), expected)
  })
}

for (const [name, sample, fresh, expected] of BUY_STOP_105)
  test(`a stop buy at 105: ${name}`, () => {
    assert.deepEqual(matchResting('buy', 'stop', 105, sample, fresh), expected)
  })

for (const each of BUY_STOP_105) {
  const [name, sample, fresh, expected] = mirrored(each)
  test(`a stop sell at 95: ${name}, mirrored`, () => {
    assert.deepEqual(matchResting('sell', 'stop', 95, sample, fresh), expected)
  })
}
