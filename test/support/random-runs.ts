import fc from 'fast-check'
import { defaultInstrument, type Instrument } from '../../src/domain/instrument.ts'
import { seriesKey } from '../../src/domain/series.ts'
import type { ExitState } from '../../src/domain/exit-plan.ts'
import { fromNumber, parseDecimal } from '../../src/domain/money.ts'
import { durationMs, type Timeframe } from '../../src/domain/timeframe.ts'
import type { Bot, Placement } from '../../src/engine/bot.ts'
import { createBot } from '../../src/engine/create-bot.ts'
import { closeSlice } from '../../src/engine/drive.ts'
import type { Effect } from '../../src/engine/events.ts'
import type { MarketOptions } from '../../src/engine/market.ts'
import { atClose, atNextOpen } from '../../src/engine/placement.ts'
import { nameOf, type AccountOptions } from '../../src/engine/state.ts'
import { CandleFrame } from '../../src/frame/candle-frame.ts'
import { resampleFrame } from '../../src/frame/resample-frame.ts'
import {
  add,
  cancel,
  defineStrategy,
  ema,
  enterLong,
  enterShort,
  exit,
  rsi,
  sma,
  type Series,
} from '../../src/index.ts'
import type { Intent } from '../../src/domain/intent.ts'
import type { HoldBack } from '../../src/risk/approve.ts'
import type { RiskLimits } from '../../src/risk/limits.ts'
import { claimOf } from '../../src/risk/size.ts'
import type { BaseView, Strategy } from '../../src/strategy/define.ts'
import type { EnterOptions, ExitOptions, WaitingOptions } from '../../src/strategy/intents.ts'
import type { StrategyInstance } from '../../src/strategy/instance.ts'
import { accountFrom, instanceOf, plainColumns } from './backtests.ts'

const MINUTE = 60_000

/** Numbers in [0, 1) that follow from a seed (mulberry32). */
export function randomFrom(seed: number): () => number {
  let state = seed >>> 0
  return () => {
    state = (state + 0x6d2b79f5) >>> 0
    let mixed = Math.imul(state ^ (state >>> 15), state | 1)
    mixed ^= mixed + Math.imul(mixed ^ (mixed >>> 7), mixed | 61)
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 2 ** 32
  }
}

export interface FrameShape {
  readonly seed: number
  readonly rows: number
  /** Minutes after the shared start at which it begins. */
  readonly delay: number
  /** 10^decimals times the price is a whole number. */
  readonly decimals: number
  /** Share of rows before which candles are missing. */
  readonly gaps?: number
  /** How far a candle may move, as a share of its price. */
  readonly swing?: number
}

/** 2023-11-14T20:00Z, four hours before midnight: 4h bars and days turn within a few hundred rows. */
export const START = Date.UTC(2023, 10, 14, 20)

/** One-minute candles with gaps, flat stretches and rows that did not trade. */
export function randomFrame({ seed, rows, delay, decimals, gaps = 0.04, swing = 0.04 }: FrameShape): CandleFrame {
  const random = randomFrom(seed)
  const scale = 10 ** decimals
  const frame = new CandleFrame()
  let time = START + delay * MINUTE
  let units = Math.ceil(random() * 50_000) + 200
  for (let row = 0; row < rows; row++) {
    if (random() < gaps) time += Math.ceil(random() * (random() < 0.1 ? 300 : 12)) * MINUTE
    const flat = random() < 0.15
    const move = (): number => Math.max(1, units + (flat ? 0 : Math.round((random() - 0.5) * units * swing)))
    const prices = [move(), move(), move(), move()].sort((a, b) => a - b)
    const [low = 1, first = 1, second = 1, high = 1] = prices
    const [open, close] = random() < 0.5 ? [first, second] : [second, first]
    frame.append(
      time,
      open / scale,
      high / scale,
      low / scale,
      close / scale,
      flat && random() < 0.7 ? 0 : random() * 9,
    )
    units = close
    time += MINUTE
  }
  return frame
}

/** A number in [0, 1) that depends on every bit of the values. */
function hashed(seed: number, values: readonly number[]): number {
  const words = new Uint32Array(new Float64Array(values).buffer)
  let mixed = seed >>> 0
  for (const word of words) {
    mixed = Math.imul(mixed ^ word, 0x9e3779b1) >>> 0
    mixed ^= mixed >>> 15
  }
  return (Math.imul(mixed ^ (mixed >>> 13), 0x85ebca6b) >>> 0) / 2 ** 32
}

/** What a strategy of dice wants of a view; `roll` gives another number in [0, 1) at each call. */
type Mood = (view: BaseView, roll: () => number) => Intent | undefined

/** Enters and exits at the next open, long only. Some of what it wants cannot be done. */
const plain: Mood = ({ position }, roll) => {
  const dice = roll()
  if (dice < 0.02) return position ? enterLong() : exit('not there')
  if (!position && dice < 0.12) return enterLong({ reason: `dice ${dice}` })
  if (!position && dice < 0.17) return enterLong({ amount: dice * 40 })
  if (!position && dice < 0.18) return enterLong({ amount: 1e-9 })
  if (position && dice > 0.75) return exit(`dice ${dice}`)
  return undefined
}

/** Every kind of order and of exit, long and short. */
const reckless: Mood = (view, roll) => {
  const { position, order, close } = view
  const dice = roll()
  if (dice < 0.02) return roll() < 0.5 ? cancel('for nothing') : position ? enterLong() : add()
  if (order !== undefined && dice < 0.12) return cancel()
  const price = close.now
  if (position === undefined) {
    if (dice > 0.3) return undefined
    const side = roll() < 0.6 ? 1 : -1
    const options = { ...waitingOf(price, side, roll), ...sizeOf(price, roll), ...exitsOf(price, side, roll) }
    return (side === 1 ? enterLong : enterShort)({ ...options, reason: `dice ${dice}` })
  }
  const side = position.side === 'long' ? 1 : -1
  if (dice < 0.18) return add({ ...waitingOf(price, side, roll), ...sizeOf(price, roll) })
  if (dice > 0.88)
    return exit({ reason: `dice ${dice}`, ...partOf(position.amount, roll), ...limitOf(price, -side, roll) })
  return undefined
}

/** A limit on the side where it waits, or beyond it where it takes at once. @param sign 1 to buy. */
function limitOf(price: number, sign: number, roll: () => number): WaitingOptions {
  if (roll() < 0.5) return {}
  const limit = price * (1 - sign * (roll() * 0.03 - 0.006))
  return roll() < 0.5 ? { limit } : { limit, goodForCandles: 1 + Math.floor(roll() * 6) }
}

function waitingOf(price: number, sign: number, roll: () => number): WaitingOptions {
  if (roll() < 0.7) return limitOf(price, sign, roll)
  const stop = price * (1 + sign * (roll() * 0.03 - 0.005))
  return roll() < 0.5 ? { stop } : { stop, goodForCandles: 1 + Math.floor(roll() * 6) }
}

function sizeOf(price: number, roll: () => number): Pick<EnterOptions, 'amount' | 'rank'> {
  const rank = roll() < 0.3 ? { rank: Math.floor(roll() * 3) - 1 } : {}
  const dice = roll()
  if (dice < 0.6) return rank
  return { ...rank, amount: dice < 0.63 ? 1e-9 : (roll() * 10 ** (1 + roll() * 6)) / price }
}

function partOf(held: number, roll: () => number): { readonly amount?: number; readonly percent?: number } {
  const dice = roll()
  if (dice < 0.5) return {}
  return dice < 0.75 ? { percent: 1 + roll() * 99 } : { amount: held * roll() * 1.2 }
}

/** Each of them some of the time, near enough to be met; some on the wrong side of the price. */
function exitsOf(price: number, sign: 1 | -1, roll: () => number): ExitOptions {
  const some = (share: number): boolean => roll() < share
  const percent = (most: number): number => 0.1 + roll() * most
  return {
    ...(some(0.4)
      ? some(0.7)
        ? { stopLossPercent: percent(6) }
        : { stopLossPrice: price * (1 - sign * (roll() * 0.05 - 0.01)) }
      : {}),
    ...(some(0.4)
      ? some(0.7)
        ? { takeProfitPercent: percent(6) }
        : { takeProfitPrice: price * (1 + sign * (roll() * 0.05 - 0.01)) }
      : {}),
    ...(some(0.3) ? { trailing: some(0.3) ? percent(4) : trailingOf(roll) } : {}),
    ...(some(0.3)
      ? { roi: { 0: percent(5), [Math.ceil(roll() * 20)]: percent(2) - 1, [20 + Math.ceil(roll() * 20)]: -100 } }
      : {}),
    ...(some(0.2) ? { maxHoldCandles: 1 + Math.floor(roll() * 15) } : {}),
  }
}

function trailingOf(roll: () => number): Exclude<ExitOptions['trailing'], number | undefined> {
  return {
    percent: 0.1 + roll() * 3,
    ...(roll() < 0.6 ? { afterPercent: roll() * 3 } : {}),
    ...(roll() < 0.4 ? { earlyPercent: 0.1 + roll() * 4 } : {}),
  }
}

/**
 * Decides by dice, as a pure function of what it sees: any bit that differs in a view changes what it does.
 * @param mood what the dice may come to.
 */
export function gambler(
  seed: number,
  own: Timeframe | undefined,
  higher: Timeframe | undefined,
  seen?: (values: readonly number[]) => void,
  mood: 'reckless' | 'plain' = 'reckless',
): Strategy {
  return defineStrategy({
    ...(own === undefined ? {} : { timeframe: own }),
    columns: () => ({
      average: sma({ period: 3 }),
      strength: rsi({ period: 4 }),
      ...(higher === undefined ? {} : { trend: ema({ period: 2 }).on(higher) }),
    }),
    decide(view) {
      const { average, strength, open, high, low, close, volume, time, position, order } = view
      const trend = (view as { trend?: Series }).trend ?? close
      const values = [time, average.now, strength.now, strength.ago(1), trend.now, trend.ago(1), open.now, high.now]
      values.push(low.now, close.now, close.ago(2), volume.now, position?.amount ?? -1, position?.entryPrice ?? -1)
      values.push(position?.side === 'short' ? 1 : 0, order?.decidedAt ?? -1, order?.price ?? -1)
      seen?.(values)
      const state = randomFrom(Math.floor(hashed(seed, values) * 2 ** 32))
      return (mood === 'plain' ? plain : reckless)(view, state)
    },
  })
}

export interface RandomRun {
  readonly strategies: readonly StrategyInstance[]
  readonly markets: readonly MarketOptions[]
  readonly account: AccountOptions
  readonly placement?: Placement
}

const shapes = fc.record({
  seed: fc.integer(),
  rows: fc.oneof(fc.integer({ min: 1, max: 150 }), fc.constant(150)),
  delay: fc.nat(30),
  decimals: fc.constantFrom(0, 2, 8, 10),
  swing: fc.constantFrom(0.04, 0.04, 0.01, 0.6),
  /** Which of the instruments for such prices; 0 is the one without filters. */
  filters: fc.nat(3),
})

/** Filters for prices of so many decimals: step, least amount, least value. */
const FILTERS: Readonly<Record<number, readonly (readonly [string, string, string])[]>> = {
  0: [
    ['0.00001', '0.00001', '5'],
    ['0.001', '0.002', '0'],
    ['0.00000001', '0', '0.37'],
  ],
  2: [
    ['0.01', '0.01', '10'],
    ['1', '2', '0'],
    ['0.0001', '0', '1'],
  ],
  8: [
    ['1', '1', '1'],
    ['1000', '1000', '0'],
    ['0.1', '0', '5'],
  ],
  10: [
    ['1', '0', '1'],
    ['1000000', '1000000', '0'],
    ['100', '100', '5'],
  ],
}

function instrumentOf(symbol: string, decimals: number, filters: number): Instrument {
  const [step, amountMin, notionalMin] = FILTERS[decimals]?.[filters - 1] ?? []
  const plainOne = defaultInstrument('test', symbol)
  if (step === undefined || amountMin === undefined || notionalMin === undefined) return plainOne
  return {
    ...plainOne,
    priceTick: parseDecimal(`1e-${decimals}`),
    amountStep: parseDecimal(step),
    amountMin: parseDecimal(amountMin),
    notionalMin: parseDecimal(notionalMin),
  }
}

const share = (text: string): bigint => parseDecimal(text)

const limits: fc.Arbitrary<RiskLimits | undefined> = fc.constantFrom<RiskLimits | undefined>(
  undefined,
  { openPositionsMax: 1 },
  { symbolExposureMax: share('0.3'), longExposureMax: share('0.7'), shortExposureMax: share('0.5') },
  { longExposureMax: share('0.2'), shortExposureMax: share('0.1') },
  { protections: [{ kind: 'cooldown', forMs: 4 * MINUTE }] },
  {
    protections: [
      { kind: 'stop-loss-guard', stops: 2, lookbackMs: 30 * MINUTE, forMs: 20 * MINUTE, perSymbol: true },
      { kind: 'max-drawdown', drawdown: share('0.005'), lookbackMs: 60 * MINUTE, forMs: 15 * MINUTE },
    ],
  },
  {
    openPositionsMax: 5,
    protections: [
      { kind: 'daily-loss', loss: share('0.01') },
      { kind: 'stop-loss-guard', stops: 3, lookbackMs: 30 * MINUTE, forMs: 5 * MINUTE, perSymbol: false },
    ],
  },
)

const accounts = fc.record({
  stake: fc.constantFrom('all', '25%', '100%', '900', '0.37', '60%', 'risk:1%', 'risk:0.2%'),
  fees: fc.constantFrom(
    ['0', '0'],
    ['0.001', '0.001'],
    ['0.0075', '0.002'],
    ['0.000000000000000001', '0'],
    ['0.001', '0.0004'],
  ),
  slippage: fc.constantFrom('0', '0', '0.0005', '0.01'),
  cash: fc.constantFrom('10000', '123.456789012345678', '1', '50000000'),
  limits,
})

/**
 * Runs over up to four symbols, with up to three strategies: every kind of order and exit, with and without filters,
 * limits and fees. On one-minute candles, sometimes with a 15m column, or on five minutes with the minutes as detail.
 */
export const randomRuns: fc.Arbitrary<RandomRun> = fc
  .record({
    frames: fc.array(shapes, { minLength: 1, maxLength: 4 }),
    seeds: fc.array(fc.integer(), { minLength: 1, maxLength: 3 }),
    higher: fc.option(fc.constantFrom('15m' as const, '30m' as const), { nil: undefined }),
    account: accounts,
    placement: fc.constantFrom(atNextOpen, atNextOpen, atNextOpen, atClose),
    detailed: fc.constantFrom(false, false, true),
  })
  .map(({ frames, seeds, higher, account, placement, detailed }) => {
    const timeframe = detailed ? '5m' : '1m'
    const { fees, limits, ...money } = account
    const [fee = '0', makerFee = '0'] = fees
    const markets = frames.map(({ filters, ...shape }, index) => {
      const symbol = `${'CADB'[index] ?? 'X'}/USDT`
      const frame = randomFrame(detailed ? { ...shape, rows: shape.rows * 3 + 12 } : shape)
      return {
        series: { exchange: 'test', symbol, timeframe },
        instrument: instrumentOf(symbol, shape.decimals, filters),
        frame: detailed ? resampleFrame(frame, '1m', '5m') : frame,
        ...(detailed ? { detail: { timeframe: '1m', frame } } : {}),
      } satisfies MarketOptions
    })
    return {
      strategies: seeds.map((seed, index) => instanceOf(gambler(seed, undefined, higher), timeframe, {}, `s${index}`)),
      markets,
      account: accountFrom(frames.length, { ...money, fee, makerFee, ...(limits === undefined ? {} : { limits }) }),
      placement,
    }
  })

/** Effects without the engine's own objects. */
export function plainEffects(effects: readonly Effect[]): readonly unknown[] {
  return effects.map(effect => ('market' in effect ? { ...effect, market: effect.market.key } : effect))
}

export interface LiveOptions {
  /** Called after each slice, with the instant at which it closed and what came of it, and of what was asked before. */
  readonly onSlice?: (bot: Bot, instant: number, effects: readonly Effect[]) => void
  /** Rows that open before it are there at the start. */
  readonly decideFrom?: number
  /** Called with each bot before it does anything. */
  readonly prepare?: (bot: Bot) => void
  /** Why no entry may be made on the slice that closes at an instant. */
  readonly holdsBack?: (instant: number) => HoldBack | undefined
  /** Whether the bot is made anew after the slice that closes at an instant, from what a ledger would keep of it. */
  readonly restarts?: (instant: number) => boolean
}

/** The same run as the daemon does it: frames that grow by a row, slice after slice. */
export function runLive(
  run: RandomRun,
  { onSlice, decideFrom = Number.NEGATIVE_INFINITY, prepare, holdsBack, restarts }: LiveOptions = {},
): { readonly effects: readonly Effect[]; readonly bot: Bot } {
  const effects: Effect[] = []
  const feeds = new Map(
    run.markets.map(options => {
      const growing = options.frame.slice(0, options.frame.firstRowFrom(decideFrom))
      return [seriesKey(options.series), { options: { ...options, frame: growing }, all: options.frame }] as const
    }),
  )
  const newBot = (): Bot => {
    const markets = [...feeds.values()].map(({ options }) => options)
    const recorder = { record: (effect: Effect): void => void effects.push(effect) }
    const made = createBot(run.strategies, markets, run.account, plainColumns, recorder, run.placement)
    prepare?.(made)
    return made
  }
  let bot = newBot()
  let told = 0
  const closes = (key: string): number => {
    const { options, all } = feeds.get(key)!
    return all.timeAt(options.frame.length) + durationMs(options.series.timeframe)
  }
  for (;;) {
    const open = bot.state.markets.filter(({ key }) => !Number.isNaN(closes(key)))
    const instant = Math.min(...open.map(({ key }) => closes(key)))
    if (instant === Number.POSITIVE_INFINITY) return { effects, bot }
    const candles = open
      .filter(({ key }) => closes(key) === instant)
      .map(market => {
        const { options, all } = feeds.get(market.key)!
        options.frame.appendRows(all, options.frame.length, options.frame.length + 1)
        return { market, row: options.frame.length - 1 }
      })
    const holdsEntriesBack = holdsBack?.(instant)
    closeSlice(bot, { kind: 'slice-closed', candles, ...(holdsEntriesBack === undefined ? {} : { holdsEntriesBack }) })
    const news = effects.slice(told)
    told = effects.length
    onSlice?.(bot, instant, news)
    if (restarts?.(instant)) bot = reborn(bot, newBot())
  }
}

/** Gives a new bot what a ledger keeps of an old one, in the form in which it is kept. */
function reborn({ state: before }: Bot, after: Bot): Bot {
  const { state } = after
  state.cash = before.cash
  state.mode = before.mode
  state.trades.push(...before.trades)
  for (const market of state.markets) {
    if (market.frame.length > 0) market.moveTo(market.frame.length - 1)
    market.book.wake()
  }
  for (const leg of before.legs) {
    const exits = leg.watch && (JSON.parse(JSON.stringify(leg.watch.state())) as ExitState)
    if (leg.position !== undefined) state.hold(state.legOf(nameOf(leg)), leg.position, exits)
  }
  for (const order of before.markets.flatMap(({ book }) => book.orders)) {
    const leg = state.legOf(order)
    state.await(leg, order, claimOf(order, fromNumber(leg.market.close), state.feeRate))
    leg.market.book.add(order)
  }
  return after
}
