import { defaultInstrument } from '../../src/domain/instrument.ts'
import { parseDecimal } from '../../src/domain/money.ts'
import { parseStake } from '../../src/domain/stake.ts'
import type { RiskContext } from '../../src/risk/approve.ts'
import { NO_LIMITS } from '../../src/risk/limits.ts'

/** Steps of 0.01, values from 5 on. */
export const riskInstrument = {
  ...defaultInstrument('test', 'A/USDT'),
  amountStep: parseDecimal('0.01'),
  notionalMin: parseDecimal('5'),
}

/** A wallet of 100 in cash, all of it at stake, and a candle of minute 1 that closed at 10. */
export function contextOf(changes: Partial<RiskContext> = {}): RiskContext {
  return {
    strategy: 's',
    orderIdTail: 'tail',
    instrument: riskInstrument,
    timeframe: '1m',
    time: 60_000,
    price: parseDecimal('10'),
    position: undefined,
    stop: undefined,
    pending: undefined,
    equity: parseDecimal('100'),
    freeCash: parseDecimal('100'),
    stake: parseStake('all', 1),
    feeRate: parseDecimal('0.001'),
    mode: 'on',
    holdBack: undefined,
    limits: NO_LIMITS,
    exposure: () => ({ positions: 0, symbol: 0n, side: 0n }),
    trades: [],
    ...changes,
  }
}
