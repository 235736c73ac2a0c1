import assert from 'node:assert/strict'
import { spawnSync } from 'node:child_process'
import { suite, test } from 'node:test'
import * as library from 'technicalindicators'
import { CandleFrame } from '../../src/frame/candle-frame.ts'
import { patterns } from '../../src/indicators/bridged-patterns.ts'
import { averageGain, averageLoss, heikinAshi, kst, trix } from '../../src/indicators/bridged-streams.ts'
import { ComputedColumns } from '../../src/indicators/computed.ts'
import { requestColumn, type IndicatorDefinition } from '../../src/indicators/define.ts'
import { indicators } from '../../src/indicators/registry.ts'
import { roc } from '../../src/indicators/roc.ts'
import { ema } from '../../src/indicators/ema.ts'
import { sma } from '../../src/indicators/sma.ts'
import { walkFrame } from './frames.ts'

const bridged = indicators.filter(definition => definition.bridged === true)
const LANES = ['open', 'high', 'low', 'close', 'volume'] as const

function outputsOf(definition: IndicatorDefinition, frame: CandleFrame): readonly Float64Array[] {
  const computed = new ComputedColumns(requestColumn(definition, {}), frame)
  computed.advance()
  return computed.outputs.map(({ values }) => values.slice(0, frame.length))
}

/** Looks back over a few candles; some of them look at fifteen others, and are slow. */
function isPattern({ name }: IndicatorDefinition): boolean {
  return Object.values(patterns).some(({ definition }) => definition.name === name)
}

/** Row after row of another frame, as they close. */
function outputsRowByRow(definition: IndicatorDefinition, frame: CandleFrame): readonly Float64Array[] {
  const growing = new CandleFrame()
  const computed = new ComputedColumns(requestColumn(definition, {}), growing)
  for (let row = 0; row < frame.length; row++) {
    growing.appendRows(frame, row, row + 1)
    computed.advance()
  }
  return computed.outputs.map(({ values }) => values.slice(0, frame.length))
}

function assertNear(actual: Float64Array, wanted: ArrayLike<number>, part: number, what: string): void {
  assert.equal(actual.length, wanted.length, what)
  actual.forEach((value, row) => {
    const aim = wanted[row]!
    if (Number.isNaN(aim)) assert.ok(Number.isNaN(value), `${what} row ${row}: ${value}, wanted none`)
    else
      assert.ok(
        Math.abs(value - aim) <= part * Math.max(1, Math.abs(aim)),
        `${what} row ${row}: ${value}, wanted ${aim}`,
      )
  })
}

suite('what comes from technicalindicators', () => {
  for (const definition of bridged) {
    const spec = requestColumn(definition, {})

    test(`${definition.name}: a row at a time gives the bits of the batch, also past the rows at which streams are renewed`, () => {
      const frame = walkFrame(isPattern(definition) ? 900 : 9_500, 3)
      for (const hole of [40, 41, 700]) frame.close.values[hole] = Number.NaN
      assert.deepEqual(outputsRowByRow(definition, frame), outputsOf(definition, frame))
    })

    test(`${definition.name}: values start at its warm-up, anew after each hole, and are those of the rows since`, () => {
      const frame = walkFrame(isPattern(definition) ? 300 : 1_200, 5)
      const hole = isPattern(definition) ? 111 : 611
      for (const value of [Number.NaN, Infinity, -Infinity]) {
        frame[definition.inputs[0]!].values[hole] = value
        const whole = outputsOf(definition, frame)
        const [before, after] = [frame.slice(0, hole), frame.slice(hole + 1, frame.length)].map(part =>
          outputsOf(definition, part),
        )
        whole.forEach((values, output) => {
          assert.ok(Number.isNaN(values[hole]))
          assert.deepEqual([...values.slice(0, hole)], [...before![output]!])
          assert.deepEqual([...values.slice(hole + 1)], [...after![output]!])
        })
        assert.equal(Math.max(...before!.map(values => values.findIndex(Number.isFinite))), spec.warmup)
        assert.ok(
          before!.every(values => values.subarray(spec.warmup).every(Number.isFinite)),
          'a hole without a cause',
        )
      }
    })

    test(`${definition.name}: cutting the future off changes nothing, nor does what lies behind the newest row`, () => {
      const frame = walkFrame(300, 7)
      const whole = outputsOf(definition, frame)
      for (let to = 0; to < 300; to += 13) {
        const cut = walkFrame(300, 7)
        for (const lane of LANES) cut[lane].values.fill(Number.NaN, to)
        cut.length = to
        assert.deepEqual(
          outputsOf(definition, cut),
          whole.map(values => values.slice(0, to)),
        )
      }
    })

    test(`${definition.name}: the start no longer matters to 1e-9 after its settle rows`, () => {
      const frame = walkFrame(spec.settle + 500, 11)
      const whole = outputsOf(definition, frame)
      const late = outputsOf(definition, frame.slice(200, frame.length))
      whole.forEach((values, output) =>
        assertNear(late[output]!.slice(spec.settle), values.slice(200 + spec.settle), 1e-9, definition.name),
      )
    })
  }

  test('a price of 0 spoils the rows that look at it, and no others', () => {
    const frame = walkFrame(6_000, 13)
    frame.close.values[2_000] = 0
    const values = kst().over(frame)
    const clean = kst().over(walkFrame(6_000, 13))
    const { warmup } = kst()
    // A change is reckoned from it ten rows later at the earliest.
    assert.ok(values.kst.subarray(2_010, 2_010 + warmup).some(Number.isNaN))
    assert.ok(values.kst.subarray(2_001 + warmup).every(Number.isFinite))
    assertNear(values.kst.slice(2_001 + warmup), clean.kst.slice(2_001 + warmup), 1e-9, 'kst')
  })

  test('prices that do not move are a change of 0, not a missing value', () => {
    const flat = new Float64Array(200).fill(100)
    assert.ok(
      trix(flat)
        .subarray(trix().warmup)
        .every(value => value === 0),
    )
    assert.ok(
      kst(flat)
        .signal.subarray(kst().warmup)
        .every(value => value === 0),
    )
  })

  test('a process-wide precision of the library rounds nothing', () => {
    const { close } = walkFrame(200, 17)
    const before = trix(close.values)
    library.setConfig('precision', 2)
    try {
      assert.deepEqual([...trix(close.values)], [...before])
      assert.equal(library.getConfig('precision'), 2, 'it is not ours to change')
    } finally {
      library.setConfig('precision', undefined)
    }
  })

  test('the library is loaded at the first value, not before', () => {
    const script = `
      import { createRequire } from 'node:module'
      import { trix } from ${JSON.stringify(new URL('../../src/indicators/bridged-streams.ts', import.meta.url).href)}
      const { cache } = createRequire(${JSON.stringify(import.meta.url)})
      const loaded = () => Object.keys(cache).some(path => path.includes('technicalindicators'))
      const before = loaded() || trix({ period: 3 }).createFold() === undefined
      trix([1, 2, 3], { period: 3 })
      console.log(before, loaded())
    `
    const { stdout, stderr } = spawnSync(process.execPath, ['--input-type=module', '-e', script], { encoding: 'utf8' })
    assert.equal(stdout.trim(), 'false true', stderr)
  })

  test('values of the past are not kept in memory', () => {
    // A million list items of some 50 bytes each would be 50 MB.
    const script = `
      import { trix } from ${JSON.stringify(new URL('../../src/indicators/bridged-streams.ts', import.meta.url).href)}
      trix(new Float64Array(1_000_000).fill(1.5), { period: 2 })
      console.log('done')
    `
    const args = ['--max-old-space-size=30', '--input-type=module', '-e', script]
    const { stdout, stderr } = spawnSync(process.execPath, args, { encoding: 'utf8' })
    assert.equal(stdout.trim(), 'done', stderr.slice(0, 500))
  })
})

suite('what is bridged equals its formula', () => {
  const frame = walkFrame(5_000, 19)

  test('trix is the change of three EMAs in a row', () => {
    const wanted = roc({ period: 1 })
      .of(ema({ period: 9 }).of(ema({ period: 9 }).of(ema({ period: 9 }))))
      .over(frame)
    assertNear(trix(frame, { period: 9 }), wanted, 1e-9, 'trix')
  })

  test('kst is the weighted sum of four smoothed rates of change', () => {
    const parts = [
      [10, 10],
      [15, 10],
      [20, 10],
      [30, 15],
    ].map(([change, mean]) =>
      sma({ period: mean! })
        .of(roc({ period: change! }))
        .over(frame),
    )
    const wanted = parts[0]!.map((_, row) => parts.reduce((sum, part, index) => sum + (index + 1) * part[row]!, 0))
    const given = kst(frame)
    assertNear(given.kst, wanted, 1e-9, 'kst')
    assertNear(given.signal, sma(wanted, { period: 9 }), 1e-9, 'signal')
  })

  test('average gain and loss are the two halves of an RSI by hand', () => {
    const closes = frame.close.values
    const wanted = { gain: new Float64Array(5_000).fill(Number.NaN), loss: new Float64Array(5_000).fill(Number.NaN) }
    let [gain, loss] = [0, 0]
    for (let row = 1; row < 5_000; row++) {
      const change = closes[row]! - closes[row - 1]!
      const weight = row <= 14 ? 1 : 13 / 14
      gain = gain * weight + Math.max(0, change) / 14
      loss = loss * weight + Math.max(0, -change) / 14
      if (row >= 14) wanted.gain[row] = gain
      if (row >= 14) wanted.loss[row] = loss
    }
    assertNear(averageGain(frame), wanted.gain, 1e-9, 'gain')
    assertNear(averageLoss(frame), wanted.loss, 1e-9, 'loss')
  })

  test('Heikin-Ashi candles follow from the one before', () => {
    const given = heikinAshi(frame)
    let [open, close] = [Number.NaN, Number.NaN]
    for (let row = 0; row < 5_000; row++) {
      const candle = frame.candle(row)
      open = row === 0 ? (candle.open + candle.close) / 2 : (open + close) / 2
      close = (candle.open + candle.high + candle.low + candle.close) / 4
      const wanted = [open, Math.max(candle.high, open, close), Math.min(candle.low, open, close), close]
      const values = [given.open[row]!, given.high[row]!, given.low[row]!, given.close[row]!]
      values.forEach((value, lane) => assert.ok(Math.abs(value - wanted[lane]!) < 1e-9 * wanted[lane]!, `row ${row}`))
    }
  })

  test('each pattern is found where the library finds it in the candles up to there', () => {
    const rows = 1_500
    const candles = rough(rows)
    const lanes = (to: number): Record<'open' | 'high' | 'low' | 'close', number[]> => ({
      open: Array.from(candles.open.values.subarray(0, to)),
      high: Array.from(candles.high.values.subarray(0, to)),
      low: Array.from(candles.low.values.subarray(0, to)),
      close: Array.from(candles.close.values.subarray(0, to)),
    })
    let found = 0
    const never: string[] = []
    for (const pattern of Object.values(patterns)) {
      const { name, source } = pattern.definition
      const has = library[source.split(', ')[1] as 'doji']
      const { warmup } = pattern()
      const values = pattern(candles)
      let times = 0
      for (let row = warmup; row < rows; row++) {
        const wanted = has(lanes(row + 1)) ? 1 : 0
        assert.equal(values[row], wanted, `${name} row ${row}`)
        times += wanted
      }
      found += times
      if (times === 0) never.push(name)
    }
    assert.ok(found > 1_000, `${found} patterns`)
    assert.deepEqual(never, [], 'patterns that the candles of the test do not show')
  })
})

/** Coarse prices with gaps, so that bodies, shadows and opens meet as patterns want them to. */
function rough(rows: number): CandleFrame {
  let state = 29
  const random = (): number => {
    state = (Math.imul(state, 1_664_525) + 1_013_904_223) | 0
    return (state >>> 0) / 2 ** 32
  }
  const level = (from: number, span: number): number => from + Math.round((random() - 0.5) * 2 * span)
  const frame = new CandleFrame(rows)
  let close = 1_000
  for (let row = 0; row < rows; row++) {
    const open = level(close, random() < 0.3 ? 25 : 2)
    close = Math.max(800, Math.min(1_200, level(open, random() < 0.3 ? 1 : 20)))
    const shadow = (): number => (random() < 0.5 ? 0 : Math.round(random() * 15))
    frame.append(row * 60_000, open, Math.max(open, close) + shadow(), Math.min(open, close) - shadow(), close, 1)
  }
  return frame
}
