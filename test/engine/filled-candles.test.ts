import assert from 'node:assert/strict'
import { test } from 'node:test'
import { TallowError } from '../../src/domain/errors.ts'
import { CandleFrame, ROW_FILLED } from '../../src/frame/candle-frame.ts'
import { resampleFrame } from '../../src/frame/resample-frame.ts'
import { defineStrategy, enterLong, exit, type Strategy } from '../../src/index.ts'
import { instantiate, type StrategyDefaults } from '../../src/strategy/instance.ts'
import { backtest, instanceOf, marketOf } from '../support/backtests.ts'

const MINUTE = 60_000

/** In whenever flat, out whenever not: it wants something on every candle. */
const eager = (filledCandles?: 'close-only' | 'trade'): Strategy =>
  defineStrategy({
    ...(filledCandles === undefined ? {} : { filledCandles }),
    decide: ({ position }) => (position ? exit() : enterLong()),
  })

/** Candles of which those in `filled` are flat ones that were filled in. */
function frameWith(rows: number, filled: readonly number[], quiet: readonly number[] = []): CandleFrame {
  const frame = new CandleFrame()
  for (let row = 0; row < rows; row++) {
    const isFlat = filled.includes(row) || quiet.includes(row)
    const flags = filled.includes(row) ? ROW_FILLED : 0
    if (isFlat) frame.append(row * MINUTE, 100, 100, 100, 100, 0, flags)
    else frame.append(row * MINUTE, 100, 102, 99, 101, 5)
  }
  return frame
}

/** Minutes at whose close an order was decided, and the refusals. */
function run(strategy: Strategy, frame: CandleFrame, defaults?: StrategyDefaults) {
  const instance = instantiate({ name: 'test', hash: '', file: 'test.ts', strategy }, {}, '1m', defaults)
  const { fills, refusals } = backtest([instance], [marketOf('A/USDT', '1m', frame)], { stake: '10' })
  return {
    decided: fills.map(({ side, time }) => `${side} ${time / MINUTE - 1}`),
    refusals: Object.fromEntries(refusals),
  }
}

test('entries on filled candles are refused and counted, exits are not', () => {
  const frame = frameWith(9, [1, 3, 4, 5])
  // In at 0, out on the filled 1, in at 2, out on the filled 3, not in on the filled 4 and 5, in at 6, out at 7.
  assert.deepEqual(run(eager(), frame), {
    decided: ['buy 0', 'sell 1', 'buy 2', 'sell 3', 'buy 6', 'sell 7'],
    refusals: { 'filled-candle': 2 },
  })
})

test('a strategy that says trade enters on them; the config decides for those that do not say', () => {
  const frame = frameWith(5, [0, 1, 2, 3, 4])
  const all = ['buy 0', 'sell 1', 'buy 2', 'sell 3']
  const refused = { decided: [], refusals: { 'filled-candle': 5 } }
  assert.deepEqual(run(eager('trade'), frame).decided, all)
  assert.deepEqual(run(eager(), frame, { filledCandles: 'trade' }).decided, all)
  assert.deepEqual(run(eager(), frame), refused)
  assert.deepEqual(run(eager('close-only'), frame, { filledCandles: 'trade' }), refused)
})

test('a flat candle without volume that the exchange gave itself is no filled one', () => {
  assert.deepEqual(run(eager(), frameWith(4, [], [0, 1, 2, 3])), {
    decided: ['buy 0', 'sell 1', 'buy 2'],
    refusals: {},
  })
})

test('a candle built of smaller ones counts as filled when none of them was traded', () => {
  const partly = [2, 3, 4]
  const wholly = [10, 11, 12, 13, 14]
  const fives = resampleFrame(frameWith(25, [...partly, ...wholly]), '1m', '5m')
  assert.deepEqual([...fives.flags.subarray(0, 5)], [ROW_FILLED, 0, ROW_FILLED, 0, 0])
  const outcome = backtest([instanceOf(eager(), '5m')], [marketOf('A/USDT', '5m', fives)], { stake: '10' })
  assert.deepEqual(
    outcome.fills.map(({ side, time }) => `${side} ${time / MINUTE / 5 - 1}`),
    ['buy 0', 'sell 1', 'buy 3'],
  )
  assert.deepEqual(Object.fromEntries(outcome.refusals), { 'filled-candle': 1 })
})

test('on several symbols only the one whose candle is filled is refused', () => {
  const [a, b] = [frameWith(2, [0]), frameWith(2, [])]
  const { fills, refusals } = backtest(
    [instanceOf(eager(), '1m')],
    [marketOf('A/USDT', '1m', a), marketOf('B/USDT', '1m', b)],
    { stake: '10' },
  )
  assert.deepEqual(
    fills.map(({ symbol, side }) => `${symbol} ${side}`),
    ['B/USDT buy'],
  )
  assert.deepEqual(Object.fromEntries(refusals), { 'filled-candle': 1 })
})

test('another word than close-only or trade is refused', () => {
  assert.throws(
    () => defineStrategy({ filledCandles: 'skip' as 'trade', decide: () => undefined }),
    (error: unknown) =>
      error instanceof TallowError &&
      /filledCandles.*"skip"/.test(error.message) &&
      /close-only, trade/.test(error.hint ?? ''),
  )
})
