import assert from 'node:assert/strict'
import { describe, test } from 'node:test'
import { defaultInstrument } from '../../src/domain/instrument.ts'
import { formatDecimal, parseDecimal, toNumber } from '../../src/domain/money.ts'
import type { Timeframe } from '../../src/domain/timeframe.ts'
import { add, defineStrategy, enterLong, enterShort, exit } from '../../src/index.ts'
import type { Intent } from '../../src/domain/intent.ts'
import { instanceOf, marketOf } from '../support/backtests.ts'
import { candles, MINUTE, play, playOne, scripted, type Row } from '../support/stories.ts'

const FLAT: Row = [100, 100]

describe('an exit plan', () => {
  test('closes the position whole at its stop, as a taker with slippage to the next tick', () => {
    const instrument = { ...defaultInstrument('test', 'A/USDT'), priceTick: parseDecimal('0.1') }
    const frame = candles([FLAT, FLAT, [100, 100, 90, 95], [95, 95]])
    const market = marketOf('A/USDT', '1m', frame, { instrument })
    const { story } = play([scripted({ 0: enterLong({ amount: 2, stopLossPrice: 96.87 }) })], [market], {
      fee: '0.002',
      makerFee: '0.001',
      slippage: '0.001',
    })
    // 96.87 is no price: sold at 96.8, less 0.0968, down to 96.7.
    assert.deepEqual(story.slice(2), [
      '2: stop_loss of test on A/USDT',
      '2: test sell 2 at 96.7, fee 0.3868, slippage 0.2',
      'trade of test: -7.5872',
    ])
  })

  test('takes its profit as a maker', () => {
    const { story } = playOne(
      { 0: enterShort({ amount: 2, takeProfitPercent: 10 }) },
      [FLAT, FLAT, [100, 100, 89, 95]],
      { fee: '0.002', makerFee: '0.001', slippage: '0.001' },
    )
    assert.deepEqual(story.slice(2, 4), [
      '2: take_profit of test on A/USDT',
      '2: test buy 2 at 89.91 as maker, fee 0.17982',
    ])
  })

  test('may end a position in the very candle that opened it, and lets the strategy enter again at its close', () => {
    const { story } = playOne({ 0: enterLong({ amount: 1, stopLossPercent: 5 }), 1: enterLong({ amount: 1 }) }, [
      FLAT,
      [100, 100, 90, 92],
      [93, 93],
    ])
    assert.deepEqual(story, [
      '0: test places buy A/USDT',
      '1: test buy 1 at 100, fee 0',
      '1: stop_loss of test on A/USDT',
      '1: test sell 1 at 95, fee 0',
      'trade of test: -5',
      '1: test places buy A/USDT',
      '2: test buy 1 at 93, fee 0',
    ])
  })

  test('closes at the open of the candle so many after the entry, before whatever else it holds', () => {
    const { story } = playOne({ 0: enterLong({ amount: 1, maxHoldCandles: 2, stopLossPercent: 50 }) }, [
      FLAT,
      FLAT,
      FLAT,
      [101, 200, 10, 20],
    ])
    assert.deepEqual(story.slice(2), [
      '3: time_stop of test on A/USDT',
      '3: test sell 1 at 101, fee 0',
      'trade of test: 1',
    ])
  })

  test('a short without a stop ends where its collateral is used up; cash is never negative', () => {
    const { story, bot, fills } = playOne(
      { 0: enterShort({ amount: 2 }) },
      [FLAT, FLAT, [100, 150], [150, 250], [250, 250]],
      { cash: '200.2', fee: '0.001' },
    )
    assert.equal(story[2], '3: liquidation of test on A/USDT')
    // 400 of collateral and value pay for two at 400 / 2.002 and the fee of that.
    assert.ok(Math.abs(toNumber(fills[1]!.price) - 400 / 2.002) < 1e-12)
    assert.ok(bot.state.cash >= 0n && toNumber(bot.state.cash) < 1e-12)
  })

  test('a short that the market jumps past brings nothing back, and takes nothing more', () => {
    const { story, bot } = playOne({ 0: enterShort({ amount: 2 }) }, [FLAT, FLAT, [1_000, 1_000]], { cash: '300' })
    assert.deepEqual(story.slice(2), [
      '2: liquidation of test on A/USDT',
      '2: test buy 2 at 1000, fee 0',
      'trade of test: -200',
    ])
    assert.equal(formatDecimal(bot.state.cash), '100')
  })
})

describe('an order and an exit plan in one candle', () => {
  const entered = (exits: object, then: Intent) => ({ 0: enterLong({ amount: 1, ...exits }), 1: then })

  test('closed at the open for its age, nothing is added inside the candle', () => {
    const { story } = playOne(entered({ maxHoldCandles: 1 }, add({ limit: 90, amount: 1 })), [
      FLAT,
      FLAT,
      [100, 100, 80, 85],
    ])
    assert.deepEqual(story.slice(3), [
      'add canceled: time_stop',
      '2: time_stop of test on A/USDT',
      '2: test sell 1 at 100, fee 0',
      'trade of test: 0',
    ])
  })

  test('stopped at the open, nothing is added below it', () => {
    const { story } = playOne(entered({ stopLossPercent: 5 }, add({ limit: 90, amount: 1 })), [
      FLAT,
      FLAT,
      [94, 96, 80, 85],
    ])
    assert.deepEqual(story.slice(3), [
      'add canceled: stop_loss',
      '2: stop_loss of test on A/USDT',
      '2: test sell 1 at 94, fee 0',
      'trade of test: -6',
    ])
  })

  test('with a target it is not known whether the price fell before it rose: nothing is added', () => {
    const { story } = playOne(entered({ takeProfitPercent: 10 }, add({ limit: 90, amount: 1 })), [
      FLAT,
      FLAT,
      [100, 111, 89, 100],
    ])
    assert.deepEqual(story.slice(3), [
      'add canceled: take_profit',
      '2: take_profit of test on A/USDT',
      '2: test sell 1 at 110 as maker, fee 0',
      'trade of test: 10',
    ])
  })

  test('with a stop inside it is not known either: it was added, and all of it is stopped', () => {
    const { story } = playOne(entered({ stopLossPercent: 5 }, add({ stop: 105, amount: 1 })), [
      FLAT,
      FLAT,
      [100, 106, 94, 100],
    ])
    assert.deepEqual(story.slice(3), [
      '2: test buy 1 at 105, fee 0',
      '2: stop_loss of test on A/USDT',
      '2: test sell 2 at 95, fee 0',
      'trade of test: -15',
    ])
  })

  test('what was added at the open is there for the target', () => {
    const { story } = playOne(entered({ takeProfitPercent: 10 }, add({ limit: 98, amount: 1 })), [
      FLAT,
      [100, 105],
      [97, 111, 96, 100],
    ])
    assert.deepEqual(story.slice(3), [
      '2: test buy 1 at 97, fee 0',
      '2: take_profit of test on A/USDT',
      '2: test sell 2 at 110 as maker, fee 0',
      'trade of test: 23',
    ])
  })

  test('the average that an addition inside the candle made is no profit yet, unless the close says so', () => {
    const rows = (close: number): Row[] => [FLAT, FLAT, [98, 100, 89, close], [93, 93]]
    const intents = entered({ roi: { 0: 1 } }, add({ limit: 90, amount: 1 }))
    // The average is 95, its ROI price 95.95.
    assert.deepEqual(playOne(intents, rows(91)).story.slice(3), ['2: test buy 1 at 90 as maker, fee 0'])
    assert.deepEqual(playOne(intents, rows(97)).story.slice(3), [
      '2: test buy 1 at 90 as maker, fee 0',
      '2: roi of test on A/USDT',
      '2: test sell 2 at 95.95, fee 0',
      'trade of test: 1.9',
    ])
  })

  test('a resting exit above the target is never reached', () => {
    const { story } = playOne(entered({ takeProfitPercent: 10 }, exit({ limit: 115 })), [
      FLAT,
      FLAT,
      [100, 120, 99, 100],
    ])
    assert.deepEqual(story.slice(3), [
      'exit canceled: take_profit',
      '2: take_profit of test on A/USDT',
      '2: test sell 1 at 110 as maker, fee 0',
      'trade of test: 10',
    ])
  })

  test('a resting exit below the target is met first; what it leaves goes on to the target', () => {
    const { story } = playOne(entered({ takeProfitPercent: 10, amount: 4 }, exit({ limit: 105, percent: 25 })), [
      FLAT,
      FLAT,
      [100, 120, 99, 100],
    ])
    assert.deepEqual(story.slice(3), [
      '2: test sell 1 at 105 as maker, fee 0',
      '2: take_profit of test on A/USDT',
      '2: test sell 3 at 110 as maker, fee 0',
      'trade of test: 35',
    ])
  })

  test('of a stop and a resting exit inside one candle the worse is taken, the stop', () => {
    const { story } = playOne(entered({ stopLossPercent: 5 }, exit({ limit: 105 })), [FLAT, FLAT, [100, 110, 94, 100]])
    assert.deepEqual(story.slice(3), [
      'exit canceled: stop_loss',
      '2: stop_loss of test on A/USDT',
      '2: test sell 1 at 95, fee 0',
      'trade of test: -5',
    ])
  })

  test('a resting exit that the open is beyond comes before a stop inside the candle', () => {
    const { story } = playOne(entered({ stopLossPercent: 5 }, exit({ limit: 105 })), [FLAT, FLAT, [106, 110, 94, 100]])
    assert.deepEqual(story.slice(3), ['2: test sell 1 at 106, fee 0', 'trade of test: 6'])
  })

  test('on its way up to where a stop trails, the price meets the resting exit', () => {
    const { story } = playOne(entered({ trailing: 5 }, exit({ limit: 105 })), [FLAT, FLAT, [100, 120, 99, 110]])
    assert.deepEqual(story.slice(3), ['2: test sell 1 at 105 as maker, fee 0', 'trade of test: 5'])
  })

  test('the same for a short, mirrored', () => {
    const script = { 0: enterShort({ amount: 4, takeProfitPercent: 10 }), 1: exit({ limit: 95, percent: 25 }) }
    assert.deepEqual(playOne(script, [FLAT, FLAT, [100, 101, 80, 100]]).story.slice(3), [
      '2: test buy 1 at 95 as maker, fee 0',
      '2: take_profit of test on A/USDT',
      '2: test buy 3 at 90 as maker, fee 0',
      'trade of test: 35',
    ])
    const closed = { 0: enterShort({ amount: 1, maxHoldCandles: 1 }), 1: add({ limit: 110, amount: 1 }) }
    assert.deepEqual(playOne(closed, [FLAT, FLAT, [100, 120, 100, 115]]).story.slice(3), [
      'add canceled: time_stop',
      '2: time_stop of test on A/USDT',
      '2: test buy 1 at 100, fee 0',
      'trade of test: 0',
    ])
  })
})

describe('a trailing stop that waits for its profit', () => {
  test('is armed by a price that is no new best, once an addition has brought the entry down', () => {
    // Best 106 of an entry at 100 is not 8 % yet; of the average 95 a price of 105 is.
    const { story } = playOne(
      { 0: enterLong({ amount: 1, trailing: { percent: 2, afterPercent: 8 } }), 2: add({ amount: 1 }) },
      [FLAT, FLAT, [100, 106, 90, 90], [90, 91], [91, 105, 90, 104], [104, 104, 102, 103]],
    )
    assert.deepEqual(story.slice(3), [
      '3: test buy 1 at 90, fee 0',
      '4: trailing_stop_loss of test on A/USDT',
      '4: test sell 2 at 102.9, fee 0',
      'trade of test: 15.8',
    ])
  })
})

describe('a lower timeframe', () => {
  const FIVE = 5 * MINUTE

  /** Decides on 5m candles by the script, in minutes; 1m candles tell what came first. */
  function detailed(
    script: Readonly<Record<number, Intent>>,
    fives: readonly Row[],
    minutes: readonly Row[] | undefined,
    timeframe: Timeframe = '5m',
  ): readonly string[] {
    const decide = defineStrategy({ decide: ({ time }) => script[time / MINUTE] })
    const detail = minutes && { timeframe: '1m' as const, frame: candles(minutes) }
    const market = marketOf('A/USDT', timeframe, candles(fives, FIVE), detail === undefined ? {} : { detail })
    return play([instanceOf(decide, timeframe)], [market]).story
  }

  const script = { 0: enterLong({ amount: 1, stopLossPercent: 5, takeProfitPercent: 10 }) }
  const fives: readonly Row[] = [FLAT, [100, 111, 94, 100]]
  const first: readonly Row[] = [FLAT, FLAT, FLAT, FLAT, FLAT]
  const tail = (story: readonly string[]) => story.slice(2)

  test('decides whether stop or target came first', () => {
    const targetFirst: readonly Row[] = [...first, FLAT, [100, 111, 99, 105], [105, 105, 94, 95], FLAT, FLAT]
    const stopFirst: readonly Row[] = [...first, FLAT, [100, 100, 94, 95], [95, 111, 95, 105], FLAT, FLAT]
    assert.deepEqual(tail(detailed(script, fives, targetFirst)), [
      '6: take_profit of test on A/USDT',
      '6: test sell 1 at 110 as maker, fee 0',
      'trade of test: 10',
    ])
    assert.deepEqual(tail(detailed(script, fives, stopFirst)), [
      '6: stop_loss of test on A/USDT',
      '6: test sell 1 at 95, fee 0',
      'trade of test: -5',
    ])
  })

  test('leaves the worse where it does not say, or where it has no candles', () => {
    const both: readonly Row[] = [...first, FLAT, [100, 111, 94, 100], FLAT, FLAT, FLAT]
    assert.match(tail(detailed(script, fives, both))[0]!, /^6: stop_loss/)
    assert.match(tail(detailed(script, fives, first))[0]!, /^5: stop_loss/)
    assert.match(tail(detailed(script, fives, undefined))[0]!, /^5: stop_loss/)
  })

  test('a limit takes in the first minute of its first candle only', () => {
    const limit = { 0: enterLong({ amount: 1, limit: 98 }) }
    const told = (...rows: readonly Row[]) => {
      const whole = { high: 101, low: 90 }
      return detailed(limit, [FLAT, [rows[0]![0], whole.high, whole.low, 100]], [...first, ...rows]).at(-1)
    }
    assert.equal(told([97, 97], FLAT), '5: test buy 1 at 97, fee 0')
    assert.equal(told(FLAT, [97, 97]), '6: test buy 1 at 97 as maker, fee 0')
    assert.equal(told(FLAT, [100, 100, 97, 99]), '6: test buy 1 at 98 as maker, fee 0')
  })

  test('a price that the candle does not have is none of its own: a minute that did not trade shows the close before', () => {
    const enter = { 0: enterLong({ amount: 1, takeProfitPercent: 3, stopLossPercent: 50 }) }
    const minutes: readonly Row[] = [...first, FLAT, [95, 96], [96, 94], FLAT, FLAT]
    assert.deepEqual(detailed(enter, [FLAT, [95, 96, 94, 94]], minutes), [
      '0: test places buy A/USDT',
      '5: test buy 1 at 95, fee 0',
    ])
  })

  test('a limit of age counts candles of the deciding timeframe from the one of the entry', () => {
    // Entered at minute 7, inside the candle of minute 5.
    const held = { 0: enterLong({ amount: 1, limit: 98, maxHoldCandles: 2 }) }
    const minutes = [...first, FLAT, FLAT, [100, 100, 97, 99] as Row, ...Array<Row>(12).fill([99, 99])]
    assert.deepEqual(detailed(held, [FLAT, [100, 100, 97, 99], [99, 99], [99, 99]], minutes).slice(1), [
      '7: test buy 1 at 98 as maker, fee 0',
      '15: time_stop of test on A/USDT',
      '15: test sell 1 at 99, fee 0',
      'trade of test: 1',
    ])
  })

  test('a ROI step comes into force in the minute that it is for, inside a candle', () => {
    const roi = { 0: enterLong({ amount: 1, roi: { 0: 20, 7: 1 } }) }
    const minutes = [...first, ...first, ...Array<Row>(5).fill([102, 102])]
    assert.deepEqual(detailed(roi, [FLAT, FLAT, [102, 102], [102, 102]], minutes).slice(2), [
      '12: roi of test on A/USDT',
      '12: test sell 1 at 102, fee 0',
      'trade of test: 2',
    ])
  })
})
