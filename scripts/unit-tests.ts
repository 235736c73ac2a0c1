// Runs the tests: `node scripts/unit-tests.ts [--long] [FILE…]`. `--long` raises the counts of the suites that have
// two, and the time each test may take.
import { spawnSync } from 'node:child_process'
import { join } from 'node:path'
import { parseArgs } from 'node:util'

const ROOT = join(import.meta.dirname, '..')
const TEST_TIMEOUT_MS = 180_000
const LONG_TEST_TIMEOUT_MS = 3_600_000
const CONCURRENCY = 2

const { values, positionals } = parseArgs({ options: { long: { type: 'boolean' } }, allowPositionals: true })
const timeoutMs = values.long ? LONG_TEST_TIMEOUT_MS : TEST_TIMEOUT_MS

const { status } = spawnSync(
  process.execPath,
  [
    '--test',
    '--test-reporter=spec',
    `--test-concurrency=${CONCURRENCY}`,
    `--test-timeout=${timeoutMs}`,
    ...(positionals.length > 0 ? positionals : ['test/**/*.test.ts']),
  ],
  {
    cwd: ROOT,
    stdio: 'inherit',
    env: {
      // Hundreds of processes load the same sources: their types are stripped and they are compiled once.
      NODE_COMPILE_CACHE: join(ROOT, 'node_modules', '.cache', 'compiled'),
      ...process.env,
      ...(values.long ? { TALLOW_TEST_LONG: '1' } : {}),
    },
  },
)
process.exitCode = status ?? 1
