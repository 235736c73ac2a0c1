import assert from 'node:assert/strict'
import { join } from 'node:path'
import { before, test } from 'node:test'

import { ESLint } from 'eslint'
import tseslint from 'typescript-eslint'

let lint: ESLint

// The planted files exist in no TypeScript project, so the rules that need types are off here.
before(() => {
  lint = new ESLint({
    cwd: join(import.meta.dirname, '../..'),
    overrideConfig: [{ files: ['**/*.ts'], ...tseslint.configs.disableTypeChecked }],
  })
})

async function complaints(filePath: string, code: string): Promise<readonly string[]> {
  const [result] = await lint.lintText(`${code}\n`, { filePath })
  assert.ok(result)
  return result.messages.map(({ ruleId, message }) => ruleId ?? message)
}

const AMBIENT: Readonly<Record<string, string>> = {
  'export const t = Date.now()': 'no-restricted-properties',
  'export const t = new Date()': 'no-restricted-syntax',
  'export const t = performance.now()': 'no-restricted-globals',
  'export const r = Math.random()': 'no-restricted-properties',
  'export const h = setTimeout(() => 1, 5)': 'no-restricted-globals',
  'export const h = setInterval(() => 1, 5)': 'no-restricted-globals',
  'export const h = globalThis.setTimeout(() => 1, 5)': 'no-restricted-globals',
  'export const s = AbortSignal.timeout(5)': 'no-restricted-properties',
  'export const e = process.env': 'no-restricted-globals',
  "import { env } from 'node:process'\nexport const e = env": 'no-restricted-imports',
  "import { setTimeout } from 'node:timers/promises'\nexport const s = setTimeout": 'no-restricted-imports',
  "import { randomUUID } from 'node:crypto'\nexport const s = randomUUID": 'no-restricted-imports',
  "export const f = fetch('http://localhost')": 'no-restricted-globals',
  "console.log('x')": 'no-console',
}

const ROOMS = ['domain', 'frame', 'workers', 'exchange', 'market', 'indicators', 'strategy', 'risk', 'broker', 'engine']

for (const room of ROOMS) {
  test(`${room}/ cannot read clock, dice, process or network by itself`, async () => {
    for (const [code, rule] of Object.entries(AMBIENT))
      assert.deepEqual(await complaints(`src/${room}/planted.ts`, code), [rule], code)
  })
}

test('adapters that own sockets have real timers, but no dice', async () => {
  const file = 'src/exchange/ccxt/planted.ts'
  assert.deepEqual(await complaints(file, 'export const h = setTimeout(() => 1, 5)'), [])
  assert.deepEqual(await complaints(file, 'export const r = Math.random()'), ['no-restricted-properties'])
})

test('the command line may read the clock and print; the runtime may not print', async () => {
  const code = 'console.log(Date.now())'
  assert.deepEqual(await complaints('src/cli/planted.ts', code), [])
  assert.deepEqual(await complaints('src/runtime/planted.ts', code), ['no-console'])
})

test('a comment cannot switch a rule off', async () => {
  const code = '// eslint-disable-next-line\nexport const t = Date.now()'
  assert.ok((await complaints('src/engine/planted.ts', code)).includes('no-restricted-properties'))
})

test('default exports and passing on exports are refused in src/, and needed in strategies/', async () => {
  assert.deepEqual(await complaints('src/engine/planted.ts', 'export default 1'), ['no-restricted-syntax'])
  assert.deepEqual(await complaints('src/engine/planted.ts', "export { x } from './x.ts'"), ['no-restricted-syntax'])
  assert.deepEqual(await complaints('src/index.ts', "export { x } from './x.ts'"), [])
  assert.deepEqual(await complaints('strategies/planted.ts', 'export default 1'), [])
})

test('what Node 12 cannot parse is refused in bin/', async () => {
  for (const code of ['a?.b', 'a ?? b', 'await a', "import 'node:fs'"])
    assert.deepEqual(await complaints('bin/planted.js', `${code}`), ['no-restricted-syntax'], code)
})
