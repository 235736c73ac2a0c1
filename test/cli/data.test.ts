import assert from 'node:assert/strict'
import { mkdirSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { test } from 'node:test'
import { candleRow, HOUR, START, writeCandles } from './candle-files.ts'
import { emptyFolder, filesIn, runCli } from './run-cli.ts'

const NAME = 'BTC_USDT-1h.json'

test('an imported file is listed, verified and computed on as it was', async context => {
  const folder = emptyFolder(context)
  writeCandles(folder, NAME, 100)
  const imported = await runCli(folder, ['data', 'import', NAME, '--exchange', 'binance'])
  assert.deepEqual([imported.code, imported.stderr], [0, ''])
  assert.match(imported.stdout, /→ binance:BTC\/USDT:1h[^]*100 rows: 100 taken, 0 repaired, 0 refused[^]*100 new/)
  const listed = await runCli(folder, ['data', 'list', '--json'])
  assert.deepEqual(JSON.parse(listed.stdout), [
    {
      ...{ series: 'binance:BTC/USDT:1h', candles: 100, from: START, to: START + 99 * HOUR },
      ...{ missing: 0, filled: 0, revised: 0, revisions: 0 },
    },
  ])
  const ofStore = await runCli(folder, ['indicators', 'compute', 'rsi', '-p', 'BTC/USDT', '-t', '1h', '--json'])
  const ofFile = await runCli(folder, ['indicators', 'compute', 'rsi', '--data', NAME, '--json'])
  assert.equal(ofStore.stdout, ofFile.stdout)
  const verified = await runCli(folder, ['data', 'verify', 'binance:BTC/USDT:1h', '--strict'])
  assert.equal(verified.code, 0)
  assert.match(verified.stdout, /100 candles, 2024-01-01 00:00 to 2024-01-05 03:00: no defect/)
})

test('importing twice changes nothing, and a revised candle is counted and not taken', async context => {
  const folder = emptyFolder(context)
  writeCandles(folder, NAME, 10)
  await runCli(folder, ['data', 'import', NAME])
  const again = await runCli(folder, ['data', 'import', NAME, '--json'])
  const stored = (text: string) => (JSON.parse(text) as { files: { stored: unknown }[] }).files[0]?.stored
  assert.deepEqual(stored(again.stdout), { inserted: 0, unchanged: 10, revised: 0 })
  writeCandles(folder, NAME, 11, rows => (rows[3]![5] = 6))
  const revised = await runCli(folder, ['data', 'import', NAME, '--json'])
  assert.deepEqual(stored(revised.stdout), { inserted: 1, unchanged: 9, revised: 1 })
})

test('rows that are no candles are told by row; the others are taken, or none with --strict', async context => {
  const folder = emptyFolder(context)
  writeCandles(folder, NAME, 50, rows => {
    rows[6]![4] = 'abc'
    rows[20]![2] = null
  })
  const strict = await runCli(folder, ['data', 'import', NAME, '--strict'])
  assert.equal(strict.code, 2)
  assert.match(strict.stderr, /row 7[^]*BTC_USDT-1h\.json/)
  assert.deepEqual(filesIn(folder), [NAME])
  const { code, stdout } = await runCli(folder, ['data', 'import', NAME])
  assert.equal(code, 0)
  assert.match(stdout, /50 rows: 48 taken, 0 repaired, 2 refused/)
  assert.match(stdout, /refused: row 7: /)
  assert.match(stdout, /refused: row 21: /)
  assert.match(stdout, /2 gaps, 2 candles missing/)
})

test('one bad file among several leaves the store as it was', async context => {
  const folder = emptyFolder(context)
  writeCandles(folder, NAME, 10)
  writeFileSync(join(folder, 'ETH_USDT-1h.json'), '{"not": "candles"}')
  const { code, stderr } = await runCli(folder, ['data', 'import', NAME, 'ETH_USDT-1h.json'])
  assert.equal(code, 2)
  assert.match(stderr, /ETH_USDT-1h\.json/)
  assert.deepEqual(filesIn(folder), ['BTC_USDT-1h.json', 'ETH_USDT-1h.json'])
})

test('verify prints the contract document: gaps by first and last missing candle, defects counted', async context => {
  const folder = emptyFolder(context)
  writeCandles(folder, NAME, 20, rows => {
    rows.push([...candleRow(19)])
    rows[15]![5] = 0
    rows[10]![1] = 'x'
    rows.splice(4, 2)
  })
  const { code, stdout, stderr } = await runCli(folder, ['data', 'verify', NAME, '--exchange', 'binance', '--json'])
  assert.deepEqual([code, stderr], [0, ''])
  assert.deepEqual(JSON.parse(stdout), {
    series: [
      {
        series: 'binance:BTC/USDT:1h',
        candles: 17,
        from: START,
        to: START + 19 * HOUR,
        gaps: [
          { from: START + 4 * HOUR, to: START + 5 * HOUR, missing: 2 },
          { from: START + 10 * HOUR, to: START + 10 * HOUR, missing: 1 },
        ],
        zeroVolume: 1,
        outOfOrder: 0,
        duplicates: 1,
        misaligned: 0,
        invalid: 1,
        filled: 0,
        revised: 0,
      },
    ],
  })
  assert.equal((await runCli(folder, ['data', 'verify', NAME, '--strict'])).code, 1)
})

test('a file that is no candle file is what verify finds out: exit 1; a name that is nothing is wrong usage: exit 2', async context => {
  const folder = emptyFolder(context)
  writeFileSync(join(folder, 'BTC_USDT-1h.csv'), 'hello\nworld\n')
  writeFileSync(join(folder, 'candles.csv'), 'open_time,open,high,low,close,volume\n0,1,1,1,1,1\n')
  mkdirSync(join(folder, 'data'))
  assert.equal((await runCli(folder, ['data', 'verify', 'BTC_USDT-1h.csv'])).code, 1)
  const unnamed = await runCli(folder, ['data', 'verify', 'candles.csv'])
  assert.equal(unnamed.code, 2)
  assert.match(unnamed.stderr, /--symbol/)
  const unknown = await runCli(folder, ['data', 'verify', 'binance:BTC/USDT:1h'])
  assert.equal(unknown.code, 2)
  assert.match(unknown.stderr, /tallow data import/)
  assert.deepEqual(filesIn(join(folder, 'data')), [])
})

test('a series that is not in the store is refused with the nearest that is', async context => {
  const folder = emptyFolder(context)
  writeCandles(folder, NAME, 5)
  await runCli(folder, ['data', 'import', NAME, '--exchange', 'binance'])
  const { code, stderr } = await runCli(folder, ['data', 'verify', 'binance:BTC/USDC:1h'])
  assert.equal(code, 2)
  assert.match(stderr, /did you mean binance:BTC\/USDT:1h\?/)
})
