import { equal, match } from 'node:assert/strict'
import { test } from 'node:test'
import fc from 'fast-check'
import { exchangeText } from '../../../src/exchange/simulator/exchange-text.ts'

test('a price is written with eight digits', () => {
  equal(exchangeText(24899.18), '24899.18000000')
  equal(exchangeText(0.00001234), '0.00001234')
})

test('any positive number comes back from its text unchanged, and no text has an exponent', () => {
  fc.assert(
    fc.property(fc.double({ min: 1e-15, max: 1e15, noNaN: true }), value => {
      equal(Number(exchangeText(value)), value)
      match(exchangeText(value), /^\d+\.?\d*$/)
    }),
  )
})
