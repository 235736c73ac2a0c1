// `npm run bench -- [NAME…]`: runs benchmarks, all without a name, each in a process of its own, and writes their
// sections of bench/RESULTS.md. Exit 1 when a result is wrong, 2 for a name that does not exist.
import { spawnSync } from 'node:child_process'
import { readdirSync } from 'node:fs'
import { join } from 'node:path'
import { nearest } from '../src/domain/nearest.ts'
import { BenchContext, WrongResult, type Benchmark } from './benchmark.ts'
import { render, writeSection } from './results-page.ts'

const FOLDER = import.meta.dirname
const SUFFIX = '.bench.ts'

/**
 * What takes a few ns a row is at the mercy of what happens to be compiled how, and of whether a new array comes on pages
 * that the kernel has yet to clear. So: one compiler, the best, and memory that a case gave back stays with the process.
 */
const FEW_NANOSECONDS = {
  flags: ['--no-maglev'],
  env: { MALLOC_TOP_PAD_: '500000000', MALLOC_MMAP_THRESHOLD_: '1000000000', MALLOC_TRIM_THRESHOLD_: '4000000000' },
}
const SETTINGS: Readonly<Record<string, typeof FEW_NANOSECONDS>> = { indicators: FEW_NANOSECONDS }

function known(): readonly string[] {
  const files = readdirSync(FOLDER).filter(file => file.endsWith(SUFFIX))
  return files.map(file => file.slice(0, -SUFFIX.length)).sort()
}

async function runHere(name: string): Promise<number> {
  const { benchmark } = (await import(`./${name}${SUFFIX}`)) as { readonly benchmark: Benchmark }
  try {
    const section = await benchmark.run(new BenchContext())
    await writeSection(join(FOLDER, 'RESULTS.md'), name, section)
    console.log(render(section))
    return 0
  } catch (error) {
    if (!(error instanceof WrongResult)) throw error
    console.error(`${name}: wrong result: ${error.message}`)
    return 1
  }
}

function runEach(names: readonly string[]): number {
  let failed = 0
  for (const name of names) {
    const { flags = [], env = {} } = SETTINGS[name] ?? {}
    const { status } = spawnSync(process.execPath, [...flags, import.meta.filename, '--here', name], {
      stdio: 'inherit',
      env: { ...process.env, ...env },
    })
    if (status !== 0) failed++
  }
  return failed === 0 ? 0 : 1
}

function unknown(names: readonly string[]): string | undefined {
  const all = known()
  const wrong = names.find(name => !all.includes(name))
  if (wrong === undefined) return undefined
  const near = nearest(wrong, all)
  return `there is no benchmark "${wrong}"; ${near === undefined ? `there are: ${all.join(', ')}` : `did you mean "${near}"?`}`
}

const [first, ...rest] = process.argv.slice(2)
if (first === '--here') process.exitCode = await runHere(rest[0] ?? '')
else {
  const names = first === undefined ? [] : [first, ...rest]
  const problem = unknown(names)
  if (problem !== undefined) console.error(problem)
  process.exitCode = problem === undefined ? runEach(names.length > 0 ? names : known()) : 2
}
