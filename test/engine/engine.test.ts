import assert from 'node:assert/strict'
import { test } from 'node:test'
import { formatDecimal, parseDecimal } from '../../src/domain/money.ts'
import { createBot } from '../../src/engine/create-bot.ts'
import { closeSlice } from '../../src/engine/drive.ts'
import type { Effect } from '../../src/engine/events.ts'
import { CandleFrame } from '../../src/frame/candle-frame.ts'
import { defineStrategy, enterLong, exit, sma } from '../../src/index.ts'
import { accountOf, instanceOf, marketOf, plainColumns } from '../support/backtests.ts'
import { candles, MINUTE, play, scripted, tell } from '../support/stories.ts'

test('a market order pays the next open and its fee; a trade is what came back', () => {
  const { story, trades, bot } = play(
    [scripted({ 0: enterLong({ reason: 'in' }), 2: exit('out') })],
    [
      marketOf(
        'A/USDT',
        '1m',
        candles([
          [90, 100],
          [100, 120],
          [120, 110],
          [111, 1],
        ]),
      ),
    ],
    { cash: '1001', fee: '0.001' },
  )
  assert.deepEqual(story, [
    '0: test places buy A/USDT',
    '1: test buy 10 at 100, fee 1',
    '2: test places sell A/USDT',
    '3: test sell 10 at 111, fee 1.11',
    'trade of test: 107.89',
  ])
  assert.equal(formatDecimal(bot.state.cash), '1108.89')
  const [trade] = trades
  assert.deepEqual(
    [trade!.entryTime, trade!.exitTime, trade!.entryReason, trade!.exitReason, formatDecimal(trade!.fees)],
    [MINUTE, 3 * MINUTE, 'in', 'out', '2.11'],
  )
})

test('an order pending over a gap fills at the next candle there is, and not at all when none comes', () => {
  const market = marketOf('A/USDT', '1m', candles([[10, 10], undefined, undefined, undefined, [12, 13]]))
  const { story, trades, equity, bot } = play([scripted({ 0: enterLong(), 4: exit() })], [market], { cash: '120' })
  assert.deepEqual(story, ['0: test places buy A/USDT', '4: test buy 10 at 12, fee 0', '4: test places sell A/USDT'])
  assert.equal(trades[0]?.exitReason, 'end')
  assert.equal(formatDecimal(trades[0].profit), '10')
  assert.deepEqual(equity.sample(9), { time: [MINUTE, 5 * MINUTE], value: [120, 130] })
  assert.equal(bot.state.freeCash, bot.state.cash)
})

test('each refusal has its reason', () => {
  const frame = candles([
    [10, 10],
    [10, 10],
    [10, 10],
    [10, 10],
    [10, 10],
    [25, 25],
  ])
  const script = {
    0: exit(),
    1: enterLong({ amount: 11 }),
    2: enterLong({ amount: 1e-9 }),
    3: enterLong({ amount: 5 }),
    4: enterLong(),
  }
  const { story, refusals } = play([scripted(script)], [marketOf('A/USDT', '1m', frame)], { cash: '100' })
  assert.deepEqual(story, [
    '0: refused: no-position',
    '1: refused: insufficient-cash',
    '2: refused: below-minimum',
    '3: test places buy A/USDT',
    '4: test buy 5 at 10, fee 0',
    '4: refused: position-open',
  ])
  assert.deepEqual(Object.fromEntries(refusals), {
    'no-position': 1,
    'insufficient-cash': 1,
    'below-minimum': 1,
    'position-open': 1,
  })
})

test('an amount that the open has put out of reach is rejected, and its claim on cash is gone', () => {
  const frame = candles([
    [10, 10],
    [25, 10],
    [10, 10],
  ])
  const { story, bot } = play(
    [scripted({ 0: enterLong({ amount: 5 }), 1: enterLong({ amount: 5 }) })],
    [marketOf('A/USDT', '1m', frame)],
    { cash: '100' },
  )
  assert.deepEqual(story, [
    '0: test places buy A/USDT',
    'rejected: insufficient-cash',
    '1: refused: insufficient-cash',
    '1: test places buy A/USDT',
    '2: test buy 5 at 10, fee 0',
  ])
  assert.equal(formatDecimal(bot.state.freeCash), '50')
})

test('while an order waits, its leg wants nothing else', () => {
  // Possible on paper only: a candle that closes after the order was taken up again from the ledger.
  const frame = candles([[10, 10]])
  const effects: Effect[] = []
  const options = marketOf('A/USDT', '1m', frame)
  const account = accountOf(1, parseDecimal('100'), 'all', '0')
  const bot = createBot([scripted({ 0: enterLong() })], [options], account, plainColumns, {
    record: effect => effects.push(effect),
  })
  const [market] = bot.state.markets
  closeSlice(bot, { kind: 'slice-closed', candles: [{ market: market!, row: 0 }] })
  const [order] = market!.book.takeMarketOrders(MINUTE)
  assert.ok(order)
  closeSlice(bot, { kind: 'slice-closed', candles: [{ market: market!, row: 0 }] })
  assert.deepEqual(effects.map(tell), ['0: test places buy A/USDT', '0: refused: order-pending'])
  assert.equal(bot.state.freeCash, 0n)
})

test('a share of equity shrinks to the cash that is there, down to half of itself, and not further', () => {
  // A doubles: equity is 150, a half is 75, and 50 are left.
  const rising = marketOf(
    'A/USDT',
    '1m',
    candles([
      [10, 10],
      [10, 20],
      [20, 20],
      [20, 20],
    ]),
  )
  const other = marketOf(
    'B/USDT',
    '1m',
    candles([
      [10, 10],
      [10, 10],
      [10, 10],
      [10, 10],
    ]),
  )
  const first = defineStrategy({
    decide: ({ symbol, time }) => (time === (symbol === 'A/USDT' ? 0 : MINUTE) ? enterLong() : undefined),
  })
  const { story } = play([instanceOf(first, '1m')], [other, rising], { cash: '100' })
  assert.deepEqual(story, [
    '0: test places buy A/USDT',
    '1: test buy 5 at 10, fee 0',
    '1: test places buy B/USDT',
    '2: test buy 5 at 10, fee 0',
  ])

  // A is five-fold: equity is 300, a half is 150, and 50 are less than half of that.
  const soaring = marketOf(
    'A/USDT',
    '1m',
    candles([
      [10, 10],
      [10, 50],
      [50, 50],
      [50, 50],
    ]),
  )
  const refused = play([instanceOf(first, '1m')], [soaring, other], { cash: '100' })
  assert.equal(refused.story.at(-1), '1: refused: insufficient-cash')

  // A fixed sum is all or nothing.
  const fixed = play([instanceOf(first, '1m')], [rising, other], { cash: '100', stake: '60' })
  assert.equal(fixed.story.at(-1), '1: refused: insufficient-cash')
})

test('cash that a waiting order has a claim on is not spent twice in one slice', () => {
  const frame = candles([
    [10, 10],
    [10, 10],
  ])
  const both = [scripted({ 0: enterLong() }, 'a'), scripted({ 0: enterLong() }, 'b')]
  const { story } = play(both, [marketOf('A/USDT', '1m', frame)], { cash: '100' })
  assert.deepEqual(story, ['0: a places buy A/USDT', '0: refused: insufficient-cash', '1: a buy 10 at 10, fee 0'])
})

test('two strategies on one symbol keep positions and trades of their own', () => {
  const frame = candles([
    [10, 10],
    [10, 11],
    [11, 12],
    [12, 12],
    [12, 12],
  ])
  const both = [
    scripted({ 0: enterLong({ amount: 2 }), 2: exit('a out') }, 'a'),
    scripted({ 1: enterLong({ amount: 3 }), 3: exit('b out') }, 'b'),
  ]
  const { story, trades, bot } = play(both, [marketOf('A/USDT', '1m', frame)], { cash: '100' })
  assert.deepEqual(story, [
    '0: a places buy A/USDT',
    '1: a buy 2 at 10, fee 0',
    '1: b places buy A/USDT',
    '2: b buy 3 at 11, fee 0',
    '2: a places sell A/USDT',
    '3: a sell 2 at 12, fee 0',
    'trade of a: 4',
    '3: b places sell A/USDT',
    '4: b sell 3 at 12, fee 0',
    'trade of b: 3',
  ])
  assert.equal(new Set(trades.map(({ id }) => id)).size, 2)
  assert.equal(formatDecimal(bot.state.cash), '107')
})

test('the same symbol on two exchanges is two markets with orders of their own', () => {
  const frame = candles([
    [10, 10],
    [10, 10],
  ])
  const markets = ['north', 'south'].map(exchange => ({
    series: { exchange, symbol: 'A/USDT', timeframe: '1m' as const },
    frame,
  }))
  const { fills } = play([scripted({ 0: enterLong() })], markets, {})
  assert.equal(fills.length, 2)
  assert.equal(new Set(fills.map(({ fillId }) => fillId)).size, 2)
})

test('on several timeframes an order of the slow one fills at its open, before fast candles inside it close', () => {
  const minutes = candles(Array.from({ length: 10 }, (_, minute) => [10 + minute, 10 + minute] as const))
  const fives = new CandleFrame()
  fives.append(0, 10, 14, 10, 14, 5)
  fives.append(5 * MINUTE, 15, 19, 15, 19, 5)
  const slow = instanceOf(
    defineStrategy({ decide: ({ time }) => (time === 0 ? enterLong() : undefined) }),
    '5m',
    {},
    'slow',
  )
  const fast = scripted({ 4: enterLong(), 6: enterLong() }, 'fast')
  const { story } = play([fast, slow], [marketOf('A/USDT', '5m', fives), marketOf('A/USDT', '1m', minutes)], {
    cash: '300',
  })
  assert.deepEqual(story, [
    '4: fast places buy A/USDT',
    '0: slow places buy A/USDT',
    '5: fast buy 10 at 15, fee 0',
    '5: slow buy 10 at 15, fee 0',
    '6: refused: position-open',
  ])
})

test('what a view shows of a position cannot be changed, and is that of this strategy alone', () => {
  const seen: unknown[] = []
  const curious = defineStrategy({
    decide({ position, params }) {
      seen.push(position)
      if (position) assert.throws(() => Object.assign(position, { amount: 1 }), TypeError)
      assert.throws(() => Object.assign(params, { memory: 1 }), TypeError)
      return position ? undefined : enterLong({ amount: 2 })
    },
  })
  const frame = candles([
    [10, 10],
    [12, 10],
    [10, 10],
  ])
  play([instanceOf(curious, '1m'), scripted({}, 'idle')], [marketOf('A/USDT', '1m', frame)], {})
  const position = { side: 'long', amount: 2, entryPrice: 12, entryTime: MINUTE }
  assert.deepEqual(seen, [undefined, position, position])
})

test('a view leads to no frame, no array and no other row', () => {
  const reached = new Set<unknown>()
  const doors: string[] = []
  const walk = (value: unknown, path: string): void => {
    if ((typeof value !== 'object' && typeof value !== 'function') || value === null || reached.has(value)) return
    reached.add(value)
    if (ArrayBuffer.isView(value) || value instanceof CandleFrame || value instanceof ArrayBuffer) doors.push(path)
    for (const key of Reflect.ownKeys(value)) {
      const property = Reflect.getOwnPropertyDescriptor(value, key)
      walk(property?.get ?? (property?.value as unknown), `${path}.${String(key)}`)
    }
    const prototype: unknown = Object.getPrototypeOf(value)
    if (prototype !== Object.prototype && prototype !== Function.prototype) walk(prototype, `${path}.prototype`)
  }
  let calls = 0
  const explorer = defineStrategy({
    columns: () => ({ mean: sma({ period: 1 }), hour: sma({ period: 1 }).on('3m') }),
    decide(view) {
      calls++
      reached.clear()
      walk(view, 'view')
      for (const series of [view.close, view.mean, view.hour])
        for (const candles of [-1, 0.5, Number.NaN, -Infinity, '1', undefined, null, -0.1])
          assert.throws(() => series.ago(candles as number), { kind: 'bad-input' })
      assert.equal(view.close.ago(0), view.close.now)
      assert.ok(Number.isNaN(view.close.ago(1e9)) && Number.isNaN(view.close.ago(2 ** 53)))
    },
  })
  const frame = candles([
    [1, 1],
    [2, 2],
    [3, 3],
    [4, 4],
  ])
  play([instanceOf(explorer, '1m')], [marketOf('A/USDT', '1m', frame)], {})
  assert.equal(calls, 2)
  assert.deepEqual(doors, [])
})

test('a strategy without a market of its timeframe is a bug, not a bot that never trades', () => {
  const markets = [marketOf('A/USDT', '5m', candles([[1, 1]]))]
  assert.throws(() => play([scripted({})], markets, {}), { kind: 'bug', message: /test has no 1m market/ })
})
