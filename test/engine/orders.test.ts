import assert from 'node:assert/strict'
import { describe, test } from 'node:test'
import { defaultInstrument, type Instrument } from '../../src/domain/instrument.ts'
import { formatDecimal, parseDecimal } from '../../src/domain/money.ts'
import { atClose } from '../../src/engine/placement.ts'
import { add, cancel, enterLong, enterShort, exit } from '../../src/index.ts'
import { marketOf } from '../support/backtests.ts'
import { candles, play, playOne, scripted } from '../support/stories.ts'

const instrumentOf = (changes: Readonly<Partial<Record<keyof Instrument, string>>>): Instrument => ({
  ...defaultInstrument('test', 'A/USDT'),
  ...Object.fromEntries(Object.entries(changes).map(([name, text]) => [name, parseDecimal(text)])),
})

describe('a limit', () => {
  test('rests until the market trades through it, and pays the fee of a maker', () => {
    const { story } = playOne(
      { 0: enterLong({ limit: 95, amount: 2 }), 3: exit({ limit: 105 }) },
      [
        [100, 100],
        [100, 101, 95, 99],
        [99, 100, 94, 98],
        [98, 100],
        [100, 105, 99, 104],
        [104, 106, 103, 103],
      ],
      { fee: '0.002', makerFee: '0.001', slippage: '0.01' },
    )
    assert.deepEqual(story, [
      '0: test places buy A/USDT limit 95',
      '2: test buy 2 at 95 as maker, fee 0.19',
      '3: test places sell A/USDT limit 105',
      '5: test sell 2 at 105 as maker, fee 0.21',
      'trade of test: 19.6',
    ])
  })

  test('that the first open is beyond takes: with the fee and slippage of a taker, but never beyond its price', () => {
    const { story } = playOne(
      { 0: enterLong({ limit: 100, amount: 2 }), 1: exit({ limit: 98 }) },
      [
        [101, 101],
        [99.5, 100],
        [98.5, 99],
      ],
      { fee: '0.002', makerFee: '0.001', slippage: '0.01' },
    )
    assert.deepEqual(story, [
      '0: test places buy A/USDT limit 100',
      '1: test buy 2 at 100, fee 0.4, slippage 1',
      '1: test places sell A/USDT limit 98',
      '2: test sell 2 at 98, fee 0.392, slippage 1',
      'trade of test: -4.792',
    ])
  })

  test('takes in the first candle that comes, also when that is after a gap', () => {
    const { story } = playOne(
      { 0: enterLong({ limit: 95, amount: 2 }) },
      [[100, 100], undefined, undefined, [90, 91], [80, 80]],
      { fee: '0.002', makerFee: '0.001' },
    )
    assert.deepEqual(story, ['0: test places buy A/USDT limit 95', '3: test buy 2 at 90, fee 0.36'])
  })

  test('that rested over a gap fills at the open behind it, as a maker', () => {
    const { story } = playOne(
      { 0: enterLong({ limit: 95, amount: 2 }) },
      [[100, 100], [100, 100], undefined, undefined, [90, 91]],
      { fee: '0.002', makerFee: '0.001' },
    )
    assert.deepEqual(story, ['0: test places buy A/USDT limit 95', '4: test buy 2 at 90 as maker, fee 0.18'])
  })

  test('for a short sells above, against its value as collateral', () => {
    const { story, bot } = playOne(
      { 0: enterShort({ limit: 105, amount: 2 }), 2: exit({ limit: 95 }) },
      [
        [100, 100],
        [100, 105, 99, 100],
        [100, 106, 99, 100],
        [100, 100, 94, 99],
      ],
      { cash: '210' },
    )
    assert.deepEqual(story, [
      '0: test places sell A/USDT limit 105',
      '2: test sell 2 at 105 as maker, fee 0',
      '2: test places buy A/USDT limit 95',
      '3: test buy 2 at 95 as maker, fee 0',
      'trade of test: 20',
    ])
    assert.equal(formatDecimal(bot.state.cash), '230')
  })

  test('lies on the grid of prices, never worse than asked; below a tick there is no such price', () => {
    const instrument = instrumentOf({ priceTick: '0.5' })
    const frame = candles([
      [100, 100],
      [100, 100],
      [100, 100],
      [100, 100],
    ])
    const script = {
      0: enterLong({ limit: 95.7, amount: 1 }),
      1: cancel(),
      2: enterShort({ limit: 105.2, amount: 1 }),
      3: cancel(),
    }
    const market = marketOf('A/USDT', '1m', frame, { instrument })
    assert.deepEqual(play([scripted(script)], [market]).story, [
      '0: test places buy A/USDT limit 95.5',
      'entry canceled: cancel',
      '2: test places sell A/USDT limit 105.5',
      'entry canceled: cancel',
    ])
    assert.deepEqual(play([scripted({ 0: enterLong({ limit: 0.4 }) })], [market]).story, ['0: refused: price-off-grid'])
  })
})

describe('a stop entry', () => {
  test('is a market order at its price once that is touched, with slippage', () => {
    const { story } = playOne(
      { 0: enterLong({ stop: 105, amount: 2 }) },
      [
        [100, 100],
        [100, 104.9, 99, 100],
        [100, 105, 99, 100],
      ],
      { fee: '0.002', makerFee: '0.001', slippage: '0.01' },
    )
    assert.deepEqual(story, ['0: test places buy A/USDT stop 105', '2: test buy 2 at 106.05, fee 0.4242, slippage 2.1'])
  })

  test('that the market jumps over pays the open', () => {
    const { story } = playOne({ 0: enterShort({ stop: 95, amount: 2 }) }, [
      [100, 100],
      [90, 91],
    ])
    assert.deepEqual(story, ['0: test places sell A/USDT stop 95', '1: test sell 2 at 90, fee 0'])
  })

  test('for an amount that the jump put out of reach is rejected, and its claim is gone', () => {
    const { story, bot } = playOne(
      { 0: enterLong({ stop: 105, amount: 2 }) },
      [
        [100, 100],
        [120, 120],
      ],
      { cash: '215' },
    )
    assert.deepEqual(story, [
      '0: test places buy A/USDT stop 105',
      'rejected: insufficient-cash',
      '1: refused: insufficient-cash',
    ])
    assert.equal(bot.state.freeCash, bot.state.cash)
    assert.equal(bot.state.markets[0]!.book.orders.length, 0)
  })
})

describe('a resting order', () => {
  test('is good for as many candles as it says, and then gone', () => {
    const rows = [
      [100, 100],
      [100, 100],
      [100, 100],
      [100, 100, 90, 100],
    ] as const
    const told = (goodForCandles: number) => playOne({ 0: enterLong({ limit: 95, goodForCandles, amount: 1 }) }, rows)
    assert.deepEqual(told(2).story, ['0: test places buy A/USDT limit 95', 'entry canceled: expired'])
    assert.deepEqual(told(3).story, ['0: test places buy A/USDT limit 95', '3: test buy 1 at 95 as maker, fee 0'])
  })

  test('that expires over a gap is not filled behind it', () => {
    const { story, bot } = playOne({ 0: enterLong({ limit: 95, goodForCandles: 2 }) }, [
      [100, 100],
      [100, 100],
      undefined,
      [90, 90],
    ])
    assert.deepEqual(story, ['0: test places buy A/USDT limit 95', 'entry canceled: expired'])
    assert.equal(bot.state.freeCash, bot.state.cash)
  })

  test('holds its claim on cash until the strategy takes it back', () => {
    const { story, bot } = playOne(
      { 0: enterLong({ limit: 95, amount: 1 }), 1: enterLong(), 2: cancel('why'), 3: cancel() },
      [
        [100, 100],
        [100, 100],
        [100, 100],
        [90, 90],
      ],
    )
    assert.deepEqual(story, [
      '0: test places buy A/USDT limit 95',
      '1: refused: order-pending',
      'entry canceled: why',
      '3: refused: no-order',
    ])
    assert.equal(bot.state.freeCash, bot.state.cash)
  })

  test('makes way for an exit: nothing holds an exit up', () => {
    const { story } = playOne(
      { 0: enterLong({ amount: 1 }), 1: add({ limit: 50, amount: 1 }), 2: exit({ limit: 150 }), 3: exit() },
      [
        [100, 100],
        [100, 100],
        [100, 100],
        [100, 100],
        [99, 99],
      ],
    )
    assert.deepEqual(story, [
      '0: test places buy A/USDT',
      '1: test buy 1 at 100, fee 0',
      '1: test places buy A/USDT limit 50',
      'add canceled: replaced by an exit',
      '2: test places sell A/USDT limit 150',
      'exit canceled: replaced by an exit',
      '3: test places sell A/USDT',
      '4: test sell 1 at 99, fee 0',
      'trade of test: -1',
    ])
  })
})

describe('an exit of a part', () => {
  const rows = [
    [100, 100],
    [100, 110],
    [110, 120],
    [120, 130],
    [130, 130],
  ] as const

  test('sells so much, in percent or base units; the trade closes with the last of it', () => {
    const { story, trades } = playOne(
      { 0: enterLong({ amount: 4 }), 1: exit({ percent: 25 }), 2: exit({ amount: 2 }), 3: exit('rest') },
      rows,
    )
    assert.deepEqual(story, [
      '0: test places buy A/USDT',
      '1: test buy 4 at 100, fee 0',
      '1: test places sell A/USDT',
      '2: test sell 1 at 110, fee 0',
      '2: test places sell A/USDT',
      '3: test sell 2 at 120, fee 0',
      '3: test places sell A/USDT',
      '4: test sell 1 at 130, fee 0',
      'trade of test: 80',
    ])
    assert.equal(formatDecimal(trades[0]!.exitPrice), '120')
  })

  test('never sells more than is held', () => {
    const { story } = playOne({ 0: enterLong({ amount: 4 }), 1: exit({ amount: 5 }) }, rows)
    assert.equal(story.at(-2), '2: test sell 4 at 110, fee 0')
  })

  test('goes down to whole steps, and takes all where what is left could not be sold later', () => {
    const instrument = instrumentOf({ amountStep: '0.5', notionalMin: '150' })
    const market = marketOf('A/USDT', '1m', candles(rows), { instrument })
    const sold = (wanted: Parameters<typeof exit>[0]) =>
      play([scripted({ 0: enterLong({ amount: 4 }), 1: exit(wanted) })], [market]).story.slice(3)
    assert.deepEqual(sold({ percent: 45 }), ['2: test sell 1.5 at 110, fee 0'])
    // 150 of value at 110 are 1.36: what is left has to be 1.5.
    assert.deepEqual(sold({ amount: 2.9 }), ['2: test sell 2.5 at 110, fee 0'])
    assert.deepEqual(sold({ amount: 3 }), ['2: test sell 4 at 110, fee 0', 'trade of test: 40'])
    assert.deepEqual(
      play([scripted({ 0: enterLong({ amount: 4 }), 1: exit({ amount: 1 }) })], [market]).story[2],
      '1: refused: below-minimum',
    )
  })

  test('by a limit leaves the rest to its exit plan', () => {
    const { story } = playOne(
      { 0: enterLong({ amount: 4, stopLossPercent: 5 }), 1: exit({ percent: 50, limit: 110 }) },
      [
        [100, 100],
        [100, 100],
        [100, 111, 99, 100],
        [100, 100, 90, 90],
      ],
    )
    assert.deepEqual(story.slice(3), [
      '2: test sell 2 at 110 as maker, fee 0',
      '3: stop_loss of test on A/USDT',
      '3: test sell 2 at 95, fee 0',
      'trade of test: 10',
    ])
  })
})

describe('adding to a position', () => {
  test('averages it; stop and target stay where they are', () => {
    const { story, trades } = playOne({ 0: enterLong({ amount: 1, stopLossPercent: 10 }), 1: add({ amount: 3 }) }, [
      [100, 100],
      [100, 140],
      [140, 140],
      [140, 140, 89, 90],
    ])
    assert.deepEqual(story, [
      '0: test places buy A/USDT',
      '1: test buy 1 at 100, fee 0',
      '1: test places buy A/USDT',
      '2: test buy 3 at 140, fee 0',
      '3: stop_loss of test on A/USDT',
      '3: test sell 4 at 90, fee 0',
      'trade of test: -160',
    ])
    assert.equal(formatDecimal(trades[0]!.entryPrice), '130')
  })

  test('to a short sells more', () => {
    const { story } = playOne({ 0: enterShort({ amount: 1 }), 1: add({ limit: 120, amount: 1 }), 3: exit() }, [
      [100, 100],
      [100, 100],
      [100, 121, 100, 110],
      [110, 110],
      [110, 110],
    ])
    assert.deepEqual(story.slice(2), [
      '1: test places sell A/USDT limit 120',
      '2: test sell 1 at 120 as maker, fee 0',
      '3: test places buy A/USDT',
      '4: test buy 2 at 110, fee 0',
      'trade of test: 0',
    ])
  })

  test('needs a position', () => {
    const { story } = playOne({ 0: add() }, [[100, 100]])
    assert.deepEqual(story, ['0: refused: no-position'])
  })
})

describe('at the close', () => {
  test('a market order fills at the close that was decided on, what rests waits as ever', () => {
    const { story } = playOne(
      { 0: enterLong({ amount: 1, stopLossPercent: 5 }), 2: enterLong({ limit: 50, amount: 1 }), 3: exit() },
      [
        [90, 100],
        [101, 101, 95, 96],
        [96, 96],
        [49, 60, 49, 60],
      ],
      { placement: atClose, slippage: '0.01', fee: '0.001' },
    )
    assert.deepEqual(story, [
      '0: test places buy A/USDT',
      '0: test buy 1 at 101, fee 0.101, slippage 1',
      '1: stop_loss of test on A/USDT',
      '1: test sell 1 at 94.9905, fee 0.0949905, slippage 0.9595',
      'trade of test: -6.2054905',
      '2: test places buy A/USDT limit 50',
      '3: test buy 1 at 49.49, fee 0.04949, slippage 0.49',
      '3: test places sell A/USDT',
      '3: test sell 1 at 59.4, fee 0.0594, slippage 0.6',
      'trade of test: 9.80111',
    ])
  })

  test('entries of one instant are all judged before the first of them fills', () => {
    const frame = candles([[100, 100]])
    const both = [scripted({ 0: enterLong({ amount: 6 }) }, 'a'), scripted({ 0: enterLong({ amount: 6 }) }, 'b')]
    const { story } = play(both, [marketOf('A/USDT', '1m', frame)], { placement: atClose, cash: '1000' })
    assert.deepEqual(story, ['0: a places buy A/USDT', '0: a buy 6 at 100, fee 0', '0: refused: insufficient-cash'])
  })
})
