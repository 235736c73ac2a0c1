import assert from 'node:assert/strict'
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { dirname, join } from 'node:path'
import { describe, test } from 'node:test'

import { barrels, cycles, forbiddenImports, forbiddenPackages, sizes } from './checks.ts'
import { readSources, type SourceFile } from './source-files.ts'

const LINES_WORTH_A_LOOK = 300
const SRC = join(import.meta.dirname, '../../src')

describe('the sources', () => {
  const files = readSources(SRC)

  test('every room imports only what its row of the table allows, type imports included', () => {
    assert.ok(files.length > 0)
    assert.deepEqual(forbiddenImports(files), [])
  })

  test('the rooms that decide reach no package and no Node module', () => {
    assert.deepEqual(forbiddenPackages(files), [])
  })

  test('no two files import each other, by any detour', () => {
    assert.deepEqual(cycles(files), [])
  })

  test('every relative import leads to a file', () => {
    assert.deepEqual(
      files.flatMap(({ path, unresolved }) => unresolved.map(name => `${path}: ${name}`)),
      [],
    )
  })

  test('there are no barrels', () => {
    assert.deepEqual(barrels(files), [])
  })

  test('sizes are seen', t => {
    const ofFiles = sizes(files.map(({ path, lines }) => ({ name: path, lines })))
    const ofFunctions = sizes(
      files.flatMap(({ path, functions }) =>
        functions.map(({ name, lines }) => ({ name: `${name} in ${path}`, lines })),
      ),
    )
    t.diagnostic(
      `${files.length} files: median ${ofFiles.median} lines, largest ${ofFiles.largest} (${ofFiles.largestName})`,
    )
    t.diagnostic(
      `functions: median ${ofFunctions.median} lines, largest ${ofFunctions.largest} (${ofFunctions.largestName})`,
    )
    const long = files.filter(({ lines }) => lines > LINES_WORTH_A_LOOK)
    if (long.length > 0) t.diagnostic(`above ${LINES_WORTH_A_LOOK} lines: ${long.map(({ path }) => path).join(', ')}`)
  })
})

describe('the checker', () => {
  test('sees a forbidden import in every form it can take', t => {
    const files = plant(t, {
      'ledger/rows.ts': 'export type Row = string\nexport const row = 1',
      'domain/a.ts': "import { row } from '../ledger/rows.ts'\nexport const a = row",
      'domain/b.ts': "import type { Row } from '../ledger/rows.ts'\nexport type B = Row",
      'domain/c.ts': "export type C = import('../ledger/rows.ts').Row",
      'domain/d.ts': "export const d = () => import('../ledger/rows.ts')",
      'domain/e.ts': "export { row } from '../ledger/rows.ts'",
      'domain/f.ts': "import '../ledger/rows.ts'",
      'domain/g.ts': "export const g = new URL('../ledger/rows.ts', import.meta.url)",
    })
    assert.deepEqual(
      forbiddenImports(files),
      [...'abcdefg'].map(name => `domain/${name}.ts imports ledger/rows.ts: domain/ may not import ledger/`),
    )
    assert.deepEqual(barrels(files), ['domain/e.ts'])
  })

  test('knows that of some rooms only a part may be imported', t => {
    const files = plant(t, {
      'exchange/candle-source.ts': 'export type CandleSource = string',
      'exchange/ccxt/client.ts': 'export const client = 1',
      'market/store/candle-store.ts': 'export const store = 1',
      'market/feed.ts': 'export const feed = 1',
      'broker/paper.ts':
        "import type { CandleSource } from '../exchange/candle-source.ts'\nimport { client } from '../exchange/ccxt/client.ts'\nexport const paper: CandleSource = String(client)",
      'backtest/run.ts':
        "import { store } from '../market/store/candle-store.ts'\nimport { feed } from '../market/feed.ts'\nexport const run = store + feed",
      'index.ts': "export { run } from './backtest/run.ts'",
      'cli/main.ts': "import { run } from '../index.ts'\nexport const main = run",
      'runtime/bot.ts': "import { run } from '../index.ts'\nexport const bot = run",
    })
    assert.deepEqual(forbiddenImports(files), [
      'backtest/run.ts imports market/feed.ts: of market/ only the candle store',
      'broker/paper.ts imports exchange/ccxt/client.ts: of exchange/ only its ports',
      'runtime/bot.ts imports index.ts: the public entry is for users; import the file that has it',
    ])
  })

  test('sees a cycle over three files and over types alone, and nothing where there is none', t => {
    const round = plant(t, {
      'domain/a.ts': "import type { B } from './b.ts'\nexport type A = B",
      'domain/b.ts': "import type { C } from './c.ts'\nexport type B = C",
      'domain/c.ts': "import type { A } from './a.ts'\nexport type C = A",
      'domain/d.ts': "import type { A } from './a.ts'\nexport type D = A",
    })
    assert.deepEqual(cycles(round), [['domain/a.ts', 'domain/b.ts', 'domain/c.ts']])
    const diamond = plant(t, {
      'domain/a.ts': "import './b.ts'\nimport './c.ts'",
      'domain/b.ts': "import './d.ts'",
      'domain/c.ts': "import './d.ts'",
      'domain/d.ts': 'export {}',
    })
    assert.deepEqual(cycles(diamond), [])
  })

  test('sees a room that is in no table, a package in a room without, and an import of nothing', t => {
    const files = plant(t, {
      'utils/x.ts': "import { y } from '../domain/y.ts'\nexport const x = y",
      'domain/y.ts': "import { readFileSync } from 'node:fs'\nexport const y = readFileSync",
      'domain/z.ts': "import { gone } from './gone.ts'\nexport const z = gone",
    })
    assert.deepEqual(forbiddenImports(files), ['utils/x.ts imports domain/y.ts: utils/ is not a room'])
    assert.deepEqual(forbiddenPackages(files), ['domain/y.ts imports node:fs'])
    assert.deepEqual(files.find(({ path }) => path === 'domain/z.ts')?.unresolved, ['./gone.ts'])
  })
})

function plant(t: { after(done: () => void): void }, sources: Readonly<Record<string, string>>): readonly SourceFile[] {
  const folder = mkdtempSync(join(tmpdir(), 'tallow-rooms-'))
  t.after(() => rmSync(folder, { recursive: true, force: true }))
  for (const [path, text] of Object.entries(sources)) {
    mkdirSync(dirname(join(folder, path)), { recursive: true })
    writeFileSync(join(folder, path), `${text}\n`)
  }
  return readSources(folder)
}
