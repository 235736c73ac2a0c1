import { spawnSync } from 'node:child_process'
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { correlate } from '../src/frame/correlation.ts'
import { FrameColumn } from '../src/frame/frame-column.ts'
import { resampleFrame } from '../src/frame/resample-frame.ts'
import { rolling } from '../src/frame/rolling.ts'
import { createWorkerPool } from '../src/runtime/create-worker-pool.ts'
import { processes } from '../src/workers/processes.ts'
import type { WorkerPool } from '../src/workers/worker-pool.ts'
import { digits, ratio, type BenchContext, type Benchmark, type Table } from './benchmark.ts'
import { MILLION_ROWS, randomWalk } from './data.ts'
import { returned, summed } from './yardsticks/frame-tasks.ts'
import { correlateByHand, resampleByHand, rollingMeanByHand } from './yardsticks/hand-frames.ts'

const SERIES = 200
const ROWS = 10_000
const NUMPY_ROUNDS = 7
const HOUR_MS = 3_600_000
const TASKS = 500
const SHARED_TASKS = 6
const SHARED_VALUES = 5_242_880

export const benchmark: Benchmark = {
  name: 'frames',
  async run(context) {
    const pool = createWorkerPool({ size: 2 })
    const apart = createWorkerPool({ size: 2, start: processes() })
    try {
      return {
        title: 'Frames and workers',
        about:
          `Correlation of every pair of ${SERIES} series of ${ROWS.toLocaleString('en-US')} rows, in full and with one value in a hundred missing, beside numpy in its own process ` +
          `(its matrix products run in all cores with the widest registers there are; a missing value takes it four products instead of one); the fastest of ${NUMPY_ROUNDS} rounds. A million one-minute candles resampled to 1h, and means and deviations of 50 rows. ` +
          `Tasks of a pool of two; ${SHARED_TASKS} tasks that read 40 MB each. All results are compared.`,
        tables: [
          await correlationTable(context, pool),
          frameTable(context),
          await overheadTable(context, pool, apart),
          await sharingTable(context, pool),
        ],
      }
    } finally {
      await Promise.all([pool.close(), apart.close()])
    }
  },
}

/** Series that share a market, so that correlations are neither all 0 nor all 1. */
function marketReturns(): readonly Float64Array[] {
  const market = FrameColumn.of(randomWalk(ROWS + 1, 1).close.values)
    .logReturns()
    .slice(1)
    .values()
  return Array.from({ length: SERIES }, (_, series) => {
    const own = FrameColumn.of(randomWalk(ROWS + 1, series + 2).close.values)
      .logReturns()
      .slice(1)
    return own.map((value, row) => value + (series % 3) * 0.5 * market[row]!).toArray()
  })
}

async function correlationTable(context: BenchContext, pool: WorkerPool): Promise<Table> {
  const whole = marketReturns()
  const gappy = whole.map((lane, series) =>
    lane.map((value, row) => ((row * 7 + series * 13) % 100 === 0 ? Number.NaN : value)),
  )
  const numpy = runNumpy(whole, gappy)
  const timed = await fastest({
    threads: async () => (await correlate(whole, { runner: pool })).values,
    here: async () => (await correlate(whole)).values,
    hand: async () => correlateByHand(whole),
    gappyThreads: async () => (await correlate(gappy, { runner: pool })).values,
    gappyHere: async () => (await correlate(gappy)).values,
  })
  const expected = timed.hand.result
  const near = (a: Float64Array, b: Float64Array): boolean => a.every((value, at) => Math.abs(value - b[at]!) < 1e-9)
  context.check(near(timed.threads.result, expected) && near(timed.here.result, expected), 'correlations differ')
  context.check(near(timed.gappyThreads.result, timed.gappyHere.result), 'correlations with gaps differ')
  if (numpy) {
    context.check(near(numpy.wholeResult, expected), "numpy's correlations differ")
    context.check(near(numpy.gappyResult, timed.gappyHere.result), "numpy's correlations with gaps differ")
  }
  const against = (ms: number, other: number | undefined): string => (other === undefined ? '-' : ratio(ms / other))
  const row = (name: string, full: number | undefined, gaps: number | undefined): readonly string[] => [
    name,
    full === undefined ? '-' : digits(full),
    full === undefined ? '-' : against(full, numpy?.wholeMs),
    gaps === undefined ? '-' : digits(gaps),
    gaps === undefined ? '-' : against(gaps, numpy?.gappyMs),
  ]
  return {
    head: ['correlation', 'ms', 'of numpy', 'with gaps, ms', 'of numpy'],
    rows: [
      row('two threads', timed.threads.ms, timed.gappyThreads.ms),
      row('one thread', timed.here.ms, timed.gappyHere.ms),
      row('pair by pair by hand', timed.hand.ms, undefined),
      row(numpy ? `numpy ${numpy.version}` : 'numpy is not installed (python3-numpy)', numpy?.wholeMs, numpy?.gappyMs),
    ],
  }
}

/**
 * The fastest round of each: numpy cannot take turns with this process, and its threads wait for each other, so that on a
 * machine with other work a median would flatter this side.
 */
async function fastest<C extends Readonly<Record<string, () => Promise<Float64Array>>>>(
  cases: C,
): Promise<{ readonly [K in keyof C]: { readonly ms: number; readonly result: Float64Array } }> {
  const found: Record<string, { ms: number; result: Float64Array }> = {}
  for (let round = 0; round < NUMPY_ROUNDS; round++)
    for (const [name, work] of Object.entries(cases)) {
      const startedMs = performance.now()
      const result = await work()
      const ms = performance.now() - startedMs
      if (ms < (found[name]?.ms ?? Infinity)) found[name] = { ms, result }
    }
  return found as { readonly [K in keyof C]: { readonly ms: number; readonly result: Float64Array } }
}

/** Undefined where there is no numpy. */
function runNumpy(whole: readonly Float64Array[], gappy: readonly Float64Array[]) {
  const folder = mkdtempSync(join(tmpdir(), 'tallow-bench-'))
  try {
    for (const [name, lanes] of [
      ['whole', whole],
      ['gappy', gappy],
    ] as const)
      writeFileSync(join(folder, `${name}.f64`), Buffer.concat(lanes.map(lane => new Uint8Array(lane.buffer))))
    const script = join(import.meta.dirname, 'yardsticks/numpy-correlation.py')
    const ran = spawnSync('python3', [script, folder, String(SERIES), String(ROWS), String(NUMPY_ROUNDS)], {
      encoding: 'utf8',
    })
    if (ran.status !== 0) return undefined
    const told = JSON.parse(ran.stdout) as { version: string; whole: number[]; gappy: number[] }
    const result = (name: string): Float64Array => {
      const bytes = readFileSync(join(folder, `${name}.out.f64`))
      return new Float64Array(bytes.buffer.slice(bytes.byteOffset, bytes.byteOffset + bytes.byteLength))
    }
    return {
      version: told.version,
      wholeMs: Math.min(...told.whole),
      gappyMs: Math.min(...told.gappy),
      wholeResult: result('whole'),
      gappyResult: result('gappy'),
    }
  } finally {
    rmSync(folder, { recursive: true, force: true })
  }
}

function frameTable(context: BenchContext): Table {
  const frame = randomWalk(MILLION_ROWS)
  const closes = FrameColumn.of(frame.close.values)
  const timed = context.alternate({
    resample: () => resampleFrame(frame, '1m', '1h'),
    resampleHand: () => resampleByHand(frame, HOUR_MS),
    mean: () => rolling(closes, 50).mean().values(),
    meanHand: () => rollingMeanByHand(frame.close.values, 50),
    std: () => rolling(closes, 50).std().values(),
  })
  const bars = timed.resample.result
  const [times, opens, highs, lows, closing] = timed.resampleHand.result
  for (const [lane, hand] of [
    [bars.time, times],
    [bars.open, opens],
    [bars.high, highs],
    [bars.low, lows],
    [bars.close, closing],
  ] as const)
    context.check(
      lane.values.subarray(0, bars.length).every((value, row) => value === hand![row]),
      'bars differ',
    )
  const handMeans = timed.meanHand.result
  context.check(
    Float64Array.from(timed.mean.result).every(
      (value, row) => Number.isNaN(value) || Math.abs(value / handMeans[row]! - 1) < 1e-9,
    ),
    'means differ',
  )
  const row = (name: string, ms: number, handMs: number | undefined): readonly string[] => [
    name,
    digits((ms * 1e6) / MILLION_ROWS),
    handMs === undefined ? '-' : ratio(ms / handMs),
  ]
  return {
    head: ['a million rows', 'ns a row', 'of a loop by hand'],
    rows: [
      row('resample 1m → 1h', timed.resample.medianMs, timed.resampleHand.medianMs),
      row('rolling(50).mean', timed.mean.medianMs, timed.meanHand.medianMs),
      row('rolling(50).std', timed.std.medianMs, undefined),
    ],
  }
}

async function overheadTable(context: BenchContext, pool: WorkerPool, apart: WorkerPool): Promise<Table> {
  const inTurn = async (runner: WorkerPool): Promise<number> => {
    let sum = 0
    for (let task = 0; task < TASKS; task++) sum += await runner.run(returned, task)
    return sum
  }
  const mapped = async (runner: WorkerPool): Promise<number> => {
    let sum = 0
    for await (const value of runner.map(returned, new Array<number>(TASKS).keys())) sum += value
    return sum
  }
  const timed = await context.alternateAsync({
    threadTurn: () => inTurn(pool),
    threadMap: () => mapped(pool),
    processTurn: () => inTurn(apart),
    processMap: () => mapped(apart),
  })
  for (const { result } of Object.values(timed)) context.check(result === (TASKS * (TASKS - 1)) / 2, 'tasks got lost')
  const microseconds = (ms: number): string => digits((ms * 1_000) / TASKS)
  return {
    head: ['a task that does nothing, µs', 'one after the other', 'map, two at once'],
    rows: [
      ['threads', microseconds(timed.threadTurn.medianMs), microseconds(timed.threadMap.medianMs)],
      ['processes', microseconds(timed.processTurn.medianMs), microseconds(timed.processMap.medianMs)],
    ],
  }
}

async function sharingTable(context: BenchContext, pool: WorkerPool): Promise<Table> {
  const copied = new Float64Array(SHARED_VALUES).fill(1)
  const shared = new Float64Array(new SharedArrayBuffer(copied.byteLength))
  shared.set(copied)
  const all = async (values: Float64Array): Promise<number> => {
    let sum = 0
    for await (const part of pool.map(summed, new Array<Float64Array>(SHARED_TASKS).fill(values))) sum += part
    return sum
  }
  const timed = await context.alternateAsync({ shared: () => all(shared), copied: () => all(copied) }, 5)
  for (const { result } of Object.values(timed)) context.check(result === SHARED_TASKS * SHARED_VALUES, 'sums differ')
  return {
    head: [`${SHARED_TASKS} tasks over 40 MB`, 'ms', 'of shared'],
    rows: [
      ['shared memory', digits(timed.shared.medianMs), ratio(1)],
      ['copied', digits(timed.copied.medianMs), ratio(timed.copied.medianMs / timed.shared.medianMs)],
    ],
  }
}
