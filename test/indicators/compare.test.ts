import assert from 'node:assert/strict'
import { test } from 'node:test'
import { compareColumns, compareWithLibrary } from '../../src/indicators/compare.ts'
import { requestColumn } from '../../src/indicators/define.ts'
import { ema } from '../../src/indicators/ema.ts'
import { hma } from '../../src/indicators/hma.ts'
import { TWIN_NAMES } from '../../src/indicators/library-twins.ts'
import { indicatorByName } from '../../src/indicators/registry.ts'
import { rsi } from '../../src/indicators/rsi.ts'
import { sma } from '../../src/indicators/sma.ts'
import { macd } from '../../src/indicators/macd.ts'
import { walkFrame } from './frames.ts'

/**
 * How far apart they may be where technicalindicators rounds (adl to a whole number, rsi and mfi to two decimals, which
 * stoch-rsi builds on) or reckons otherwise: its stochastic is not smoothed, its psar starts another way.
 */
const APART: Readonly<Record<string, number>> = {
  adl: 0.51,
  mfi: 0.0051,
  rsi: 0.0051,
  'stoch-rsi': 0.5,
  stochastic: Infinity,
  psar: Infinity,
}

test('own folds agree with technicalindicators to 1e-9, but for what it rounds or reckons otherwise', () => {
  const frame = walkFrame(3_000)
  for (const name of TWIN_NAMES) {
    const { outputs } = compareWithLibrary(requestColumn(indicatorByName(name), {}), frame)
    assert.ok(outputs.length > 0, name)
    for (const { output, compared, largest, onlyOther } of outputs) {
      assert.ok(compared > 2_800, `${name} ${output}: ${compared} rows`)
      if (!(name in APART)) assert.equal(onlyOther, 0, name)
      const size = Math.max(1, Math.abs(largest?.value ?? 0))
      const allowed = APART[name] ?? 1e-9 * size * 10
      assert.ok((largest?.difference ?? 0) <= allowed, `${name} ${output}: ${JSON.stringify(largest)}`)
    }
  }
})

test('two conventions are held against each other: where they are furthest apart, and from when they agree', () => {
  const frame = walkFrame(2_000)
  const { outputs, rows } = compareColumns(ema({ period: 10 }), ema({ period: 10, seed: 'first' }), frame)
  const [only] = outputs
  assert.equal(rows, 2_000)
  assert.equal(only?.compared, 1_991)
  assert.deepEqual([only.onlyFirst, only.onlyOther], [0, 9])
  assert.equal(only.largest?.openTime, frame.timeAt(9))
  assert.ok(only.largest.difference > 0)
  const agreeRow = frame.firstRowFrom(only.agreeFrom ?? Infinity)
  assert.ok(agreeRow > 50 && agreeRow < 10 + ema({ period: 10 }).settle, String(agreeRow))
})

test('a column is the same as itself', () => {
  const frame = walkFrame(100)
  const [only] = compareColumns(rsi(), rsi(), frame).outputs
  assert.deepEqual([only?.largest, only?.agreeFrom], [null, frame.timeAt(0)])
})

test('columns without a common output, and what the library does not have, are refused', () => {
  const frame = walkFrame(100)
  assert.throws(() => compareColumns(sma(), macd(), frame), /no output in common/)
  assert.throws(() => compareWithLibrary(hma(), frame), /technicalindicators has nothing/)
  assert.throws(() => compareWithLibrary(rsi().of(sma()), frame), /technicalindicators has nothing/)
})
