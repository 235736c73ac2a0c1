import assert from 'node:assert/strict'
import { mkdirSync, readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { test } from 'node:test'
import { candleRow, HOUR, START, writeCandles } from './candle-files.ts'
import { emptyFolder, filesIn, runCli } from './run-cli.ts'

const BTC = 'BTC_USDT-1h.json'
const ETH = 'ETH_USDT-1h.json'

test('data resample writes the bars of a file or a stored series; an unfinished last one is told and left out', async context => {
  const folder = emptyFolder(context)
  writeCandles(folder, BTC, 50, rows => rows.splice(5, 1))
  const ofFile = await runCli(folder, [
    'data',
    'resample',
    BTC,
    '--timeframe',
    '1d',
    '--to',
    'days.csv',
    '--exchange',
    'binance',
  ])
  assert.deepEqual([ofFile.code, ofFile.stderr], [0, ''])
  assert.match(ofFile.stdout, /binance:BTC\/USDT:1d → days\.csv: 2 candles, 2024-01-01 00:00 to 2024-01-02 00:00/)
  assert.match(ofFile.stdout, /1 candle among them with candles missing inside/)
  assert.match(ofFile.stdout, /bar of 2024-01-03 00:00 is not complete and left out/)
  const [header, , second = ''] = readFileSync(join(folder, 'days.csv'), 'utf8').split('\n')
  assert.equal(header, 'openTime,open,high,low,close,volume')
  const day = Array.from({ length: 24 }, (_, hour) => candleRow(24 + hour))
  const expected = [
    START + 24 * HOUR,
    day[0]?.[1],
    Math.max(...day.map(row => Number(row[2]))),
    Math.min(...day.map(row => Number(row[3]))),
    day[23]?.[4],
    120,
  ]
  assert.equal(second, expected.join(','))

  await runCli(folder, ['data', 'import', BTC, '--exchange', 'binance'])
  const ofStore = await runCli(folder, [
    'data',
    'resample',
    'binance:BTC/USDT:1h',
    '-t',
    '1d',
    '--to',
    'stored.csv',
    '--keep-unfinished',
    '--json',
  ])
  assert.deepEqual(JSON.parse(ofStore.stdout), {
    series: 'binance:BTC/USDT:1d',
    file: join(folder, 'stored.csv'),
    timeframe: '1d',
    candles: 3,
    from: START,
    to: START + 48 * HOUR,
    partial: 2,
    leftOut: null,
  })
  const again = await runCli(folder, [
    'data',
    'resample',
    BTC,
    '-t',
    '4h',
    '--to',
    'part.csv',
    '--timerange',
    '20240102-20240103',
    '--json',
  ])
  const { candles, partial, leftOut } = JSON.parse(again.stdout) as Record<string, unknown>
  assert.deepEqual({ candles, partial, leftOut }, { candles: 6, partial: 0, leftOut: null })
})

test('data correlate prints the matrix as a table and as JSON, over the bars that each pair has', async context => {
  const folder = emptyFolder(context)
  const closes = Array.from({ length: 40 }, (_, row) => 100 + 20 * Math.sin(row * row))
  const write = (name: string, price: (close: number) => number, drop: number) =>
    writeCandles(folder, name, 40, rows => {
      rows.forEach((row, index) => row.fill(price(closes[index] ?? 0), 1, 5))
      if (drop > 0) rows.splice(drop, 1)
    })
  write(BTC, close => close, 0)
  write(ETH, close => 1 / close, 20)
  const shown = await runCli(folder, ['data', 'correlate', BTC, ETH])
  assert.deepEqual([shown.code, shown.stderr], [0, ''])
  assert.match(shown.stdout, /log returns of close at 1h, 2024-01-01 00:00 to 2024-01-02 15:00 UTC, 40 bars/)
  assert.match(shown.stdout, /1 {2}file:BTC\/USDT:1h +1\.000 +-1\.000\n2 {2}file:ETH\/USDT:1h +-1\.000 +1\.000/)
  const { stdout } = await runCli(folder, ['data', 'correlate', BTC, ETH, '--json'])
  const { correlations, ...rest } = JSON.parse(stdout) as { correlations: number[][] }
  assert.deepEqual(rest, {
    of: 'log returns of close',
    series: ['file:BTC/USDT:1h', 'file:ETH/USDT:1h'],
    timeframe: '1h',
    from: START,
    to: START + 39 * HOUR,
    rows: 40,
    commonRows: [
      [39, 37],
      [37, 37],
    ],
  })
  assert.ok(Math.abs((correlations[0]?.[1] ?? 0) + 1) < 1e-12)
  const resampled = await runCli(folder, [
    'data',
    'correlate',
    BTC,
    ETH,
    '-t',
    '4h',
    '--from',
    '2024-01-01T04:00:00Z',
    '--json',
  ])
  const { timeframe, from, rows } = JSON.parse(resampled.stdout) as Record<string, unknown>
  assert.deepEqual({ timeframe, from, rows }, { timeframe: '4h', from: START + 4 * HOUR, rows: 9 })
})

test('a series that stands still is null in JSON; a matrix wider than the terminal becomes a list of pairs', async context => {
  const folder = emptyFolder(context)
  const names = Array.from({ length: 12 }, (_, index) => `C${index}_USDT-1h.json`)
  names.forEach((name, index) =>
    writeCandles(folder, name, 30, rows =>
      rows.forEach((row, at) => row.fill(index === 0 ? 5 : 100 + Math.sin(at * at + index), 1, 5)),
    ),
  )
  const { stdout } = await runCli(folder, ['data', 'correlate', ...names, '--json'])
  const { correlations } = JSON.parse(stdout) as { correlations: (number | null)[][] }
  assert.deepEqual(correlations[0], new Array(12).fill(null))
  assert.equal(correlations[3]?.[3], 1)
  const shown = await runCli(folder, ['data', 'correlate', ...names], { columns: 80 })
  assert.match(shown.stdout, /series +with +correlation +bars\n/)
  assert.match(shown.stdout, /of 55 pairs; the matrix is wider than the terminal/)
})

test('what cannot be resampled or compared is refused, and nothing is written', async context => {
  const folder = emptyFolder(context)
  writeCandles(folder, BTC, 30)
  writeFileSync(join(folder, 'ETH_USDT-1d.csv'), `openTime,open,high,low,close,volume\n${START},1,1,1,1,1\n`)
  mkdirSync(join(folder, 'data'))
  const before = filesIn(folder)
  const refusals: readonly (readonly [readonly string[], RegExp])[] = [
    [['resample', BTC, '--to', 'x.csv'], /--timeframe/],
    [['resample', BTC, '--timeframe', '1d'], /--to/],
    [['resample', BTC, '--timeframe', '1m', '--to', 'x.csv'], /1m candles cannot be built from 1h[^]*next: /],
    [['resample', BTC, '--timeframe', '1h', '--to', 'x.csv'], /1h candles already[^]*data export/],
    [['resample', BTC, '--timeframe', '1w', '--to', 'x.csv'], /no complete 1w bar[^]*--keep-unfinished/],
    [['resample', BTC, '--timeframe', '4h', '--to', 'x.xlsx'], /"\.xlsx"[^]*\.parquet/],
    [['resample', BTC, '--timeframe', '4h', '--to', join('nowhere', 'x.csv')], /cannot be written/],
    [['resample', BTC, '--timeframe', '4h', '--to', 'x.csv', '--from', '2030-01-01'], /no candles in this time/],
    [['resample', 'ETH_USDT-1d.csv', '--timeframe', '1w', '--to', 'ETH_USDT-1d.csv'], /written over those/],
    [['resample', 'none.csv', '--timeframe', '4h', '--to', 'x.csv'], /there is no file none\.csv/],
    [['resample', BTC, '--timeframe', '4x', '--to', 'x.csv'], /"4x" is not a timeframe/],
    [['correlate', BTC], /two or more/],
    [['correlate', BTC, BTC], /named twice/],
    [['correlate', BTC, 'ETH_USDT-1d.csv'], /several timeframes: 1h, 1d[^]*--timeframe 1d/],
    [['correlate', BTC, 'binance:ETH/USDT:1h'], /there are no candles in[^]*tallow data/],
    [['correlate', BTC, 'ETH_USDT-1d.csv', '-t', '4h'], /4h candles cannot be built from 1d/],
    [['correlate', BTC, 'ETH_USDT-1d.csv', '--symbol', 'BTC/USDT'], /--symbol names one symbol/],
    [['correlate', BTC, 'ETH_USDT-1d.csv', '--from', '2024-02-01', '--to', '2024-01-01'], /ends .* before it starts/],
  ]
  for (const [argv, message] of refusals) {
    const { code, stdout, stderr } = await runCli(folder, ['data', ...argv])
    assert.deepEqual([code, stdout], [2, ''], `${argv.join(' ')}: ${stderr}`)
    assert.match(stderr, message)
  }
  assert.deepEqual(filesIn(folder), before)
})
