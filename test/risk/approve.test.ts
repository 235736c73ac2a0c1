import assert from 'node:assert/strict'
import { test } from 'node:test'
import fc from 'fast-check'
import { defaultInstrument } from '../../src/domain/instrument.ts'
import { parseDecimal } from '../../src/domain/money.ts'
import type { Position } from '../../src/domain/position.ts'
import { parseStake } from '../../src/domain/stake.ts'
import { approve, claimOf, type Approved, type Refused, type RiskContext } from '../../src/risk/approve.ts'
import { enterLong, exit } from '../../src/index.ts'

const instrument = {
  ...defaultInstrument('test', 'A/USDT'),
  amountStep: parseDecimal('0.01'),
  minNotional: parseDecimal('5'),
}

const position: Position = {
  side: 'long',
  amount: parseDecimal('3'),
  entryPrice: parseDecimal('10'),
  entryTime: 0,
  cost: parseDecimal('30'),
  fees: 0n,
  entryReason: '',
  entryId: 'x',
}

function contextOf(changes: Partial<RiskContext> = {}): RiskContext {
  return {
    strategy: 's',
    orderIdTail: 'tail',
    instrument,
    time: 60_000,
    price: parseDecimal('10'),
    position: undefined,
    orderPending: false,
    equity: parseDecimal('100'),
    freeCash: parseDecimal('100'),
    stake: parseStake('all', 1),
    feeRate: parseDecimal('0.001'),
    ...changes,
  }
}

const reasonOf = (verdict: Approved | Refused): string => (verdict.kind === 'refused' ? verdict.reason : verdict.kind)

test('each refusal has its one reason', () => {
  const cash = (text: string) => ({ freeCash: parseDecimal(text), equity: parseDecimal(text) })
  const cases: readonly [ReturnType<typeof approve>, string][] = [
    [approve(enterLong(), contextOf({ orderPending: true })), 'order-pending'],
    [approve(exit(), contextOf({ orderPending: true, position })), 'order-pending'],
    [approve(exit(), contextOf()), 'no-position'],
    [approve(enterLong(), contextOf({ position })), 'position-open'],
    [approve(enterLong({ amount: 10 }), contextOf()), 'insufficient-cash'],
    [approve(enterLong({ amount: 9.99 }), contextOf()), 'approved'],
    [approve(enterLong({ amount: 0.009 }), contextOf()), 'below-minimum'],
    [approve(enterLong({ amount: 0.49 }), contextOf()), 'below-minimum'],
    [approve(enterLong({ amount: 0.5 }), contextOf()), 'approved'],
    [approve(enterLong(), contextOf(cash('5'))), 'below-minimum'],
    [approve(enterLong(), contextOf(cash('5.005'))), 'approved'],
    [approve(enterLong(), contextOf({ ...cash('5.1'), price: parseDecimal('1000') })), 'below-minimum'],
    [approve(enterLong(), contextOf(cash('0'))), 'insufficient-cash'],
    [approve(enterLong(), contextOf({ freeCash: parseDecimal('49.99') })), 'insufficient-cash'],
    [approve(enterLong(), contextOf({ freeCash: parseDecimal('50') })), 'approved'],
    [approve(enterLong(), contextOf({ stake: parseStake('100.01', 1) })), 'insufficient-cash'],
    [approve(enterLong(), contextOf({ stake: parseStake('100', 1) })), 'approved'],
    [approve(exit(), contextOf({ position })), 'approved'],
  ]
  assert.deepEqual(
    cases.map(([verdict]) => reasonOf(verdict)),
    cases.map(([, expected]) => expected),
  )
})

test('an exit sells all that is held and claims no cash', () => {
  const verdict = approve(exit('why'), contextOf({ position, freeCash: 0n }))
  assert.ok(verdict.kind === 'approved')
  assert.equal(verdict.reserve, 0n)
  assert.deepEqual(verdict.order, {
    clientId: 'tw-1o-sell-tail',
    strategy: 's',
    exchange: 'test',
    symbol: 'A/USDT',
    side: 'sell',
    size: { amount: position.amount },
    decidedAt: 60_000,
    reason: 'why',
  })
})

test('an approved entry claims no more than the free cash, and exactly what a restart would claim for it', () => {
  const amounts = fc.bigInt({ min: 1n, max: 10n ** 24n })
  const intents = fc.oneof(
    fc.constant(enterLong()),
    fc.double({ min: 1e-8, max: 1e6, noNaN: true }).map(amount => enterLong({ amount })),
  )
  const stakes = fc.constantFrom('all', '10%', '33.3%', '250')
  let approved = 0
  fc.assert(
    fc.property(amounts, amounts, amounts, intents, stakes, (equity, freeCash, price, intent, stake) => {
      const context = contextOf({ equity, freeCash, price, stake: parseStake(stake, 3) })
      const verdict = approve(intent, context)
      if (verdict.kind === 'refused') return
      approved++
      assert.ok(verdict.reserve > 0n && verdict.reserve <= freeCash)
      assert.equal(claimOf(verdict.order, price, context.feeRate), verdict.reserve)
      if ('amount' in verdict.order.size) assert.equal(verdict.order.size.amount % instrument.amountStep, 0n)
    }),
    { numRuns: 5_000 },
  )
  assert.ok(approved > 500, `${approved}`)
})
