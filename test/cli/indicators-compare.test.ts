import assert from 'node:assert/strict'
import { mkdirSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { test } from 'node:test'
import type { Comparison } from '../../src/indicators/compare.ts'
import { START, HOUR, writeCandles } from './candle-files.ts'
import { emptyFolder, runCli } from './run-cli.ts'

const NAME = 'BTC_USDT-1h.json'

test('compare holds an indicator against technicalindicators, by table and as one document', async context => {
  const folder = emptyFolder(context)
  writeCandles(folder, NAME, 300)
  const { code, stdout, stderr } = await runCli(folder, ['indicators', 'compare', 'rsi(5)', '--data', NAME])
  assert.deepEqual([code, stderr], [0, ''])
  assert.match(stdout, /^rsi\(5\) and technicalindicators rsi, 300 candles\n/)
  const json = await runCli(folder, ['indicators', 'compare', 'rsi(5)', '--data', NAME, '--json'])
  const { first, other, rows, outputs } = JSON.parse(json.stdout) as Comparison
  assert.deepEqual([first, other, rows], ['rsi(5)', 'technicalindicators rsi', 300])
  assert.equal(outputs[0]?.compared, 295)
  assert.ok((outputs[0].largest?.difference ?? 1) <= 0.0051, 'it rounds to two decimals')
})

test('compare holds two sets of parameters or two conventions against each other', async context => {
  const folder = emptyFolder(context)
  writeCandles(folder, NAME, 500)
  const args = ['indicators', 'compare', 'ema(10)', 'ema(10,seed=first)', '--data', NAME, '--json']
  const { code, stdout } = await runCli(folder, args)
  assert.equal(code, 0)
  const [only] = (JSON.parse(stdout) as Comparison).outputs
  assert.equal(only?.largest?.openTime, START + 9 * HOUR)
  assert.equal(only.onlyOther, 9)
})

test('compare refuses what it cannot compare, before the candles are read', async context => {
  const folder = emptyFolder(context)
  for (const [column, why] of [
    ['rzi', /did you mean "rsi"/],
    ['rsi(0)', /at least 1/],
    ['rsi(14', /is no column/],
  ] as const) {
    const { code, stderr } = await runCli(folder, ['indicators', 'compare', column, '--data', 'none.csv'])
    assert.equal(code, 2)
    assert.match(stderr, why)
  }
  writeCandles(folder, NAME, 50)
  const { code, stderr } = await runCli(folder, ['indicators', 'compare', 'hma', '--data', NAME])
  assert.equal(code, 2)
  assert.match(stderr, /technicalindicators has nothing[\s\S]*name a second column/)
})

const OWN = `
import { defineIndicator, int, type Column, type Lanes } from 'tallow'

export const spread = defineIndicator({
  name: 'spread',
  params: { period: int(3, { min: 1 }) },
  inputs: ['high', 'low'],
  outputs: ['value'],
  source: 'mine',
  warmup: ({ period }) => period - 1,
  settle: ({ period }) => period - 1,
  fold: ({ period }) => ({
    advance({ high, low }: Lanes, out: readonly Column[], from: number, to: number) {
      for (let row = from; row < to; row++) {
        let sum = row < period - 1 ? Number.NaN : 0
        for (let back = 0; back < period && back <= row; back++) sum += high.values[row - back]! - low.values[row - back]!
        out[0]!.values[row] = Number.isFinite(sum) ? sum / period : Number.NaN
      }
    },
  }),
})
`

test('verify runs the contract on an indicator of the user’s own file: exit 0 when it holds, 1 when it is broken', async context => {
  const folder = emptyFolder(context)
  mkdirSync(join(folder, 'strategies'))
  writeFileSync(join(folder, 'strategies/spread.ts'), OWN)
  const right = await runCli(folder, ['indicators', 'verify', './strategies/spread.ts', '--param', 'period=4'])
  assert.deepEqual([right.code, right.stderr], [0, ''])
  assert.match(right.stdout, /^spread: keeps all it promises\n/)
  writeFileSync(join(folder, 'strategies/ahead.ts'), OWN.replaceAll('row - back', 'row - back + 1'))
  const wrong = await runCli(folder, ['indicators', 'verify', 'strategies/ahead.ts', '--json'])
  assert.equal(wrong.code, 1)
  const [verified] = JSON.parse(wrong.stdout) as {
    holds: boolean
    promises: { promise: string; fault: string | null }[]
  }[]
  assert.equal(verified?.holds, false)
  assert.ok(verified.promises.some(({ promise, fault }) => /future is cut off/.test(promise) && fault !== null))
})

test('verify refuses a file that is not there, exports no indicator, or does not compile, with where', async context => {
  const folder = emptyFolder(context)
  writeFileSync(join(folder, 'none.ts'), 'export const a = 1\n')
  writeFileSync(join(folder, 'typo.ts'), "import { defineIndicater } from 'tallow'\nexport default defineIndicater\n")
  for (const [file, why] of [
    ['./absent.ts', /there is no file/],
    ['./none.ts', /exports no indicator/],
    ['./typo.ts', /did you mean "defineIndicator"/],
    ['rzi', /did you mean "rsi"/],
  ] as const) {
    const { code, stderr } = await runCli(folder, ['indicators', 'verify', file])
    assert.equal(code, 2, file)
    assert.match(stderr, why)
  }
})
