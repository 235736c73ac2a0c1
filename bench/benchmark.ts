import { PerformanceObserver } from 'node:perf_hooks'
import { setImmediate } from 'node:timers/promises'
import { setFlagsFromString } from 'node:v8'
import { runInNewContext } from 'node:vm'

/** One file `bench/<name>.bench.ts` exports one of these as `benchmark`. */
export interface Benchmark {
  /** The file's name without `.bench.ts`. */
  readonly name: string
  run(context: BenchContext): Section | Promise<Section>
}

/** What a run leaves in `bench/RESULTS.md`. */
export interface Section {
  readonly title: string
  /** What was run, on what data. Markdown. */
  readonly about: string
  readonly tables: readonly Table[]
}

export interface Table {
  readonly head: readonly string[]
  readonly rows: readonly (readonly string[])[]
}

export interface Timing<T> {
  /** Of all rounds, ms. */
  readonly medianMs: number
  /** What the last round returned. */
  readonly result: T
}

export interface Allocations {
  readonly bytes: number
  readonly collections: number
}

const ALLOCATION_RUNS = 3
/** Rounds that count; one before them warms up. */
const ROUNDS = 7

setFlagsFromString('--expose-gc')
const collectGarbage = runInNewContext('gc') as () => void

/** What a benchmark measures with. A wrong result fails the run; a slow one never does. */
export class BenchContext {
  /**
   * Runs all cases in turn, round by round, so that a noisy minute hits all of them alike. What a case left behind is
   * collected before the next one starts: otherwise it pays for arrays of the one before. Each round begins with another
   * case: memory for a new array comes sooner or later depending on which arrays have just gone.
   * @param rounds at least 5.
   */
  alternate<C extends Readonly<Record<string, () => unknown>>>(
    cases: C,
    rounds = ROUNDS,
  ): { readonly [K in keyof C]: Timing<ReturnType<C[K]>> } {
    const names = Object.keys(cases)
    const times = new Map(names.map(name => [name, [] as number[]]))
    const results: Record<string, unknown> = {}
    for (let round = 0; round <= rounds; round++)
      for (const name of rotated(names, round)) {
        collectGarbage()
        const startedMs = performance.now()
        results[name] = cases[name]!()
        const tookMs = performance.now() - startedMs
        if (round > 0) times.get(name)!.push(tookMs)
      }
    const timings = names.map(name => [name, { medianMs: median(times.get(name)!), result: results[name] }] as const)
    return Object.fromEntries(timings) as { readonly [K in keyof C]: Timing<ReturnType<C[K]>> }
  }

  /** The same for cases that wait. @param rounds at least 5. */
  async alternateAsync<C extends Readonly<Record<string, () => Promise<unknown>>>>(
    cases: C,
    rounds = ROUNDS,
  ): Promise<{ readonly [K in keyof C]: Timing<Awaited<ReturnType<C[K]>>> }> {
    const timings: Record<string, { times: number[]; result: unknown }> = {}
    for (let round = 0; round <= rounds; round++)
      for (const [name, work] of Object.entries(cases)) {
        collectGarbage()
        const startedMs = performance.now()
        const result = await work()
        const tookMs = performance.now() - startedMs
        const times = timings[name]?.times ?? []
        if (round > 0) times.push(tookMs)
        timings[name] = { times, result }
      }
    const medians = Object.entries(timings).map(
      ([name, { times, result }]) => [name, { medianMs: median(times), result }] as const,
    )
    return Object.fromEntries(medians) as { readonly [K in keyof C]: Timing<Awaited<ReturnType<C[K]>>> }
  }

  /**
   * What a piece of work leaves on the heap, garbage included: the least of a few runs, since a run in which code is
   * compiled anew leaves something too. It is run once before.
   * @returns bytes of objects, buffers of typed arrays left out, and how often the collector had to run: what it takes
   *   away is not in `bytes`.
   */
  async allocations(work: () => unknown): Promise<Allocations> {
    work()
    let least = await allocationsOf(work)
    for (let run = 1; run < ALLOCATION_RUNS; run++) {
      const next = await allocationsOf(work)
      if (next.collections <= least.collections && next.bytes < least.bytes) least = next
    }
    return least
  }

  /** @throws when a result is wrong: the benchmark then counts as failed, and the command exits with 1. */
  check(condition: boolean, message: string): void {
    if (!condition) throw new WrongResult(message)
  }
}

function rotated<T>(items: readonly T[], by: number): readonly T[] {
  const at = by % items.length
  return [...items.slice(at), ...items.slice(0, at)]
}

async function allocationsOf(work: () => unknown): Promise<Allocations> {
  collectGarbage()
  let collections = 0
  const observer = new PerformanceObserver(list => (collections += list.getEntries().length))
  // Entries of the collection above come late, and are none of the work's.
  await setImmediate()
  observer.observe({ entryTypes: ['gc'] })
  const before = process.memoryUsage().heapUsed
  work()
  const bytes = process.memoryUsage().heapUsed - before
  await setImmediate()
  await setImmediate()
  observer.disconnect()
  return { bytes, collections }
}

/** What was measured did not compute what it should. */
export class WrongResult extends Error {}

function median(values: readonly number[]): number {
  const sorted = values.toSorted((a, b) => a - b)
  const middle = sorted.length >> 1
  return sorted.length % 2 === 1 ? sorted[middle]! : (sorted[middle - 1]! + sorted[middle]!) / 2
}

/** `0.42 ×`, `12 ×`. */
export function ratio(value: number): string {
  return `${digits(value)} ×`
}

/** Three digits that count. */
export function digits(value: number): string {
  return value >= 100 ? value.toFixed(0) : value.toPrecision(value >= 10 ? 3 : 2)
}
