import assert from 'node:assert/strict'
import { test } from 'node:test'
import { parseDecimal } from '../../src/domain/money.ts'
import { brokenLimit, type RiskLimits } from '../../src/risk/limits.ts'

const equity = parseDecimal('1000')

function broken(
  limits: RiskLimits,
  quote: string,
  held: { positions?: number; symbol?: string; side?: string },
  side: 'long' | 'short' = 'long',
  opensPosition = true,
) {
  const exposure = {
    positions: held.positions ?? 0,
    symbol: parseDecimal(held.symbol ?? '0'),
    side: parseDecimal(held.side ?? '0'),
  }
  return brokenLimit(limits, side, opensPosition, parseDecimal(quote), exposure, equity)
}

test('no limit is broken where none is set', () => {
  assert.equal(broken({}, '1000000', { positions: 99, symbol: '1000000', side: '1000000' }), undefined)
})

test('as many positions as are allowed may be open; adding to one opens none', () => {
  assert.equal(broken({ openPositionsMax: 2 }, '1', { positions: 1 }), undefined)
  assert.equal(broken({ openPositionsMax: 2 }, '1', { positions: 2 }), 'max-open-positions')
  assert.equal(broken({ openPositionsMax: 2 }, '1', { positions: 2 }, 'long', false), undefined)
  assert.equal(broken({ openPositionsMax: 0 }, '1', {}), 'max-open-positions')
})

test('a symbol and a side hold their share of equity, and not a unit more', () => {
  const symbol = { symbolExposureMax: parseDecimal('0.3') }
  assert.equal(broken(symbol, '100', { symbol: '200' }), undefined)
  assert.equal(broken(symbol, '100.000000000000000001', { symbol: '200' }), 'max-symbol-exposure')
  const sides = { longExposureMax: parseDecimal('0.5'), shortExposureMax: parseDecimal('0.1') }
  assert.equal(broken(sides, '100', { side: '400' }), undefined)
  assert.equal(broken(sides, '101', { side: '400' }), 'max-side-exposure')
  assert.equal(broken(sides, '100', {}, 'short'), undefined)
  assert.equal(broken(sides, '101', {}, 'short'), 'max-side-exposure')
  assert.equal(broken(sides, '101', { side: '0' }, 'short', false), 'max-side-exposure')
})
