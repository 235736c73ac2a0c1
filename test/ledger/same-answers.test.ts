// Random commits, sound and unsound, into every kind of ledger: all take the same ones and give the same answers.
import assert from 'node:assert/strict'
import { test } from 'node:test'
import fc from 'fast-check'
import { TallowError } from '../../src/domain/errors.ts'
import type { LedgerEntry } from '../../src/ledger/ledger.ts'
import { ADAPTERS, type Opened } from './adapters.ts'
import { CASH, decision, fill, LEG, MANIFEST, order, positionAfter, trade } from './fixtures.ts'

const clientId = fc.constantFrom('a', 'b', 'c')
const leg = fc.constantFrom(LEG, { ...LEG, symbol: 'ETH/USDT' })
const small = fc.integer({ min: 1, max: 4 })
const reason = fc.constantFrom('', 'no cash', 'too small')

/** Mostly what a trader would write: a fill with what follows from it, at times with one part left out. */
const filled: fc.Arbitrary<readonly LedgerEntry[]> = fc
  .record({ id: clientId, of: leg, count: small, amount: fc.bigInt(1n, 9n), ends: fc.boolean(), lost: fc.nat(11) })
  .map(({ id, of, count, amount, ends, lost }) => {
    const one = fill(`f${count}`, id, { ...of, amount })
    const holding: LedgerEntry = ends
      ? { kind: 'flat', of }
      : { kind: 'position', of, position: positionAfter(one), exits: undefined }
    const all: LedgerEntry[] = [{ kind: 'fill', fill: one }, holding, { kind: 'cash', cash: amount }]
    return all.filter((_, index) => index !== lost)
  })

const single: fc.Arbitrary<LedgerEntry> = fc.oneof(
  fc.record({ id: clientId, of: leg }).map(({ id, of }) => ({ kind: 'order', order: order(id, of) }) as const),
  fc.record({
    kind: fc.constant('order-status'),
    clientId,
    status: fc.constantFrom('filled', 'canceled', 'rejected'),
    reason,
  }),
  small.map(time => ({ kind: 'equity', time, equity: time / 2, cash: 1n }) as const),
  fc
    .record({ id: clientId, exitTime: small })
    .map(({ id, exitTime }) => ({ kind: 'trade', trade: trade(id, { exitTime }) }) as const),
  fc.record({ of: leg, time: small, reason }).map(({ of, ...more }) => ({ kind: 'refusal', ...of, ...more }) as const),
  fc.record({ of: leg, time: small }).map(({ of, time }) => ({ kind: 'decision', ...decision(time, of) }) as const),
  fc.record({
    kind: fc.constant('mode'),
    mode: fc.constantFrom('on', 'close-only', 'paused'),
    reason,
    at: small,
  }),
  fc.record({ of: leg, amount: fc.bigInt(1n, 9n), stop: small }).map(
    ({ of, amount, stop }) =>
      ({
        kind: 'position',
        of,
        position: positionAfter(fill('', 'a', { amount })),
        exits: { plan: { stopLossPercent: 1 }, stop, trailed: false },
      }) as const,
  ),
)

const commit = fc
  .array(fc.oneof({ weight: 3, arbitrary: single.map(entry => [entry]) }, { weight: 2, arbitrary: filled }), {
    minLength: 1,
    maxLength: 4,
  })
  .map(parts => parts.flat())

function everything({ ledger, reader }: Opened): unknown {
  const symbols = ['BTC/USDT', 'ETH/USDT']
  return {
    state: ledger.state(),
    tradesSince: ledger.tradesSince(2),
    accounts: reader.accounts(),
    orders: reader.orders(),
    trades: reader.trades(),
    refusals: reader.refusals(),
    decisions: symbols.map(symbol => reader.decisions({ symbol, from: 1, to: 3 })),
  }
}

/** Whether the ledger took it. */
function tried({ ledger }: Opened, entries: readonly LedgerEntry[]): boolean {
  try {
    ledger.commit(entries)
    return true
  } catch (error) {
    if (error instanceof TallowError && error.kind === 'bug') return false
    throw error
  }
}

test('every kind of ledger takes the same commits and gives the same answers', () => {
  let taken = 0
  let refused = 0
  fc.assert(
    fc.property(fc.array(commit, { minLength: 1, maxLength: 12 }), commits => {
      const close: (() => void)[] = []
      try {
        const opened = Object.values(ADAPTERS).map(open => open({ after: done => close.push(done as () => void) }))
        for (const { ledger } of opened) ledger.beginRun(MANIFEST, 1, CASH)
        for (const entries of commits) {
          const before = opened.map(everything)
          const answers = opened.map(one => tried(one, entries))
          assert.equal(new Set(answers).size, 1, 'one took what another refused')
          const after = opened.map(everything)
          for (const answer of after) assert.deepEqual(answer, after[0])
          if (answers[0] === true) taken++
          else {
            refused++
            assert.deepEqual(after, before, 'a refused commit left something')
          }
        }
      } finally {
        for (const done of close.reverse()) done()
      }
    }),
    { numRuns: 60 },
  )
  assert.ok(taken > 20 && refused > 20, `taken ${taken}, refused ${refused}`)
})
