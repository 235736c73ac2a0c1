import { deepEqual, equal, notEqual, rejects, throws } from 'node:assert/strict'
import { readFileSync } from 'node:fs'
import { test } from 'node:test'
import { gunzipSync } from 'node:zlib'
import { TallowError } from '../../../src/domain/errors.ts'
import { parseDecimal } from '../../../src/domain/money.ts'
import { RecordedSource } from '../../../src/exchange/recorded/recorded-source.ts'
import { CandleFrame } from '../../../src/frame/candle-frame.ts'
import { requireTestData, withoutTestData } from '../../support/test-data.ts'
import { MINUTE_MS, minuteFrame } from '../support/recording.ts'

const START = Date.UTC(2024, 0, 1)

function source(frame: CandleFrame): RecordedSource {
  return new RecordedSource({ exchange: 'binance', recordings: new Map([['BTC/USDT', { timeframe: '1m', frame }]]) })
}

test('a recording serves its own timeframe and each higher one that is made of whole bars', async () => {
  const recorded = source(minuteFrame(START, 600))
  const minutes = await recorded.fetchCandles({ symbol: 'BTC/USDT', timeframe: '1m', since: START + 1, limit: 2 })
  deepEqual(minutes, [
    [START + MINUTE_MS, 101, 104, 98.5, 100, 11],
    [START + 2 * MINUTE_MS, 102, 105, 99.5, 103, 12],
  ])
  const hours = await recorded.fetchCandles({ symbol: 'BTC/USDT', timeframe: '1h', since: 0, limit: 1_000 })
  equal(hours.length, 10)
  deepEqual(hours[0]?.slice(0, 5), [START, 100, 152, 97.5, 108])
  equal(await recorded.serverTime(), START + 600 * MINUTE_MS)
})

test('what was not recorded is refused for good, with what is there', async () => {
  const recorded = source(minuteFrame(START, 10))
  const finer = { symbol: 'BTC/USDT', timeframe: '1s', since: 0, limit: 1 } as const
  await rejects(recorded.fetchCandles(finer), error => error instanceof TallowError && error.kind === 'never-retry')
  await rejects(recorded.fetchCandles({ ...finer, symbol: 'BTC/USD' }), /no recording of BTC\/USD/)
  throws(() => source(new CandleFrame()), /no candles/)
})

test('play begins behind 2,500 rows, or 300 bars before the first gap behind them', () => {
  equal(source(minuteFrame(START, 6_000)).defaultStart(2_500), START + 2_500 * MINUTE_MS)
  const early = minuteFrame(START, 6_000, row => row === 100)
  equal(source(early).defaultStart(2_500), START + 2_501 * MINUTE_MS)
  const late = minuteFrame(START, 6_000, row => row >= 4_000 && row < 4_080)
  equal(source(late).defaultStart(2_500), START + 3_700 * MINUTE_MS)
  equal(source(minuteFrame(START, 1_000)).defaultStart(2_500), START + 100 * MINUTE_MS)
})

test('recordings that differ in one value have different fingerprints', () => {
  const frame = minuteFrame(START, 100)
  const same = minuteFrame(START, 100)
  equal(source(frame).fingerprint, source(same).fingerprint)
  same.volume.values[50] = 1e-9
  notEqual(source(frame).fingerprint, source(same).fingerprint)
})

const BTC = 'candles/ccxt-json-2023/BTC_USDT-1m.json.gz'

test('a real recording begins 300 minutes before its outage', { skip: withoutTestData(BTC) }, () => {
  const rows = JSON.parse(gunzipSync(readFileSync(requireTestData(BTC))).toString()) as number[][]
  const frame = new CandleFrame(rows.length)
  for (const row of rows) frame.append(row[0]!, row[1]!, row[2]!, row[3]!, row[4]!, row[5]!)
  const recorded = source(frame)
  equal(new Date(recorded.defaultStart(2_500)).toISOString(), '2023-03-24T07:40:00.000Z')
  equal(new Date(recorded.endsAt).toISOString(), '2023-05-01T21:02:00.000Z')
  equal(recorded.markets[0]?.instrument.priceTick, parseDecimal('0.01'))
})
