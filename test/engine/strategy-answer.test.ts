import assert from 'node:assert/strict'
import { test } from 'node:test'
import { CandleFrame } from '../../src/frame/candle-frame.ts'
import { defineStrategy, enterLong } from '../../src/index.ts'
import type { EnterOptions } from '../../src/strategy/intents.ts'
import type { StrategyInstance } from '../../src/strategy/instance.ts'
import { backtest, instanceOf, marketOf } from '../support/backtests.ts'

const frame = new CandleFrame()
for (let row = 0; row < 3; row++) frame.append(row * 60_000, 1, 1, 1, 1, 1)

const strategyOf = (decide: () => unknown): StrategyInstance =>
  instanceOf(defineStrategy({ decide: decide as () => undefined }), '1m')
const run = (decide: () => unknown) => backtest([strategyOf(decide)], [marketOf('A/USDT', '1m', frame)])

test('nothing, null and false are no wish', () => {
  for (const answer of [undefined, null, false]) assert.equal(run(() => answer).fills.length, 0)
})

test('what is no intent is refused with the strategy, the candle, what came and what is right', () => {
  const circle: Record<string, unknown> = {}
  circle.self = circle
  const cases: readonly [unknown, RegExp][] = [
    [true, /it is true$/],
    [0, /it is 0$/],
    ['buy', /it is "buy"$/],
    [10n, /it is 10$/],
    [Symbol('x'), /it is Symbol\(x\)$/],
    [() => enterLong(), /it is a function$/],
    [{}, /it is an object of kind undefined$/],
    [circle, /kind undefined/],
    [[enterLong()], /it is an object$/],
    [{ kind: 'enter-long', reason: '' }, /kind "enter-long"/],
    [{ kind: 'toString', reason: '' }, /kind "toString"/],
    [{ kind: 'exit' }, /reason is undefined; it must be text/],
    [{ kind: 'enter', reason: '' }, /side is undefined; it must be long or short/],
    [{ kind: 'enter', side: 'buy', reason: '' }, /side is "buy"; it must be long or short/],
    [{ kind: 'enter', side: 'long', reason: '', amount: Number.NaN }, /amount is NaN; it must be a positive number/],
    [{ kind: 'enter', side: 'long', reason: '', amount: '1' }, /amount is "1"/],
    [{ kind: 'add', reason: '', amount: -1 }, /amount is -1/],
    [{ kind: 'exit', reason: '', percent: 101 }, /percent is 101; it must be a number above 0 and up to 100/],
    [{ kind: 'enter', side: 'long', reason: '', exits: 5 }, /exits is 5/],
    [{ kind: 'enter', side: 'long', reason: '', exits: { roi: {} } }, /roi is an object/],
    [
      { kind: 'enter', side: 'long', reason: '', exits: { stopLossPercent: 100 } },
      /stopLossPercent is 100; .* below 100/,
    ],
  ]
  for (const [answer, message] of cases)
    assert.throws(() => run(() => answer), {
      kind: 'bad-input',
      message,
      where: 'test.ts',
      hint: 'return enterLong(…), enterShort(…), add(…), exit(…), cancel(…) or nothing',
    })
  assert.throws(() => run(() => true), { message: /^strategy test returned no intent on A\/USDT at 1970-01-01T00:00/ })
})

test('an async decide is told to be synchronous, and what it throws later ends nothing', async () => {
  const failing = (): Promise<unknown> => Promise.reject(new Error('later'))
  assert.throws(() => run(failing), { kind: 'bad-input', message: /returned a promise/, hint: /take "async"/ })
  // An unhandled rejection would fail this test.
  await new Promise(resolve => setImmediate(resolve))
})

test('a throw in decide says which strategy, on which candle, and keeps the cause and its hint', () => {
  const cause = new RangeError('too far')
  assert.throws(
    () =>
      run(() => {
        throw cause
      }),
    { kind: 'bad-input', message: 'strategy test failed on A/USDT at 1970-01-01T00:00:00.000Z: too far', cause },
  )
  const misspelled = { amuont: 1 } as EnterOptions
  assert.throws(() => run(() => enterLong(misspelled)), { hint: /did you mean "amount"/ })
  assert.throws(
    () =>
      run(() => {
        AbortSignal.abort('text').throwIfAborted()
      }),
    { message: /: text$/ },
  )
})
