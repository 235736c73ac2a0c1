import { deepEqual, equal, ok } from 'node:assert/strict'
import { test } from 'node:test'
import fc from 'fast-check'
import { instrumentOf } from '../../../src/exchange/ccxt/instrument-of.ts'
import { checkedMarket, trimmedMarket } from '../../../src/exchange/ccxt/kept-market.ts'

const TOLD = {
  id: 'BTCUSDT',
  symbol: 'BTC/USDT',
  base: 'BTC',
  quote: 'USDT',
  baseId: 'BTC',
  spot: true,
  active: true,
  contract: false,
  linear: undefined,
  taker: 0.001,
  contractSize: undefined,
  precision: { amount: 0.00001, price: 0.01 },
  limits: { amount: { min: 0.00001, max: 9000 }, cost: { min: 5 }, leverage: { min: undefined } },
  info: { filters: ['a lot'] },
}

test('of a market only what is needed is kept, and the file gives back the same', () => {
  const kept = trimmedMarket(TOLD)
  deepEqual(kept, {
    id: 'BTCUSDT',
    symbol: 'BTC/USDT',
    base: 'BTC',
    quote: 'USDT',
    baseId: 'BTC',
    spot: true,
    active: true,
    contract: false,
    taker: 0.001,
    precision: { amount: 0.00001, price: 0.01 },
    limits: { amount: { min: 0.00001, max: 9000 }, cost: { min: 5 } },
  })
  deepEqual(checkedMarket(JSON.parse(JSON.stringify(kept))), kept)
})

test('what is kept of any market gives the filters that the market gave', () => {
  const odd = fc.oneof(fc.double(), fc.string(), fc.constant(undefined), fc.constant(null), fc.object())
  const bound = fc.oneof(fc.double({ min: 1e-9, max: 1e6, noNaN: true }), odd)
  const market = fc.record({
    id: fc.constant('X'),
    symbol: fc.constant('X/USDT'),
    active: fc.oneof(fc.boolean(), odd),
    contract: fc.oneof(fc.boolean(), odd),
    linear: fc.oneof(fc.boolean(), odd),
    contractSize: bound,
    precision: fc.oneof(fc.record({ price: bound, amount: bound }), odd),
    limits: fc.oneof(
      fc.record({ amount: fc.record({ min: bound }), cost: fc.oneof(fc.record({ min: bound }), odd) }),
      odd,
    ),
  })
  const filters = (told: unknown): unknown =>
    instrumentOf('x', told as Parameters<typeof instrumentOf>[1], 4, () => undefined)
  fc.assert(
    fc.property(market, told => {
      const kept = trimmedMarket(told)
      ok(kept)
      deepEqual(filters(checkedMarket(JSON.parse(JSON.stringify(kept)))), filters(told))
    }),
    { numRuns: 500 },
  )
})

test('whatever stands in a file, what is used of it has names, texts, flags and finite numbers, and no prototype is touched', () => {
  const before = Object.getOwnPropertyNames(Object.prototype)
  fc.assert(
    fc.property(fc.jsonValue(), fc.jsonValue(), (value, inner) => {
      const mixed: unknown = { id: 'A', symbol: 'A/B', limits: inner, ...(Object(value) as object) }
      const checked = checkedMarket(mixed)
      if (typeof checked === 'string') return
      equal(Object.getPrototypeOf(checked), Object.prototype)
      deepEqual(trimmedMarket(checked), checked)
    }),
    { numRuns: 1_000 },
  )
  deepEqual(Object.getOwnPropertyNames(Object.prototype), before)
})

test('a market of a file that is not as it was kept is refused with the field', () => {
  const good = { id: 'A', symbol: 'A/B' }
  const cases: [unknown, RegExp][] = [
    ['text', /no object/],
    [[good], /no object/],
    [{ id: 'A' }, /no symbol/],
    [{ ...good, id: '' }, /"id"/],
    [{ ...good, id: '__proto__' }, /"id"/],
    [{ ...good, symbol: 'constructor' }, /"symbol"/],
    [{ ...good, symbol: 'toString' }, /"symbol"/],
    [{ ...good, symbol: 'A\n/B' }, /"symbol"/],
    [{ ...good, symbol: 'A'.repeat(129) }, /"symbol"/],
    [JSON.parse('{"id":"A","symbol":"A/B","__proto__":{"polluted":1}}'), /"__proto__"/],
    [JSON.parse('{"id":"A","symbol":"A/B","limits":{"__proto__":{"min":1}}}'), /"__proto__"/],
    [{ ...good, info: {} }, /"info"/],
    [{ ...good, spot: 'yes' }, /"spot"/],
    [{ ...good, contractSize: '1' }, /"contractSize"/],
    [{ ...good, limits: { cost: { min: null } } }, /"min"/],
    [{ ...good, limits: 5 }, /"limits"/],
    [JSON.parse('{"id":"A","symbol":"A/B","precision":{"price":1e999}}'), /"price"/],
  ]
  for (const [value, reason] of cases) {
    const found = checkedMarket(value)
    ok(typeof found === 'string' && reason.test(found), `${JSON.stringify(value)}: ${JSON.stringify(found)}`)
  }
})
