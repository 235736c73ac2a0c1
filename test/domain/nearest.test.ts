import assert from 'node:assert/strict'
import { test } from 'node:test'
import fc from 'fast-check'
import { nearest } from '../../src/domain/nearest.ts'

test('a misspelling finds the name it was meant to be', () => {
  assert.equal(nearest('rsi-mcad', ['rsi-macd', 'rsi-reversal', 'sma-cross']), 'rsi-macd')
  assert.equal(nearest('peroid', ['period', 'buyBelow', 'sellAbove']), 'period')
  assert.equal(nearest('buybelow', ['period', 'buyBelow']), 'buyBelow')
})

test('a text that is like none of the names finds nothing', () => {
  assert.equal(nearest('zz', ['1s', '1m']), undefined)
  assert.equal(nearest('banana', ['rsi-macd', 'sma-cross']), undefined)
  assert.equal(nearest('x', []), undefined)
})

test('a name finds itself, in any case, wherever it stands in the list', () => {
  const names = fc.uniqueArray(fc.stringMatching(/^[a-z]{1,12}$/), { minLength: 1 })
  fc.assert(
    fc.property(names, fc.nat(), (list, pick) => {
      const name = list[pick % list.length]!
      assert.equal(nearest(name.toUpperCase(), list), name)
    }),
  )
})

test('one letter added, dropped or changed in a longer name still finds it when nothing else is near', () => {
  fc.assert(
    fc.property(fc.stringMatching(/^[a-z]{5,12}$/), fc.nat(4), fc.constantFrom('', 'Q', 'QQ'), (name, at, put) => {
      assert.equal(nearest(name.slice(0, at) + put + name.slice(at + 1), [name]), name)
    }),
  )
})
