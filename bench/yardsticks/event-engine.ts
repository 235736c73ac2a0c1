import type { CandleFrame } from '../../src/frame/candle-frame.ts'
import type { RsiBacktest, RsiRules } from './rsi-backtest.ts'

/**
 * A backtest as most people write one, and write it well: a candle object per row, a strategy with `onCandle`, an
 * order queue, a portfolio, a trade log and an equity curve; synchronous, float money, market orders only.
 * Frozen: a change here moves every ratio.
 */
export function eventBacktest(frame: CandleFrame, rules: RsiRules): RsiBacktest & { readonly equity: Float64Array } {
  const engine = new EventEngine(rules, frame.length)
  const times = frame.time.values
  const opens = frame.open.values
  const highs = frame.high.values
  const lows = frame.low.values
  const closes = frame.close.values
  const volumes = frame.volume.values
  for (let row = 0; row < frame.length; row++) {
    engine.onCandle({
      row,
      time: times[row]!,
      open: opens[row]!,
      high: highs[row]!,
      low: lows[row]!,
      close: closes[row]!,
      volume: volumes[row]!,
    })
  }
  return engine.result()
}

interface Candle {
  readonly row: number
  readonly time: number
  readonly open: number
  readonly high: number
  readonly low: number
  readonly close: number
  readonly volume: number
}

interface Order {
  readonly side: 'buy' | 'sell'
  readonly time: number
}

interface Trade {
  readonly entryRow: number
  readonly entryTime: number
  readonly entryPrice: number
  readonly amount: number
  exitRow: number
  exitTime: number
  exitPrice: number
  fees: number
  profit: number
}

class Rsi {
  value = Number.NaN
  readonly #period: number
  readonly #keep: number
  #previous = Number.NaN
  #count = -1
  #change = 0
  #size = 0

  constructor(period: number) {
    this.#period = period
    this.#keep = (period - 1) / period
  }

  update(close: number): void {
    const difference = close - this.#previous
    this.#previous = close
    if (this.#count >= this.#period) {
      this.#change = this.#change * this.#keep + difference
      this.#size = this.#size * this.#keep + Math.abs(difference)
    } else {
      if (++this.#count === 0) return
      this.#change += difference
      this.#size += Math.abs(difference)
      if (this.#count < this.#period) return
    }
    this.value = 50 + 50 * (this.#change / this.#size)
  }
}

class EventEngine {
  readonly #rules: RsiRules
  readonly #rsi: Rsi
  readonly #orders: Order[] = []
  readonly #trades: Trade[] = []
  readonly #equity: Float64Array
  #cash: number
  #amount = 0
  #open: Trade | undefined
  #lastClose = 0

  constructor(rules: RsiRules, rows: number) {
    this.#rules = rules
    this.#rsi = new Rsi(rules.period)
    this.#equity = new Float64Array(rows)
    this.#cash = rules.cash
  }

  onCandle(candle: Candle): void {
    if (this.#orders.length > 0) this.#fillOrders(candle)
    this.#rsi.update(candle.close)
    this.#decide(candle)
    this.#lastClose = candle.close
    this.#equity[candle.row] = this.#cash + this.#amount * candle.close
  }

  #decide(candle: Candle): void {
    const rsi = this.#rsi.value
    if (this.#open === undefined) {
      if (rsi < this.#rules.buyBelow) this.#orders.push({ side: 'buy', time: candle.time })
    } else if (rsi > this.#rules.sellAbove) this.#orders.push({ side: 'sell', time: candle.time })
  }

  #fillOrders(candle: Candle): void {
    for (const order of this.#orders) {
      if (order.side === 'buy') this.#buy(candle)
      else this.#sell(candle)
    }
    this.#orders.length = 0
  }

  #buy(candle: Candle): void {
    const { feeRate } = this.#rules
    const amount = this.#cash / (candle.open * (1 + feeRate))
    this.#cash -= amount * candle.open * (1 + feeRate)
    this.#amount = amount
    this.#open = {
      entryRow: candle.row,
      entryTime: candle.time,
      entryPrice: candle.open,
      amount,
      exitRow: -1,
      exitTime: Number.NaN,
      exitPrice: Number.NaN,
      fees: amount * candle.open * feeRate,
      profit: 0,
    }
  }

  #sell(candle: Candle): void {
    const trade = this.#open
    if (trade === undefined) return
    const value = this.#amount * candle.open
    const fee = value * this.#rules.feeRate
    this.#cash += this.#amount * candle.open * (1 - this.#rules.feeRate)
    trade.exitRow = candle.row
    trade.exitTime = candle.time
    trade.exitPrice = candle.open
    trade.fees += fee
    trade.profit = value - trade.amount * trade.entryPrice - trade.fees
    this.#trades.push(trade)
    this.#amount = 0
    this.#open = undefined
  }

  result(): RsiBacktest & { readonly equity: Float64Array } {
    const entryRows = this.#trades.map(trade => trade.entryRow)
    if (this.#open !== undefined) entryRows.push(this.#open.entryRow)
    return {
      trades: this.#trades.length,
      finalEquity: this.#cash + this.#amount * this.#lastClose,
      entryRows,
      exitRows: this.#trades.map(trade => trade.exitRow),
      equity: this.#equity,
    }
  }
}
