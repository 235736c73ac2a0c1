import assert from 'node:assert/strict'
import { test } from 'node:test'
import fc from 'fast-check'
import { runBacktest, type BacktestOutcome } from '../../src/backtest/run-backtest.ts'
import type { Fill } from '../../src/domain/fill.ts'
import { defaultInstrument, type Instrument } from '../../src/domain/instrument.ts'
import { legName } from '../../src/domain/leg-name.ts'
import type { Order } from '../../src/domain/order.ts'
import { opens } from '../../src/domain/order.ts'
import type { Trade } from '../../src/domain/position.ts'
import { durationMs } from '../../src/domain/timeframe.ts'
import type { Bot } from '../../src/engine/bot.ts'
import { obey } from '../../src/engine/drive.ts'
import type { Command, Effect } from '../../src/engine/events.ts'
import type { MarketOptions } from '../../src/engine/market.ts'
import { atClose } from '../../src/engine/placement.ts'
import { plainColumns } from '../support/backtests.ts'
import {
  cameFrom,
  ceilDivide,
  fitsFilters,
  MoneyOracle,
  priceUnits,
  ratesOf,
  slippedPrice,
  UNIT,
} from '../support/money-oracle.ts'
import { plainEffects, randomFrom, randomRuns, runLive, type RandomRun } from '../support/random-runs.ts'

const RUNS = process.env.TALLOW_TEST_LONG === '1' ? 5_000 : 100

function run(input: RandomRun): BacktestOutcome & { readonly effects: readonly Effect[] } {
  const effects: Effect[] = []
  return { ...runBacktest({ ...input, provider: plainColumns, observe: effect => effects.push(effect) }), effects }
}

const marketOf = ({ markets }: RandomRun, symbol: string): MarketOptions =>
  markets.find(({ series }) => series.symbol === symbol)!
const instrumentOf = ({ instrument, series }: MarketOptions): Instrument =>
  instrument ?? defaultInstrument(series.exchange, series.symbol)

/** The last close of a symbol before an instant, UTC ms. */
function closeBefore(input: RandomRun, symbol: string, instant: number): bigint {
  const { frame, series } = marketOf(input, symbol)
  return priceUnits(frame.close.values[frame.firstRowFrom(instant - durationMs(series.timeframe) + 1) - 1]!)
}

/** What a round trip has come to so far, from its fills alone. */
interface Open {
  cash: bigint
  fees: bigint
  entered: bigint
  entryValue: bigint
  exited: bigint
  exitValue: bigint
  readonly first: Fill
  last: Fill
}

/** Follows fills into cash, holdings and round trips. */
class Follower {
  readonly money: MoneyOracle
  readonly symbols = new Map<string, string>()
  readonly #open = new Map<string, Open>()

  constructor({ account }: RandomRun) {
    this.money = new MoneyOracle(account.cash, ratesOf(account))
  }

  take(fill: Fill): void {
    const leg = legName(fill)
    this.symbols.set(leg, fill.symbol)
    const entry = this.money.held.get(leg)?.long ?? fill.side === 'buy'
    const enters = entry === (fill.side === 'buy')
    const open = this.#open.get(leg) ?? {
      cash: 0n,
      fees: 0n,
      entered: 0n,
      entryValue: 0n,
      exited: 0n,
      exitValue: 0n,
      first: fill,
      last: fill,
    }
    const product = fill.price * fill.amount
    const value = fill.side === 'buy' ? ceilDivide(product, UNIT) : product / UNIT
    open.cash += this.money.take(leg, fill)
    open.fees += fill.fee
    if (enters) {
      open.entered += fill.amount
      open.entryValue += value
    } else {
      open.exited += fill.amount
      open.exitValue += value
    }
    open.last = fill
    this.#open.set(leg, open)
  }

  /** A trade is what its fills made: no more, no less. */
  checkTrade(trade: Trade): void {
    const leg = legName(trade)
    const open = this.#open.get(leg)
    assert.ok(open)
    this.#open.delete(leg)
    assert.equal(this.money.held.has(leg), false)
    assert.equal(open.entered, open.exited)
    assert.deepEqual(
      [trade.profit, trade.fees, trade.amount, trade.entryTime, trade.exitTime, trade.id],
      [open.cash, open.fees, open.entered, open.first.time, open.last.time, open.first.clientId],
    )
    const average = (value: bigint, amount: bigint): bigint => (value * UNIT) / amount
    // One fill has its own price; a value that was rounded leaves a doubt.
    const near = (a: bigint, b: bigint, amount: bigint): boolean => (a > b ? a - b : b - a) <= UNIT / amount + 1n
    assert.ok(near(trade.entryPrice, average(open.entryValue, open.entered), open.entered))
    assert.ok(near(trade.exitPrice, average(open.exitValue, open.exited), open.exited))
  }

  equity(input: RandomRun, instant: number): bigint {
    return this.money.equity(leg => closeBefore(input, this.symbols.get(leg)!, instant))
  }
}

const pendingOf = ({ state }: Bot) => state.legs.flatMap(leg => leg.pending ?? [])

/** What the engine says of itself at the close of a slice is what its fills have come to. */
function checkSlice(input: RandomRun, bot: Bot, follower: Follower, instant: number): void {
  const { state } = bot
  const equity = follower.equity(input, instant)
  assert.equal(state.cash, follower.money.cash)
  assert.equal(state.exactEquity(), equity)
  // The float mirror of a short is twice its cost less what it is worth: as exact as the larger of the two.
  const scale = Number(state.cash + equity) / 1e18 + 4 * exposed(follower)
  assert.ok(Math.abs(state.markedEquity() - Number(equity) / 1e18) <= 1e-12 * scale)
  const pending = pendingOf(bot)
  assert.equal(state.freeCash, state.cash - pending.reduce((sum, { reserve }) => sum + reserve, 0n))
  assert.ok(state.freeCash >= 0n, 'no more is promised than there is')
  const resting = state.markets.flatMap(({ book }) => book.orders.map(({ clientId }) => clientId))
  assert.deepEqual(resting.sort(), pending.map(({ order }) => order.clientId).sort())
  for (const leg of state.legs) {
    const held = follower.money.held.get(legName({ strategy: leg.strategy.name, ...leg.market.series }))
    assert.equal(leg.position?.amount, held?.amount)
    assert.equal(leg.position?.side, held && (held.long ? 'long' : 'short'))
    if (leg.position === undefined) assert.equal(leg.watch, undefined)
  }
}

function exposed({ money }: Follower): number {
  return [...money.held.values()].reduce((sum, { cost }) => sum + Number(cost) / 1e18, 0)
}

/** What an order may spend: the fixed sum, or the share of the equity of this instant, or all that is left of the cash. */
function checkStake({ state }: Bot, quote: bigint, equity: bigint): void {
  const { stake } = state
  if (stake.kind === 'risk') return
  const wanted = stake.kind === 'fixed' ? stake.quote : (equity * stake.share) / UNIT
  if (quote === wanted) return
  assert.ok(stake.kind === 'share' && quote < wanted && quote >= wanted / 2n)
  assert.equal(state.freeCash, 0n)
}

test('at every slice cash and positions are the equity, claims are those of orders that wait, the wallet is never overdrawn', () => {
  const met = new Set<string>()
  fc.assert(
    fc.property(randomRuns, input => {
      const follower = new Follower(input)
      runLive(input, {
        onSlice: (bot, instant, effects) => {
          for (const effect of effects) {
            met.add('reason' in effect ? effect.reason : effect.kind)
            if (effect.kind === 'place') met.add(`${effect.order.purpose} ${effect.order.type}`)
            if (effect.kind === 'trade-closed') {
              follower.checkTrade(effect.trade)
              met.add(effect.trade.exitReason.replace(/^dice.*/, 'exit'))
            }
            if (effect.kind !== 'filled') continue
            follower.take(effect.fill)
            met.add(`${effect.fill.side} as ${effect.fill.liquidity}`)
          }
          checkSlice(input, bot, follower, instant)
          if (input.placement === atClose) return
          const equity = follower.equity(input, instant)
          for (const effect of effects)
            if (effect.kind === 'place' && 'quote' in effect.order.size)
              checkStake(bot, effect.order.size.quote, equity)
        },
      })
    }),
    { numRuns: RUNS },
  )
  const all = [
    'entry market, entry limit, entry stop, add market, add limit, add stop, exit market, exit limit, protect market',
    'buy as maker, buy as taker, sell as maker, sell as taker',
    'exit, stop_loss, trailing_stop_loss, take_profit, roi, time_stop',
    'position-open, no-position, order-pending, no-order, below-minimum, insufficient-cash, no-stop',
    'max-open-positions, max-symbol-exposure, max-side-exposure, cooldown, stop-loss-guard, max-drawdown, daily-loss',
    'expired, replaced by an exit, cancel',
  ].flatMap(line => line.split(', '))
  assert.deepEqual(
    all.filter(each => !met.has(each)),
    [],
    'met none of these',
  )
})

test('modes, commands and late slices in between change nothing of that, and no entry is made where none may be', () => {
  const commands: readonly Command[] = [
    { kind: 'set-mode', mode: 'on' },
    { kind: 'set-mode', mode: 'close-only' },
    { kind: 'set-mode', mode: 'paused' },
    { kind: 'close', symbol: 'A/USDT' },
    { kind: 'close', symbol: 'C/USDT' },
  ]
  let closed = 0
  fc.assert(
    fc.property(randomRuns, fc.integer(), (input, seed) => {
      const follower = new Follower(input)
      const isLate = (instant: number): boolean => randomFrom(seed ^ (instant / 60_000))() < 0.3
      const random = randomFrom(seed)
      runLive(input, {
        holdsBack: instant => (isLate(instant) ? 'stale-data' : undefined),
        onSlice: (bot, instant, effects) => {
          for (const effect of effects) {
            if (effect.kind === 'filled') follower.take(effect.fill)
            if (effect.kind === 'trade-closed' && effect.trade.exitReason === 'closed by command') closed++
            if (effect.kind === 'place' && opens(effect.order)) assert.ok(!isLate(instant) && bot.state.mode === 'on')
          }
          checkSlice(input, bot, follower, instant)
          if (random() < 0.1) obey(bot, commands[Math.floor(random() * commands.length)]!)
        },
      })
    }),
    { numRuns: RUNS },
  )
  assert.ok(closed > 5, `${closed}`)
})

test('the profits of all trades add up to the change of equity, to the last digit', () => {
  fc.assert(
    fc.property(randomRuns, input => {
      const { trades, initialEquity, finalEquity, bot } = run(input)
      assert.equal(
        trades.reduce((sum, { profit }) => sum + profit, 0n),
        finalEquity - initialEquity,
      )
      const ended = trades.filter(({ exitReason }) => exitReason === 'end')
      assert.equal(ended.length, bot.state.openLegs.length)
      assert.equal(new Set(trades.map(({ id }) => id)).size, trades.length)
      for (const { symbol, exitTime } of ended) assert.equal(exitTime, marketOf(input, symbol).frame.lastTime)
    }),
    { numRuns: RUNS },
  )
})

/** The prices between which an order may fill at a time: those of its candle, and of the minute that tells of it. */
function rangeAt(
  { frame, detail, series }: MarketOptions,
  time: number,
): { readonly row: number; readonly low: bigint; readonly high: bigint } {
  const row = frame.firstRowFrom(time + 1) - 1
  assert.ok(time < frame.timeAt(row) + durationMs(series.timeframe))
  let [low, high] = [frame.low.values[row]!, frame.high.values[row]!]
  if (detail !== undefined && time > frame.timeAt(row)) {
    const minute = detail.frame.firstRowFrom(time)
    assert.equal(detail.frame.timeAt(minute), time)
    const clamp = (price: number): number => Math.min(high, Math.max(low, price))
    ;[low, high] = [clamp(detail.frame.low.values[minute]!), clamp(detail.frame.high.values[minute]!)]
  }
  return { row, low: priceUnits(low), high: priceUnits(high) }
}

function checkPrice(input: RandomRun, order: Order, fill: Fill): void {
  const market = marketOf(input, fill.symbol)
  const { frame } = market
  const instrument = instrumentOf(market)
  const { row, low, high } = rangeAt(market, fill.time)
  assert.ok(cameFrom(fill, low, high), 'within its candle')
  assert.equal(fill.price % instrument.priceTick, 0n)
  assert.ok(fitsFilters(instrument, fill))
  if (order.purpose === 'protect') {
    assert.equal(order.decidedAt, fill.time)
    return
  }
  const closing = input.placement === atClose && order.type === 'market'
  assert.ok(closing ? fill.time === order.decidedAt : frame.timeAt(row) > order.decidedAt, 'not before its decision')
  assert.ok(order.expiresAt === undefined || fill.time < order.expiresAt)
  const worse = fill.side === 'buy' ? 1n : -1n
  if (order.type === 'market') {
    if (!closing) assert.equal(row, frame.firstRowFrom(order.decidedAt + 1), 'the first candle after its decision')
    const from = priceUnits((closing ? frame.close : frame.open).values[row]!)
    assert.equal(fill.price, slippedPrice(fill.side, from, ratesOf(input.account).slippage, instrument.priceTick))
  } else if (order.type === 'limit') assert.ok(fill.price * worse <= order.price! * worse, 'never worse than its limit')
  else assert.ok(fill.price * worse >= order.price! * worse, 'never better than its stop')
}

test('no fill is outside its candle, before its decision, beyond its limit, off the grid, or too small', () => {
  let late = 0
  let resting = 0
  fc.assert(
    fc.property(randomRuns, input => {
      const { effects, bot } = run(input)
      const orders = new Map<string, Order>()
      const done = new Set<string>()
      for (const effect of effects) {
        if (effect.kind === 'place') {
          assert.ok(!orders.has(effect.order.clientId), 'an id is used once')
          orders.set(effect.order.clientId, effect.order)
        }
        if (effect.kind === 'canceled' || effect.kind === 'rejected') done.add(effect.order.clientId)
        if (effect.kind !== 'filled') continue
        const order = orders.get(effect.fill.clientId)
        assert.ok(order && !done.has(order.clientId), 'an order fills once, and not when it is gone')
        checkPrice(input, order, effect.fill)
        done.add(order.clientId)
        if (order.type !== 'market') resting++
        else if (effect.fill.time > order.decidedAt + 5 * 60_000) late++
      }
      assert.equal(orders.size, done.size + pendingOf(bot).length)
    }),
    { numRuns: RUNS },
  )
  assert.ok(late > 10 && resting > 100, `${late} orders waited over a gap, ${resting} rested`)
})

test('a book never sleeps through a candle that matters: the same as when every candle wakes it', () => {
  fc.assert(
    fc.property(randomRuns, input => {
      const awake = runLive(input, {
        prepare: ({ state }) => {
          for (const market of state.markets) Object.assign(market, { wakesOn: () => true })
        },
      })
      assert.deepEqual(plainEffects(runLive(input).effects), plainEffects(awake.effects))
    }),
    { numRuns: RUNS },
  )
})

test('a bot that is made anew from what a ledger keeps, after any slice, goes on as if nothing had been', () => {
  fc.assert(
    fc.property(randomRuns, fc.integer(), (input, seed) => {
      const again = runLive(input, { restarts: instant => randomFrom(seed ^ (instant / 60_000))() < 0.2 })
      assert.deepEqual(plainEffects(again.effects), plainEffects(runLive(input).effects))
    }),
    { numRuns: RUNS },
  )
})
