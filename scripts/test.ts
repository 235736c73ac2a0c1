// `npm test`: everything that must hold, fast checks first, two at a time, the first failure with its output. The
// tests come last, so that the closing lines are those of node's own runner.
import { spawn } from 'node:child_process'
import { join } from 'node:path'

interface Step {
  readonly name: string
  readonly command: readonly string[]
}

interface Outcome {
  readonly ok: boolean
  readonly output: string
  readonly seconds: string
}

const ROOT = join(import.meta.dirname, '..')
const tool = (path: string): string => join(ROOT, 'node_modules', path)

/** Each lane runs its steps in order; the lanes run side by side, one per core. */
const LANES: readonly (readonly Step[])[] = [
  [
    { name: 'types', command: [tool('typescript/bin/tsc'), '-p', '.'] },
    { name: 'lint', command: [tool('eslint/bin/eslint.js'), '--max-warnings', '0'] },
  ],
  [
    { name: 'build', command: ['scripts/build.js', '--if-stale'] },
    { name: 'format', command: [tool('prettier/bin/prettier.cjs'), '--check', '--log-level', 'warn', '.'] },
    { name: 'unused', command: [tool('knip/bin/knip.js'), '--no-progress'] },
  ],
]

async function run(step: Step): Promise<Outcome> {
  const startedMs = performance.now()
  const child = spawn(process.execPath, step.command, { cwd: ROOT, stdio: ['ignore', 'pipe', 'pipe'] })
  const chunks: Buffer[] = []
  child.stdout.on('data', (chunk: Buffer) => chunks.push(chunk))
  child.stderr.on('data', (chunk: Buffer) => chunks.push(chunk))
  const code = await new Promise<number>((resolve, reject) => {
    child.on('error', reject)
    child.on('close', status => resolve(status ?? 1))
  })
  const seconds = ((performance.now() - startedMs) / 1000).toFixed(1)
  return { ok: code === 0, output: Buffer.concat(chunks).toString(), seconds }
}

async function runChecks(): Promise<boolean> {
  let failed = false
  const runLane = async (steps: readonly Step[]): Promise<void> => {
    for (const step of steps) {
      if (failed) return
      const outcome = await run(step)
      console.log(`${outcome.ok ? '✔' : '✖'} ${step.name.padEnd(8)} ${outcome.seconds.padStart(5)} s`)
      if (outcome.ok) continue
      failed = true
      console.log(`\n${outcome.output.trimEnd()}\n`)
    }
  }
  await Promise.all(LANES.map(runLane))
  return !failed
}

if (await runChecks()) {
  console.log('  tests\n')
  const tests = spawn(process.execPath, ['scripts/unit-tests.ts', ...process.argv.slice(2)], {
    cwd: ROOT,
    stdio: 'inherit',
  })
  tests.on('close', status => (process.exitCode = status ?? 1))
} else {
  process.exitCode = 1
}
