import assert from 'node:assert/strict'
import { describe, test } from 'node:test'
import { defaultInstrument } from '../../src/domain/instrument.ts'
import { formatDecimal, parseDecimal } from '../../src/domain/money.ts'
import type { TradingMode } from '../../src/domain/trading-mode.ts'
import { createBot } from '../../src/engine/create-bot.ts'
import { closeSlice, obey, passSlice } from '../../src/engine/drive.ts'
import type { Bot } from '../../src/engine/bot.ts'
import type { Command, Effect } from '../../src/engine/events.ts'
import type { MarketOptions } from '../../src/engine/market.ts'
import { cancel, defineStrategy, enterLong, enterShort, exit } from '../../src/index.ts'
import type { Intent } from '../../src/domain/intent.ts'
import type { RiskLimits } from '../../src/risk/limits.ts'
import type { StrategyInstance } from '../../src/strategy/instance.ts'
import { accountFrom, instanceOf, marketOf, plainColumns, type TestAccount } from '../support/backtests.ts'
import { positionOf } from '../support/orders.ts'
import { candles, MINUTE, play, playOne, scripted, tell, type Row } from '../support/stories.ts'

const FLAT: Row = [100, 100]
const flats = (count: number): readonly Row[] => Array<Row>(count).fill(FLAT)

/** What each symbol wants at a minute: `{ 0: { A: enterLong() } }`. */
function bySymbol(script: Readonly<Record<number, Readonly<Record<string, Intent>>>>, name = 'test'): StrategyInstance {
  const decide = defineStrategy({ decide: ({ time, symbol }) => script[time / MINUTE]?.[symbol.slice(0, 1)] })
  return instanceOf(decide, '1m', {}, name)
}

const marketsOf = (bases: string, rows: readonly Row[]): readonly MarketOptions[] =>
  [...bases].map(base => marketOf(`${base}/USDT`, '1m', candles(rows)))

describe('ranks', () => {
  test('when cash is short the higher goes first, of equals the first symbol, then the first strategy', () => {
    const wants = (name: string, rankOfA: number) =>
      bySymbol({ 0: { A: enterLong({ rank: rankOfA }), B: enterLong({ rank: 2 }), C: enterLong() } }, name)
    const { story } = play([wants('x', 1), wants('y', 2)], marketsOf('CAB', flats(1)), { cash: '1000', stake: '400' })
    assert.deepEqual(story, [
      // y on A, x on B and y on B have 2; A goes before B.
      '0: y places buy A/USDT',
      '0: x places buy B/USDT',
      ...Array<string>(4).fill('0: refused: insufficient-cash'),
    ])
  })

  test('a negative rank comes after those without one', () => {
    const { story } = play(
      [bySymbol({ 0: { A: enterLong({ rank: -1 }), B: enterLong() } })],
      marketsOf('AB', flats(1)),
      { stake: '100%' },
    )
    assert.deepEqual(story, ['0: test places buy B/USDT', '0: refused: insufficient-cash'])
  })

  test('exits of an instant are judged before its entries', () => {
    const { story } = play(
      [bySymbol({ 0: { B: enterLong({ amount: 1 }) }, 1: { A: enterLong({ amount: 1 }), B: exit() } })],
      marketsOf('AB', flats(2)),
    )
    assert.deepEqual(story.slice(2), ['1: test places sell B/USDT', '1: test places buy A/USDT'])
  })
})

describe('limits', () => {
  test('orders that wait for an entry count like positions, over all strategies', () => {
    const limits: RiskLimits = { openPositionsMax: 2 }
    const all = { A: enterLong({ amount: 1 }), B: enterLong({ amount: 1, limit: 50 }), C: enterLong({ amount: 1 }) }
    const { story } = play([bySymbol({ 0: all, 1: all })], marketsOf('ABC', flats(2)), { limits })
    assert.deepEqual(story, [
      '0: test places buy A/USDT',
      '0: test places buy B/USDT limit 50',
      '0: refused: max-open-positions',
      '1: test buy 1 at 100, fee 0',
      '1: refused: position-open',
      '1: refused: order-pending',
      '1: refused: max-open-positions',
    ])
  })

  test('a symbol and a side hold no more than their share, what waits included', () => {
    const limits: RiskLimits = { symbolExposureMax: parseDecimal('0.3'), shortExposureMax: parseDecimal('0.1') }
    const two = (name: string) => bySymbol({ 0: { A: enterLong({ amount: 2 }), B: enterShort({ amount: 1 }) } }, name)
    const { story } = play([two('x'), two('y')], marketsOf('AB', flats(1)), { cash: '1000', limits })
    assert.deepEqual(story, [
      '0: x places buy A/USDT',
      '0: refused: max-symbol-exposure',
      '0: x places sell B/USDT',
      '0: refused: max-side-exposure',
    ])
  })
})

describe('protections', () => {
  const losing: readonly Row[] = [FLAT, [100, 100, 90, 90], ...flats(6)]
  const again = Object.fromEntries(
    [0, 1, 2, 3, 4, 5].map(minute => [minute, enterLong({ amount: 1, stopLossPercent: 5 })]),
  )

  test('after a stop the symbol is left alone, from the candle of the exit on', () => {
    const limits: RiskLimits = { protections: [{ kind: 'cooldown', forMs: 2 * MINUTE }] }
    assert.deepEqual(playOne(again, losing, { limits }).story.slice(2, 8), [
      '1: stop_loss of test on A/USDT',
      '1: test sell 1 at 95, fee 0',
      'trade of test: -5',
      '1: refused: cooldown',
      '2: refused: cooldown',
      '3: test places buy A/USDT',
    ])
  })

  test('a daily loss holds everything back until the next day', () => {
    const limits: RiskLimits = { protections: [{ kind: 'daily-loss', loss: parseDecimal('0.004') }] }
    const { refusals } = playOne(again, losing, { limits, cash: '1000' })
    assert.deepEqual(Object.fromEntries(refusals), { 'daily-loss': 5 })
    const larger = { protections: [{ kind: 'daily-loss', loss: parseDecimal('0.006') }] } as const
    assert.equal(playOne(again, losing, { limits: larger, cash: '1000' }).refusals.get('daily-loss'), undefined)
  })

  test('trades are kept in order of exit, whatever the timeframe that closed them', () => {
    // The candle of five minutes closes last, and its stop was hit in it: it counts from its open.
    const fives = candles([FLAT, [100, 100, 90, 90]], 5 * MINUTE)
    const slow = instanceOf(
      defineStrategy({ decide: ({ time }) => (time === 0 ? enterLong({ amount: 1, stopLossPercent: 5 }) : undefined) }),
      '5m',
      {},
      'slow',
    )
    const fast = scripted({ 5: enterLong({ amount: 1 }), 6: exit() }, 'fast')
    const limits: RiskLimits = { protections: [{ kind: 'cooldown', forMs: 60 * MINUTE }] }
    const markets = [marketOf('A/USDT', '5m', fives), marketOf('A/USDT', '1m', candles(flats(10)))]
    const { bot, trades } = play([fast, slow], markets, { limits })
    assert.deepEqual(
      trades.map(({ strategy, exitTime }) => [strategy, exitTime / MINUTE]),
      [
        ['fast', 7],
        ['slow', 5],
      ],
    )
    assert.deepEqual(
      bot.state.trades.map(({ exitTime }) => exitTime / MINUTE),
      [5, 7],
    )
  })
})

/** A bot that is driven slice by slice. */
function driven(strategies: readonly StrategyInstance[], markets: readonly MarketOptions[], account: TestAccount = {}) {
  const told: string[] = []
  const bot: Bot = createBot(strategies, markets, accountFrom(markets.length, { fee: '0', ...account }), plainColumns, {
    record: (effect: Effect) => void told.push(tell(effect)),
  })
  const slice = (row: number) => ({
    kind: 'slice-closed' as const,
    candles: bot.state.markets.map(market => ({ market, row })),
  })
  return {
    bot,
    told,
    close: (row: number, holdsEntriesBack?: 'stale-data') =>
      closeSlice(bot, { ...slice(row), ...(holdsEntriesBack === undefined ? {} : { holdsEntriesBack }) }),
    pass: (row: number) => passSlice(bot, slice(row)),
    obey: (command: Command) => obey(bot, command),
  }
}

describe('what the owner asks for', () => {
  const eager = (): StrategyInstance =>
    instanceOf(
      defineStrategy({
        decide: ({ position }) => (position ? undefined : enterLong({ amount: 1, stopLossPercent: 5 })),
      }),
      '1m',
    )
  const mode = (set: TradingMode): Command => ({ kind: 'set-mode', mode: set })

  test('close-only refuses entries, and lets strategies exit', () => {
    const script = { 0: enterLong({ amount: 1 }), 1: exit(), 2: enterLong({ amount: 1 }), 3: enterLong({ amount: 1 }) }
    const run = driven([scripted(script)], marketsOf('A', flats(4)))
    run.close(0)
    run.obey(mode('close-only'))
    run.close(1)
    run.close(2)
    run.obey(mode('on'))
    run.close(3)
    assert.deepEqual(run.told, [
      '0: test places buy A/USDT',
      '1: test buy 1 at 100, fee 0',
      '1: test places sell A/USDT',
      '2: test sell 1 at 100, fee 0',
      'trade of test: 0',
      '2: refused: close-only',
      '3: test places buy A/USDT',
    ])
  })

  test('paused, no strategy is asked; what rests fills and what protects ends', () => {
    const run = driven([eager()], marketsOf('A', [FLAT, FLAT, [100, 100, 90, 90], FLAT]))
    run.close(0)
    run.obey(mode('paused'))
    for (const row of [1, 2, 3]) run.close(row)
    assert.deepEqual(run.told, [
      '0: test places buy A/USDT',
      '1: test buy 1 at 100, fee 0',
      '2: stop_loss of test on A/USDT',
      '2: test sell 1 at 95, fee 0',
      'trade of test: -5',
    ])
    run.obey(mode('on'))
    assert.equal(run.told.length, 5)
  })

  test('late candles refuse entries and never exits', () => {
    const script = { 0: enterLong({ amount: 1 }), 1: exit(), 2: enterLong(), 3: enterLong({ amount: 2 }) }
    const run = driven([scripted(script)], marketsOf('A', flats(4)))
    run.close(0)
    run.close(1, 'stale-data')
    run.close(2, 'stale-data')
    run.close(3)
    assert.deepEqual(run.told.slice(2), [
      '1: test places sell A/USDT',
      '2: test sell 1 at 100, fee 0',
      'trade of test: 0',
      '2: refused: stale-data',
      '3: test places buy A/USDT',
    ])
  })

  test('candles of the past are matched with what waits, and nothing is decided on them', () => {
    const run = driven([eager()], marketsOf('A', [FLAT, FLAT, [100, 100, 90, 90], FLAT]))
    run.close(0)
    for (const row of [1, 2, 3]) run.pass(row)
    assert.deepEqual(run.told.slice(1), [
      '1: test buy 1 at 100, fee 0',
      '2: stop_loss of test on A/USDT',
      '2: test sell 1 at 95, fee 0',
      'trade of test: -5',
    ])
    assert.equal(run.bot.state.markets[0]!.close, 100)
  })

  test('close sells what a symbol holds at the next open, in every strategy, and takes back what rests', () => {
    const script = { 0: { A: enterLong({ amount: 1 }), B: enterLong({ amount: 1 }) } }
    const waiting = { 0: { A: enterShort({ amount: 1, limit: 150 }) } }
    const run = driven(
      [bySymbol(script, 'x'), bySymbol(waiting, 'y')],
      marketsOf('AB', [FLAT, FLAT, [105, 99], [98, 98]]),
    )
    run.close(0)
    run.close(1)
    run.told.length = 0
    run.obey({ kind: 'close', symbol: 'A/USDT' })
    run.obey({ kind: 'close', symbol: 'A/USDT' })
    run.obey({ kind: 'close', symbol: 'C/USDT' })
    // The candle of minute 2 was open already when it was asked for.
    for (const row of [2, 3]) run.close(row)
    assert.deepEqual(run.told, [
      '2: x places sell A/USDT',
      'entry canceled: closed by command',
      '3: x sell 1 at 98, fee 0',
      'trade of x: -2',
    ])
    assert.deepEqual(
      run.bot.state.openLegs.map(({ market }) => market.series.symbol),
      ['B/USDT'],
    )
  })

  test('close takes the place of an exit that rests', () => {
    const script = { 0: enterLong({ amount: 1 }), 1: exit({ limit: 150 }) }
    const run = driven([scripted(script)], marketsOf('A', flats(4)))
    run.close(0)
    run.close(1)
    run.told.length = 0
    run.obey({ kind: 'close', symbol: 'A/USDT' })
    for (const row of [2, 3]) run.close(row)
    assert.deepEqual(run.told, [
      'exit canceled: closed by command',
      '2: test places sell A/USDT',
      '3: test sell 1 at 100, fee 0',
      'trade of test: 0',
    ])
  })

  test('close cannot be taken back by the strategy', () => {
    const run = driven([scripted({ 0: enterLong({ amount: 1 }), 2: cancel() })], marketsOf('A', flats(4)))
    run.close(0)
    run.close(1)
    run.told.length = 0
    run.obey({ kind: 'close', symbol: 'A/USDT' })
    for (const row of [2, 3]) run.close(row)
    assert.deepEqual(run.told, [
      '2: test places sell A/USDT',
      '2: refused: order-pending',
      '3: test sell 1 at 100, fee 0',
      'trade of test: 0',
    ])
  })
})

describe('what is too small to be sold', () => {
  const withMinimum = (notionalMin: string, rows: readonly Row[]): readonly MarketOptions[] => [
    marketOf('A/USDT', '1m', candles(rows), {
      instrument: { ...defaultInstrument('test', 'A/USDT'), notionalMin: parseDecimal(notionalMin) },
    }),
  ]

  test('is held and refused at every candle that would end it, and sold once its value is back', () => {
    const { story, bot } = play(
      [scripted({ 0: enterLong({ amount: 1, stopLossPercent: 3 }), 3: exit() })],
      withMinimum('98', [FLAT, FLAT, [97, 97], [97, 97], [98, 98]]),
    )
    assert.deepEqual(story, [
      '0: test places buy A/USDT',
      '1: test buy 1 at 100, fee 0',
      '2: refused: below-minimum',
      '3: refused: below-minimum',
      '3: refused: below-minimum',
    ])
    assert.equal(bot.state.openLegs.length, 1)
  })

  test('a rest below the step of a market that became coarser stays held, with its reason', () => {
    const run = driven(
      [scripted({ 1: exit() })],
      [
        marketOf('A/USDT', '1m', candles(flats(3)), {
          instrument: { ...defaultInstrument('test', 'A/USDT'), amountStep: parseDecimal('0.1') },
        }),
      ],
    )
    const { state } = run.bot
    const [leg] = state.legs
    state.hold(leg!, positionOf('long', '100', '0.25'), {})
    run.close(0)
    run.close(1)
    run.close(2)
    assert.deepEqual(run.told, ['1: test places sell A/USDT', '2: test sell 0.2 at 100, fee 0'])
    assert.equal(formatDecimal(leg!.position!.amount), '0.05')
    run.obey({ kind: 'close', symbol: 'A/USDT' })
    assert.equal(run.told.at(-1), '3: refused: below-minimum')
    assert.equal(formatDecimal(state.exactEquity() - state.cash), '5')
  })
})

describe('one wallet', () => {
  test('symbols in different quote currencies are refused: their sum would be no money', () => {
    const mixed = ['A/USDT', 'B/BTC'].map(symbol => marketOf(symbol, '1m', candles([FLAT])))
    assert.throws(() => play([scripted({})], mixed), {
      kind: 'bad-input',
      message: /A\/USDT is quoted in USDT, B\/BTC in BTC/,
    })
    const same = ['A/USDT', 'B/USDT:USDT'].map(symbol => marketOf(symbol, '1m', candles([FLAT])))
    assert.equal(play([scripted({})], same).trades.length, 0)
  })

  test('what is held of a symbol without a candle yet is worth what it was entered at', () => {
    const markets = [marketOf('A/USDT', '1m', candles([FLAT])), marketOf('B/USDT', '1m', candles([]))]
    const account = accountFrom(2, { fee: '0', cash: '1000', limits: { openPositionsMax: 2 } })
    const told: Effect[] = []
    const bot = createBot([bySymbol({ 0: { A: enterLong() } })], markets, account, plainColumns, {
      record: effect => void told.push(effect),
    })
    const { state } = bot
    state.hold(state.legs[1]!, positionOf('long', '500', '2'))
    closeSlice(bot, { kind: 'slice-closed', candles: [{ market: state.markets[0]!, row: 0 }] })
    assert.equal(formatDecimal(state.exactEquity()), '2000')
    assert.equal(state.markedEquity(), 2_000)
    assert.deepEqual(told.map(tell), ['0: test places buy A/USDT'])
  })

  test('all opens of an instant come before whatever happens inside its candles', () => {
    // A is stopped inside its candle; B, at its open before that, does not have that cash yet.
    const markets = [
      marketOf('A/USDT', '1m', candles([FLAT, FLAT, [100, 100, 90, 90]])),
      marketOf('B/USDT', '1m', candles([FLAT, FLAT, [300, 300]])),
    ]
    const script = { 0: { A: enterLong({ amount: 8, stopLossPercent: 5 }) }, 1: { B: enterLong({ amount: 2 }) } }
    const { story } = play([bySymbol(script)], markets, { cash: '1000' })
    assert.deepEqual(story.slice(2), [
      '1: test places buy B/USDT',
      'rejected: insufficient-cash',
      '2: refused: insufficient-cash',
      '2: stop_loss of test on A/USDT',
      '2: test sell 8 at 95, fee 0',
      'trade of test: -40',
    ])
  })
})
