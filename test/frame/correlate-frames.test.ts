import assert from 'node:assert/strict'
import { test } from 'node:test'
import { correlateFrames } from '../../src/frame/correlate-frames.ts'
import { table, viewOf } from '../../src/frame/frame-view.ts'
import { readCandles } from '../../src/frame/read-candles.ts'
import { resample } from '../../src/frame/resample.ts'
import { requireTestData, withoutTestData } from '../support/test-data.ts'
import { frameOf, MINUTE_MS } from './frames.ts'

test('tables that begin, end and have gaps apart are compared over the bars that both have', async () => {
  const closes = Array.from({ length: 60 }, (_, row) => 100 + 10 * Math.sin(row * row))
  const whole = viewOf(frameOf(closes), '1m').select('close')
  const rows = closes.map((_, row) => row).filter(row => row > 10 && row !== 30 && row !== 31)
  // Where both are there, its returns are those of the other turned round.
  const turned = table(
    rows.map(row => row * MINUTE_MS),
    { close: rows.map(row => 1 / closes[row]!) },
    '1m',
  )
  const { names, matrix, from, to, rows: bars } = await correlateFrames({ whole, turned }, 'close')
  assert.deepEqual([names, from, to, bars], [['whole', 'turned'], 0, 59 * MINUTE_MS, 60])
  assert.ok(Math.abs(matrix.at(0, 1) + 1) < 1e-12)
  // 49 bars from 11 on, less the first, which has no bar before it, the gap of two, and the first behind the gap.
  assert.equal(matrix.rowsAt(0, 1), 45)
  assert.equal(matrix.rowsAt(0, 0), 59)
  const levels = await correlateFrames({ whole, turned }, 'close', { change: column => column })
  assert.equal(levels.matrix.rowsAt(0, 1), 47)
})

test('tables that cannot be compared bar by bar are refused', async () => {
  const one = viewOf(frameOf([1, 2, 3, 4, 5]), '1m')
  await assert.rejects(correlateFrames({ one, five: resample(one, '5m') }, 'close'), {
    kind: 'bad-input',
    message: /"one" has 1m bars and "five" 5m/,
  })
  await assert.rejects(correlateFrames({ none: one.slice(0, 0) }, 'close'), { message: /"none" has no rows/ })
  const far = table([0, 1e13], { close: [1, 2] }, '1m')
  await assert.rejects(correlateFrames({ far, one: one.select('close') }, 'close'), { message: /MB that are allowed/ })
  await assert.rejects(correlateFrames({}, 'close'), { kind: 'bad-input' })
})

const FILES = ['BTC_USDT', 'ETH_USDT', 'ADA_USDT', 'ALGO_BTC'].map(
  symbol => `candles/ccxt-json-2023/${symbol}-5m.json.gz`,
)
test(
  'real markets go together as they do: BTC with ETH, and less with ALGO/BTC',
  { skip: withoutTestData(...FILES) },
  async () => {
    const [btc, eth, ada, algo] = await Promise.all(FILES.map(file => readCandles(requireTestData(file))))
    const { matrix } = await correlateFrames({ btc: btc!, eth: eth!, ada: ada!, algo: algo! }, 'close')
    assert.ok(matrix.at(0, 1) > 0.7 && matrix.at(0, 1) < 1, String(matrix.at(0, 1)))
    assert.ok(matrix.at(0, 3) < matrix.at(0, 1))
    assert.equal(matrix.at(2, 2), 1)
  },
)
