import assert from 'node:assert/strict'
import { test } from 'node:test'
import fc from 'fast-check'
import type { ExitPlan } from '../../src/domain/exit-plan.ts'
import { formatDecimal, parseDecimal } from '../../src/domain/money.ts'
import type { PositionSide } from '../../src/domain/order.ts'
import { parseStake } from '../../src/domain/stake.ts'
import { approve } from '../../src/risk/approve.ts'
import { sizeByStake, type SizeTerms } from '../../src/risk/size.ts'
import { positionOf } from '../support/orders.ts'
import { contextOf } from '../support/risk-context.ts'

function termsOf(
  stake: string,
  exits?: ExitPlan,
  side: PositionSide = 'long',
  changes: Partial<SizeTerms> = {},
): SizeTerms {
  const { instrument, price, equity, freeCash } = contextOf()
  return { side, price, instrument, feeRate: 0n, equity, freeCash, stake: parseStake(stake, 1), exits, ...changes }
}

function quoteOf(...terms: Parameters<typeof termsOf>): string {
  const sized = sizeByStake(termsOf(...terms))
  return typeof sized === 'string' ? sized : formatDecimal(sized.reserve)
}

test('by risk, what is spent loses the share of equity when the stop is hit', () => {
  // 1 % of 100 is 1: at a stop 5 % below 10 the loss is 0.5 a unit, so 2 units.
  assert.equal(quoteOf('risk:1%', { stopLossPercent: 5 }), '20')
  assert.equal(quoteOf('risk:1%', { stopLossPrice: 9 }), '10')
  assert.equal(quoteOf('risk:1%', { stopLossPrice: 11 }, 'short'), '10')
  assert.equal(quoteOf('risk:2.5%', { stopLossPercent: 5 }), '50')
  // The fee of the entry comes on top.
  assert.equal(quoteOf('risk:1%', { stopLossPercent: 5 }, 'long', { feeRate: parseDecimal('0.001') }), '20.02')
})

test('by risk, a trailing stop counts where it begins', () => {
  assert.equal(quoteOf('risk:1%', { trailing: { percent: 4 } }), '25')
  assert.equal(quoteOf('risk:1%', { trailing: { percent: 1, afterPercent: 3, earlyPercent: 4 } }), '25')
  assert.equal(quoteOf('risk:1%', { stopLossPercent: 5, trailing: { percent: 1, afterPercent: 3 } }), '20')
  assert.equal(quoteOf('risk:1%', { trailing: { percent: 1, afterPercent: 3 } }), 'no-stop')
})

test('by risk, a stop that is close shrinks to the cash that is there; one on the wrong side is no stop', () => {
  assert.equal(quoteOf('risk:1%', { stopLossPercent: 0.5 }), '100')
  assert.equal(quoteOf('risk:1%', { stopLossPrice: 10 }), 'no-stop')
  assert.equal(quoteOf('risk:1%', { stopLossPrice: 11 }), 'no-stop')
  assert.equal(quoteOf('risk:1%', { stopLossPrice: 9 }, 'short'), 'no-stop')
  assert.equal(quoteOf('risk:1%', { takeProfitPercent: 5 }), 'no-stop')
  assert.equal(quoteOf('risk:1%', undefined), 'no-stop')
})

test('by risk, the loss at the stop is never more than the share, whatever the prices', () => {
  const units = fc.bigInt({ min: 10n ** 6n, max: 10n ** 24n })
  fc.assert(
    fc.property(units, units, fc.integer({ min: 1, max: 99 }), (price, equity, percent) => {
      const sized = sizeByStake(
        termsOf('risk:1%', { stopLossPercent: percent }, 'long', {
          price,
          equity,
          freeCash: equity * 1_000n,
          instrument: { ...contextOf().instrument, amountStep: 1n, notionalMin: 0n },
        }),
      )
      if (typeof sized === 'string') return
      const amount = (sized.reserve * 10n ** 18n) / price
      const loss = (amount * price * BigInt(percent)) / 100n / 10n ** 18n
      assert.ok(loss <= equity / 100n + 2n, `${loss} of ${equity}`)
    }),
    { numRuns: 2_000 },
  )
})

test('what is added by risk goes by the stop that the position has', () => {
  const held = contextOf({
    stake: parseStake('risk:1%', 1),
    feeRate: 0n,
    position: positionOf('long', '10', '1'),
    stop: 8,
  })
  const verdict = approve({ kind: 'add', reason: 'more' }, held)
  // 1 % of 100 is lost over 2 from a price of 10: half a unit, which costs 5.
  assert.deepEqual(verdict.kind === 'approved' && verdict.order.size, { quote: parseDecimal('5') })
  assert.deepEqual(approve({ kind: 'add', reason: 'more' }, { ...held, stop: undefined }), {
    kind: 'refused',
    reason: 'no-stop',
  })
})
