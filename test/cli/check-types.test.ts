import assert from 'node:assert/strict'
import { join } from 'node:path'
import { test } from 'node:test'
import { folderWith } from '../e2e/support/tallow.ts'
import { runCli } from './run-cli.ts'

function strategy(decide: string): string {
  return `
import { defineStrategy, enterLong, rsi } from 'tallow'
import { LIMIT } from './limits.ts'

export default defineStrategy({
  columns: () => ({ rsi: rsi({ period: 14 }) }),
  ${decide}
})
`
}

const CONFIG = 'trading: { strategies: [{ name: typed }] }\n'
const LIMITS = 'export const LIMIT: number = 30\n'
const RIGHT = 'decide({ rsi }) { if (rsi.now < LIMIT) return enterLong() },'
const MISSPELLED = 'decide({ rsy }) { if (rsy.now < LIMIT) return enterLong() },'

test('config check --types finds what the compiler finds, by file, line and column', async t => {
  const folder = folderWith(t, {
    'tallow.yaml': CONFIG,
    'strategies/typed.ts': strategy(MISSPELLED),
    'strategies/limits.ts': "export const LIMIT: number = '30'\n",
  })
  const plain = await runCli(folder, ['config', 'check'])
  assert.equal(plain.code, 0, 'without types it is fine')
  const { code, stdout } = await runCli(folder, ['config', 'check', '--types', '--json'])
  assert.equal(code, 2)
  const { faults } = JSON.parse(stdout) as { readonly faults: readonly { message: string; where: string }[] }
  assert.deepEqual(
    faults.map(({ where }) => where),
    [join(folder, 'strategies/limits.ts:1:14'), join(folder, 'strategies/typed.ts:7:12')],
  )
  assert.match(faults[0]?.message ?? '', /Type 'string' is not assignable to type 'number'/)
  assert.match(faults[1]?.message ?? '', /Property 'rsy' does not exist/)
})

test('a strategy with right types passes, with a tsconfig beside it and without', async t => {
  const files = { 'tallow.yaml': CONFIG, 'strategies/typed.ts': strategy(RIGHT), 'strategies/limits.ts': LIMITS }
  const bare = await runCli(folderWith(t, files), ['config', 'check', '--types'])
  assert.equal(bare.code, 0, bare.stderr)

  const tsconfig = JSON.stringify({
    compilerOptions: {
      module: 'preserve',
      allowImportingTsExtensions: true,
      noUnusedLocals: true,
      noEmit: true,
      paths: { tallow: [join(import.meta.dirname, '../../src/index.ts')] },
    },
  })
  const beside = folderWith(t, {
    ...files,
    'tsconfig.json': tsconfig,
    'strategies/limits.ts': `const unused = 1\n${LIMITS}`,
  })
  const strict = await runCli(beside, ['config', 'check', '--types'])
  assert.match(strict.stderr, /'unused' is declared but its value is never read/, 'the options of the tsconfig count')
  assert.equal(strict.code, 2)
})

test('a tsconfig that cannot be read is named', async t => {
  const folder = folderWith(t, {
    'tallow.yaml': CONFIG,
    'strategies/typed.ts': strategy(RIGHT),
    'strategies/limits.ts': LIMITS,
    'tsconfig.json': '{ "compilerOptions": { ',
  })
  const { code, stderr } = await runCli(folder, ['config', 'check', '--types'])
  assert.equal(code, 2)
  assert.match(stderr, /tsconfig\.json/)
})
