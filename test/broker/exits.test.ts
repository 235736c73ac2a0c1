import assert from 'node:assert/strict'
import { describe, test } from 'node:test'
import type { Bar } from '../../src/broker/matching/bar.ts'
import { ExitWatch } from '../../src/broker/matching/exit-watch.ts'
import { matchExits, type Held } from '../../src/broker/matching/exits.ts'
import type { ExitPlan } from '../../src/domain/exit-plan.ts'
import type { PositionSide } from '../../src/domain/order.ts'
import type { Timeframe } from '../../src/domain/timeframe.ts'
import { positionOf } from '../support/orders.ts'

const MINUTE = 60_000

type Prices = readonly [open: number, high: number, low: number, close: number]

interface Case {
  readonly plan: ExitPlan
  /** Bars after the entry at 100 in minute 0, from minute 1 on; with `held`, the first is minute 0 itself. */
  readonly bars: readonly Prices[]
  readonly held?: Held
  readonly fee?: number
  readonly side?: PositionSide
  readonly entry?: string
}

/** Minute, reason and price of the exit, and whether it was at the open; undefined when none of the bars ends it. */
function play({ plan, bars, held, fee = 0, side = 'long', entry = '100' }: Case): string | undefined {
  const watch = new ExitWatch(positionOf(side, entry), plan, { feeRate: fee, timeframe: '1m' })
  for (const [index, [open, high, low, close]] of bars.entries()) {
    const minute = held === undefined ? index + 1 : index
    const bar: Bar = { openTime: minute * MINUTE, durationMs: MINUTE, open, high, low, close }
    const hit = matchExits(watch, bar, minute === 0 && held !== undefined ? held : 'before')
    if (hit) return `${minute}: ${hit.reason} at ${Number(hit.price.toFixed(6))}${hit.atOpen ? ', the open' : ''}`
  }
  return undefined
}

/** The same for a short, seen in a mirror at 100. Holds for percents, which are of the entry at 100. */
function mirrored(of: Case): Case {
  const { stopLossPrice, takeProfitPrice, ...rest } = of.plan
  return {
    ...of,
    side: 'short',
    plan: {
      ...rest,
      ...(stopLossPrice === undefined ? {} : { stopLossPrice: 200 - stopLossPrice }),
      ...(takeProfitPrice === undefined ? {} : { takeProfitPrice: 200 - takeProfitPrice }),
    },
    bars: of.bars.map(([open, high, low, close]) => [200 - open, 200 - low, 200 - high, 200 - close]),
  }
}

function mirror(outcome: string | undefined): string | undefined {
  return outcome?.replace(/at ([\d.]+)/, (_, price: string) => `at ${Number((200 - Number(price)).toFixed(6))}`)
}

type Row = readonly [name: string, of: Case, long: string | undefined, short?: string]

/** @param table with the short's outcome where it is no mirror: what is a percent of a price that is not the entry's. */
function cases(title: string, table: readonly Row[]): void {
  describe(title, () => {
    for (const [name, of, long, short = mirror(long)] of table) {
      test(`long: ${name}`, () => {
        assert.equal(play(of), long)
      })
      test(`short: ${name}`, () => {
        assert.equal(play(mirrored(of)), short)
      })
    }
  })
}

const stop3: ExitPlan = { stopLossPercent: 3 }

cases('a stop loss', [
  ['is not reached', { plan: stop3, bars: [[100, 101, 97.01, 98]] }, undefined],
  ['is touched', { plan: stop3, bars: [[100, 101, 97, 98]] }, '1: stop_loss at 97'],
  [
    'is passed in a later bar',
    {
      plan: stop3,
      bars: [
        [100, 101, 98, 99],
        [99, 99, 90, 91],
      ],
    },
    '2: stop_loss at 97',
  ],
  [
    'is jumped over: the open is what there is',
    { plan: stop3, bars: [[95, 96, 90, 91]] },
    '1: stop_loss at 95, the open',
  ],
  [
    'is touched to the last digit, which floats would miss',
    { plan: { stopLossPercent: 7 }, bars: [[100, 101, 93, 98]] },
    '1: stop_loss at 93',
  ],
  ['is exactly the open', { plan: stop3, bars: [[97, 98, 96, 97]] }, '1: stop_loss at 97, the open'],
  ['as a price', { plan: { stopLossPrice: 98.5 }, bars: [[100, 101, 98, 99]] }, '1: stop_loss at 98.5'],
  [
    'in the bar of an entry at its open',
    { plan: stop3, held: 'from-open', bars: [[100, 100, 96, 99]] },
    '0: stop_loss at 97',
  ],
  [
    'in the bar of an entry inside it: the low may have come before, and is taken to have come after',
    { plan: stop3, held: 'inside', bars: [[105, 105, 96, 104]] },
    '0: stop_loss at 97',
  ],
  [
    'an entry inside a bar that opened beyond the stop is stopped at the stop, not at that open',
    { plan: stop3, held: 'inside', bars: [[96, 104, 95, 104]] },
    '0: stop_loss at 97',
  ],
  [
    'on the wrong side of an entry inside the bar, it sells at the price of the entry at best',
    { plan: { stopLossPrice: 102 }, held: 'inside', bars: [[105, 106, 99, 103]] },
    '0: stop_loss at 100',
  ],
])

cases('a take-profit', [
  ['is touched, not traded through', { plan: { takeProfitPercent: 5 }, bars: [[100, 105, 99, 100]] }, undefined],
  ['is traded through', { plan: { takeProfitPercent: 5 }, bars: [[100, 105.1, 99, 100]] }, '1: take_profit at 105'],
  [
    'is jumped over',
    { plan: { takeProfitPrice: 105 }, bars: [[107, 108, 99, 100]] },
    '1: take_profit at 107, the open',
  ],
  [
    'in one bar with the stop: the worse of the two',
    { plan: { ...stop3, takeProfitPercent: 5 }, bars: [[100, 110, 96, 109]] },
    '1: stop_loss at 97',
  ],
  [
    'is jumped over at the open, before the bar can fall to the stop',
    { plan: { ...stop3, takeProfitPercent: 5 }, bars: [[107, 110, 96, 97]] },
    '1: take_profit at 107, the open',
  ],
  [
    'after an entry inside the bar only where the close proves that it was passed afterwards',
    { plan: { takeProfitPercent: 5 }, held: 'inside', bars: [[110, 111, 99, 104]] },
    undefined,
  ],
  [
    'after an entry inside the bar, passed at the close',
    { plan: { takeProfitPercent: 5 }, held: 'inside', bars: [[110, 111, 99, 106]] },
    '0: take_profit at 105',
  ],
])

cases('a trailing stop', [
  [
    'follows the best price, and is hit in a later bar',
    {
      plan: { trailing: { percent: 5 } },
      bars: [
        [100, 110, 105, 109],
        [109, 109, 104, 104],
      ],
    },
    '2: trailing_stop_loss at 104.5',
    '1: trailing_stop_loss at 94.5',
  ],
  [
    'is raised by the best price of a bar and may be hit by the worst of the same',
    { plan: { trailing: { percent: 5 } }, bars: [[100, 110, 104, 109]] },
    '1: trailing_stop_loss at 104.5',
    '1: trailing_stop_loss at 94.5',
  ],
  [
    'never moved, it is a stop loss',
    { plan: { trailing: { percent: 5 } }, bars: [[100, 100, 95, 96]] },
    '1: stop_loss at 95',
  ],
  [
    'does not move back',
    {
      plan: { trailing: { percent: 5 } },
      bars: [
        [100, 110, 105, 106],
        [106, 107, 105, 105],
        [105, 106, 104.5, 105],
      ],
    },
    '3: trailing_stop_loss at 104.5',
    '1: trailing_stop_loss at 94.5',
  ],
  [
    'is jumped over',
    {
      plan: { trailing: { percent: 5 } },
      bars: [
        [100, 110, 105, 106],
        [90, 91, 89, 90],
      ],
    },
    '2: trailing_stop_loss at 90, the open',
    '1: trailing_stop_loss at 94.5',
  ],
  [
    'waits for its profit: the stop loss stays where it is until then',
    {
      plan: { stopLossPercent: 8, trailing: { percent: 2, afterPercent: 5 } },
      bars: [
        [100, 105, 93, 94],
        [94, 95, 92, 93],
      ],
    },
    '2: stop_loss at 92',
  ],
  [
    'waits for its profit, and then follows closely',
    {
      plan: { stopLossPercent: 8, trailing: { percent: 2, afterPercent: 5 } },
      bars: [
        [100, 106, 104, 105],
        [105, 105, 103, 103],
      ],
    },
    '2: trailing_stop_loss at 103.88',
    '1: trailing_stop_loss at 95.88',
  ],
  [
    'waits for its profit without any stop before',
    {
      plan: { trailing: { percent: 2, afterPercent: 5 } },
      bars: [
        [100, 101, 50, 60],
        [60, 110, 107.9, 109],
      ],
    },
    undefined,
    '2: trailing_stop_loss at 91.8',
  ],
  [
    'has a wider distance before its profit, a closer one after it',
    {
      plan: { trailing: { percent: 2, afterPercent: 5, earlyPercent: 4 } },
      bars: [
        [100, 103, 99, 102],
        [102, 102, 98.88, 99],
      ],
    },
    '2: trailing_stop_loss at 98.88',
    '1: trailing_stop_loss at 100.88',
  ],
  [
    'and the closer one once it is reached',
    {
      plan: { trailing: { percent: 2, afterPercent: 5, earlyPercent: 4 } },
      bars: [
        [100, 103, 99, 102],
        [102, 107, 105, 106],
        [106, 106, 104, 104],
      ],
    },
    '3: trailing_stop_loss at 104.86',
    '1: trailing_stop_loss at 100.88',
  ],
  [
    'in the bar of an entry at its open: the price came just so far as to arm it, and turned',
    { plan: { trailing: { percent: 5, afterPercent: 6 } }, held: 'from-open', bars: [[100, 110, 96, 97]] },
    '0: trailing_stop_loss at 101',
  ],
  [
    'in the bar of an entry inside it: what was best before the entry moves nothing',
    {
      plan: { trailing: { percent: 5 } },
      held: 'inside',
      bars: [
        [110, 111, 96, 97],
        [97, 98, 95.5, 96],
        [96, 96, 94, 94],
      ],
    },
    '2: stop_loss at 95',
  ],
  [
    'in the bar of an entry inside it: its close came after the entry, and moves the stop',
    {
      plan: { trailing: { percent: 5 } },
      held: 'inside',
      bars: [
        [98, 111, 97, 110],
        [110, 110, 104, 105],
      ],
    },
    '1: trailing_stop_loss at 104.5',
    '1: trailing_stop_loss at 94.5',
  ],
  [
    'that has moved goes before a target in the same bar',
    {
      plan: { takeProfitPercent: 20, trailing: { percent: 5 } },
      bars: [
        [100, 115, 112, 114],
        [114, 121, 109, 120],
      ],
    },
    '2: trailing_stop_loss at 109.25',
    '2: trailing_stop_loss at 89.25',
  ],
  [
    'that moves in the very bar of the target comes after it',
    { plan: { takeProfitPercent: 20, trailing: { percent: 5 } }, bars: [[105, 121, 104, 110]] },
    '1: take_profit at 120',
  ],
])

cases('a limit of age', [
  [
    'closes at the open of the candle so many after the entry, whatever its prices',
    {
      plan: { maxHoldCandles: 2 },
      bars: [
        [100, 101, 99, 100],
        [101, 102, 50, 60],
      ],
    },
    '2: time_stop at 101, the open',
  ],
  [
    'goes before a stop in the same bar: the open is first',
    { plan: { ...stop3, maxHoldCandles: 1 }, bars: [[99, 100, 90, 91]] },
    '1: time_stop at 99, the open',
  ],
])

test('a limit of age counts bars, months by the calendar', () => {
  const expires = (timeframe: Timeframe, entry: string, maxHoldCandles: number): string => {
    const position = positionOf('long', '100', '1', Date.parse(entry))
    const { expiresAt } = new ExitWatch(position, { maxHoldCandles }, { feeRate: 0, timeframe })
    return new Date(expiresAt).toISOString()
  }
  assert.equal(expires('1M', '2023-01-01', 2), '2023-03-01T00:00:00.000Z')
  assert.equal(expires('1M', '2023-11-01', 12), '2024-11-01T00:00:00.000Z')
  assert.equal(expires('1w', '2023-01-02', 1), '2023-01-09T00:00:00.000Z')
  assert.equal(expires('1h', '2023-01-01T10:00Z', 3), '2023-01-01T13:00:00.000Z')
  // Entered inside the candle, as a lower timeframe tells: the candle counts, not the minute.
  assert.equal(expires('1h', '2023-01-01T10:07Z', 2), '2023-01-01T12:00:00.000Z')
})

describe('a ROI table', () => {
  const roi = [
    { afterMinutes: 0, percent: 10 },
    { afterMinutes: 2, percent: 4 },
    { afterMinutes: 4, percent: -100 },
  ]
  const quiet: Prices = [100, 101, 99, 100]
  const table: readonly (readonly [string, Case, string | undefined])[] = [
    ['ends at the price of its step', { plan: { roi }, bars: [[100, 111, 99, 100]] }, '1: roi at 110'],
    ['is touched, not exceeded', { plan: { roi }, bars: [[100, 110, 99, 100]] }, undefined],
    [
      'the same profit is enough when it is older',
      {
        plan: { roi },
        bars: [
          [100, 105, 99, 100],
          [100, 105, 99, 100],
        ],
      },
      '2: roi at 104',
    ],
    [
      'exceeded at the open at which the step comes into force',
      { plan: { roi }, bars: [quiet, [105, 106, 104, 105]] },
      '2: roi at 105, the open',
    ],
    [
      'exceeded at a later open: the price of the step was to be had before, within the bar',
      { plan: { roi }, bars: [quiet, quiet, [105, 106, 104.5, 105]] },
      '3: roi at 104.5',
    ],
    [
      'a step of −100 is out at its open',
      { plan: { roi }, bars: [quiet, quiet, quiet, [60, 61, 59, 60]] },
      '4: roi at 60, the open',
    ],
    [
      'an entry inside the bar needs the close',
      { plan: { roi }, held: 'inside', bars: [[115, 116, 99, 109]] },
      undefined,
    ],
    [
      'an entry inside the bar has it at the close',
      { plan: { roi }, held: 'inside', bars: [[115, 116, 99, 112]] },
      '0: roi at 110',
    ],
    [
      'out at any price, an entry inside the bar gets its worst, not an open from before it',
      { plan: { roi: [{ afterMinutes: 0, percent: -100 }] }, held: 'inside', bars: [[115, 116, 99, 112]] },
      '0: roi at 99',
    ],
    [
      'a stop in the same bar goes first',
      { plan: { ...stop3, roi }, bars: [[100, 111, 96, 100]] },
      '1: stop_loss at 97',
    ],
    [
      'goes before a stop that has trailed (docs/decisions/0006)',
      {
        plan: { trailing: { percent: 5 }, roi },
        bars: [
          [100, 108, 106, 107],
          [107, 111, 100, 101],
        ],
      },
      '2: roi at 107, the open',
    ],
  ]
  for (const [name, of, expected] of table) {
    test(`long: ${name}`, () => {
      assert.equal(play(of), expected)
    })
    test(`short: ${name}`, () => {
      assert.equal(play(mirrored(of)), mirror(expected))
    })
  }

  test('its profit is after the fees of entry and exit', () => {
    const fee = 0.001
    const long = { plan: { roi }, bars: [[100, 120, 99, 100]], fee } as const
    // Paid 100.1 for one; 110 % of it, less the fee of the exit: x − x/1000 = 110.11.
    assert.equal(play(long), `1: roi at ${Number((110.11 / 0.999).toFixed(6))}`)
    // A short brings 99.9 and has 100.1 at stake in the field's words; here as freqtrade counts: 0.9 × 99.9 = x × 1.001.
    assert.equal(
      play({ ...long, side: 'short', bars: [[100, 101, 80, 100]] }),
      `1: roi at ${Number((89.91 / 1.001).toFixed(6))}`,
    )
  })
})

describe('a short', () => {
  const bars: readonly Prices[] = [
    [100, 190, 95, 150],
    [150, 201, 150, 160],
  ]

  test('is closed by the exchange where its collateral is used up, fee included', () => {
    assert.equal(play({ plan: {}, side: 'short', bars }), '2: liquidation at 200')
    // 200 of collateral and value pay for one at 200/1.01 and its fee.
    assert.equal(
      play({ plan: {}, side: 'short', bars, fee: 0.01 }),
      `2: liquidation at ${Number((200 / 1.01).toFixed(6))}`,
    )
  })

  test('that jumps past its collateral is closed at the open', () => {
    assert.equal(play({ plan: {}, side: 'short', bars: [[250, 260, 240, 250]] }), '1: liquidation at 250, the open')
  })

  test('has its stop before its liquidation, where that is nearer', () => {
    assert.equal(play({ plan: { stopLossPercent: 50 }, side: 'short', bars }), '1: stop_loss at 150')
    assert.equal(
      play({ plan: { stopLossPrice: 230 }, side: 'short', bars: [[100, 240, 95, 150]] }),
      '1: liquidation at 200',
    )
  })

  test('that was added to is liquidated by its average', () => {
    const watch = new ExitWatch(positionOf('short', '100'), {}, { feeRate: 0, timeframe: '1m' })
    assert.equal(watch.liquidation, -200)
    const { cost, amount } = positionOf('short', '50', '3')
    const position = positionOf('short', '100')
    watch.follow({ ...position, amount: position.amount + amount, cost: position.cost + cost })
    // 250 of value sold for 4: 2 × 62.5.
    assert.equal(watch.liquidation, -125)
  })
})

describe('what a watch has come to', () => {
  const terms = { feeRate: 0, timeframe: '1m' } as const

  test('goes on after a restart: stop, target and what made the stop', () => {
    const position = positionOf('long', '100')
    const plan: ExitPlan = { takeProfitPercent: 20, trailing: { percent: 5 } }
    const watch = new ExitWatch(position, plan, terms)
    watch.raise(110)
    const again = new ExitWatch(position, watch.state().plan, terms, watch.state())
    assert.deepEqual([again.stop, again.trailed, again.target], [104.5, true, 120])
  })

  test('stop and target stay where they are when the position is added to, also after a restart', () => {
    for (const side of ['long', 'short'] as const) {
      const position = positionOf(side, '100')
      const watch = new ExitWatch(position, { stopLossPercent: 10, takeProfitPercent: 20 }, terms)
      const levels = [watch.stop, watch.target]
      const added = { ...position, entryPrice: position.entryPrice / 2n }
      watch.follow(added)
      assert.deepEqual([watch.stop, watch.target], levels)
      const again = new ExitWatch(added, watch.state().plan, terms, watch.state())
      assert.deepEqual([again.stop, again.target], levels)
    }
  })

  test('its state is for JSON, and says once whether the stop has moved', () => {
    const watch = new ExitWatch(positionOf('short', '100'), { trailing: { percent: 5, afterPercent: 1 } }, terms)
    assert.equal(watch.state().stop, undefined)
    assert.equal(watch.takeMoved(), false)
    watch.raise(-90)
    assert.deepEqual([watch.takeMoved(), watch.takeMoved()], [true, false])
    assert.equal(watch.state().stop, 94.5)
    assert.deepEqual(JSON.parse(JSON.stringify(watch.state())), watch.state())
  })
})
