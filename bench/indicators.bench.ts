import type { CandleFrame } from '../src/frame/candle-frame.ts'
import type { Column } from '../src/frame/column.ts'
import { ColumnCache } from '../src/indicators/column-cache.ts'
import { ComputedColumns } from '../src/indicators/computed.ts'
import type { ColumnSpec } from '../src/indicators/column-spec.ts'
import { requestColumn } from '../src/indicators/define.ts'
import { indicatorByName, indicators } from '../src/indicators/registry.ts'
import { rsi } from '../src/indicators/rsi.ts'
import { digits, ratio, type Benchmark, type BenchContext, type Table } from './benchmark.ts'
import { MILLION_ROWS, randomWalk } from './data.ts'
import type { Lanes } from './yardsticks/hand-ranges.ts'
import { HAND_LOOPS } from './yardsticks/hand-table.ts'
import { RIVALS, type Library, type LibraryOutputs, type PlainLanes, type Rivals } from './yardsticks/rivals.ts'

/** A round of a batch takes milliseconds: many even out what else the machine does. */
const OWN_ROUNDS = 15
const ROW_ROUNDS = 5
const OTHER_ROUNDS = 7
/** Relative; sums that are never made anew lose some digits over a million rows. */
const LOOP_SLACK = 1e-5
const PASSES = 10
/** Short frames that each has run over before it counts. */
const WARM_RUNS = 5000
const WARM_ROWS = 500
const WARM_STEP = 100
/** Rows after which the start of the longest average is forgotten to less than any slack. */
const SETTLED_ROWS = 2000

/** Folds beside hand-written loops and libraries, by batch and row by row; a column-cache hit. */
export const benchmark: Benchmark = {
  name: 'indicators',
  async run(context) {
    const frame = randomWalk(MILLION_ROWS)
    return {
      title: 'Indicators',
      about:
        'A million one-minute candles of a seeded random walk. Batch: each with a fresh output, after five thousand short ' +
        'frames as a process with hundreds of symbols has behind it; the hand loop knows no missing rows. One row: the frame grows by a row, then the columns come level with it, ten million times, ' +
        'against a closure that takes the value and an array that takes its result. All results are compared.',
      tables: [
        batchTable(context, frame),
        otherTable(context, frame),
        await rowTable(context, frame),
        cacheTable(context, frame),
      ],
    }
  },
}

function batchTable(context: BenchContext, frame: CandleFrame): Table {
  const lanes = lanesOf(frame)
  const plain: PlainLanes = {
    high: Array.from(lanes.high),
    low: Array.from(lanes.low),
    close: Array.from(lanes.close),
  }
  const rows = RIVALS.map(rivals => {
    const spec = specOf(rivals)
    const kept = warm(spec, frame, rivals.hand)
    // A library's own time is so long that its rounds are few and come after.
    const own = context.alternate({ fold: () => compute(spec, frame), hand: () => rivals.hand(lanes) }, OWN_ROUNDS)
    context.check(kept.length > 0, `${spec.key} has no rows`)
    compare(context, rivals.name, own.fold.result, own.hand.result)
    const times = rivals.libraries.map(library => {
      const { theirs } = context.alternate({ theirs: () => library.compute(plain) }, 5)
      compareLibrary(context, rivals.name, library, theirs.result, ownOutputs(library, lanes, spec, own.fold.result))
      return theirs.medianMs
    })
    const best = Math.min(...times.slice(1))
    return [
      spec.key,
      perRow(own.fold.medianMs),
      perRow(own.hand.medianMs),
      ...times.map(perRow),
      ratio(own.fold.medianMs / own.hand.medianMs),
      ratio(times[0]! / own.fold.medianMs),
      ratio(best / own.fold.medianMs),
    ]
  })
  const libraries = RIVALS[0]!.libraries.map(({ name }) => name)
  return {
    head: [
      'batch',
      'fold, ns a row',
      'hand loop',
      ...libraries,
      'fold / hand loop',
      'faster than technicalindicators',
      'than the better of the others',
    ],
    rows,
  }
}

/** Every other fold beside a hand loop; they are held together where their starts no longer matter. */
function otherTable(context: BenchContext, frame: CandleFrame): Table {
  const lanes = lanesOf(frame)
  const known = new Set([...RIVALS.map(({ name }) => name), ...Object.keys(HAND_LOOPS)])
  const without = indicators.filter(({ name, bridged }) => bridged !== true && !known.has(name))
  context.check(without.length === 0, `no hand loop for ${without.map(({ name }) => name).join(', ')}`)
  const rows = Object.entries(HAND_LOOPS).map(([name, loop]) => {
    const spec = requestColumn(indicatorByName(name), {})
    const kept = warm(spec, frame, loop)
    const { fold, hand } = context.alternate(
      { fold: () => compute(spec, frame), hand: () => loop(lanes) },
      OTHER_ROUNDS,
    )
    context.check(kept.length > 0, `${spec.key} has no rows`)
    spec.outputs.forEach((output, index) => {
      const [mine, theirs] = [fold.result[index]!, hand.result[index]!]
      for (let row = SETTLED_ROWS; row < mine.length; row++) {
        const allowed = LOOP_SLACK * Math.max(1, Math.abs(mine[row]!))
        if (Math.abs(mine[row]! - theirs[row]!) <= allowed) continue
        context.check(false, `${name} ${output}: row ${row} is ${String(mine[row])}, ${String(theirs[row])} by hand`)
      }
    })
    return [spec.key, perRow(fold.medianMs), perRow(hand.medianMs), ratio(fold.medianMs / hand.medianMs)]
  })
  return { head: ['batch', 'fold, ns a row', 'hand loop', 'fold / hand loop'], rows }
}

async function rowTable(context: BenchContext, frame: CandleFrame): Promise<Table> {
  const lanes = lanesOf(frame)
  // A live process calls all of them from one place; neither side gets a loop compiled for one alone.
  for (const rivals of RIVALS) rivals.updates(lanes)
  const rows: string[][] = []
  for (const rivals of RIVALS) {
    const spec = specOf(rivals)
    const timings = context.alternate(
      {
        fold: () => repeated(() => computeRowByRow(spec, frame)),
        closure: () => repeated(() => rivals.updates(lanes)),
      },
      ROW_ROUNDS,
    )
    compare(context, `${rivals.name} row by row`, timings.fold.result.slice(-1), [timings.closure.result])
    // Held on to, as in `warm`.
    const batch = computedColumns(spec, frame)
    const same = batch.outputs.every(({ values }, index) => equalBits(values, timings.fold.result[index]!))
    context.check(same, `${spec.key}: row by row and batch differ`)
    const { bytes, collections } = await context.allocations(() =>
      repeated(() => updateInPlace(spec, frame, batch.outputs)),
    )
    const bytesARow = Math.max(0, bytes) / (PASSES * MILLION_ROWS)
    // V8 collects once in a while by itself; a dozen bytes a row would take it many times.
    context.check(collections <= 2 && bytesARow < 1, `${spec.key}: an update allocates ${bytesARow} bytes`)
    rows.push([
      spec.key,
      perRow(timings.fold.medianMs / PASSES),
      perRow(timings.closure.medianMs / PASSES),
      ratio(timings.fold.medianMs / timings.closure.medianMs),
      bytesARow.toFixed(3),
    ])
  }
  return { head: ['one row', 'fold, ns an update', 'closure', 'fold / closure', 'bytes an update'], rows }
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

/**
 * Runs both over many short frames, until they are compiled as well as they ever are.
 * @returns columns to hold on to: without a fold alive, the collector takes the code that was compiled for folds with it.
 */
function warm(spec: ColumnSpec, frame: CandleFrame, hand: (lanes: Lanes) => unknown): ComputedColumns {
  let columns = computedColumns(spec, frame.slice(0, WARM_ROWS))
  for (let run = 1; run < WARM_RUNS; run++) {
    const short = frame.slice(run * WARM_STEP, run * WARM_STEP + WARM_ROWS)
    columns = computedColumns(spec, short)
    hand(lanesOf(short))
  }
  return columns
}

function specOf(rivals: Rivals): ColumnSpec {
  return requestColumn(indicatorByName(rivals.name), rivals.params)
}

function lanesOf(frame: CandleFrame): Lanes {
  return {
    open: frame.open.values,
    high: frame.high.values,
    low: frame.low.values,
    close: frame.close.values,
    volume: frame.volume.values,
  }
}

function perRow(ms: number): string {
  return digits((ms * 1e6) / MILLION_ROWS)
}

function compute(spec: ColumnSpec, frame: CandleFrame): readonly Float64Array[] {
  return computedColumns(spec, frame).outputs.map(column => column.values)
}

function computedColumns(spec: ColumnSpec, frame: CandleFrame): ComputedColumns {
  const computed = new ComputedColumns(spec, frame)
  computed.advance()
  return computed
}

/** Updates into arrays that are there: making new ones would call the collector. */
function updateInPlace(spec: ColumnSpec, frame: CandleFrame, columns: readonly Column[]): void {
  const fold = spec.createFold()
  for (let row = 0; row < frame.length; row++) fold.advance(frame, columns, row, row + 1)
}

function repeated<T>(pass: () => T): T {
  let last = pass()
  for (let count = 1; count < PASSES; count++) last = pass()
  return last
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

function ownOutputs(
  { instead }: Library,
  lanes: Lanes,
  { outputs }: ColumnSpec,
  computed: readonly Float64Array[],
): LibraryOutputs {
  if (instead !== undefined) return instead(lanes)
  return Object.fromEntries(outputs.map((output, index) => [output, Array.from(computed[index]!)]))
}

/** Both end with the newest row. */
function compareLibrary(
  context: BenchContext,
  name: string,
  library: Library,
  theirs: LibraryOutputs,
  mine: LibraryOutputs,
): void {
  for (const [output, values] of Object.entries(theirs)) {
    const own = mine[output]!
    const offset = own.length - values.length
    let worst = 0
    for (let row = SETTLED_ROWS; row < values.length; row++) {
      const difference = Math.abs((values[row] ?? Number.NaN) - own[row + offset]!)
      // Also when it is NaN.
      if (!(difference <= worst)) worst = difference
    }
    context.check(worst < library.slack, `${name}: ${output} of ${library.name} is ${worst} away`)
  }
}
