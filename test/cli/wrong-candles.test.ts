import assert from 'node:assert/strict'
import { writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { test } from 'node:test'
import { HOUR, START, writeCandles } from './candle-files.ts'
import { emptyFolder, filesIn, runCli } from './run-cli.ts'

const NAME = 'BTC_USDT-1h.json'
const BACKTEST = ['backtest', '-s', 'sma-cross', '--data', NAME, '--json']

const SPOILED: readonly (readonly [string, (rows: (number | string | null)[][]) => void, RegExp])[] = [
  ['text', rows => (rows[6]![4] = 'abc'), /row 7 /],
  ['null', rows => (rows[6]![1] = null), /row 7 /],
  ['"NaN"', rows => (rows[6]![2] = 'NaN'), /row 7 /],
  ['a high below its low', rows => (rows[6]![2] = 1), /row 7 /],
  ['a time between two bars', rows => (rows[6]![0] = Number(rows[6]![0]) + 1), /row 7 /],
  ['a row that is too short', rows => rows[6]!.splice(3), /row 7 /],
]

for (const [what, spoil, place] of SPOILED)
  test(`a file with ${what} ends a backtest with one message and the row`, async context => {
    const folder = emptyFolder(context)
    writeCandles(folder, NAME, 60, spoil)
    const { code, stdout, stderr } = await runCli(folder, BACKTEST)
    assert.deepEqual([code, stdout], [2, ''], stderr)
    assert.match(stderr, place)
    assert.match(stderr, /at: .*BTC_USDT-1h\.json/)
    assert.match(stderr, /next: /)
    assert.equal(stderr.match(/tallow: /g)?.length, 1)
    assert.deepEqual(filesIn(folder), [NAME])
  })

test('the same of CSV names the line', async context => {
  const folder = emptyFolder(context)
  const rows = ['1,2,1,2,1', '1,2,1,oops,1', '1,2,1,2,1'].map((row, index) => `${START + index * HOUR},${row}`)
  const lines = ['time,open,high,low,close,volume', ...rows]
  writeFileSync(join(folder, 'BTC_USDT-1h.csv'), lines.join('\n'))
  const { code, stderr } = await runCli(folder, ['backtest', '-s', 'sma-cross', '--data', 'BTC_USDT-1h.csv'])
  assert.equal(code, 2)
  assert.match(stderr, /line 3 [^]*oops|oops[^]*line 3/)
})

test('a file whose name does not say what it holds asks for the flags that do', async context => {
  const folder = emptyFolder(context)
  writeCandles(folder, 'mine.json', 60)
  const unnamed = await runCli(folder, ['backtest', '-s', 'sma-cross', '--data', 'mine.json'])
  assert.equal(unnamed.code, 2)
  assert.match(unnamed.stderr, /--symbol/)
  assert.match(unnamed.stderr, /--data-timeframe/)
  const named = ['--symbol', 'BTC/USDT', '--data-timeframe', '1h', '--json']
  const { code, stdout, stderr } = await runCli(folder, [
    'backtest',
    '-s',
    'sma-cross',
    '--data',
    'mine.json',
    ...named,
  ])
  assert.deepEqual([code, stderr], [0, ''])
  assert.equal((JSON.parse(stdout) as { schema: number }).schema, 1)
})

test('a wrong strategy parameter, or a strategy that does not compile, is told with its place', async context => {
  const folder = emptyFolder(context)
  writeCandles(folder, NAME, 60)
  const misspelled = await runCli(folder, [...BACKTEST, '--param', 'fats=3'])
  assert.deepEqual([misspelled.code, misspelled.stdout], [2, ''])
  assert.match(misspelled.stderr, /no parameter "fats"[^]*did you mean "fast"/)
  writeFileSync(
    join(folder, 'broken.ts'),
    "import { defineStrategy } from 'tallow'\nexport default defineStrategy({\n  decide( {\n",
  )
  const broken = await runCli(folder, ['backtest', '-s', './broken.ts', '--data', NAME])
  assert.equal(broken.code, 2)
  assert.match(broken.stderr, /at: .*broken\.ts:\d+:\d+/)
  assert.deepEqual(filesIn(folder), [NAME, 'broken.ts'])
})
