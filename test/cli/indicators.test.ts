import assert from 'node:assert/strict'
import { test } from 'node:test'
import { HOUR, START, writeCandles } from './candle-files.ts'
import { emptyFolder, filesIn, runCli } from './run-cli.ts'

const NAME = 'BTC_USDT-1h.json'

interface Document {
  readonly indicator: string
  readonly params: Record<string, unknown>
  readonly warmup: number
  readonly openTime: readonly number[]
  readonly columns: Record<string, readonly (number | null)[]>
}

test('compute --json is one document: all rows, null where there is no value', async context => {
  const folder = emptyFolder(context)
  writeCandles(folder, NAME, 30)
  const { code, stdout, stderr } = await runCli(folder, [
    'indicators',
    'compute',
    'rsi',
    '--param',
    'period=5',
    '--data',
    NAME,
    '--json',
  ])
  assert.deepEqual([code, stderr], [0, ''])
  const document = JSON.parse(stdout) as Document
  assert.deepEqual(Object.keys(document), ['indicator', 'params', 'warmup', 'openTime', 'columns'])
  assert.deepEqual([document.indicator, document.params, document.warmup], ['rsi', { period: 5 }, 5])
  assert.equal(document.openTime.length, 30)
  assert.equal(document.openTime[1], START + HOUR)
  const values = document.columns.value ?? []
  assert.deepEqual(values.slice(0, 5), [null, null, null, null, null])
  assert.ok(values.slice(5).every(value => value !== null && value >= 0 && value <= 100))
  assert.deepEqual(filesIn(folder), [NAME])
})

test('the table shows the last rows, on a higher timeframe if asked', async context => {
  const folder = emptyFolder(context)
  writeCandles(folder, NAME, 48)
  const { code, stdout } = await runCli(folder, [
    'indicators',
    'compute',
    'sma',
    '--param',
    'period=2',
    '--data',
    NAME,
    '-t',
    '4h',
    '--last',
    '3',
  ])
  assert.equal(code, 0)
  const lines = stdout.trimEnd().split('\n')
  assert.match(lines[0] ?? '', /^sma\(2\), 12 candles/)
  assert.equal(lines.length, 6)
  assert.match(lines[5] ?? '', /^2024-01-02 20:00 +\d/)
})

test('parameters that do not fit are refused by name and range', async context => {
  const folder = emptyFolder(context)
  writeCandles(folder, NAME, 30)
  const wrong = async (...params: readonly string[]): Promise<string> => {
    const argv = ['indicators', 'compute', 'rsi', '--data', NAME, ...params.flatMap(param => ['--param', param])]
    const { code, stderr, stdout } = await runCli(folder, argv)
    assert.deepEqual([code, stdout], [2, ''])
    return stderr
  }
  assert.match(await wrong('perod=14'), /no parameter "perod"[^]*did you mean "period"/)
  assert.match(await wrong('period=0'), /parameter "period"[^]*must be/)
  assert.match(await wrong('period=1.5'), /whole number/)
  assert.match(await wrong('period'), /name=value/)
})

test('list --json says inputs, parameters, outputs and source of each', async context => {
  const { stdout, stderr } = await runCli(emptyFolder(context), ['indicators', 'list', '--json'])
  assert.equal(stderr, '')
  const list = JSON.parse(stdout) as readonly Record<string, unknown>[]
  for (const indicator of list)
    assert.deepEqual(Object.keys(indicator), ['name', 'inputs', 'params', 'outputs', 'bridged', 'source'])
  for (const name of ['sma', 'ema', 'rsi', 'macd'])
    assert.ok(
      list.some(indicator => indicator.name === name),
      name,
    )
})
