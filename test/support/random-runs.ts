import fc from 'fast-check'
import { seriesKey } from '../../src/domain/series.ts'
import { parseDecimal } from '../../src/domain/money.ts'
import { durationMs, type Timeframe } from '../../src/domain/timeframe.ts'
import { createBot } from '../../src/engine/create-bot.ts'
import { closeSlice, type Bot } from '../../src/engine/drive.ts'
import type { Effect } from '../../src/engine/events.ts'
import type { MarketOptions } from '../../src/engine/market.ts'
import type { AccountOptions } from '../../src/engine/state.ts'
import { CandleFrame } from '../../src/frame/candle-frame.ts'
import { defineStrategy, ema, enterLong, exit, rsi, sma, type Series } from '../../src/index.ts'
import type { Strategy } from '../../src/strategy/define.ts'
import type { StrategyInstance } from '../../src/strategy/instance.ts'
import { accountOf, instanceOf, plainColumns } from './backtests.ts'

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
}

/** 2023-11-14T20:00Z, four hours before midnight: 4h bars and days turn within a few hundred rows. */
export const START = Date.UTC(2023, 10, 14, 20)

/** One-minute candles with gaps, flat stretches and rows that did not trade. */
export function randomFrame({ seed, rows, delay, decimals, gaps = 0.04 }: FrameShape): CandleFrame {
  const random = randomFrom(seed)
  const scale = 10 ** decimals
  const frame = new CandleFrame()
  let time = START + delay * MINUTE
  let units = Math.ceil(random() * 50_000) + 200
  for (let row = 0; row < rows; row++) {
    if (random() < gaps) time += Math.ceil(random() * (random() < 0.1 ? 300 : 12)) * MINUTE
    const flat = random() < 0.15
    const move = (): number => Math.max(1, units + (flat ? 0 : Math.round((random() - 0.5) * units * 0.04)))
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

/**
 * Enters and exits at random, as a pure function of what it sees: any bit that differs in a view changes what it does.
 * Some of what it wants cannot be done.
 */
export function gambler(
  seed: number,
  own: Timeframe | undefined,
  higher: Timeframe | undefined,
  seen?: (values: readonly number[]) => void,
): Strategy {
  return defineStrategy({
    ...(own === undefined ? {} : { timeframe: own }),
    columns: () => ({
      average: sma({ period: 3 }),
      strength: rsi({ period: 4 }),
      ...(higher === undefined ? {} : { trend: ema({ period: 2 }).on(higher) }),
    }),
    decide(view) {
      const { average, strength, open, high, low, close, volume, time, position } = view
      const trend = (view as { trend?: Series }).trend ?? close
      const values = [time, average.now, strength.now, strength.ago(1), trend.now, trend.ago(1), open.now, high.now]
      values.push(low.now, close.now, close.ago(2), volume.now, position?.amount ?? -1, position?.entryPrice ?? -1)
      seen?.(values)
      const dice = hashed(seed, values)
      if (dice < 0.02) return position ? enterLong() : exit('not there')
      if (!position && dice < 0.12) return enterLong({ reason: `dice ${dice}` })
      if (!position && dice < 0.17) return enterLong({ amount: dice * 40 })
      if (!position && dice < 0.18) return enterLong({ amount: 1e-9 })
      if (position && dice > 0.75) return exit(`dice ${dice}`)
      return undefined
    },
  })
}

export interface RandomRun {
  readonly strategies: readonly StrategyInstance[]
  readonly markets: readonly MarketOptions[]
  readonly account: AccountOptions
}

const shapes = fc.record({
  seed: fc.integer(),
  rows: fc.integer({ min: 1, max: 150 }),
  delay: fc.nat(30),
  decimals: fc.constantFrom(0, 2, 8),
})

const stakes: fc.Arbitrary<string> = fc.constantFrom('all', '25%', '100%', '900', '0.37', '60%')

/** Runs on one-minute candles: up to four symbols, up to three strategies, every kind of stake, sometimes a 15m column. */
export const randomRuns: fc.Arbitrary<RandomRun> = fc
  .record({
    frames: fc.array(shapes, { minLength: 1, maxLength: 4 }),
    seeds: fc.array(fc.integer(), { minLength: 1, maxLength: 3 }),
    higher: fc.option(fc.constantFrom('5m' as const, '15m' as const), { nil: undefined }),
    stake: stakes,
    fee: fc.constantFrom('0', '0.001', '0.0075', '0.000000000000000001'),
    cash: fc.constantFrom('10000', '123.456789012345678', '1'),
  })
  .map(({ frames, seeds, higher, stake, fee, cash }) => ({
    strategies: seeds.map((seed, index) => instanceOf(gambler(seed, undefined, higher), '1m', {}, `s${index}`)),
    markets: frames.map((shape, index) => ({
      series: { exchange: 'test', symbol: `${'CADB'[index] ?? 'X'}/USDT`, timeframe: '1m' as const },
      frame: randomFrame(shape),
    })),
    account: accountOf(frames.length, parseDecimal(cash), stake, fee),
  }))

/** Effects without the engine's own objects. */
export function plainEffects(effects: readonly Effect[]): readonly unknown[] {
  return effects.map(effect =>
    effect.kind === 'place' ? { kind: 'place', market: effect.market.key, order: effect.order } : effect,
  )
}

/**
 * The same run as the daemon does it: frames that grow by a row, slice after slice.
 * @param decideFrom rows that open before it are there at the start.
 * @param onSlice called after each slice, with the instant at which it closed and what came of it.
 */
export function runLive(
  run: RandomRun,
  onSlice: (bot: Bot, instant: number, effects: readonly Effect[]) => void = () => undefined,
  decideFrom = Number.NEGATIVE_INFINITY,
): { readonly effects: readonly Effect[]; readonly bot: Bot } {
  const effects: Effect[] = []
  const feeds = new Map(
    run.markets.map(options => {
      const growing = options.frame.slice(0, options.frame.firstRowFrom(decideFrom))
      return [seriesKey(options.series), { options: { ...options, frame: growing }, all: options.frame }] as const
    }),
  )
  const bot = createBot(
    run.strategies,
    [...feeds.values()].map(({ options }) => options),
    run.account,
    plainColumns,
    { record: effect => void effects.push(effect) },
  )
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
    const before = effects.length
    closeSlice(bot, { kind: 'slice-closed', candles })
    onSlice(bot, instant, effects.slice(before))
  }
}
