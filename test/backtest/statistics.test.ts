import assert from 'node:assert/strict'
import { test } from 'node:test'
import fc from 'fast-check'
import { drawdown } from '../../src/backtest/drawdown.ts'
import { EquityCurve } from '../../src/backtest/equity-curve.ts'
import { statistics, type StatisticsInput } from '../../src/backtest/statistics.ts'
import type { Fill } from '../../src/domain/fill.ts'
import { fromNumber, parseDecimal } from '../../src/domain/money.ts'
import { profitPercent, type Trade } from '../../src/domain/position.ts'

const HOUR = 3_600_000
const DAY = 24 * HOUR

function curveOf(points: readonly (readonly [number, number])[], exposed = 0): EquityCurve {
  const curve = new EquityCurve(points.length)
  for (const [index, [time, value]] of points.entries()) curve.push(time, value, index < exposed)
  return curve
}

function tradeOf(profit: string, amount = '1', hours = 1): Trade {
  return {
    id: 'x',
    strategy: 's',
    exchange: 'e',
    symbol: 'A/B',
    side: 'long',
    entryTime: 0,
    entryPrice: parseDecimal('200'),
    exitTime: hours * HOUR,
    exitPrice: parseDecimal('200'),
    amount: parseDecimal(amount),
    fees: 0n,
    profit: parseDecimal(profit),
    entryReason: '',
    exitReason: '',
  }
}

function fillOf(side: Fill['side'], amount: string, fee: string): Fill {
  const price = parseDecimal('200')
  const ids = { fillId: 'x', clientId: 'x', strategy: 's', exchange: 'e', symbol: 'A/B' }
  const slippage = parseDecimal('0.25')
  return {
    ...ids,
    side,
    price,
    amount: parseDecimal(amount),
    fee: parseDecimal(fee),
    slippage,
    liquidity: 'taker',
    time: 0,
  }
}

function inputOf(changes: Partial<StatisticsInput>): StatisticsInput {
  const equity = changes.equity ?? curveOf([])
  const last = equity.length > 0 ? equity.values[equity.length - 1]! : 1_000
  return {
    initialEquity: parseDecimal('1000'),
    finalEquity: fromNumber(last),
    from: 0,
    to: equity.length > 0 ? equity.times[equity.length - 1]! : 0,
    equity,
    trades: [],
    fills: [],
    marketReturns: [0],
    ...changes,
  }
}

const near = (actual: number | null, expected: number): void => {
  assert.ok(
    actual !== null && Math.abs(actual - expected) <= 1e-9 * Math.max(1, Math.abs(expected)),
    `${actual} ≠ ${expected}`,
  )
}

test('four days by hand: returns +10 %, −20 %, +25 %, 0 %', () => {
  const equity = curveOf(
    [
      [12 * HOUR, 1_050],
      [DAY, 1_100],
      [2 * DAY, 880],
      [3 * DAY - 1, 1_000],
      [3 * DAY, 1_100],
      [4 * DAY, 1_100],
    ],
    3,
  )
  const trades = [tradeOf('150', '2', 1), tradeOf('-100', '1', 3), tradeOf('50', '1', 2)]
  const fills = [fillOf('buy', '2', '0.4'), fillOf('sell', '2', '0.4')]
  const { metrics, warnings } = statistics(inputOf({ equity, trades, fills, marketReturns: [0.5, -0.1] }))
  assert.deepEqual(warnings, [])
  // Mean 3.75 %; squared distances 0.0039063, 0.0564063, 0.0451563, 0.0014063 over 3.
  const deviation = Math.sqrt(0.106875 / 3)
  const year = Math.sqrt(365)
  near(metrics.totalReturnPercent, 10)
  near(metrics.cagrPercent, (1.1 ** (365.25 / 4) - 1) * 100)
  near(metrics.buyAndHoldReturnPercent, 20)
  near(metrics.maxDrawdownPercent, 20)
  assert.equal(metrics.maxDrawdownDurationMs, 2 * DAY)
  near(metrics.volatilityPercent, deviation * year * 100)
  near(metrics.sharpe, (0.0375 / deviation) * year)
  near(metrics.sortino, (0.0375 / 0.1) * year)
  near(metrics.omega, 0.35 / 0.2)
  near(metrics.calmar, metrics.cagrPercent! / 20)
  near(metrics.exposurePercent, 50)
  near(metrics.turnover, 800 / ((1_050 + 1_100 + 880 + 1_000 + 1_100 + 1_100) / 6))
  near(metrics.feesPaid, 0.8)
  near(metrics.slippagePaid, 0.5)
  assert.equal(metrics.trades, 3)
  near(metrics.winRatePercent, 200 / 3)
  near(metrics.profitFactor, 2)
  near(metrics.expectancy, 100 / 3)
  // Profits 150, −100, 50 around 33.3: squares sum to 31,666.7 over 2.
  near(metrics.sqn, (Math.sqrt(3) * (100 / 3)) / Math.sqrt(95_000 / 6))
  near(metrics.bestTradePercent, 37.5)
  near(metrics.worstTradePercent, -50)
  near(metrics.averageTradePercent, 12.5 / 3)
  assert.equal(metrics.averageTradeDurationMs, 2 * HOUR)
})

test('what cannot be computed is null, and a warning says why', () => {
  const nulls = (input: StatisticsInput) => {
    const { metrics, warnings } = statistics(input)
    const names = Object.entries(metrics).flatMap(([name, value]) => (value === null ? name : []))
    for (const name of names)
      assert.ok(
        name.includes('Trade') || warnings.some(text => text.includes(name) || text.includes('per trade')),
        name,
      )
    for (const [name, value] of Object.entries(metrics)) assert.ok(value === null || Number.isFinite(value), name)
    return names
  }
  const trade = [
    'averageTradeDurationMs',
    'averageTradePercent',
    'bestTradePercent',
    'expectancy',
    'profitFactor',
    'sqn',
  ]
  trade.push('winRatePercent', 'worstTradePercent')
  const ratios = ['omega', 'sharpe', 'sortino', 'volatilityPercent']
  // One hour.
  assert.deepEqual(
    nulls(inputOf({ equity: curveOf([[HOUR, 1_000]]) })).sort(),
    ['cagrPercent', 'calmar', ...ratios, ...trade].sort(),
  )
  // Days on which nothing moved.
  const still = curveOf([1, 2, 3].map(day => [day * DAY, 1_000] as const))
  assert.deepEqual(nulls(inputOf({ equity: still })).sort(), ['calmar', 'omega', 'sharpe', 'sortino', ...trade].sort())
  // Gains only.
  const rising = curveOf([1, 2, 3].map(day => [day * DAY, 1_000 + day ** 2] as const))
  assert.deepEqual(nulls(inputOf({ equity: rising, trades: [tradeOf('1'), tradeOf('2')] })).sort(), [
    'calmar',
    'omega',
    'profitFactor',
    'sortino',
  ])
  // Ruin within a day, and a growth that no number holds.
  const ruin = curveOf([[DAY, 0]])
  assert.deepEqual(nulls(inputOf({ equity: ruin, trades: [tradeOf('-1')] })).sort(), [...ratios, 'sqn'].sort())
  const rocket = curveOf([[DAY, 1e7]])
  assert.ok(nulls(inputOf({ equity: rocket })).includes('cagrPercent'))
})

test('equal profits, and floats that differ in their last digit, have no deviation', () => {
  const losses = Array.from({ length: 3 }, () => tradeOf('-0.1'))
  assert.equal(statistics(inputOf({ trades: losses })).metrics.sqn, null)
  const daily = curveOf([1, 2, 3, 4, 5, 6].map(day => [day * DAY, 1_000 * 1.01 ** day] as const))
  const { metrics, warnings } = statistics(inputOf({ equity: daily }))
  assert.equal(metrics.sharpe, null)
  assert.equal(metrics.volatilityPercent, 0)
  assert.ok(warnings.some(text => text.includes('sharpe')))
})

test('the deepest fall and the longest time under water are those of a search over all pairs', () => {
  const curves = fc.array(fc.tuple(fc.integer({ min: 1, max: 5 }), fc.integer({ min: 1, max: 30 })), { maxLength: 40 })
  fc.assert(
    fc.property(curves, steps => {
      let time = 0
      const points: (readonly [number, number])[] = steps.map(([hours, value]) => [(time += hours * HOUR), value * 100])
      const { percent, durationMs } = drawdown(1_500, 0, curveOf(points))
      const all: (readonly [number, number])[] = [[0, 1_500], ...points]
      let deepest = 0
      let longest = 0
      for (let peak = 0; peak < all.length; peak++) {
        const [peakTime, peakValue] = all[peak]!
        // A peak is no lower than anything before it.
        if (all.slice(0, peak).some(([, value]) => value > peakValue)) continue
        const after = all.slice(peak + 1)
        for (const [, value] of after) deepest = Math.max(deepest, (peakValue - value) / peakValue)
        if (!(after.length > 0 && after[0]![1] < peakValue)) continue
        const back = after.find(([, value]) => value >= peakValue) ?? after.at(-1)!
        longest = Math.max(longest, back[0] - peakTime)
      }
      near(percent, deepest * 100)
      assert.equal(durationMs, longest)
    }),
    { numRuns: 500 },
  )
})

test('the same money counted in floats is no time under water', () => {
  const points = Array.from({ length: 50 }, (_, hour) => [(hour + 1) * HOUR, 1_000 - (hour % 2) * 2e-13] as const)
  assert.equal(drawdown(1_000, 0, curveOf(points)).durationMs, 0)
})

test('the profit of a trade is in percent of what its entry cost, also when that is next to nothing', () => {
  near(profitPercent(tradeOf('25', '0.5')), 25)
  assert.ok(Number.isFinite(profitPercent({ ...tradeOf('0', '0.00000001'), entryPrice: 1n })))
})

test('a sample of the equity has at most the points asked for, evenly spread, the last one always among them', () => {
  fc.assert(
    fc.property(fc.nat(9_000), fc.integer({ min: 1, max: 3_000 }), (length, most) => {
      const { time, value } = curveOf(Array.from({ length }, (_, index) => [index, -index] as const)).sample(most)
      assert.ok(time.length <= most && time.length >= Math.min(length, Math.ceil(most / 2)))
      assert.equal(time.at(-1), length === 0 ? undefined : length - 1)
      assert.ok(value.every((each, index) => each === -time[index]!))
      const strides = new Set(time.slice(1).map((each, index) => each - time[index]!))
      assert.ok(strides.size <= 1)
    }),
  )
})
