import assert from 'node:assert/strict'
import { test } from 'node:test'
import fc from 'fast-check'
import { formatDecimal, ONE, parseDecimal } from '../../src/domain/money.ts'
import { parseStake } from '../../src/domain/stake.ts'

test('"all" shares the equity among the slots and never promises more than there is', () => {
  fc.assert(
    fc.property(fc.integer({ min: 1, max: 1_000 }), slots => {
      const stake = parseStake('all', slots)
      assert.equal(stake.kind, 'share')
      if (stake.kind !== 'share') return
      const total = stake.share * BigInt(slots)
      assert.ok(total <= ONE && ONE - total < BigInt(slots))
    }),
  )
  assert.deepEqual(parseStake('all', 0), { kind: 'share', share: ONE })
})

test('a percentage is that share of equity, whatever the slots', () => {
  assert.deepEqual(parseStake('25%', 4), { kind: 'share', share: ONE / 4n })
  assert.deepEqual(parseStake('0.5%', 1), { kind: 'share', share: parseDecimal('0.005') })
  assert.deepEqual(parseStake('100%', 1), { kind: 'share', share: ONE })
})

test('a plain number is that much quote currency', () => {
  fc.assert(
    fc.property(fc.bigInt({ min: 1n, max: 10n ** 30n }), quote => {
      assert.deepEqual(parseStake(formatDecimal(quote), 3), { kind: 'fixed', quote })
    }),
  )
})

test('a risk is a share of equity, whatever the slots', () => {
  assert.deepEqual(parseStake('risk:1%', 4), { kind: 'risk', share: parseDecimal('0.01') })
  assert.deepEqual(parseStake('risk:0.25%', 1), { kind: 'risk', share: parseDecimal('0.0025') })
})

test('what is no stake is refused with the forms that are', () => {
  for (const text of [
    '',
    '0',
    '0%',
    '-5',
    '100.1%',
    '5 %',
    '1e3',
    'half',
    '25%%',
    'risk:1',
    'risk:0%',
    'risk:101%',
    'risk:',
    'risk:all',
    'rsk:1%',
  ])
    assert.throws(() => parseStake(text, 1), { kind: 'bad-input', hint: /\w/ }, text)
})
