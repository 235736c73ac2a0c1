import assert from 'node:assert/strict'
import { test } from 'node:test'
import fc from 'fast-check'
import type { StrategyFault } from '../../src/ledger/ledger.ts'
import { exclusions } from '../../src/runtime/exclusions.ts'

const spin = { name: 'spin', hash: 'v1', file: '/bot/strategies/spin.ts' }
const calm = { name: 'calm', hash: 'v1', file: '/bot/strategies/calm.ts' }
const MESSAGE = 'strategy spin did not answer for 8.2 s on A/USDT at 2024-01-01T00:00:00.000Z'

function blocked(at: number, of: { readonly name: string; readonly hash: string } = spin): StrategyFault {
  return { strategy: of.name, hash: of.hash, kind: 'blocked', message: MESSAGE, at }
}

test('a strategy is left out from the second time on that it blocked, and the message says what to do', () => {
  assert.deepEqual(exclusions([], [spin, calm]), [])
  assert.deepEqual(exclusions([blocked(1)], [spin, calm]), [])
  const [out, ...rest] = exclusions([blocked(1), blocked(2)], [calm, spin])
  assert.deepEqual(rest, [])
  const message = `strategy spin is left out: it blocked the process 2 times, the last time: ${MESSAGE}. Correct /bot/strategies/spin.ts: a changed file is tried again`
  assert.deepEqual(out, { ...spin, message })
})

test('a file that was changed is tried again, and the faults of another strategy are its own', () => {
  assert.deepEqual(exclusions([blocked(1), blocked(2)], [{ ...spin, hash: 'v2' }, calm]), [])
  assert.deepEqual(exclusions([blocked(1), blocked(2, { ...spin, hash: 'v2' })], [spin]), [])
  // It was changed back: nothing is different from when it blocked.
  assert.equal(exclusions([blocked(1), blocked(2), blocked(3, { ...spin, hash: 'v2' })], [spin]).length, 1)
})

test('what was thrown leaves nobody out at the next start', () => {
  const threw: StrategyFault = { ...blocked(1), kind: 'threw' }
  assert.deepEqual(exclusions([threw, { ...threw, at: 2 }, blocked(3)], [spin]), [])
})

test('a fault that was recorded twice, by a start that was killed in between, counts once', () => {
  assert.deepEqual(exclusions([blocked(1), blocked(1), blocked(1)], [spin]), [])
})

test('exactly those with two different blocks of their version are out, in the order of the strategies', () => {
  const names = ['a', 'b', 'c', 'd']
  const hashes = ['1', '2']
  const fault = fc.record({
    strategy: fc.constantFrom(...names),
    hash: fc.constantFrom(...hashes),
    kind: fc.constantFrom('blocked' as const, 'threw' as const),
    message: fc.constant(MESSAGE),
    at: fc.nat(3),
  })
  const chosen = fc
    .tuple(fc.shuffledSubarray(names), fc.constantFrom(...hashes))
    .map(([some, hash]) => some.map(name => ({ name, hash, file: `${name}.ts` })))
  fc.assert(
    fc.property(fc.array(fault, { maxLength: 20 }), chosen, (faults, strategies) => {
      const expected = strategies.filter(({ name, hash }) => {
        const times = new Set<number>()
        for (const one of faults)
          if (one.kind === 'blocked' && one.strategy === name && one.hash === hash) times.add(one.at)
        return times.size >= 2
      })
      const found = exclusions(faults, strategies).map(({ name, hash, file }) => ({ name, hash, file }))
      assert.deepEqual(found, expected)
    }),
  )
})
