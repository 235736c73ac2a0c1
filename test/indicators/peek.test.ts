import assert from 'node:assert/strict'
import { test } from 'node:test'
import { TallowError } from '../../src/domain/errors.ts'
import { CandleFrame } from '../../src/frame/candle-frame.ts'
import { ComputedColumns } from '../../src/indicators/computed.ts'
import { requestColumn, type IndicatorDefinition } from '../../src/indicators/define.ts'
import { ema } from '../../src/indicators/ema.ts'
import { peekColumn } from '../../src/indicators/peek.ts'
import { indicators } from '../../src/indicators/registry.ts'
import { rsi } from '../../src/indicators/rsi.ts'
import { walkFrame } from './frames.ts'

function appendCandle(
  frame: CandleFrame,
  { openTime, open, high, low, close, volume }: ReturnType<CandleFrame['candle']>,
): void {
  frame.append(openTime, open, high, low, close, volume)
}

function bytesOf(frame: CandleFrame): readonly Float64Array[] {
  return [frame.time, frame.open, frame.high, frame.low, frame.close, frame.volume].map(({ values }) => values.slice())
}

function peekedAndClosed(definition: IndicatorDefinition, rows: number, cuts: readonly number[]): void {
  const all = walkFrame(rows)
  const spec = requestColumn(definition, {})
  const frame = new CandleFrame()
  const computed = new ComputedColumns(spec, frame)
  for (let row = 0; row < rows; row++) {
    if (cuts.includes(row)) {
      const before = bytesOf(frame)
      const outputs = computed.outputs.map(({ values }) => values.slice())
      const peeked = peekColumn(spec, frame, all.candle(row))
      // Others may be peeked at, of the same bar: none leaves a trace.
      peekColumn(spec, frame, { ...all.candle(row), close: all.candle(row).high })
      assert.deepEqual(bytesOf(frame), before)
      assert.deepEqual(
        computed.outputs.map(({ values }) => values.slice()),
        outputs,
      )
      appendCandle(frame, all.candle(row))
      computed.advance()
      const closed = spec.outputs.map((output, index) => [output, computed.outputs[index]!.values[row]])
      assert.deepEqual(peeked, Object.fromEntries(closed), `${spec.key} row ${row}`)
    } else {
      appendCandle(frame, all.candle(row))
      computed.advance()
    }
  }
}

for (const definition of indicators)
  test(`${definition.name}: peeking gives what the close then gives, to the bit, and changes nothing`, () => {
    peekedAndClosed(definition, 160, [0, 1, 30, 90, 91, 159])
  })

test('past some thousand rows a peek costs no more and is the same to 1e-9', () => {
  const all = walkFrame(12_001)
  const frame = all.slice(0, 12_000)
  for (const spec of [ema({ period: 200 }), rsi().of(ema({ period: 50 }))]) {
    const whole = new ComputedColumns(spec, all)
    whole.advance()
    const wanted = whole.outputs[0]!.values[12_000]!
    const { value } = peekColumn(spec, frame, all.candle(12_000))
    assert.ok(Math.abs(value - wanted) <= 1e-9 * Math.abs(wanted), `${spec.key}: ${value}, wanted ${wanted}`)
  }
})

test('a candle that has closed is not peeked at', () => {
  const frame = walkFrame(10)
  assert.throws(
    () => peekColumn(rsi(), frame, frame.candle(9)),
    (error: unknown) => error instanceof TallowError && error.kind === 'bad-input' && /has closed/.test(error.message),
  )
})
