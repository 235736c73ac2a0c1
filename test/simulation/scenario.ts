import type { Instrument } from '../../src/domain/instrument.ts'
import { parseDecimal } from '../../src/domain/money.ts'
import type { SeriesId } from '../../src/domain/series.ts'
import type { Timeframe } from '../../src/domain/timeframe.ts'
import type { AccountOptions } from '../../src/engine/state.ts'
import type { RiskLimits } from '../../src/risk/limits.ts'
import type { Protection } from '../../src/risk/protections.ts'
import type { StrategyInstance } from '../../src/strategy/instance.ts'
import { accountFrom, instanceOf } from '../support/backtests.ts'
import { randomFrame, randomFrom, START, type FrameShape } from '../support/random-runs.ts'
import { chancer } from './chancer.ts'
import type { Listing } from './virtual-exchange.ts'

const MINUTE = 60_000
const SYMBOLS = ['BTC/USDT', 'ADA/USDT', 'ETH/USDT', 'SOL/USDT', 'DOT/USDT']

/**
 * Where the process is killed: when a strategy decides on a slice, which is then in the candle store and not in the
 * ledger; as soon as a slice is committed; or some time later, between two slices or while one is gathered.
 */
export interface Kill {
  /** After so many slices at the earliest, … */
  readonly slices: number
  /** … and as soon as something of this kind is in the ledger, if that does not take too long. */
  readonly once: 'anything' | 'market-order' | 'resting-order' | 'trailed-stop'
  readonly at: 'decision' | 'commit' | 'later'
  /** Of `later`, exchange ms. */
  readonly waitMs: number
}

/** A run that follows from a seed: candles, strategies, account, and where it is killed. */
export interface Scenario {
  readonly seed: number
  readonly listings: readonly Listing[]
  readonly timeframe: Timeframe
  readonly series: readonly SeriesId[]
  readonly strategies: readonly StrategyInstance[]
  readonly account: AccountOptions
  readonly settleRowsMax: number
  /** Exchange time at which the first life begins, UTC ms. */
  readonly startsAt: number
  /** Close of the last candle at the latest: no bar forms behind it. */
  readonly endsAt: number
  readonly kills: readonly Kill[]
}

/** An hour before midnight. */
const STARTS_AT = START + 180 * MINUTE
/** How long after the close of a bar a life begins at the latest. */
const PHASE_MS_MAX = 60_000
/** The first slices are from before the run decides; without one in the ledger a second start would be a first one. */
const KILL_FROM = 5

interface Pace {
  readonly timeframe: Timeframe
  readonly higher: Timeframe
  readonly minutes: number
}

/** Share of minutes before which some are missing. */
const GAPS: readonly [number, number, number] = [0, 0.01, 0.04]

const PACES: readonly [Pace, ...Pace[]] = [
  { timeframe: '1m', higher: '15m', minutes: 200 },
  { timeframe: '1m', higher: '1h', minutes: 200 },
  { timeframe: '3m', higher: '15m', minutes: 480 },
]

export function scenario(seed: number): Scenario {
  const random = randomFrom(seed * 2_654_435_761)
  const { timeframe, higher, minutes } = pick(random, PACES)
  const symbols = SYMBOLS.slice(0, 1 + Math.floor(random() * SYMBOLS.length))
  const endsAt = STARTS_AT + minutes * MINUTE
  const listings = symbols.map((symbol, index) => {
    // The second one is listed some time after the start; the first one is there nearly always, so that there are slices.
    const delay = index === 1 && random() < 0.5 ? 190 + Math.floor(random() * 30) : Math.floor(random() * 60)
    const shape = { seed: seed * 31 + index, delay, decimals: pick(random, [0, 2, 8]), gaps: pick(random, GAPS) }
    return listing(symbol, shape, endsAt, index === 0 ? 0.85 : 0.2)
  })
  const names = ['first', 'second'].slice(0, 1 + Math.floor(random() * 2))
  const account = accountFrom(symbols.length, {
    cash: pick(random, ['10000', '1234.56789']),
    stake: pick(random, ['all', '30%', '500', 'risk:1%']),
    fee: pick(random, ['0.001', '0.00075']),
    ...(random() < 0.6 ? { makerFee: '0.0002' } : {}),
    ...(random() < 0.6 ? { slippage: pick(random, ['0.0005', '0.003']) } : {}),
    limits: limitsOf(random),
  })
  const slices = minutes / (timeframe === '1m' ? 1 : 3)
  return {
    seed,
    listings,
    timeframe,
    series: symbols.map(symbol => ({ exchange: 'virtual', symbol, timeframe })),
    strategies: names.map((name, index) => instanceOf(chancer(seed * 2 + index, higher), timeframe, {}, name)),
    account,
    settleRowsMax: pick(random, [25, 2_500]),
    startsAt: STARTS_AT + Math.floor(random() * PHASE_MS_MAX),
    endsAt,
    kills: killsOf(random, slices),
  }
}

/** Candles up to `endsAt`; since the start at least so many as the given share of its minutes. */
function listing(symbol: string, shape: Omit<FrameShape, 'rows'>, endsAt: number, share: number): Listing {
  const least = (share * (endsAt - STARTS_AT)) / MINUTE
  for (let { seed } = shape; ; seed += 1_000_003) {
    const all = randomFrame({ ...shape, seed, rows: (endsAt - START) / MINUTE })
    const minutes = all.slice(0, all.firstRowFrom(endsAt))
    if (minutes.length - minutes.firstRowFrom(STARTS_AT) >= least)
      return { symbol, instrument: instrumentOf(symbol, shape.decimals), minutes }
  }
}

function pick<T>(random: () => number, choices: readonly [T, ...T[]]): T {
  return choices[Math.floor(random() * choices.length)] ?? choices[0]
}

/** Three to six, in order; two of them may fall on the same slice: then the second life dies before its first slice. */
function killsOf(random: () => number, slices: number): readonly Kill[] {
  const kills = Array.from({ length: 3 + Math.floor(random() * 4) }, (): Kill => {
    const kind = random()
    return {
      slices: KILL_FROM + Math.floor(random() * slices * 0.55),
      once: pick(random, ['anything', 'market-order', 'resting-order', 'trailed-stop']),
      at: kind < 0.35 ? 'decision' : kind < 0.7 ? 'commit' : 'later',
      waitMs: Math.floor(random() * PHASE_MS_MAX),
    }
  })
  return kills.sort((a, b) => a.slices - b.slices)
}

function instrumentOf(symbol: string, decimals: number): Instrument {
  const step = decimals === 0 ? '0.00001' : decimals === 2 ? '0.001' : '1'
  return {
    exchange: 'virtual',
    symbol,
    priceTick: parseDecimal(`1e-${decimals}`),
    amountStep: parseDecimal(step),
    amountMin: parseDecimal(step),
    notionalMin: parseDecimal('5'),
  }
}

function limitsOf(random: () => number): RiskLimits {
  const protections: Protection[] = []
  if (random() < 0.4) protections.push({ kind: 'cooldown', forMs: Math.ceil(random() * 8) * MINUTE })
  if (random() < 0.4)
    protections.push({
      kind: 'stop-loss-guard',
      stops: 2,
      lookbackMs: 40 * MINUTE,
      forMs: 12 * MINUTE,
      perSymbol: random() < 0.5,
    })
  if (random() < 0.4)
    protections.push({
      kind: 'max-drawdown',
      drawdown: parseDecimal('0.01'),
      lookbackMs: 60 * MINUTE,
      forMs: 15 * MINUTE,
    })
  if (random() < 0.4) protections.push({ kind: 'daily-loss', loss: parseDecimal('0.02') })
  return {
    ...(random() < 0.4 ? { openPositionsMax: 2 + Math.floor(random() * 2) } : {}),
    ...(random() < 0.4 ? { symbolExposureMax: parseDecimal('0.4') } : {}),
    ...(random() < 0.4 ? { longExposureMax: parseDecimal('0.7') } : {}),
    ...(random() < 0.4 ? { shortExposureMax: parseDecimal('0.5') } : {}),
    ...(protections.length === 0 ? {} : { protections }),
  }
}
