import assert from 'node:assert/strict'
import { test } from 'node:test'
import { labelFromFileName } from '../../../src/frame/formats/file-label.ts'

test('file names in the forms that tools write say symbol and timeframe', () => {
  const cases: readonly [string, string | undefined, string | undefined][] = [
    ['/data/BTC_USDT-1m.json.gz', 'BTC/USDT', '1m'],
    ['BTC_USDT_1h.csv.gz', 'BTC/USDT', '1h'],
    ['AVAXUSDT-1m-2023-09.csv.gz', 'AVAX/USDT', '1m'],
    ['BTCUSDT-1M-2023.zip', 'BTC/USDT', '1M'],
    ['ETHBTC-1d.csv', 'ETH/BTC', '1d'],
    ['BTCFDUSD-4h.csv', 'BTC/FDUSD', '4h'],
    ['BTCUSD-1m-2013.csv.gz', 'BTC/USD', '1m'],
    ['1000SHIB_USDT-5m.json', '1000SHIB/USDT', '5m'],
    ['BTC_USDT_USDT-1h-futures.json', 'BTC/USDT:USDT', '1h'],
    ['nautilus_ADABTC-1m-2021-11-27.csv', 'ADA/BTC', '1m'],
    ['binance_btcusdt_1h.csv', 'BTC/USDT', '1h'],
    ['UNITTEST_XYZ-30m.json', 'UNITTEST/XYZ', '30m'],
    ['C:\\candles\\BTC-USDT-15m.csv', 'BTC/USDT', '15m'],
    ['BTC_USDT.csv', 'BTC/USDT', undefined],
    ['BTCUSDT.csv', 'BTC/USDT', undefined],
    ['candles-1h.csv', undefined, '1h'],
    ['LTC_USDT_2d_1m_1606066988989.json.gz', undefined, '1m'],
    ['btc-perp-20211231-20220201_1m.csv.gz', undefined, '1m'],
    ['2006-day-001.csv', undefined, undefined],
    ['USDT-1h.csv', undefined, '1h'],
    ['1h.csv', undefined, undefined],
  ]
  for (const [path, symbol, timeframe] of cases) assert.deepEqual(labelFromFileName(path), { symbol, timeframe }, path)
})
