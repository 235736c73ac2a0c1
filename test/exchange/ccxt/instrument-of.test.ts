import { deepEqual, equal, match, ok } from 'node:assert/strict'
import { test } from 'node:test'
import ccxt from 'ccxt'
import fc from 'fast-check'
import { defaultInstrument, type Instrument } from '../../../src/domain/instrument.ts'
import { fromNumber, ONE, parseDecimal } from '../../../src/domain/money.ts'
import { instrumentOf } from '../../../src/exchange/ccxt/instrument-of.ts'
import type { CcxtMarket } from '../../../src/exchange/ccxt/load-exchange.ts'

const [DECIMAL_PLACES, SIGNIFICANT_DIGITS, TICK_SIZE] = [2, 3, 4]
const STANDARD = defaultInstrument('x', 'A/B')

function read(market: Omit<CcxtMarket, 'symbol'>, mode = TICK_SIZE): { instrument: Instrument; odd: string[] } {
  const odd: string[] = []
  const instrument = instrumentOf('x', { symbol: 'A/B', ...market }, mode, reason => odd.push(reason))
  return { instrument, odd }
}

function spot(tick: unknown, step: unknown, min: unknown, value: unknown): Omit<CcxtMarket, 'symbol'> {
  return { precision: { price: tick, amount: step }, limits: { amount: { min }, cost: { min: value } } }
}

test('filters are exact: the decimals of their shortest text', () => {
  const { instrument, odd } = read(spot(0.05, 1e-5, 0.3, 1e-18))
  deepEqual(instrument, {
    exchange: 'x',
    symbol: 'A/B',
    priceTick: 5n * 10n ** 16n,
    amountStep: 10n ** 13n,
    amountMin: 3n * 10n ** 17n,
    notionalMin: 1n,
  })
  equal(read(spot(1e-8, 1_000, 1e21, 5)).instrument.amountMin, ONE * 10n ** 21n)
  deepEqual(odd, [])
})

test('what is left out or switched off is the default, and nothing is said of it', () => {
  for (const market of [
    {},
    spot(undefined, undefined, undefined, undefined),
    spot(null, null, null, null),
    spot(0, 0, 0, -0),
    { precision: {}, limits: {} },
  ])
    deepEqual(read(market), { instrument: STANDARD, odd: [] })
})

test('a filter that makes no sense is not used, and that is told; the others count', () => {
  for (const nonsense of [-1, Number.NaN, Infinity, -Infinity, '0.01', '', [], {}, true, 1e-19, 2.5e-18]) {
    const { instrument, odd } = read(spot(nonsense, nonsense, nonsense, nonsense))
    deepEqual(instrument, STANDARD)
    equal(odd.length, 4, odd.join())
    match(odd.join('\n'), /x gives A\/B the price tick ".*", which makes no sense/)
    equal(read(spot(nonsense, 0.1, 1, 5)).instrument.amountStep, ONE / 10n)
  }
})

test('whatever an exchange says, the grains are positive and the bounds are not negative', () => {
  const anything = fc.oneof(fc.double(), fc.integer(), fc.anything())
  fc.assert(
    fc.property(anything, anything, anything, anything, fc.constantFrom(2, 3, 4, 0), (tick, step, min, value, mode) => {
      const { instrument } = read(spot(tick, step, min, value), mode)
      ok(instrument.priceTick > 0n && instrument.amountStep > 0n)
      ok(instrument.amountMin >= 0n && instrument.notionalMin >= 0n)
    }),
    { numRuns: 2_000 },
  )
})

test('decimal places are grains of the last digit, also in front of the point; other numbers are none', () => {
  const { instrument } = read(spot(2, 0, undefined, undefined), DECIMAL_PLACES)
  equal(instrument.priceTick, parseDecimal('0.01'))
  equal(instrument.amountStep, ONE)
  equal(read(spot(-3, 18, undefined, undefined), DECIMAL_PLACES).instrument.priceTick, 1_000n * ONE)
  for (const nonsense of [0.01, 19, -400, '2', Number.NaN]) {
    const { instrument: kept, odd } = read(spot(nonsense, nonsense, undefined, undefined), DECIMAL_PLACES)
    deepEqual(kept, STANDARD)
    equal(odd.length, 2)
  }
})

test('where prices have significant digits there is no tick, and amounts have decimal places', () => {
  const { instrument, odd } = read(spot(5, 4, undefined, undefined), SIGNIFICANT_DIGITS)
  equal(instrument.priceTick, STANDARD.priceTick)
  equal(instrument.amountStep, parseDecimal('0.0001'))
  deepEqual(odd, [])
})

test('amounts of linear contracts are in base units; those of inverse ones cannot be', () => {
  const contract = { ...spot(0.1, 1, 2, 5), contract: true, contractSize: 0.001 }
  deepEqual(read({ ...contract, linear: true }).instrument, {
    ...STANDARD,
    priceTick: ONE / 10n,
    amountStep: ONE / 1_000n,
    amountMin: ONE / 500n,
    notionalMin: 5n * ONE,
  })
  deepEqual(read({ ...contract, linear: false }).instrument, { ...STANDARD, priceTick: ONE / 10n })
  const unsized = read({ ...contract, linear: true, contractSize: -1 })
  equal(unsized.instrument.amountStep, STANDARD.amountStep)
  equal(unsized.odd.length, 1)
})

test('each exchange of the installed ccxt counts in one of the known ways, and rounds as the filter read from it says', () => {
  const classes = ccxt as unknown as Record<string, new () => InstanceType<typeof ccxt.Exchange>>
  let ticks = 0
  for (const id of ccxt.exchanges) {
    const exchange = new classes[id]!()
    const mode = exchange.precisionMode
    if (mode === TICK_SIZE) {
      ticks++
      continue
    }
    equal(mode, SIGNIFICANT_DIGITS, id)
    const market = { ...spot(5, 4, undefined, undefined), id: 'ab', symbol: 'A/B', base: 'A', quote: 'B', spot: true }
    exchange.setMarkets([{ ...market, type: 'spot' }])
    const { amountStep } = instrumentOf(id, market, mode, () => undefined)
    const amount = fromNumber(Number(exchange.amountToPrecision('A/B', 1.23456789)))
    equal(amount, parseDecimal('1.2345'), id)
    equal(amount % amountStep, 0n, id)
  }
  ok(ticks > 50, `${ticks} exchanges with ticks`)
})
