import { EMA, MACD, RSI, SMA } from 'technicalindicators'
import { ColumnCache } from '../src/indicators/column-cache.ts'
import { ComputedColumns } from '../src/indicators/computed.ts'
import { requestColumn, type ColumnSpec } from '../src/indicators/define.ts'
import { indicatorByName, indicators } from '../src/indicators/registry.ts'
import { rsi } from '../src/indicators/rsi.ts'
import type { CandleFrame } from '../src/frame/candle-frame.ts'
import { digits, ratio, type Benchmark, type BenchContext, type Table } from './benchmark.ts'
import { MILLION_ROWS, randomWalk } from './data.ts'
import * as hand from './yardsticks/hand-loops.ts'

/** One indicator by three hands. Arrays of outputs in the definition's order. */
interface Rivals {
  readonly name: string
  readonly params: Readonly<Record<string, number>>
  readonly hand: (closes: Float64Array) => readonly Float64Array[]
  readonly library: (closes: number[]) => readonly unknown[]
  /** A value at a time; returns the last output. */
  readonly closure: () => (value: number) => number
  /** technicalindicators rounds its RSI to two decimals. */
  readonly librarySlack: number
}

const RIVALS: readonly Rivals[] = [
  {
    name: 'sma',
    params: { period: 20 },
    hand: closes => [hand.handSma(closes, 20)],
    library: values => SMA.calculate({ period: 20, values }),
    closure: () => hand.closureSma(20),
    librarySlack: 1e-6,
  },
  {
    name: 'ema',
    params: { period: 20 },
    hand: closes => [hand.handEma(closes, 20)],
    library: values => EMA.calculate({ period: 20, values }),
    closure: () => hand.closureEma(20),
    librarySlack: 1e-6,
  },
  {
    name: 'rsi',
    params: { period: 14 },
    hand: closes => [hand.handRsi(closes, 14)],
    library: values => RSI.calculate({ period: 14, values }),
    closure: () => hand.closureRsi(14),
    librarySlack: 0.0051,
  },
  {
    name: 'macd',
    params: { fast: 12, slow: 26, signal: 9 },
    hand: closes => {
      const { macd, signal, histogram } = hand.handMacd(closes, 12, 26, 9)
      return [macd, signal, histogram]
    },
    library: values =>
      MACD.calculate({
        values,
        fastPeriod: 12,
        slowPeriod: 26,
        signalPeriod: 9,
        SimpleMAOscillator: false,
        SimpleMASignal: false,
      }),
    closure: () => {
      const out = new Float64Array(3)
      const next = hand.closureMacd(12, 26, 9)
      return value => {
        next(value, out)
        return out[2]!
      }
    },
    librarySlack: 1e-6,
  },
]

/** A round of a batch takes milliseconds: many even out what else the machine does. */
const OWN_ROUNDS = 31
const ROW_ROUNDS = 11

/** The four folds beside hand-written loops and technicalindicators, by batch and row by row; a column-cache hit. */
export const benchmark: Benchmark = {
  name: 'indicators',
  run(context) {
    const frame = randomWalk(MILLION_ROWS)
    return {
      title: 'Indicators',
      about:
        'A million one-minute candles of a seeded random walk. Batch: each with a fresh output; the hand loop knows no ' +
        'missing rows. One row: the frame grows by a row, then the columns come level with it, against a closure ' +
        'that takes the value and an array that takes its result. All results are compared.',
      tables: [batchTable(context, frame), rowTable(context, frame), cacheTable(context, frame)],
    }
  },
}

function batchTable(context: BenchContext, frame: CandleFrame): Table {
  const closes = frame.close.values
  const plain = Array.from(closes)
  const rows = RIVALS.map(rivals => {
    const spec = specOf(rivals)
    // The library's own time is so long that its rounds are few and come after.
    const own = context.alternate({ fold: () => compute(spec, frame), hand: () => rivals.hand(closes) }, OWN_ROUNDS)
    const { library } = context.alternate({ library: () => rivals.library(plain) }, 5)
    compare(context, rivals.name, own.fold.result, own.hand.result)
    compareLibrary(context, rivals, own.fold.result, library.result)
    const perRow = (ms: number): string => digits((ms * 1e6) / MILLION_ROWS)
    return [
      spec.key,
      perRow(own.fold.medianMs),
      perRow(own.hand.medianMs),
      perRow(library.medianMs),
      ratio(own.fold.medianMs / own.hand.medianMs),
      ratio(library.medianMs / own.fold.medianMs),
    ]
  })
  return {
    head: [
      'batch',
      'fold, ns a row',
      'hand loop',
      'technicalindicators',
      'fold / hand loop',
      'faster than technicalindicators',
    ],
    rows,
  }
}

function rowTable(context: BenchContext, frame: CandleFrame): Table {
  const closes = frame.close.values
  // A live process calls all of them from one place; neither side gets a loop compiled for one alone.
  for (const rivals of RIVALS) closureRowByRow(rivals.closure(), closes)
  const rows = RIVALS.map(rivals => {
    const spec = specOf(rivals)
    const timings = context.alternate(
      {
        fold: () => computeRowByRow(spec, frame),
        closure: () => closureRowByRow(rivals.closure(), closes),
      },
      ROW_ROUNDS,
    )
    compare(context, `${rivals.name} row by row`, timings.fold.result.slice(-1), [timings.closure.result])
    const batch = compute(spec, frame)
    const same = batch.every((values, index) => equalBits(values, timings.fold.result[index]!))
    context.check(same, `${spec.key}: row by row and batch differ`)
    const perRow = (ms: number): string => digits((ms * 1e6) / MILLION_ROWS)
    return [
      spec.key,
      perRow(timings.fold.medianMs),
      perRow(timings.closure.medianMs),
      ratio(timings.fold.medianMs / timings.closure.medianMs),
    ]
  })
  return { head: ['one row', 'fold, ns an update', 'closure', 'fold / closure'], rows }
}

function cacheTable(context: BenchContext, frame: CandleFrame): Table {
  const calls = 1_000_000
  const cache = new ColumnCache()
  const frames = Array.from({ length: 50 }, (_, index) => frame.slice(index, index + 100))
  const keys = frames.map((_, index) => `binance:S${index}/USDT:1m`)
  const specs = [5, 10, 14, 20].map(period => rsi({ period }))
  const { hit } = context.alternate({
    hit: () => {
      let rows = 0
      for (let call = 0; call < calls; call++) {
        const at = call % frames.length
        rows += cache.get(keys[at]!, frames[at]!, specs[call % specs.length]!).length
      }
      return rows
    },
  })
  context.check(cache.misses <= frames.length * specs.length, 'the cache missed what it holds')
  const hits = `${digits((hit.medianMs * 1e6) / calls)} ns`
  return { head: ['column cache', 'a hit'], rows: [[`${frames.length} series × ${specs.length} columns`, hits]] }
}

function specOf(rivals: Rivals): ColumnSpec {
  return requestColumn(indicatorByName(rivals.name), rivals.params)
}

function compute(spec: ColumnSpec, frame: CandleFrame): readonly Float64Array[] {
  const computed = new ComputedColumns(spec, frame)
  computed.advance()
  return computed.outputs.map(column => column.values)
}

/** The frame's rows are all there; its length is moved on one by one, as an append would. */
function computeRowByRow(spec: ColumnSpec, frame: CandleFrame): readonly Float64Array[] {
  const rows = frame.length
  frame.length = 0
  const computed = new ComputedColumns(spec, frame)
  // Room for all rows, as the closure's array has: what is measured is the update, not the growing of arrays.
  for (const column of computed.outputs) column.reserve(rows)
  for (let row = 0; row < rows; row++) {
    frame.length = row + 1
    computed.advance()
  }
  return computed.outputs.map(column => column.values.subarray(0, rows))
}

function closureRowByRow(next: (value: number) => number, closes: Float64Array): Float64Array {
  const result = new Float64Array(closes.length)
  for (let row = 0; row < closes.length; row++) result[row] = next(closes[row]!)
  return result
}

function compare(
  context: BenchContext,
  name: string,
  mine: readonly Float64Array[],
  theirs: readonly Float64Array[],
): void {
  for (let output = 0; output < theirs.length; output++) {
    const difference = worstDifference(mine[output]!, theirs[output]!)
    context.check(difference < 1e-6, `${name}: output ${output} is ${difference} away from the hand loop`)
  }
}

/** Infinity where only one of them has a value. */
function worstDifference(a: ArrayLike<number>, b: ArrayLike<number>): number {
  let worst = a.length === b.length ? 0 : Number.POSITIVE_INFINITY
  for (let row = 0; row < a.length; row++) {
    const isEmpty = Number.isNaN(a[row]!)
    if (isEmpty !== Number.isNaN(b[row]!)) return Number.POSITIVE_INFINITY
    if (!isEmpty) worst = Math.max(worst, Math.abs(a[row]! - b[row]!))
  }
  return worst
}

function equalBits(a: Float64Array, b: Float64Array): boolean {
  for (let row = 0; row < a.length; row++) if (!Object.is(a[row], b[row])) return false
  return a.length === b.length
}

/** Its outputs are shorter, by the rows before the first value; those of its MACD are objects, at first in part. */
function compareLibrary(
  context: BenchContext,
  rivals: Rivals,
  mine: readonly Float64Array[],
  theirs: readonly unknown[],
): void {
  const { outputs } = indicators.find(({ name }) => name === rivals.name)!
  const offset = mine[0]!.length - theirs.length
  outputs.forEach((output, index) => {
    let worst = 0
    theirs.forEach((item, row) => {
      const value =
        typeof item === 'number' ? item : (item as Readonly<Record<string, number | undefined>>)[libraryName(output)]
      const own = mine[index]![row + offset]!
      if (value !== undefined && !Number.isNaN(own)) worst = Math.max(worst, Math.abs(value - own))
    })
    context.check(worst < rivals.librarySlack, `${rivals.name}: ${output} is ${worst} away from technicalindicators`)
  })
}

function libraryName(output: string): string {
  return output === 'macd' ? 'MACD' : output
}
