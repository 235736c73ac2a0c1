import assert from 'node:assert/strict'
import { test } from 'node:test'
import type { Timeframe } from '../../src/domain/timeframe.ts'
import { defineStrategy, int, macd, rsi, sma } from '../../src/index.ts'
import type { Strategy } from '../../src/strategy/define.ts'
import {
  decidingTimeframe,
  higherTimeframes,
  historyRows,
  instantiate,
  warmupRows,
} from '../../src/strategy/instance.ts'
import { planHistory } from '../../src/strategy/history-plan.ts'

const decide = (): undefined => undefined
const load = (strategy: Strategy) => ({ name: 'mine', hash: 'x', file: '/s/mine.ts', strategy })
const instance = (strategy: Strategy, timeframe: Timeframe = '1h', params = {}) =>
  instantiate(load(strategy), params, timeframe)
const withColumns = (columns: unknown): Strategy => defineStrategy({ columns, decide } as never)

test('options that types would have refused are refused by name', () => {
  const cases: readonly [object, RegExp, RegExp][] = [
    [{ decid: decide }, /has no option "decid"/, /did you mean "decide"/],
    [
      { decide, stoploss: 1 },
      /has no option "stoploss"/,
      /it takes: timeframe, params, columns, waitFor, filledCandles, decide/,
    ],
    [{}, /needs a function "decide"/, /write: decide/],
    [{ decide, columns: {} }, /"columns" of a strategy is a function/, /\(\{ params \}\) =>/],
    [{ decide, params: { period: 14 } }, /parameter "period" of a strategy is not declared/, /int\(14\)/],
    [{ decide, timeframe: '1hour' }, /"1hour" is not a timeframe/, /timeframes are/],
  ]
  for (const [options, message, hint] of cases)
    assert.throws(() => defineStrategy(options as { decide: () => undefined }), { kind: 'bad-input', message, hint })
})

test('a column must be an indicator, under a name of its own, on a timeframe of whole deciding candles', () => {
  const cases: readonly [unknown, RegExp, RegExp][] = [
    [() => ({ close: sma(), open: rsi() }), /column is named "close"/, /another name/],
    [() => ({ position: sma() }), /column is named "position"/, /another name/],
    [() => ({ order: sma() }), /column is named "order"/, /another name/],
    [() => JSON.parse('{"__proto__": 1}') as object, /column is named "__proto__"/, /another name/],
    [() => ({ a: 5 }), /column "a" is not an indicator/, /rsi\(\{ period: 14 \}\)/],
    [() => ({ a: sma }), /column "a" is not an indicator/, /rsi\(/],
    [() => ({ a: sma().on('30m') }), /"a" is on 30m, which is not made of whole 1h candles/, /above 1h/],
    [() => ({ a: sma().on('4hours' as '4h') }), /column "a": "4hours" is not a timeframe/, /timeframes are/],
    [() => undefined, /its columns are not an object/, /write: columns/],
    [() => Promise.resolve({}), /its columns are not an object/, /write: columns/],
  ]
  for (const [columns, message, hint] of cases)
    assert.throws(() => instance(withColumns(columns)), { kind: 'bad-input', message, hint, where: '/s/mine.ts' })
  assert.throws(
    () =>
      instance(
        withColumns(() => ({ a: sma().on('8h') })),
        '3d',
      ),
    { message: /8h.*whole 3d/ },
  )
  assert.throws(
    () =>
      instance(
        withColumns(() => ({ a: sma().on('1M') })),
        '1w',
      ),
    { message: /1M.*whole 1w/ },
  )
  for (const [own, higher] of [
    ['1h', '1h'],
    ['1h', '4h'],
    ['1d', '1w'],
    ['1d', '1M'],
  ] as const)
    assert.ok(
      instance(
        withColumns(() => ({ a: sma().on(higher) })),
        own,
      ),
    )
})

test('parameters are resolved, frozen, and refused with the strategy, the nearest name and the range', () => {
  const strategy = defineStrategy({
    params: { period: int(14, { min: 2 }) },
    columns: ({ params }) => ({ a: sma(params) }),
    decide,
  })
  assert.deepEqual(instance(strategy, '1h', { period: '20' }).columns.a?.key, 'sma(20)')
  assert.ok(Object.isFrozen(instance(strategy).params))
  assert.throws(() => instance(strategy, '1h', { peroid: 1 }), {
    message: 'strategy mine has no parameter "peroid"',
    hint: 'did you mean "period"?',
  })
  assert.throws(() => instance(strategy, '1h', { period: 1 }), { hint: 'it must be at least 2' })
})

test('the timeframe asked for wins over the own one, the own one over that of the candles', () => {
  const own = load(defineStrategy({ timeframe: '4h', decide }))
  assert.equal(decidingTimeframe(own, '1d', '1m'), '1d')
  assert.equal(decidingTimeframe(own, undefined, '1m'), '4h')
  assert.equal(decidingTimeframe(load(defineStrategy({ decide })), undefined, '1m'), '1m')
})

test('history goes back as far as the neediest column of each timeframe wants, within the bound', () => {
  const HOUR = 3_600_000
  const slow = instance(
    withColumns(() => ({ a: sma({ period: 50 }), b: sma({ period: 3 }).on('4h'), c: macd().on('1d') })),
  )
  const quick = instance(withColumns(() => ({ a: sma({ period: 60 }).on('1h') })))
  assert.equal(warmupRows(slow), 49)
  assert.deepEqual(higherTimeframes(slow), ['4h', '1d'])
  assert.deepEqual(historyRows(slow, '4h', 2_500), { rows: 3, short: false })
  const start = Date.UTC(2024, 2, 10, 5, 30)
  const plan = planHistory([slow, quick], '1h', start, 100)
  const base = Date.UTC(2024, 2, 10, 5)
  // 60 rows for the mean of the quick one, but the open day begins only five before.
  assert.deepEqual(plan.base, { from: base - 60 * HOUR, to: base })
  assert.deepEqual(plan.higher.get('4h'), {
    from: Date.UTC(2024, 2, 10, 4) - 3 * 4 * HOUR,
    // The bar that has just closed is built from base candles: an exchange may not show it yet.
    to: Date.UTC(2024, 2, 10, 0),
  })
  const day = Date.UTC(2024, 2, 10)
  assert.deepEqual(plan.higher.get('1d'), { from: day - 100 * 24 * HOUR, to: day - 24 * HOUR })
  assert.deepEqual(plan.short, ['1d'])
  // With few rows of its own, the base still reaches back to where the last closed bar of the highest timeframe begins.
  const late = planHistory(
    [instance(withColumns(() => ({ a: sma({ period: 1 }).on('1d') })))],
    '1h',
    day + 23 * HOUR,
    100,
  )
  assert.deepEqual(late.base, { from: day - 24 * HOUR, to: day + 23 * HOUR })
})
