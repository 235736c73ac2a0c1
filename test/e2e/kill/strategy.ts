import type { TestContext } from 'node:test'
import { folderWith } from '../support/tallow.ts'

/**
 * A strategy that does all that one can, and all the time: entries at the market, at limits that expire and at stops,
 * long and short, under every kind of exit plan; adds, exits of a part, exits at a limit, orders taken back. What it does
 * follows from the time, the symbol and the candles, so that every run over the same candles does the same.
 */
const BUSY_STRATEGY = `
import { add, cancel, defineStrategy, ema, enterLong, enterShort, exit, int } from 'tallow'

/** A number below \`sides\` that follows from the candle and the symbol alone. */
function dice(time, symbol, salt, sides) {
  let hash = (Math.imul(time / 60_000, 0x9e3779b1) ^ salt) >>> 0
  for (const letter of symbol) hash = Math.imul(hash ^ letter.charCodeAt(0), 0x01000193) >>> 0
  hash = Math.imul(hash ^ (hash >>> 15), 0x85ebca6b) >>> 0
  return (hash ^ (hash >>> 13)) % sides
}

const PLANS = [
  { stopLossPercent: 0.15, takeProfitPercent: 0.2 },
  { trailing: 0.15 },
  { trailing: { percent: 0.1, afterPercent: 0.05 }, stopLossPercent: 0.3 },
  { roi: { 0: 0.25, 5: 0.1, 20: -100 }, stopLossPercent: 0.25 },
  { maxHoldCandles: 9 },
  { takeProfitPercent: 0.3, trailing: { percent: 0.2, afterPercent: 0.1, earlyPercent: 0.25 }, maxHoldCandles: 30 },
]

export default defineStrategy({
  params: { salt: int(0, { min: 0, max: 9 }) },
  columns: () => ({ trend: ema({ period: 5 }) }),
  decide({ time, symbol, close, trend, position, order, params }) {
    const roll = dice(time, symbol, params.salt, 20)
    const { now } = close
    if (order && order.type !== 'market') return roll === 0 ? cancel('thought better of it') : undefined
    if (position) {
      const better = position.side === 'long' ? 1 : -1
      if (roll === 0) return exit({ percent: 40, reason: 'a part' })
      if (roll === 1) return add({ reason: 'more' })
      if (roll === 2) return add({ limit: now * (1 - better * 0.001), goodForCandles: 5, reason: 'more at a limit' })
      if (roll === 3) return exit({ limit: now * (1 + better * 0.001), goodForCandles: 8, reason: 'at a limit' })
      if (roll === 4) return exit('enough')
      return undefined
    }
    const up = now > trend.now
    const enter = up ? enterLong : enterShort
    const plan = { ...PLANS[dice(time, symbol, params.salt + 10, PLANS.length)], rank: dice(time, symbol, params.salt + 20, 3) }
    if (roll < 8) return enter({ ...plan, reason: 'at the market' })
    if (roll < 13) return enter({ ...plan, limit: now * (up ? 0.999 : 1.001), goodForCandles: 10, reason: 'at a limit' })
    if (roll < 16) return enter({ ...plan, stop: now * (up ? 1.001 : 0.999), goodForCandles: 8, reason: 'at a stop' })
    return undefined
  },
})
`

const SYMBOLS = ['BTC/USDT', 'ETH/USDT', 'SOL/USDT', 'ADA/USDT', 'XRP/USDT']

/**
 * Fast, with money that is short now and then, bounds that refuse, and starts that are neither waited for nor counted.
 * However long it was away, a slice is decided on: then all of it can be compared with a backtest.
 */
function busyConfig(speed: number): string {
  return `
exchange: { simulator: { seed: 5, speed: ${speed}, symbols: [${SYMBOLS.join(', ')}] } }
market: { late_after_ms: ${10_000 * speed}, stale_after_ms: 600000 }
trading:
  timeframe: 1m
  strategies: [{ name: busy }, { name: busier, params: { salt: 1 } }]
  cash: 100000
  stake: 15%
  fee_rate: 0.0002
  maker_fee_rate: 0.0001
  slippage_bps: 0.5
risk:
  open_positions_max: 8
  cooldown_candles: 1
  stop_loss_guard: { stops: 4, lookback_candles: 10, pause_candles: 2, per_symbol: true }
history: { decisions_days_max: 1 }
supervision: { restart_wait_s_max: 0, restarts_max: 100000 }
`
}

/** A folder in which `tallow run` trades like that, with two strategies over one wallet. */
export function busyFolder(test: TestContext, speed: number): string {
  return folderWith(test, {
    'tallow.yaml': busyConfig(speed),
    'strategies/busy.ts': BUSY_STRATEGY,
    'strategies/busier.ts': BUSY_STRATEGY,
  })
}
