import { CandleFrame } from '../../frame/candle-frame.ts'
import { hash32, hashText, noise, Random } from './random.ts'

export const DAY_MINUTES = 1_440
const MINUTE_MS = 60_000
export const DAY_MS = DAY_MINUTES * MINUTE_MS

/** What tells one generated market from another. */
export interface PriceModel {
  readonly seed: number
  /** The price that it wanders about. */
  readonly basePrice: number
  readonly priceDecimals: number
  readonly amountDecimals: number
  /** Traded in a quiet minute, in base units. */
  readonly minuteVolume: number
}

const KNOWN: Readonly<Record<string, Omit<PriceModel, 'seed'>>> = {
  'BTC/USDT': { basePrice: 42_000, priceDecimals: 2, amountDecimals: 5, minuteVolume: 12 },
  'ETH/USDT': { basePrice: 2_300, priceDecimals: 2, amountDecimals: 4, minuteVolume: 160 },
  'SOL/USDT': { basePrice: 100, priceDecimals: 2, amountDecimals: 3, minuteVolume: 2_400 },
}

export function priceModel(symbol: string, seed: number): PriceModel {
  const own = hash32(seed, hashText(symbol))
  const known = KNOWN[symbol]
  if (known) return { seed: own, ...known }
  const basePrice = 0.5 + (hash32(own, 99) % 1_000) / 10
  return { seed: own, basePrice, priceDecimals: 4, amountDecimals: 2, minuteVolume: 300_000 / basePrice }
}

/** Slow waves of the daily price: period in days, height as a part of the price. */
const WAVES = [
  [256, 0.45],
  [64, 0.25],
  [16, 0.12],
  [4, 0.05],
  [1, 0.02],
] as const

/** Price in ticks at which a day opens. A function of the day alone: any day can be made without those before it. */
function dayOpenTicks(model: PriceModel, day: number): number {
  let height = 0
  for (const [period, share] of WAVES) height += share * noise(hash32(model.seed, period), day / period)
  const factor = height >= 0 ? 1 + height : 1 / (1 - height)
  return Math.round(model.basePrice * factor * 10 ** model.priceDecimals)
}

/** Deviation of a minute's return in quiet times. */
const QUIET_DEVIATION = 0.000_4
/** GARCH(1,1): a large move makes the next one likely to be large; the two weights add up to a memory of about half an hour. */
const SHOCK_WEIGHT = 0.12
const MEMORY_WEIGHT = 0.85
/** Variance in units of the quiet one; the bound keeps a cluster from running away. */
const VARIANCE_MAX = 30

interface Regime {
  /** Expected return of a minute, in deviations. */
  readonly drift: number
  /** Pull back to the price at which a range began, per minute. */
  readonly pull: number
  readonly untilMinute: number
}

/** A trend up, a trend down or a range, of 16 to 35 minutes: never the same twice running, up and down mostly in turn, so that a swing takes 32 to 70. */
function nextRegime(random: Random, previous: Regime | undefined, minute: number): Regime {
  const untilMinute = minute + 16 + Math.floor(20 * random.uniform() * random.uniform())
  const draw = random.uniform()
  const strength = 0.9 + 0.5 * random.uniform()
  const before = previous?.drift ?? 0
  if (before !== 0 && draw < 0.15) return { drift: 0, pull: 0.08, untilMinute }
  if (before !== 0) return { drift: before > 0 ? -strength : strength, pull: 0, untilMinute }
  return { drift: draw < 0.5 ? -strength : strength, pull: 0, untilMinute }
}

/** How far a day leads from its open if it is left to itself: closes, and each minute's deviation, relative to the open. */
function wander(model: PriceModel, random: Random, day: number): { closes: Float64Array; deviations: Float64Array } {
  const closes = new Float64Array(DAY_MINUTES)
  const deviations = new Float64Array(DAY_MINUTES)
  const climate = hash32(model.seed, 7)
  let variance = 1
  let price = 1
  let rangeCentre = 1
  let regime: Regime | undefined
  for (let minute = 0; minute < DAY_MINUTES; minute++) {
    if (!regime || minute >= regime.untilMinute) {
      regime = nextRegime(random, regime, minute)
      rangeCentre = price
    }
    // Weather of the hours: calm and busy stretches, continuous over midnight.
    const busy = 1.1 + 0.5 * noise(climate, (day * DAY_MINUTES + minute) / 300)
    const deviation = QUIET_DEVIATION * busy * Math.sqrt(variance)
    const shock = random.normal()
    variance = Math.min(
      VARIANCE_MAX,
      1 - SHOCK_WEIGHT - MEMORY_WEIGHT + (SHOCK_WEIGHT * shock * shock + MEMORY_WEIGHT) * variance,
    )
    const pull = regime.pull * (rangeCentre / price - 1)
    price *= 1 + deviation * (shock + regime.drift) + pull
    closes[minute] = price
    deviations[minute] = deviation
  }
  return { closes, deviations }
}

/**
 * The 1m candles of one UTC day (days since 1970). Each opens at the close of the one before, also over midnight; the
 * same model and day give the same bytes everywhere: only +, −, ×, ÷, square root and rounding are used.
 */
export function generateDay(model: PriceModel, day: number): CandleFrame {
  const random = new Random(hash32(model.seed, day))
  const openTicks = dayOpenTicks(model, day)
  const { closes, deviations } = wander(model, random, day)
  // The day has to end where the next one opens: what is missing is spread evenly over its minutes.
  const correction = dayOpenTicks(model, day + 1) / (openTicks * (closes[DAY_MINUTES - 1] ?? 1)) - 1
  const ticksPerUnit = 10 ** model.priceDecimals
  const lotsPerUnit = 10 ** model.amountDecimals
  const frame = new CandleFrame(DAY_MINUTES)
  let open = openTicks
  for (let minute = 0; minute < DAY_MINUTES; minute++) {
    const fair = openTicks * (closes[minute] ?? 1) * (1 + (correction * (minute + 1)) / DAY_MINUTES)
    const close = Math.max(1, Math.round(fair))
    const deviation = deviations[minute] ?? 0
    const high = Math.max(open, close) + Math.floor(random.uniform() * deviation * fair)
    const low = Math.max(1, Math.min(open, close) - Math.floor(random.uniform() * deviation * fair))
    const heat = deviation / QUIET_DEVIATION + Math.abs(close - open) / (open * QUIET_DEVIATION)
    const lots = 1 + Math.round(model.minuteVolume * lotsPerUnit * heat * (0.3 + 0.7 * random.uniform()) * 0.5)
    const time = day * DAY_MS + minute * MINUTE_MS
    frame.append(
      time,
      open / ticksPerUnit,
      high / ticksPerUnit,
      low / ticksPerUnit,
      close / ticksPerUnit,
      lots / lotsPerUnit,
    )
    open = close
  }
  return frame
}
