import { execFileSync, spawnSync } from 'node:child_process'
import { join } from 'node:path'
import type { CandleFrame } from '../src/frame/candle-frame.ts'
import { writeCandlesCsv } from '../src/frame/formats/write-csv.ts'
import { digits, ratio, type BenchContext, type Table } from './benchmark.ts'
import { MILLION_ROWS, randomWalk } from './data.ts'

/** Reading CSV, each in a process of its own, so that memory and processor time are its own too. */
export async function csvTable(context: BenchContext, folder: string): Promise<Table> {
  const python = ['python3', '/usr/bin/python3'].find(name => spawnSync(name, ['-c', 'import pandas']).status === 0)
  const rows: string[][] = []
  for (const [size, walk] of [
    ['1 M', randomWalk(MILLION_ROWS)],
    ['4 M', randomWalk(4 * MILLION_ROWS)],
  ] as const) {
    const path = join(folder, 'BTC_USDT-1m.csv')
    await writeCandlesCsv(path, walk)
    const ours = [process.execPath, join(import.meta.dirname, 'yardsticks/csv-import.ts'), path]
    const theirs = python && [python, join(import.meta.dirname, 'yardsticks/csv_import.py'), path]
    const cases: readonly (readonly [string, readonly string[]])[] = [
      ['tallow, as data import reads it', ours],
      ['tallow, one thread', [...ours, 'alone']],
      ...(theirs ? [['pandas read_csv', theirs] as const] : []),
    ]
    const runs = new Map(cases.map(([name]) => [name, [] as CsvRun[]]))
    for (let round = 0; round < 3; round++)
      for (const [name, command] of cases) runs.get(name)?.push(runCsv(context, name, command, walk))
    const base = middle(runs.get('tallow, as data import reads it') ?? [], 'ms')
    for (const [name, found] of runs)
      rows.push([
        ...[size, name, digits(middle(found, 'ms')), ratio(middle(found, 'ms') / base)],
        ...[digits(middle(found, 'cpuMs')), digits(middle(found, 'mb'))],
      ])
  }
  return { head: ['rows of CSV', 'read by', 'ms', 'of tallow', 'processor ms', 'peak MB'], rows }
}

interface CsvRun {
  readonly ms: number
  /** Of all threads. */
  readonly cpuMs: number
  readonly mb: number
  readonly rows: number
  readonly sum: number
}

function runCsv(context: BenchContext, name: string, command: readonly string[], walk: CandleFrame): CsvRun {
  const [program = '', ...args] = command
  const run = JSON.parse(execFileSync(program, args, { encoding: 'utf8' })) as CsvRun
  context.check(run.rows === walk.length, `${name} read ${run.rows} rows`)
  context.check(Math.abs(run.sum - sumOf(walk)) <= 1e-9 * sumOf(walk), `${name} read other closes`)
  return run
}

function middle(runs: readonly CsvRun[], figure: 'ms' | 'cpuMs' | 'mb'): number {
  return runs.map(run => run[figure]).toSorted((a, b) => a - b)[runs.length >> 1]!
}

function sumOf({ close, length }: CandleFrame): number {
  return close.values.subarray(0, length).reduce((sum, value) => sum + value, 0)
}
