import assert from 'node:assert/strict'
import { execFile } from 'node:child_process'
import { mkdtempSync, readdirSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { delimiter, join } from 'node:path'
import { after, before, describe, test } from 'node:test'

const ROOT = join(import.meta.dirname, '../..')
const FIRST_OPEN_MS = Date.UTC(2024, 0, 1)
const HOUR_MS = 3_600_000
const ROWS = 600

const OWN_STRATEGY = `
import { crossedAbove, crossedBelow, defineStrategy, enterLong, exit, int, rsi, sma } from 'tallow'

const reason: string = 'own strategy'

export default defineStrategy({
  params: { fast: int(5, { min: 1 }), slow: int(20, { min: 2 }) },
  columns: ({ params }) => ({ fast: sma({ period: params.fast }), slow: sma({ period: params.slow }), rsi: rsi({}) }),
  decide({ fast, slow, rsi, position }) {
    if (!position && crossedAbove(fast, slow) && rsi.now < 100) return enterLong({ reason })
    if (position && crossedBelow(fast, slow)) return exit('crossed below')
  },
})
`

const MISSPELLED = `
import { defineStrategy, sma } from 'tallow'

export default defineStrategy({
  columns: () => ({ average: sma({ period: 5 }) }),
  decide({ averag }) { void averag },
})
`

const OWN_WORKERS = `
import { correlate, createWorkerPool, inWorker, processes } from 'tallow'

const pool = createWorkerPool({ size: 2 })
const lanes = [[1, 2, 4, 3], [-1, -2, -4, -3]]
const matrix = await correlate(lanes, { runner: pool })
await pool.close()
const sum = (values) => values.reduce((total, value) => total + value, 0)
const sums = [await inWorker(sum)([1, 2]), await inWorker(sum, { start: processes() })([1, 2, 3])]
console.log(JSON.stringify({ correlation: Math.round(matrix.at(0, 1) * 1e9) / 1e9, sums }))
`

interface Ended {
  readonly code: number
  readonly stdout: string
  readonly stderr: string
}

/** What an npm run, or node's test runner, tells its children. How to reach the registry is not among it. */
const OF_THE_CALLER = /^(npm_(package|lifecycle|command|config_local_prefix)|INIT_CWD$|NODE_TEST_CONTEXT$|TALLOW_)/i

/** An environment as in a fresh terminal, without this checkout's tools on the path. */
function freshEnvironment(): NodeJS.ProcessEnv {
  const kept = Object.entries(process.env).filter(([name]) => !OF_THE_CALLER.test(name))
  const path = (process.env.PATH ?? '').split(delimiter).filter(folder => !folder.startsWith(ROOT))
  return { ...Object.fromEntries(kept), PATH: path.join(delimiter) }
}

function run(cwd: string, command: string, ...args: readonly string[]): Promise<Ended> {
  return new Promise(resolve => {
    execFile(command, args, { cwd, env: freshEnvironment(), maxBuffer: 1 << 26 }, (error, stdout, stderr) => {
      const code = error === null ? 0 : typeof error.code === 'number' ? error.code : 1
      resolve({ code, stdout, stderr })
    })
  })
}

async function mustRun(cwd: string, command: string, ...args: readonly string[]): Promise<Ended> {
  const ended = await run(cwd, command, ...args)
  assert.equal(ended.code, 0, `${command} ${args.join(' ')}\n${ended.stdout}\n${ended.stderr}`)
  return ended
}

/** Hourly candles that rise and fall, so that averages cross. */
function waves(): string {
  const lines = ['openTime,open,high,low,close,volume']
  let open = 100
  for (let row = 0; row < ROWS; row++) {
    const close = Math.round((100 + 10 * Math.sin(row / 12)) * 100) / 100
    lines.push([FIRST_OPEN_MS + row * HOUR_MS, open, Math.max(open, close), Math.min(open, close), close, 1].join(','))
    open = close
  }
  return `${lines.join('\n')}\n`
}

describe('the package, installed from its tarball in an empty folder', { concurrency: false }, () => {
  let folder = ''

  before(async () => {
    folder = mkdtempSync(join(tmpdir(), 'tallow-pack-'))
    await mustRun(ROOT, process.execPath, 'scripts/build.js', '--if-stale')
    await mustRun(ROOT, 'npm', 'pack', '--ignore-scripts', '--pack-destination', folder)
    const tarball = readdirSync(folder).find(name => name.endsWith('.tgz')) ?? ''
    writeFileSync(join(folder, 'package.json'), '{ "private": true, "type": "module" }')
    writeFileSync(join(folder, 'waves.ts'), OWN_STRATEGY)
    writeFileSync(join(folder, 'misspelled.ts'), MISSPELLED)
    writeFileSync(join(folder, 'BTC_USDT-1h.csv'), waves())
    await mustRun(folder, 'npm', 'install', '--prefer-offline', '--no-audit', '--no-fund', `./${tarball}`)
  })
  after(() => rmSync(folder, { recursive: true, force: true }))

  test('it holds what users need and nothing else', () => {
    const installed = readdirSync(join(folder, 'node_modules/tallow'))
    for (const name of ['bin', 'dist', 'strategies', 'config', 'README.md', 'LICENSE'])
      assert.ok(installed.includes(name), name)
    for (const name of ['src', 'test', 'scripts', 'bench', '.ci']) assert.ok(!installed.includes(name), name)
  })

  test('an own TypeScript strategy runs in a backtest', async () => {
    const { stdout } = await mustRun(
      folder,
      'npx',
      'tallow',
      'backtest',
      '-s',
      './waves.ts',
      '--data',
      'BTC_USDT-1h.csv',
      '--json',
    )
    const document = JSON.parse(stdout) as BacktestDocument
    assert.equal(document.schema, 1)
    assert.equal(document.period.candles, ROWS)
    assert.equal(document.manifest.strategies[0]?.name, 'waves')
    assert.ok(document.metrics.trades > 3)
    assert.equal(document.trades.length, document.metrics.trades)
    assert.equal(document.trades[0]?.entryReason, 'own strategy')
  })

  test('its workers start from the built package: threads, processes, and functions of a program', async () => {
    writeFileSync(join(folder, 'workers.mjs'), OWN_WORKERS)
    const { stdout } = await mustRun(folder, process.execPath, 'workers.mjs')
    assert.deepEqual(JSON.parse(stdout), { correlation: -1, sums: [3, 6] })
  })

  test('a strategy of the package runs by its name', async () => {
    const { stdout } = await mustRun(
      folder,
      'npx',
      'tallow',
      'backtest',
      '-s',
      'sma-cross',
      '--data',
      'BTC_USDT-1h.csv',
      '--json',
    )
    assert.ok((JSON.parse(stdout) as BacktestDocument).metrics.trades > 0)
  })

  test('its types check an own strategy, and refuse a misspelled column', async () => {
    const compiler = join(ROOT, 'node_modules/typescript/bin/tsc')
    const compilerOptions = { noEmit: true, strict: true, module: 'nodenext', target: 'es2024', types: [] }
    for (const name of ['waves', 'misspelled'])
      writeFileSync(join(folder, `${name}.json`), JSON.stringify({ compilerOptions, files: [`${name}.ts`] }))
    await mustRun(folder, process.execPath, compiler, '-p', 'waves.json')
    const refused = await run(folder, process.execPath, compiler, '-p', 'misspelled.json')
    assert.notEqual(refused.code, 0)
    assert.match(refused.stdout, /misspelled\.ts\(6,12\): error TS\d+: .*averag/)
  })
})

interface BacktestDocument {
  readonly schema: number
  readonly manifest: { readonly strategies: readonly { readonly name: string }[] }
  readonly period: { readonly candles: number }
  readonly metrics: { readonly trades: number }
  readonly trades: readonly { readonly entryReason: string }[]
}
