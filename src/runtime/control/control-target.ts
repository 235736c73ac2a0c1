import type { TradingMode } from '../../domain/trading-mode.ts'
import type { Heartbeat } from '../../telemetry/health-document.ts'
import type { BotStatus } from './bot-status.ts'

/**
 * What the control socket acts on: the runtime. Calls may overlap; the order between them and the slices is the
 * target's. Each throws a `TallowError` for what it refuses.
 */
export interface ControlTarget {
  /** Resolves once the mode is recorded. */
  setMode(mode: TradingMode): Promise<void>
  /**
   * Closes what is held of a symbol, at the next open.
   * @returns in how many legs something was held. @throws bad input on a symbol that the bot does not trade, with the nearest right one.
   */
  close(symbol: string): Promise<{ readonly legs: number }>
  /** Begins the end, as SIGTERM does, and returns at once. */
  stop(): void
  /** Reads config and strategies again. @throws what is wrong with them; everything is then as it was. */
  reload(): Promise<void>
  status(): BotStatus
  /** What the daemon last found of itself, also when it could not leave it in the ledger; undefined before the first look. */
  heartbeat(): Heartbeat | undefined
}
