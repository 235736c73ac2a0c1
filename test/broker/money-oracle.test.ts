import assert from 'node:assert/strict'
import { test } from 'node:test'
import fc from 'fast-check'
import { PaperBroker } from '../../src/broker/paper-broker.ts'
import { bookFill } from '../../src/domain/book-fill.ts'
import type { Fill, Liquidity } from '../../src/domain/fill.ts'
import type { Instrument } from '../../src/domain/instrument.ts'
import { formatDecimal, parseDecimal } from '../../src/domain/money.ts'
import type { Order, PositionSide } from '../../src/domain/order.ts'
import { positionValue, type Position } from '../../src/domain/position.ts'
import { ceilDivide, fitsFilters, MoneyOracle, slippedPrice, UNIT, units, type Rates } from '../support/money-oracle.ts'
import { orderOf } from '../support/orders.ts'
import { randomFrom } from '../support/random-runs.ts'

const LONG = process.env.TALLOW_TEST_LONG === '1'

/** Filters as exchanges have them: symbol, tick, step, least amount, least value, prices in ticks. */
const FILTERS: readonly (readonly [string, string, string, string, string, readonly [number, number]])[] = [
  ['BTC/USDT', '0.01', '0.00001', '0.00001', '5', [1_500_000, 12_000_000]],
  ['ETH/USDT', '0.01', '0.0001', '0.0001', '5', [80_000, 500_000]],
  ['ETH/BTC', '0.00001', '0.0001', '0.0001', '0.0001', [1_500, 9_000]],
  ['DOGE/USDT', '0.00001', '1', '1', '1', [5_000, 70_000]],
  ['SHIB/USDT', '0.00000001', '1', '1', '1', [600, 9_000]],
  ['PEPE/USDT', '0.0000000001', '1', '0', '1', [1_000, 300_000]],
  ['BTTC/USDT', '0.00000001', '0.1', '0.1', '1', [1, 400]],
  ['XRP/USDT', '0.0001', '1', '1', '5', [2_000, 40_000]],
  ['BTC/USDT:USDT', '0.1', '0.001', '0.001', '100', [150_000, 1_200_000]],
  ['XBT/EUR', '0.1', '0.00000001', '0.00005', '0.5', [150_000, 1_000_000]],
  ['USDC/USDT', '0.0001', '1', '1', '5', [9_000, 11_000]],
  ['SOL/EUR', '0.05', '0.001', '0.02', '0', [200, 6_000]],
  ['YFI/BTC', '0.000001', '0.00001', '0', '0.0001', [50_000, 900_000]],
  ['anything/anything', '0.000000000000000001', '0.000000000000000001', '0', '0', [1, 1_000_000]],
]

interface Traded {
  readonly instrument: Instrument
  readonly ticks: readonly [number, number]
}

const MARKETS: readonly Traded[] = FILTERS.map(([symbol, tick, step, amountMin, notionalMin, ticks]) => ({
  instrument: {
    exchange: 'e',
    symbol,
    priceTick: parseDecimal(tick),
    amountStep: parseDecimal(step),
    amountMin: parseDecimal(amountMin),
    notionalMin: parseDecimal(notionalMin),
  },
  ticks,
}))

const RATES: readonly Rates[] = [
  ['0.001', '0.001', '0'],
  ['0.001', '0.0008', '0.0005'],
  ['0.0026', '0.0016', '0.001'],
  ['0.0005', '0', '0.00025'],
  ['0', '0', '0'],
  ['0.00075', '0.00075', '0.01'],
  ['0.000000000000000001', '0', '0.000000000000000003'],
].map(([taker = '0', maker = '0', slippage = '0']) => ({
  taker: units(taker),
  maker: units(maker),
  slippage: units(slippage),
}))

const SIDES: readonly PositionSide[] = ['long', 'short']
const CASH: readonly string[] = ['50', '1000.123456789012345678', '100000', '25000000']

interface Counts {
  fills: number
  refused: number
  trades: number
  largest: bigint
}

/** One life of a position, from a seed: an entry, perhaps more of it, parts of it out, the rest out. */
class Life {
  readonly #pick: <T>(of: readonly T[]) => T
  readonly #random: () => number
  readonly #counts: Counts
  readonly #instrument: Instrument
  readonly #ticks: readonly [number, number]
  readonly #rates: Rates
  readonly #broker: PaperBroker
  readonly #oracle: MoneyOracle
  readonly #side: PositionSide
  #cash: bigint
  #position: Position | undefined
  #paid = 0n
  #fees = 0n

  constructor(seed: number, counts: Counts) {
    const random = randomFrom(seed)
    this.#random = random
    this.#pick = of => of[Math.floor(random() * of.length)]!
    this.#counts = counts
    const { instrument, ticks } = this.#pick(MARKETS)
    this.#ticks = ticks
    this.#instrument = instrument
    this.#rates = this.#pick(RATES)
    const { taker, maker, slippage } = this.#rates
    this.#broker = new PaperBroker({ takerFeeRate: taker, makerFeeRate: maker, slippageRate: slippage })
    this.#cash = units(this.#pick(CASH))
    this.#oracle = new MoneyOracle(this.#cash, this.#rates)
    this.#side = this.#pick(SIDES)
  }

  run(): void {
    const start = this.#cash
    this.#execute('entry')
    if (this.#position !== undefined && this.#random() < 0.3) this.#execute('add')
    if (this.#position !== undefined && this.#random() < 0.4) this.#execute('exit', this.#random())
    for (let tries = 0; tries < 5 && this.#position !== undefined; tries++) this.#execute('exit')
    if (this.#position === undefined) assert.equal(this.#cash - start, this.#paid)
  }

  #price(): bigint {
    const [least, most] = this.#ticks
    const inTicks = BigInt(least + Math.floor(this.#random() * (most - least + 1)))
    return inTicks * this.#instrument.priceTick
  }

  #size(purpose: Order['purpose'], share: number, price: bigint): Order['size'] {
    const part = BigInt(Math.floor(share * 1_000_000))
    const step = this.#instrument.amountStep
    const whole = (amount: bigint): bigint => (amount / step) * step
    if (purpose === 'exit') {
      const held = this.#position?.amount ?? 0n
      return { amount: share === 1 ? held : whole((held * part) / 1_000_000n) }
    }
    const quote = (this.#cash * part) / 1_000_000n
    return this.#random() < 0.5 ? { quote } : { amount: whole((quote * UNIT) / price) }
  }

  #execute(purpose: Order['purpose'], share = purpose === 'exit' ? 1 : this.#random()): void {
    const { amountStep, priceTick } = this.#instrument
    const price = this.#price()
    const liquidity: Liquidity = this.#random() < 0.5 ? 'taker' : 'maker'
    const size = this.#size(purpose, share, price)
    const side = (purpose === 'exit') === (this.#side === 'long') ? 'sell' : 'buy'
    const order = orderOf({ side, purpose, size })
    const fill = this.#broker.execute(order, { price, liquidity }, 0, this.#instrument, this.#cash)
    const rate = liquidity === 'taker' ? this.#rates.slippage : 0n
    const expected = slippedPrice(side, price, rate, priceTick)
    if ('kind' in fill) {
      this.#counts.refused++
      this.#checkRefusal(fill.reason, size, side, expected, liquidity)
      return
    }
    this.#counts.fills++
    if (fill.amount > this.#counts.largest) this.#counts.largest = fill.amount
    assert.equal(fill.price, expected)
    const worse = expected > price ? expected - price : price - expected
    assert.equal(fill.slippage, ceilDivide(worse * fill.amount, UNIT))
    assert.ok(fitsFilters(this.#instrument, fill))
    if ('quote' in size) {
      const cost = this.#costOf(fill.amount, side, expected, liquidity)
      assert.ok(cost <= size.quote, 'no more is spent than may be')
      assert.ok(this.#costOf(fill.amount + amountStep, side, expected, liquidity) + 4n > size.quote, 'the most it buys')
    } else assert.equal(fill.amount, size.amount)
    this.#book(fill)
  }

  #costOf(amount: bigint, side: Fill['side'], price: bigint, liquidity: Liquidity): bigint {
    const value = side === 'buy' ? ceilDivide(price * amount, UNIT) : (price * amount) / UNIT
    return value + ceilDivide(value * this.#rates[liquidity], UNIT)
  }

  #checkRefusal(reason: string, size: Order['size'], side: Fill['side'], price: bigint, liquidity: Liquidity): void {
    const { amountStep, amountMin, notionalMin } = this.#instrument
    if (reason === 'insufficient-cash') {
      assert.ok('amount' in size && this.#costOf(size.amount, side, price, liquidity) > this.#cash)
      return
    }
    const most = 'amount' in size ? size.amount : ((size.quote * UNIT) / price / amountStep) * amountStep
    const tooSmall = most <= 0n || most < amountMin || ceilDivide(most * price, UNIT) < notionalMin
    // A sum buys a step less where fee and rounding take the last one.
    const less = most - amountStep * (1n + (most * this.#rates[liquidity]) / UNIT / amountStep + 1n)
    const bySum = less <= 0n || less < amountMin || ceilDivide(less * price, UNIT) < notionalMin
    assert.ok(tooSmall || ('quote' in size && bySum), 'what is refused as too small is too small')
  }

  #book(fill: Fill): void {
    const { position, cashChange, trade } = bookFill(this.#position, fill, '')
    this.#position = position
    this.#cash += cashChange
    this.#paid += cashChange
    this.#fees += fill.fee
    assert.equal(this.#oracle.take('leg', fill), cashChange)
    assert.equal(this.#oracle.cash, this.#cash)
    assert.ok(this.#cash >= 0n)
    assert.equal(this.#oracle.held.get('leg')?.amount, position?.amount)
    const mark = this.#price()
    const worth = position === undefined ? 0n : positionValue(position, mark)
    assert.equal(this.#oracle.equity(() => mark) - this.#cash, worth)
    if (trade === undefined) return
    this.#counts.trades++
    assert.equal(trade.profit, this.#paid)
    assert.equal(trade.fees, this.#fees)
  }
}

test('fills, fees, slippage, cash and profits are those of an oracle of integers, over filters as exchanges have them', () => {
  const counts: Counts = { fills: 0, refused: 0, trades: 0, largest: 0n }
  const runs = LONG ? 1_000_000 : 100_000
  fc.assert(
    fc.property(fc.integer(), seed => {
      new Life(seed, counts).run()
    }),
    { numRuns: runs },
  )
  assert.ok(
    counts.fills > 2 * runs && counts.refused > runs / 20 && counts.trades > runs / 2,
    JSON.stringify({ ...counts, largest: formatDecimal(counts.largest) }),
  )
  assert.ok(counts.largest > units('1000000000000'), formatDecimal(counts.largest))
})
