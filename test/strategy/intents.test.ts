import assert from 'node:assert/strict'
import { test } from 'node:test'
import { add, cancel, enterLong, enterShort, exit } from '../../src/index.ts'
import type { AddOptions, EnterOptions, LeaveOptions } from '../../src/strategy/intents.ts'

test('an intent says what it is, what it wants, and why', () => {
  assert.deepEqual(enterLong(), { kind: 'enter', side: 'long', reason: 'enter-long' })
  assert.deepEqual(enterShort({ amount: 2, reason: 'x', rank: -1 }), {
    kind: 'enter',
    side: 'short',
    amount: 2,
    rank: -1,
    reason: 'x',
  })
  assert.deepEqual(enterLong({ limit: 95, goodForCandles: 3 }), {
    kind: 'enter',
    side: 'long',
    limit: 95,
    goodForCandles: 3,
    reason: 'enter-long',
  })
  assert.deepEqual(add({ stop: 105 }), { kind: 'add', stop: 105, reason: 'add' })
  assert.deepEqual(exit(), { kind: 'exit', reason: 'exit' })
  assert.deepEqual(exit('rsi high'), { kind: 'exit', reason: 'rsi high' })
  assert.deepEqual(exit({ percent: 50, reason: 'half' }), { kind: 'exit', percent: 50, reason: 'half' })
  assert.deepEqual(cancel(), { kind: 'cancel', reason: 'cancel' })
  assert.deepEqual(cancel('too late'), { kind: 'cancel', reason: 'too late' })
})

test('what protects a position is one plan: a trailing percent is its distance, ROI steps go by age', () => {
  const { exits } = enterLong({ stopLossPercent: 3, trailing: 2, roi: { 120: 1, 0: 10, 30: 4 }, maxHoldCandles: 9 })
  assert.deepEqual(exits, {
    stopLossPercent: 3,
    maxHoldCandles: 9,
    trailing: { percent: 2 },
    roi: [
      { afterMinutes: 0, percent: 10 },
      { afterMinutes: 30, percent: 4 },
      { afterMinutes: 120, percent: 1 },
    ],
  })
  assert.deepEqual(enterShort({ trailing: { percent: 2, afterPercent: 5, earlyPercent: 4 } }).exits, {
    trailing: { percent: 2, afterPercent: 5, earlyPercent: 4 },
  })
  assert.equal(enterLong({ stopLossPercent: undefined } as unknown as EnterOptions).exits, undefined)
})

test('a number that makes no order is refused at the call, with the option and what it must be', () => {
  const bad = [Number.NaN, 0, -1, Infinity, '1' as unknown as number, null as unknown as number]
  for (const value of bad) {
    for (const name of ['amount', 'limit', 'stop', 'stopLossPrice', 'takeProfitPercent', 'takeProfitPrice'])
      assert.throws(() => enterLong({ [name]: value }), {
        kind: 'bad-input',
        message: new RegExp(`^enterLong: ${name} is .*positive number$`),
      })
    assert.throws(() => add({ amount: value }), { message: /^add: amount is .*positive number$/ })
    assert.throws(() => exit({ percent: value }), { message: /^exit: percent is .*above 0 and up to 100$/ })
    assert.throws(() => enterLong({ goodForCandles: value }), { message: /whole number, 1 or more$/ })
    assert.throws(() => enterLong({ trailing: value }), { message: /^enterLong: trailing/ })
  }
  for (const value of [1.5, -1]) assert.throws(() => enterLong({ maxHoldCandles: value }), { message: /whole number/ })
  assert.throws(() => enterLong({ rank: Number.NaN }), { message: 'enterLong: rank is NaN; it must be a number' })
  assert.throws(() => exit({ percent: 100.1 }), { message: /up to 100/ })
  assert.throws(() => enterShort({ stopLossPercent: 100 }), { message: /stopLossPercent is 100; .*below 100/ })
})

test('a plan that contradicts itself or lacks a part is refused', () => {
  const cases: readonly [() => unknown, RegExp][] = [
    [() => enterLong({ limit: 1, stop: 2 }), /^enterLong: limit and stop are both given; it takes one of them$/],
    [() => add({ limit: 1, stop: 2 }), /^add: limit and stop are both given/],
    [() => exit({ amount: 1, percent: 2 }), /^exit: amount and percent are both given/],
    [() => enterLong({ stopLossPercent: 1, stopLossPrice: 2 }), /stopLossPercent and stopLossPrice are both given/],
    [() => enterLong({ takeProfitPercent: 1, takeProfitPrice: 2 }), /takeProfitPercent and takeProfitPrice are both/],
    [() => enterLong({ trailing: { afterPercent: 2 } as never }), /trailing has no percent/],
    [() => enterLong({ trailing: { percent: 2, afterPercent: -1 } }), /trailing: afterPercent is -1; .*0 or more/],
    [() => enterLong({ roi: 5 as never }), /roi is 5; it must be an object such as/],
    [() => enterLong({ roi: { soon: 1 } as never }), /roi: afterMinutes is NaN/],
    [() => enterLong({ roi: { 0: '1' } as never }), /roi: percent is "1"/],
    [() => enterLong({ roi: { '-5': 1 } }), /roi: afterMinutes is -5/],
    [() => exit(5 as unknown as string), /^exit: reason is 5; it must be text$/],
    [() => cancel({} as unknown as string), /^cancel: reason is an object; it must be text$/],
    [() => enterLong({ reason: 7 } as unknown as EnterOptions), /reason is 7; it must be text/],
  ]
  for (const [call, message] of cases) assert.throws(call, { kind: 'bad-input', message })
})

test('a misspelled or misplaced option is answered with the right name', () => {
  const cases: readonly [() => unknown, RegExp, RegExp][] = [
    [
      () => enterLong({ stopLosPercent: 3 } as EnterOptions),
      /has no option "stopLosPercent"/,
      /did you mean "stopLossPercent"/,
    ],
    [() => enterShort({ ammount: 3 } as EnterOptions), /enterShort has no option/, /did you mean "amount"/],
    [() => add({ stopLossPercent: 3 } as AddOptions), /add has no option "stopLossPercent"/, /It takes: amount/],
    [() => exit({ stop: 3 } as LeaveOptions), /exit has no option "stop"/, /It takes: amount, percent, limit/],
  ]
  for (const [call, message, hint] of cases) assert.throws(call, { kind: 'bad-input', message, hint })
})
