import type { FrameCorrelation } from '../../frame/correlate-frames.ts'
import type { Io } from '../io.ts'
import { colours } from './colour.ts'
import { formatCount, formatNumber, formatTime } from './format.ts'
import { table, type TableColumn } from './table.ts'

/** Pairs that are listed where the matrix is wider than the terminal. */
const PAIRS_SHOWN_MAX = 20

interface Pair {
  readonly first: string
  readonly second: string
  readonly correlation: number
  readonly common: number
}

/** The matrix, or where it does not fit the pairs that go together most, and most against each other. */
export function tellCorrelation(io: Io, result: FrameCorrelation): void {
  const { timeframe, from, to, rows } = result
  const { bold, dim } = colours(io, 'stdout')
  const span = `${formatTime(from)} to ${formatTime(to)} UTC, ${formatCount(rows, 'bar')}`
  io.stdout(`${bold('correlation')} of log returns of close at ${timeframe}, ${span}\n\n`)
  const matrix = matrixTable(result)
  const width = Math.max(...matrix.split('\n').map(line => line.length))
  if (width <= io.columns) {
    io.stdout(matrix)
    return
  }
  const pairs = pairsOf(result)
  io.stdout(pairTable(pairs.slice(0, PAIRS_SHOWN_MAX)))
  const opposite = pairs.slice(PAIRS_SHOWN_MAX).slice(-PAIRS_SHOWN_MAX)
  if (opposite.length > 0) io.stdout(`…\n${pairTable(opposite)}`)
  io.stdout(dim(`of ${formatCount(pairs.length, 'pair')}; the matrix is wider than the terminal (--json has it)\n`))
}

function matrixTable({ names, matrix }: FrameCorrelation): string {
  const columns: TableColumn[] = [
    { title: '' },
    { title: 'series' },
    ...names.map((_, index) => ({ title: String(index + 1), align: 'right' as const })),
  ]
  return table(
    columns,
    names.map((name, i) => [String(i + 1), name, ...names.map((_, j) => formatNumber(matrix.at(i, j), 3))]),
  )
}

function pairsOf({ names, matrix }: FrameCorrelation): readonly Pair[] {
  const pairs: Pair[] = []
  names.forEach((first, i) =>
    names.slice(i + 1).forEach((second, offset) => {
      const j = i + 1 + offset
      pairs.push({ first, second, correlation: matrix.at(i, j), common: matrix.rowsAt(i, j) })
    }),
  )
  return pairs.filter(({ correlation }) => !Number.isNaN(correlation)).sort((a, b) => b.correlation - a.correlation)
}

function pairTable(pairs: readonly Pair[]): string {
  const columns: readonly TableColumn[] = [
    { title: 'series' },
    { title: 'with' },
    { title: 'correlation', align: 'right' },
    { title: 'bars', align: 'right' },
  ]
  return table(
    columns,
    pairs.map(({ first, second, correlation, common }) => [
      first,
      second,
      formatNumber(correlation, 3),
      formatNumber(common, 0),
    ]),
  )
}
