import assert from 'node:assert/strict'
import { test } from 'node:test'
import { CandleFrame } from '../../src/frame/candle-frame.ts'
import { defineStrategy, enterLong, exit } from '../../src/index.ts'
import type { EnterLongOptions } from '../../src/strategy/intents.ts'
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
    [[enterLong()], /kind undefined/],
    [{ kind: 'enter-short', reason: '' }, /kind "enter-short"/],
    [{ kind: 'exit' }, /reason is undefined; it must be text/],
    [{ kind: 'enter-long', reason: '', amount: Number.NaN }, /amount is NaN; it must be a positive number/],
    [{ kind: 'enter-long', reason: '', amount: '1' }, /amount is "1"/],
    [{ kind: 'enter-long', reason: '', amount: -1 }, /amount is -1/],
  ]
  for (const [answer, message] of cases)
    assert.throws(() => run(() => answer), {
      kind: 'bad-input',
      message,
      where: 'test.ts',
      hint: 'return enterLong(…), exit(…) or nothing',
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
  const misspelled = { amuont: 1 } as EnterLongOptions
  assert.throws(() => run(() => enterLong(misspelled)), { hint: /did you mean "amount"/ })
  assert.throws(
    () =>
      run(() => {
        AbortSignal.abort('text').throwIfAborted()
      }),
    { message: /: text$/ },
  )
})

test('enterLong and exit refuse what makes no order, at the call', () => {
  for (const amount of [Number.NaN, 0, -1, Infinity, '1' as unknown as number, null as unknown as number])
    assert.throws(() => enterLong({ amount }), {
      kind: 'bad-input',
      message: /^enterLong: amount is .*positive number$/,
    })
  assert.throws(() => enterLong({ stopLossPercent: 3 } as EnterLongOptions), {
    message: 'enterLong has no option "stopLossPercent" in this version',
    hint: 'It takes: amount, reason',
  })
  assert.throws(() => exit(5 as unknown as string), { message: 'exit: reason is 5; it must be text' })
  assert.deepEqual(enterLong(), { kind: 'enter-long', reason: 'enter-long' })
  assert.deepEqual(enterLong({ amount: 2, reason: 'x' }), { kind: 'enter-long', amount: 2, reason: 'x' })
  assert.deepEqual(exit(), { kind: 'exit', reason: 'exit' })
})
