import assert from 'node:assert/strict'
import { test } from 'node:test'
import fc from 'fast-check'
import { backtestDocument } from '../../src/backtest/document.ts'
import { backtestMarkets } from '../../src/backtest/markets.ts'
import { runBacktest, type BacktestOutcome } from '../../src/backtest/run-backtest.ts'
import type { Fill } from '../../src/domain/fill.ts'
import type { Order } from '../../src/domain/order.ts'
import type { Bot } from '../../src/engine/drive.ts'
import type { Effect } from '../../src/engine/events.ts'
import type { ColumnProvider } from '../../src/engine/market.ts'
import { legName } from '../../src/engine/state.ts'
import type { CandleFrame } from '../../src/frame/candle-frame.ts'
import { ColumnCache } from '../../src/indicators/column-cache.ts'
import { accountOf, instanceOf, plainColumns } from '../support/backtests.ts'
import {
  gambler,
  plainEffects,
  randomFrame,
  randomRuns,
  runLive,
  START,
  type RandomRun,
} from '../support/random-runs.ts'

const RUNS = 200
const UNIT = 10n ** 18n

function run(input: RandomRun): BacktestOutcome & { readonly effects: readonly Effect[] } {
  const effects: Effect[] = []
  return { ...runBacktest({ ...input, provider: plainColumns, observe: effect => effects.push(effect) }), effects }
}

/** The decimal that a price is written as, in units of 1e-18: by its text, unlike the engine. */
function unitsOf(price: number): bigint {
  const [whole = '0', fraction = ''] = price.toFixed(10).split('.')
  return BigInt(whole + fraction.padEnd(18, '0'))
}

const ceilDivide = (a: bigint, b: bigint): bigint => (a + b - 1n) / b

/** What a fill does to cash: paid values and fees round up, received values down. */
function cashChange({ side, price, amount, fee }: Fill, feeRate: bigint): bigint {
  const value = side === 'buy' ? ceilDivide(price * amount, UNIT) : (price * amount) / UNIT
  assert.equal(fee, ceilDivide(value * feeRate, UNIT))
  return side === 'buy' ? -value - fee : value - fee
}

function frameOf({ markets }: RandomRun, { symbol }: { readonly symbol: string }): CandleFrame {
  return markets.find(({ series }) => series.symbol === symbol)!.frame
}

/** A ledger of its own, fed with what the engine says it filled. */
class Oracle {
  cash: bigint
  readonly held = new Map<string, { readonly symbol: string; readonly amount: bigint }>()
  readonly #run: RandomRun

  constructor(input: RandomRun) {
    this.#run = input
    this.cash = input.account.cash
  }

  take(fill: Fill): void {
    this.cash += cashChange(fill, this.#run.account.feeRate)
    assert.ok(this.cash >= 0n, 'the wallet is never overdrawn')
    const name = legName(fill)
    const held = this.held.get(name)
    if (fill.side === 'buy') {
      assert.equal(held, undefined)
      assert.ok(fill.amount > 0n && fill.amount % 10n ** 10n === 0n, 'amounts are whole steps')
      this.held.set(name, { symbol: fill.symbol, amount: fill.amount })
    } else {
      assert.equal(held?.amount, fill.amount)
      this.held.delete(name)
    }
  }

  /** Cash plus what is held at the last close before `instant`. */
  equity(instant: number): bigint {
    let sum = this.cash
    for (const { symbol, amount } of this.held.values()) {
      const frame = frameOf(this.#run, { symbol })
      sum += (amount * unitsOf(frame.close.values[frame.firstRowFrom(instant) - 1]!)) / UNIT
    }
    return sum
  }
}

const pendingOf = ({ state }: Bot) => state.legs.flatMap(leg => leg.pending ?? [])

/** What an order may spend: the fixed sum, or the share of the equity of this instant, or all that is left of the cash. */
function checkStake({ state }: Bot, quote: bigint, equity: bigint): void {
  const wanted = state.stake.kind === 'fixed' ? state.stake.quote : (equity * state.stake.share) / UNIT
  if (quote === wanted) return
  assert.ok(state.stake.kind === 'share' && quote < wanted && quote >= wanted / 2n)
  assert.equal(state.freeCash, 0n)
}

test('at every slice cash and positions are the equity, claims are those of pending orders, and the wallet is never overdrawn', () => {
  const met = new Set<string>()
  fc.assert(
    fc.property(randomRuns, input => {
      const oracle = new Oracle(input)
      runLive(input, (bot, instant, effects) => {
        const { state } = bot
        for (const effect of effects) {
          met.add(effect.kind === 'refused' ? effect.reason : effect.kind)
          if (effect.kind === 'filled') oracle.take(effect.fill)
        }
        const equity = oracle.equity(instant)
        assert.equal(state.cash, oracle.cash)
        assert.equal(state.exactEquity(), equity)
        assert.ok(Math.abs(state.markedEquity() - Number(equity) / 1e18) <= (1e-12 * Number(equity)) / 1e18)

        for (const effect of effects)
          if (effect.kind === 'place' && 'quote' in effect.order.size) checkStake(bot, effect.order.size.quote, equity)
        const pending = pendingOf(bot)
        assert.equal(state.freeCash, state.cash - pending.reduce((sum, { reserve }) => sum + reserve, 0n))
        assert.ok(state.freeCash >= 0n)
        const resting = state.markets.flatMap(({ book }) => book.orders.map(({ clientId }) => clientId))
        assert.deepEqual(resting.sort(), pending.map(({ order }) => order.clientId).sort())
        for (const { strategy, market, position } of state.legs)
          assert.equal(
            position?.amount,
            oracle.held.get(legName({ strategy: strategy.name, ...market.series }))?.amount,
          )
      })
    }),
    { numRuns: RUNS },
  )
  const all = ['place', 'filled', 'trade-closed', 'rejected', 'position-open', 'no-position']
  assert.deepEqual([...met].sort(), [...all, 'below-minimum', 'insufficient-cash'].sort())
})

test('the profits of all trades add up to the change of equity, to the last digit', () => {
  fc.assert(
    fc.property(randomRuns, input => {
      const { trades, fills, initialEquity, finalEquity, bot } = run(input)
      assert.equal(
        trades.reduce((sum, { profit }) => sum + profit, 0n),
        finalEquity - initialEquity,
      )
      const ended = trades.filter(({ exitReason }) => exitReason === 'end')
      assert.equal(ended.length, bot.state.openLegs.length)
      assert.equal(fills.length, 2 * trades.length - ended.length)
      assert.equal(new Set(trades.map(({ id }) => id)).size, trades.length)
      for (const { symbol, exitTime, exitPrice } of ended) {
        const frame = frameOf(input, { symbol })
        assert.equal(exitTime, frame.lastTime)
        assert.equal(exitPrice, unitsOf(frame.close.values[frame.length - 1]!))
      }
    }),
    { numRuns: RUNS },
  )
})

test('an order fills at the open of the first candle after its decision, never before and never at another price', () => {
  let late = 0
  fc.assert(
    fc.property(randomRuns, input => {
      const { effects, bot } = run(input)
      const orders = new Map<string, Order>()
      const done = new Set<string>()
      let clock = Number.NEGATIVE_INFINITY
      for (const effect of effects) {
        if (effect.kind === 'place') {
          assert.ok(!orders.has(effect.order.clientId))
          orders.set(effect.order.clientId, effect.order)
        }
        if (effect.kind !== 'filled') continue
        const { fill } = effect
        const order = orders.get(fill.clientId)!
        const frame = frameOf(input, fill)
        const row = frame.firstRowFrom(order.decidedAt + 1)
        assert.equal(fill.time, frame.timeAt(row))
        assert.equal(fill.price, unitsOf(frame.open.values[row]!))
        assert.ok(!done.has(fill.clientId))
        assert.ok(fill.time >= clock)
        if (fill.time > order.decidedAt + 60_000) late++
        done.add(fill.clientId)
        clock = fill.time
      }
      const rejected = effects.filter(effect => effect.kind === 'rejected').length
      assert.equal(orders.size, done.size + rejected + pendingOf(bot).length)
    }),
    { numRuns: RUNS },
  )
  assert.ok(late > 10, `${late} orders waited over a gap`)
})

test('a whole frame at once gives the effects and the equity curve of candles that come one by one', () => {
  fc.assert(
    fc.property(randomRuns, input => {
      const batch = run(input)
      const times: number[] = []
      const values: number[] = []
      const live = runLive(input, ({ state }, instant) => {
        times.push(instant)
        values.push(state.markedEquity())
      })
      assert.deepEqual(plainEffects(batch.effects), plainEffects(live.effects))
      assert.deepEqual(batch.equity.sample(Number.POSITIVE_INFINITY), { time: times, value: values })
    }),
    { numRuns: RUNS },
  )
})

test('cutting the future off changes nothing before the cut', () => {
  fc.assert(
    fc.property(randomRuns, fc.double({ min: 0, max: 1, noNaN: true }), (input, share) => {
      const lastTime = Math.max(...input.markets.map(({ frame }) => frame.lastTime))
      const cut = START + Math.floor((share * (lastTime - START)) / 60_000) * 60_000
      const markets = input.markets.map(options => ({
        ...options,
        frame: options.frame.slice(0, options.frame.firstRowFrom(cut)),
      }))
      const whole = run(input)
      const part = run({ ...input, markets })
      assert.deepEqual(plainEffects(part.effects), plainEffects(whole.effects.slice(0, part.effects.length)))
      const { time, value } = whole.equity.sample(Number.POSITIVE_INFINITY)
      const { length } = part.equity
      assert.deepEqual(part.equity.sample(Number.POSITIVE_INFINITY), {
        time: time.slice(0, length),
        value: value.slice(0, length),
      })
      const next = whole.effects[part.effects.length]
      if (next?.kind === 'place') assert.ok(next.order.decidedAt >= cut)
      if (next?.kind === 'filled') assert.ok(next.fill.time >= cut)
    }),
    { numRuns: RUNS },
  )
})

function documentOf(input: RandomRun, provider: ColumnProvider = plainColumns): string {
  const outcome = runBacktest({ ...input, provider })
  return JSON.stringify(
    backtestDocument({
      version: '0',
      strategies: input.strategies,
      outcome,
      dataHash: '',
      configHash: '',
      gaps: [],
      durationMs: 1,
      loadMs: 1,
      warnings: [],
    }),
  )
}

test('the same input gives the same bytes: again, with symbols in another order, with shared columns', () => {
  const cache = new ColumnCache()
  fc.assert(
    fc.property(randomRuns, input => {
      const first = documentOf(input)
      assert.equal(documentOf(input), first)
      assert.equal(documentOf({ ...input, markets: [...input.markets].reverse() }), first)
      assert.equal(documentOf(input, cache), first)
      assert.equal(documentOf(input, cache), first)
    }),
    { numRuns: RUNS },
  )
})

test('strategies on several timeframes share a wallet in the order of time', () => {
  let hourFills = 0
  fc.assert(
    fc.property(fc.integer(), fc.integer({ min: 1, max: 3 }), (seed, symbols) => {
      const strategies = [
        instanceOf(gambler(seed, '15m', '1h'), '15m', {}, 'slow'),
        instanceOf(gambler(seed + 1, '1m', '15m'), '1m', {}, 'fast'),
      ]
      const sources = Array.from({ length: symbols }, (_, index) => ({
        series: { exchange: 'test', symbol: `${'CAB'[index] ?? 'X'}/USDT`, timeframe: '1m' as const },
        frame: randomFrame({ seed: seed + index, rows: 600, delay: index, decimals: 2 }),
      }))
      const markets = backtestMarkets(strategies, sources, { from: undefined, to: undefined, historyRowsMax: 100 })
      const input = { strategies, markets, account: accountOf(symbols, 1_000n * UNIT, '40%', '0.001') }
      const { effects, equity, trades, initialEquity, finalEquity } = run(input)
      const fills = effects.flatMap(effect => (effect.kind === 'filled' ? effect.fill : []))
      hourFills += fills.filter(({ strategy }) => strategy === 'slow').length

      // Equity over time from the fills alone: each counts from its open on, whatever its timeframe.
      const oracle = new Oracle({ ...input, markets: markets.filter(({ series }) => series.timeframe === '1m') })
      let next = 0
      for (let index = 0; index < equity.length; index++) {
        const instant = equity.times[index]!
        while (next < fills.length && fills[next]!.time < instant) oracle.take(fills[next++]!)
        const exact = Number(oracle.equity(instant)) / 1e18
        // A 15m position is marked at the last close of 15m.
        const coarse = [...oracle.held.keys()].some(name => name.startsWith('slow'))
        if (!coarse) assert.ok(Math.abs(equity.values[index]! / exact - 1) < 1e-12, `${index}`)
      }
      assert.equal(next, fills.length)
      assert.equal(
        trades.reduce((sum, { profit }) => sum + profit, 0n),
        finalEquity - initialEquity,
      )
    }),
    { numRuns: 40 },
  )
  assert.ok(hourFills > 50, `${hourFills}`)
})
