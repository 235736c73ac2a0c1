import { z } from 'zod'
import { fromNumber } from '../../domain/money.ts'
import { durationMs, type Timeframe } from '../../domain/timeframe.ts'
import type { RiskLimits } from '../../risk/limits.ts'
import type { Protection } from '../../risk/protections.ts'
import { numberIn, wholeNumber } from './fields.ts'

const candles = () => wholeNumber(1, 1_000_000)
const share = () => numberIn(0.0001, 1)

/** `risk:` of the config. Shares are of equity; candles are those of the deciding timeframe. Absent: no such bound. */
export const riskSection = z.strictObject({
  open_positions_max: wholeNumber(1, 100_000).optional(),
  symbol_exposure_share_max: share().optional(),
  long_exposure_share_max: share().optional(),
  short_exposure_share_max: share().optional(),
  cooldown_candles: candles().optional(),
  stop_loss_guard: z
    .strictObject({
      stops: wholeNumber(1, 1_000).default(3),
      lookback_candles: candles().default(24),
      pause_candles: candles().default(12),
      per_symbol: z.boolean().default(false),
    })
    .optional(),
  max_drawdown: z
    .strictObject({
      drawdown_share: share().default(0.1),
      lookback_candles: candles().default(48),
      pause_candles: candles().default(12),
    })
    .optional(),
  daily_loss_share_max: share().optional(),
})

/** The bounds as risk takes them. @param timeframe that decides. */
export function riskLimits(risk: z.output<typeof riskSection>, timeframe: Timeframe): RiskLimits {
  const { open_positions_max, symbol_exposure_share_max, long_exposure_share_max, short_exposure_share_max } = risk
  const protections = protectionsOf(risk, durationMs(timeframe))
  return {
    ...(open_positions_max === undefined ? {} : { openPositionsMax: open_positions_max }),
    ...(symbol_exposure_share_max === undefined ? {} : { symbolExposureMax: fromNumber(symbol_exposure_share_max) }),
    ...(long_exposure_share_max === undefined ? {} : { longExposureMax: fromNumber(long_exposure_share_max) }),
    ...(short_exposure_share_max === undefined ? {} : { shortExposureMax: fromNumber(short_exposure_share_max) }),
    ...(protections.length === 0 ? {} : { protections }),
  }
}

function protectionsOf(risk: z.output<typeof riskSection>, barMs: number): readonly Protection[] {
  const { cooldown_candles: cooldown, stop_loss_guard: guard, max_drawdown: drawdown } = risk
  const protections: Protection[] = []
  if (cooldown !== undefined) protections.push({ kind: 'cooldown', forMs: cooldown * barMs })
  if (guard !== undefined)
    protections.push({
      kind: 'stop-loss-guard',
      stops: guard.stops,
      lookbackMs: guard.lookback_candles * barMs,
      forMs: guard.pause_candles * barMs,
      perSymbol: guard.per_symbol,
    })
  if (drawdown !== undefined)
    protections.push({
      kind: 'max-drawdown',
      drawdown: fromNumber(drawdown.drawdown_share),
      lookbackMs: drawdown.lookback_candles * barMs,
      forMs: drawdown.pause_candles * barMs,
    })
  if (risk.daily_loss_share_max !== undefined)
    protections.push({ kind: 'daily-loss', loss: fromNumber(risk.daily_loss_share_max) })
  return protections
}
