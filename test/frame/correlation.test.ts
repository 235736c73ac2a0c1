import assert from 'node:assert/strict'
import { test } from 'node:test'
import fc from 'fast-check'
import { correlate, type CorrelationMatrix } from '../../src/frame/correlation.ts'
import { threads } from '../../src/workers/threads.ts'
import { WorkerPool } from '../../src/workers/worker-pool.ts'
import { VirtualClock } from '../support/virtual-clock.ts'

/** The definition, pair by pair, with sums that lose nothing to rounding worth the name. */
function oracle(x: readonly number[], y: readonly number[]): { r: number; common: number } {
  const rows = x
    .map((value, row) => [value, y[row]!] as const)
    .filter(([a, b]) => Number.isFinite(a) && Number.isFinite(b))
  const common = rows.length
  const exactSum = (values: readonly number[]) => {
    let sum = 0
    let lost = 0
    for (const value of values) {
      const next = sum + value
      lost += Math.abs(sum) >= Math.abs(value) ? sum - next + value : value - next + sum
      sum = next
    }
    return sum + lost
  }
  if (common < 2) return { r: Number.NaN, common }
  const moves = (side: 0 | 1) => rows.some(row => row[side] !== rows[0]![side])
  if (!moves(0) || !moves(1)) return { r: Number.NaN, common }
  const scale = (side: 0 | 1) => Math.max(...rows.map(row => Math.abs(row[side])))
  const [scaleX, scaleY] = [scale(0), scale(1)]
  const meanX = exactSum(rows.map(row => row[0] / scaleX)) / common
  const meanY = exactSum(rows.map(row => row[1] / scaleY)) / common
  const dx = rows.map(row => row[0] / scaleX - meanX)
  const dy = rows.map(row => row[1] / scaleY - meanY)
  const products = exactSum(dx.map((value, row) => value * dy[row]!))
  const squares = (values: readonly number[]) => exactSum(values.map(value => value * value))
  return { r: products / Math.sqrt(squares(dx)) / Math.sqrt(squares(dy)), common }
}

function assertMatches(matrix: CorrelationMatrix, lanes: readonly (readonly number[])[], tolerance: number): void {
  for (let i = 0; i < lanes.length; i++)
    for (let j = 0; j < lanes.length; j++) {
      const { r, common } = oracle(lanes[i]!, lanes[j]!)
      assert.equal(matrix.rowsAt(i, j), common)
      if (Number.isNaN(r)) assert.ok(Number.isNaN(matrix.at(i, j)), `${i},${j}: ${matrix.at(i, j)}`)
      else assert.ok(Math.abs(matrix.at(i, j) - r) <= tolerance, `${i},${j}: ${matrix.at(i, j)}, by definition ${r}`)
    }
}

const scales = fc.constantFrom(1, 1e-8, 1e8, 1e150, 1e-150)
const lanesOf = fc
  .record({ count: fc.integer({ min: 1, max: 7 }), rows: fc.integer({ min: 0, max: 60 }) })
  .chain(({ count, rows }) =>
    fc.array(
      fc
        .record({
          scale: scales,
          steps: fc.array(
            fc.oneof(
              { weight: 6, arbitrary: fc.integer({ min: -50, max: 50 }) },
              { weight: 1, arbitrary: fc.constantFrom(Number.NaN, Infinity) },
            ),
            { minLength: rows, maxLength: rows },
          ),
        })
        .map(({ scale, steps }) => steps.map(step => (1_000 + step) * scale)),
      { minLength: count, maxLength: count },
    ),
  )

test('each pair is what the definition gives over the rows that both have', async () => {
  await fc.assert(
    fc.asyncProperty(lanesOf, async lanes => assertMatches(await correlate(lanes), lanes, 1e-10)),
    { numRuns: 300 },
  )
})

test('a pair whose common rows are far from the rest of both series keeps its digits', async () => {
  const rows = 400
  const apart = (slope: number, hidden: (row: number) => boolean) =>
    Array.from({ length: rows }, (_, row) =>
      hidden(row) ? Number.NaN : row < 200 ? 1e9 + 1e8 * Math.sin(row) : 5 + 1e-3 * Math.sin(row * slope),
    )
  const lanes = [apart(0.3, row => row % 11 === 0), apart(0.31, row => row < 200), apart(0.7, row => row > 380)]
  // The mean of values near 5 is known to 1e-16 of 5, and they move by 1e-3.
  assertMatches(await correlate(lanes), lanes, 1e-11)
})

test('a series that stands still goes with none, itself included, also where it only stands still in the common rows', async () => {
  const flat = [0.1, 0.1, 0.1, 0.1, 0.1, 0.1]
  const flatWhereOthersAre = [7, 9, 0.3, 0.3, 0.3, 0.3]
  const late = [Number.NaN, Number.NaN, 1, 2, 4, 3]
  const matrix = await correlate([flat, flatWhereOthersAre, late])
  assert.deepEqual(
    [matrix.at(0, 0), matrix.at(0, 1), matrix.at(1, 2), matrix.at(1, 1), matrix.at(2, 2)],
    [Number.NaN, Number.NaN, Number.NaN, 1, 1],
  )
  assert.deepEqual([matrix.rowsAt(1, 2), matrix.rowsAt(0, 1)], [4, 6])
  assert.ok(Number.isNaN(matrix.at(0, 9)))
})

test('threads give the bits of one thread, for a matrix of several tiles with missing values', async context => {
  const pool = new WorkerPool({ size: 2, start: threads(), clock: new VirtualClock(0) })
  context.after(() => pool.close())
  let seed = 7
  const random = (): number => (seed = (seed * 48_271) % 2_147_483_647) / 2_147_483_647
  const market = Array.from({ length: 1_500 }, () => random() - 0.5)
  const lanes = Array.from({ length: 71 }, (_, series) =>
    market.map(step => (random() < 0.02 ? Number.NaN : step * (series % 5) + random())),
  )
  const here = await correlate(lanes)
  const there = await correlate(lanes, { runner: pool })
  assert.deepEqual([...there.values], [...here.values])
  assert.deepEqual(there.commonRows, here.commonRows)
  const some = [0, 29, 30, 31, 59, 60, 70].map(index => lanes[index]!)
  const matrixOfSome = await correlate(some)
  assertMatches(matrixOfSome, some, 1e-12)
  assert.ok(Math.abs(matrixOfSome.at(1, 6) - here.at(29, 70)) < 1e-14)
})

test('series of different length, and more memory than allowed, are refused with what to do', async () => {
  await assert.rejects(correlate([[1, 2], [1]]), {
    kind: 'bad-input',
    message: /series 0 has 2 rows and series 1 has 1/,
  })
  await assert.rejects(correlate([new Float64Array(200_000), new Float64Array(200_000)], { memoryMaxMb: 1 }), {
    kind: 'bad-input',
    message: /2 series of 200000 rows take 7 MB, more than the 1 MB/,
    hint: /higher timeframe/,
  })
  assert.equal((await correlate([])).size, 0)
})
