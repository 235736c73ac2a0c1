import { deepEqual, equal, match, ok } from 'node:assert/strict'
import { test } from 'node:test'
import fc from 'fast-check'
import { defaultInstrument, type Instrument } from '../../src/domain/instrument.ts'
import { formatDecimal, fromNumber, ONE, parseDecimal } from '../../src/domain/money.ts'
import { createCcxtSource } from '../../src/exchange/ccxt/ccxt-source.ts'
import { recordedInstrument } from '../../src/exchange/recorded/recorded-instrument.ts'
import { RecordedSource } from '../../src/exchange/recorded/recorded-source.ts'
import { GeneratedSource } from '../../src/exchange/simulator/generated-source.ts'
import { CandleFrame } from '../../src/frame/candle-frame.ts'
import { loadCandleFile } from '../../src/frame/formats/load-candle-file.ts'
import { requireTestData, withoutTestData } from '../support/test-data.ts'
import { startExchange } from './support/exchange.ts'
import { MINUTE_MS, minuteFrame } from './support/recording.ts'

const START = Date.UTC(2024, 0, 1)

function framePriced(...closes: readonly number[]): CandleFrame {
  const frame = new CandleFrame()
  for (const [row, close] of closes.entries()) frame.append(START + row * MINUTE_MS, close, close, close, close, 1)
  return frame
}

function source(frames: Readonly<Record<string, CandleFrame>>, instruments: readonly Instrument[] = []) {
  const recordings = Object.entries(frames).map(([symbol, frame]) => {
    const instrument = instruments.find(known => known.symbol === symbol)
    return [symbol, { timeframe: '1m', frame, ...(instrument === undefined ? {} : { instrument }) }] as const
  })
  return new RecordedSource({ exchange: 'binance', recordings: new Map(recordings) })
}

test('filters of every kind come through HTTP and ccxt to the last digit', async context => {
  const grain = (symbol: string, tick: string, step: string, min: string, value: string): Instrument => ({
    exchange: 'binance',
    symbol,
    priceTick: parseDecimal(tick),
    amountStep: parseDecimal(step),
    amountMin: parseDecimal(min),
    notionalMin: parseDecimal(value),
  })
  const instruments = [
    grain('BTC/USDT', '0.05', '0.00001', '0.00003', '5'),
    grain('DOGE/BTC', '0.00000001', '1', '1', '0.0001'),
    grain('ETH/USDT', '1000', '0.001', '0.001', '10.5'),
    grain('PEPE/USDT', '0.000000000001', '1000', '1000000000000', '1'),
    grain('WEI/USDT', '0.000000000000000001', '0.000000000000000001', '0', '0'),
  ]
  const frames = Object.fromEntries(instruments.map(({ symbol }) => [symbol, minuteFrame(START, 10)]))
  const { source: real } = await startExchange(context, { source: source(frames, instruments) })
  deepEqual(await real.instruments(), instruments)
})

test('a file is played in the very instrument that its candles alone give', async context => {
  const frames = {
    'AA/USDT': framePriced(100, 101),
    'AB/USDT': framePriced(0.05, 27_999.99),
    'AC/BTC': framePriced(0.00001234, 0.00000001),
    'AD/ETH': framePriced(1.2e-12, 3e-12),
    'AE/USDT': framePriced(0.1 + 0.2, 1 / 3),
    'AF/EUR': framePriced(1e-18, 123_456_789),
  }
  const { source: real } = await startExchange(context, { source: source(frames) })
  const through = await real.instruments()
  deepEqual(
    through,
    Object.entries(frames).map(([symbol, frame]) => recordedInstrument('binance', symbol, frame)),
  )
  deepEqual(
    through.map(({ priceTick, notionalMin }) => [formatDecimal(priceTick), formatDecimal(notionalMin)]),
    [
      ['1', '5'],
      ['0.01', '5'],
      ['0.00000001', '0.0001'],
      ['0.0000000000001', '0.001'],
      ['0.000000000000000001', '5'],
      ['0.000000000000000001', '5'],
    ],
  )
})

const REAL = ['BTC', 'ETH', 'ADA'].map(base => `candles/ccxt-json-2023/${base}_USDT-1m.json.gz`)

test(
  'real files are played in the very instruments that a backtest over them has',
  { skip: withoutTestData(...REAL) },
  async context => {
    const files = await Promise.all(REAL.map(file => loadCandleFile(requireTestData(file))))
    const frames = Object.fromEntries(files.map(({ series, frame }) => [series.symbol, frame]))
    const { source: real } = await startExchange(context, { source: source(frames) })
    const alone = files.map(({ series, frame }) => recordedInstrument('binance', series.symbol, frame))
    deepEqual(
      await real.instruments(),
      alone.toSorted((a, b) => (a.symbol < b.symbol ? -1 : 1)),
    )
    deepEqual(
      alone.map(({ symbol, priceTick }) => `${symbol} ${formatDecimal(priceTick)}`),
      ['BTC/USDT 0.01', 'ETH/USDT 0.01', 'ADA/USDT 0.0001'],
    )
  },
)

test('generated markets say over HTTP what they say themselves', async context => {
  const played = new GeneratedSource({ symbols: ['SOL/USDT', 'BTC/USDT', 'X/ETH'] })
  const { source: real } = await startExchange(context, { source: played })
  const through = await real.instruments()
  deepEqual(through, await played.instruments())
  deepEqual(
    through.map(({ symbol, amountStep }) => `${symbol} ${formatDecimal(amountStep)}`),
    ['BTC/USDT 0.00001', 'SOL/USDT 0.001', 'X/ETH 0.01'],
  )
})

test('every price of a recording lies on its tick, and those that were quoted on no coarser one', () => {
  const quoted = fc
    .tuple(fc.integer({ min: 1, max: 10_000_000 }), fc.nat(12))
    .map(([digits, decimals]) => digits / 10 ** decimals)
  const computed = fc.double({ min: 1e-9, max: 1e6, noNaN: true })
  const many = { minLength: 1, maxLength: 20 }
  const tickOf = (closes: readonly number[]): bigint =>
    recordedInstrument('binance', 'BTC/USDT', framePriced(...closes)).priceTick
  fc.assert(
    fc.property(fc.array(quoted, many), fc.array(fc.oneof(quoted, computed), many), (clean, mixed) => {
      const tick = tickOf(clean)
      ok(clean.every(price => fromNumber(price) % tick === 0n))
      ok(tick === ONE || clean.some(price => fromNumber(price) % (10n * tick) !== 0n))
      const fine = tickOf(mixed)
      ok(mixed.every(price => fromNumber(price) % fine === 0n))
    }),
    { numRuns: 3_000 },
  )
})

test('nonsense among the filters of a real answer costs that filter, is told, and harms no other market', async context => {
  const filters = (tick: string, step: string, min: string, value: string): object[] => [
    { filterType: 'PRICE_FILTER', minPrice: tick, maxPrice: '1', tickSize: tick },
    { filterType: 'LOT_SIZE', minQty: min, maxQty: '1', stepSize: step },
    { filterType: 'NOTIONAL', minNotional: value },
  ]
  const market = (base: string, of: unknown): object => ({
    symbol: `${base}USDT`,
    status: 'TRADING',
    baseAsset: base,
    quoteAsset: 'USDT',
    filters: of,
  })
  const symbols = [
    market('A', filters('abc', '', 'null', 'x')),
    market('B', filters('-0.01', '-1', '-2', '-3')),
    market('C', filters('NaN', 'Infinity', '1e-40', '0x10')),
    market('D', filters('0.00000000', '0', '0', '0')),
    market('E', []),
    market('F', filters('0.05', '1000', '1', '5')),
    market('G', undefined),
  ]
  const { simulator } = await startExchange(context, {
    source: source({ 'BTC/USDT': minuteFrame(START, 10) }),
    faults: ({ path }) =>
      path.endsWith('/exchangeInfo') ? { kind: 'body', body: JSON.stringify({ symbols }) } : undefined,
  })
  const odd: string[] = []
  const real = await createCcxtSource({
    exchangeId: 'binance',
    baseUrl: simulator.url,
    onOddFilter: reason => odd.push(reason),
  })
  context.after(() => real.close())
  const found = new Map((await real.instruments()).map(instrument => [instrument.symbol, instrument]))
  equal(found.size, symbols.length)
  for (const base of ['A', 'B', 'D', 'E', 'G'])
    deepEqual(found.get(`${base}/USDT`), defaultInstrument('binance', `${base}/USDT`))
  const { priceTick, amountStep } = found.get('F/USDT')!
  deepEqual([formatDecimal(priceTick), formatDecimal(amountStep)], ['0.05', '1000'])
  match(odd.join('\n'), /B\/USDT the price tick "-0.01"/)
  equal(odd.filter(reason => reason.includes('F/USDT')).length, 0)
  context.diagnostic(odd.join('\n'))
})
