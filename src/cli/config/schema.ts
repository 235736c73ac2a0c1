import { z } from 'zod'
import { checkExchange, checkSymbol } from '../../domain/series.ts'
import { parseStake } from '../../domain/stake.ts'
import { TIMEFRAMES } from '../../domain/timeframe.ts'
import { parseTime } from '../options.ts'
import { filePath, httpUrl, listOf, numberIn, scalarRead, textRead, wholeNumber } from './fields.ts'
import { START_GUARD } from '../../runtime/start-guard.ts'
import { FILLED_CANDLES } from '../../strategy/filled-candles.ts'
import { WAITS } from '../../strategy/wait-for.ts'
import { healthSection } from './health-section.ts'
import { httpSection } from './http-section.ts'
import { influxSection } from './influx-section.ts'
import { riskSection } from './risk-section.ts'

/** Keys are snake_case with the unit last. Ranges are wide: they catch typing errors, not taste. */

const symbols = () => listOf(textRead(checkSymbol), symbol => symbol)

const simulator = z.strictObject({
  seed: wholeNumber(-(2 ** 31), 2 ** 31 - 1).default(1),
  /** Candle files to serve instead of made-up ones; relative to the folder that tallow is started in. */
  candles: listOf(filePath(), file => file).default([]),
  speed: numberIn(0.001, 100_000).default(600),
  symbols: symbols().min(1).default(['BTC/USDT', 'ETH/USDT', 'SOL/USDT']),
  /** Becomes UTC ms. */
  start_time: scalarRead('a time such as 2024-01-01T00:00:00Z', parseTime).prefault('2024-01-01T00:00:00Z'),
  port: wholeNumber(0, 65_535).default(0),
  weight_per_minute: wholeNumber(10, 10_000_000).default(6_000),
  latency_ms: wholeNumber(0, 60_000).default(0),
})

const exchange = z.strictObject({
  id: textRead(checkExchange).prefault('binance'),
  base_url: httpUrl().optional(),
  /** For trading with real money, which no version does yet; candles and paper need none. */
  api_key: z.string().min(1).optional(),
  api_secret: z.string().min(1).optional(),
  request_timeout_ms: wholeNumber(100, 300_000).default(10_000),
  concurrent_requests: wholeNumber(1, 64).default(8),
  batch_size: wholeNumber(1, 10_000).default(64),
  weight_share_max: numberIn(0.01, 1).default(0.8),
  retries_max: wholeNumber(0, 10).default(3),
  metadata_max_age_h: numberIn(0, 8_760).default(24),
  simulator: simulator.optional(),
})

const strategy = z.strictObject({
  /** A name in `./strategies` or the package, or a file. */
  name: z.string().min(1),
  params: z
    .record(
      z.string(),
      z.union([z.number(), z.boolean(), z.string()], { error: 'expected a number, true, false or text' }),
    )
    .default({}),
})

const trading = z.strictObject({
  /** None: all that the simulator has. */
  symbols: symbols().default([]),
  /** Replaces the strategies' own. */
  timeframe: z.enum(TIMEFRAMES).optional(),
  strategies: listOf(strategy, ({ name }) => name)
    .min(1)
    .prefault([{ name: 'rsi-macd' }]),
  /** Of strategies that do not say themselves. */
  wait_for: z.enum(WAITS).default('warmup'),
  filled_candles: z.enum(FILLED_CANDLES).default('close-only'),
  cash: numberIn(0.000001, 1e12).default(10_000),
  stake: scalarRead('all, 25%, risk:1% or an amount', checkStake).prefault('all'),
  fee_rate: numberIn(0, 0.1).default(0.001),
  /** Default: as `fee_rate`. */
  maker_fee_rate: numberIn(0, 0.1).optional(),
  slippage_bps: numberIn(0, 1_000).default(0),
})

/** The whole config file. */
export const configSchema = z.strictObject({
  bot: z
    .string()
    .regex(/^[a-z0-9_-]{1,64}$/, 'expected 1 to 64 of a-z, 0-9, "-" and "_"')
    .default('tallow'),
  data_dir: filePath().default('./data'),
  exchange: exchange.prefault({}),
  trading: trading.prefault({}),
  history: z
    .strictObject({
      settle_rows_max: wholeNumber(1, 10_000_000).default(2_500),
      origin_rows_max: wholeNumber(1, 100_000_000).default(5_000),
      decisions_days_max: wholeNumber(1, 36_500).default(30),
    })
    .prefault({}),
  market: z
    .strictObject({
      late_after_ms: wholeNumber(1, 86_400_000).default(10_000),
      /** Real time. */
      stale_after_ms: wholeNumber(0, 86_400_000).default(30_000),
      close_margin_ms: wholeNumber(0, 60_000).default(500),
      cache_size_mb: numberIn(1, 1_048_576).default(64),
      columns_size_mb: numberIn(1, 1_048_576).default(512),
      cache_ttl_seconds: wholeNumber(0, 31_536_000).default(3_600),
      cache_cleanup_interval_seconds: numberIn(1, 86_400).default(30),
      /** None: four fifths of what machine or container allows. */
      cache_memory_threshold_mb: numberIn(1, 16_777_216).optional(),
    })
    .prefault({}),
  risk: riskSection.prefault({}),
  supervision: z
    .strictObject({
      blocked_after_ms: wholeNumber(500, 600_000).default(8_000),
      restarts_max: wholeNumber(1, 100_000).default(START_GUARD.restartsMax),
      restart_window_s: numberIn(1, 604_800).default(START_GUARD.restartWindowMs / 1_000),
      restart_wait_s_max: numberIn(0, 3_600).default(START_GUARD.restartWaitMsMax / 1_000),
    })
    .prefault({}),
  influx: influxSection.prefault({}),
  http: httpSection.prefault({}),
  health: healthSection.prefault({}),
  log: z
    .strictObject({
      level: z.enum(['trace', 'debug', 'info', 'warn', 'error', 'fatal', 'silent']).default('info'),
      file: filePath().optional(),
      file_size_mb_max: numberIn(0.001, 1_048_576).default(50),
      files_max: wholeNumber(1, 1_000).default(5),
    })
    .prefault({}),
})

export type Config = z.infer<typeof configSchema>

/** Stays text: how many slots share the stake is known when the symbols are. */
function checkStake(text: string): string {
  parseStake(text, 1)
  return text
}
