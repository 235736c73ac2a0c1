import { crc32 } from 'node:zlib'
import type { Intent } from '../../src/domain/intent.ts'
import type { Timeframe } from '../../src/domain/timeframe.ts'
import { add, cancel, defineStrategy, ema, enterLong, enterShort, exit, rsi, sma } from '../../src/index.ts'
import type { OrderView, PositionView, Strategy } from '../../src/strategy/define.ts'
import type { EnterOptions, ExitOptions, WaitingOptions } from '../../src/strategy/intents.ts'
import { randomFrom } from '../support/random-runs.ts'

type Dice = () => number

/**
 * Does everything that a strategy can do, at random, as a pure function of what it sees: one bit that differs in a view
 * changes what it does from there on. Some of what it wants cannot be done.
 */
export function chancer(seed: number, higher: Timeframe): Strategy {
  return defineStrategy({
    columns: () => ({
      average: sma({ period: 5 }),
      strength: rsi({ period: 6 }),
      trend: ema({ period: 4 }).on(higher),
    }),
    decide({ average, strength, trend, time, open, high, low, close, volume, position, order }) {
      const seen = [time, average.now, strength.now, strength.ago(1), trend.now, trend.ago(1)]
      seen.push(open.now, high.now, low.now, close.now, close.ago(3), volume.now)
      seen.push(position?.amount ?? -1, position?.entryPrice ?? -1, position?.entryTime ?? -1)
      seen.push(order?.price ?? -1, order?.decidedAt ?? -1)
      const dice = randomFrom(crc32(new Uint8Array(new Float64Array(seen).buffer), seed))
      return wish(dice, close.now, position, order)
    },
  })
}

function wish(
  dice: Dice,
  price: number,
  position: PositionView | undefined,
  order: OrderView | undefined,
): Intent | undefined {
  const roll = dice()
  if (roll < 0.01) return position ? entry(dice, price) : exit('there is nothing to sell')
  if (roll < 0.015) return cancel('nothing in mind')
  if (order !== undefined && roll < 0.07) return cancel('too long')
  if (position === undefined) return roll < 0.25 && order === undefined ? entry(dice, price) : undefined
  if (roll < 0.12) return bigger(dice, price, position)
  if (roll < 0.24) return smaller(dice, price, position)
  return undefined
}

function entry(dice: Dice, price: number): Intent {
  const long = dice() < 0.6
  const side = long ? 1 : -1
  const options: EnterOptions = {
    ...waiting(dice, price, side),
    ...exits(dice, price, side),
    ...(dice() < 0.15 ? { amount: (20 + 600 * dice()) / price } : {}),
    ...(dice() < 0.5 ? { rank: Math.floor(dice() * 5) } : {}),
    reason: `entry ${dice()}`,
  }
  return long ? enterLong(options) : enterShort(options)
}

function bigger(dice: Dice, price: number, { side, amount }: PositionView): Intent {
  return add({
    ...waiting(dice, price, side === 'long' ? 1 : -1),
    ...(dice() < 0.7 ? { amount: amount * dice() } : {}),
    rank: Math.floor(dice() * 5),
    reason: `add ${dice()}`,
  })
}

function smaller(dice: Dice, price: number, { side, amount }: PositionView): Intent {
  const part = dice()
  const sign = side === 'long' ? 1 : -1
  return exit({
    ...(part < 0.35 ? { percent: Math.ceil(dice() * 100) } : part < 0.55 ? { amount: amount * dice() } : {}),
    ...(dice() < 0.35 ? { limit: price * (1 + sign * (dice() * 0.02 - 0.004)), ...patience(dice) } : {}),
    reason: `exit ${dice()}`,
  })
}

/** @param side 1 for a long. */
function waiting(dice: Dice, price: number, side: 1 | -1): WaitingOptions {
  const kind = dice()
  const away = dice() * 0.03 - 0.004
  if (kind < 0.25) return { limit: price * (1 - side * away), ...patience(dice) }
  if (kind < 0.45) return { stop: price * (1 + side * away), ...patience(dice) }
  return {}
}

function patience(dice: Dice): Pick<WaitingOptions, 'goodForCandles'> {
  return dice() < 0.7 ? { goodForCandles: Math.ceil(dice() * 8) } : {}
}

function exits(dice: Dice, price: number, side: 1 | -1): ExitOptions {
  const stop = dice()
  const target = dice()
  const away = 0.008 + dice() * 0.09
  const far = 0.008 + dice() * 0.08
  return {
    ...(stop < 0.4 ? { stopLossPercent: away * 100 } : stop < 0.6 ? { stopLossPrice: price * (1 - side * away) } : {}),
    ...(target < 0.2
      ? { takeProfitPercent: far * 100 }
      : target < 0.35
        ? { takeProfitPrice: price * (1 + side * far) }
        : {}),
    ...trailing(dice),
    ...(dice() < 0.25
      ? { roi: { 0: 8 * dice() + 0.5, 7: 3 * dice(), 30: 0, [40 + Math.floor(30 * dice())]: -100 } }
      : {}),
    ...(dice() < 0.2 ? { maxHoldCandles: Math.ceil(dice() * 40) } : {}),
  }
}

function trailing(dice: Dice): Pick<ExitOptions, 'trailing'> {
  const kind = dice()
  const percent = 0.8 + dice() * 5
  const early = 0.8 + dice() * 5
  if (kind < 0.2) return { trailing: percent }
  if (kind < 0.35) return { trailing: { percent, afterPercent: dice() * 2 } }
  if (kind < 0.5) return { trailing: { percent, afterPercent: dice() * 2, earlyPercent: early } }
  return {}
}
