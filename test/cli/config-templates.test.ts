import assert from 'node:assert/strict'
import { readdirSync, readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { describe, test } from 'node:test'
import { defaultYaml } from '../../src/cli/config/default-yaml.ts'
import { KEY_DOCS } from '../../src/cli/config/docs/key-docs.ts'
import { jsonSchema } from '../../src/cli/config/json-schema.ts'
import { loadConfig } from '../../src/cli/config/load-config.ts'
import { bareSchema, childSchema, keysOf } from '../../src/cli/config/schema-walk.ts'
import { configSchema } from '../../src/cli/config/schema.ts'
import { startTallow, folderWith } from '../e2e/support/tallow.ts'
import { emptyFolder, filesIn, quietIo, runCli } from './run-cli.ts'

const FOLDER = join(import.meta.dirname, '../../config')
const TEMPLATES = readdirSync(FOLDER).filter(name => name.endsWith('.yaml'))
const REFRESH = 'write them anew: npm run config'

/** Every key of the schema, sections and entries of lists included. */
function keyPaths(schema: Parameters<typeof keysOf>[0], path = ''): readonly string[] {
  const entry = childSchema(bareSchema(schema), 0)
  if (entry !== undefined) return keyPaths(entry, `${path}[]`)
  return Object.entries(keysOf(schema) ?? {}).flatMap(([key, child]) => {
    const at = path === '' ? key : `${path}.${key}`
    return [at, ...keyPaths(child, at)]
  })
}

test('each key of the schema is described, and no other', () => {
  const hint = 'describe it in src/cli/config/docs/, then npm run config'
  assert.deepEqual(Object.keys(KEY_DOCS).sort(), [...keyPaths(configSchema)].sort(), hint)
  for (const [path, { text }] of Object.entries(KEY_DOCS))
    assert.match(text, /\w.*[.…]$/, `${path} ends with a full stop`)
})

test('the files that follow from the schema are fresh', () => {
  assert.equal(readFileSync(join(FOLDER, 'default.yaml'), 'utf8'), defaultYaml(), REFRESH)
  const schema: unknown = JSON.parse(readFileSync(join(FOLDER, 'tallow.schema.json'), 'utf8'))
  assert.deepEqual(schema, jsonSchema(), REFRESH)
})

test('config schema prints the schema, with what each key is for', async context => {
  const { code, stdout } = await runCli(emptyFolder(context), ['config', 'schema'])
  assert.equal(code, 0)
  const schema = JSON.parse(stdout) as PrintedSchema
  assert.deepEqual(schema, jsonSchema())
  assert.match(schema.properties.trading.properties.cash.description, /Paper money/)
  assert.equal(schema.properties.trading.properties.cash.default, 10_000)
  assert.equal(schema.properties.trading.additionalProperties, false)
})

interface PrintedSchema {
  readonly properties: {
    readonly trading: {
      readonly properties: { readonly cash: { readonly description: string; readonly default: number } }
      readonly additionalProperties: boolean
    }
  }
}

test('default.yaml says every key, and says the defaults', context => {
  const text = readFileSync(join(FOLDER, 'default.yaml'), 'utf8')
  const folder = emptyFolder(context)
  const plain = loadConfig(quietIo(folder)).config
  assert.deepEqual(loadConfig(quietIo(folder), { files: [join(FOLDER, 'default.yaml')] }).config, plain)
  for (const path of keyPaths(configSchema)) {
    const key = path.split('.').at(-1)?.replace('[]', '') ?? ''
    assert.match(text, new RegExp(`^[ #]*(- )?${key}:`, 'm'), path)
  }
})

test('the lines of default.yaml that are commented out are right too', context => {
  const text = readFileSync(join(FOLDER, 'default.yaml'), 'utf8')
  const folder = emptyFolder(context)
  // A comment becomes a line of its own where a key and a colon begin it. Twice: a key may stand in a section that is off.
  const on = text.replaceAll(/^( *)# ((?: *# )?[a-z_\d]+:( .*)?)$/gm, '$1$2')
  const all = on.replaceAll(/^( *)# ( *[a-z_\d]+:( \S*| \[.*\])?)$/gm, '$1$2')
  writeFileSync(join(folder, 'tallow.yaml'), all.replaceAll(/^ {2}(token|org|bucket): .*$/gm, ''))
  const { config, origin } = loadConfig(quietIo(folder))
  const leaves = keyPaths(configSchema).filter(
    path => !keyPaths(configSchema).some(other => other.startsWith(`${path}.`) || other.startsWith(`${path}[`)),
  )
  for (const path of leaves.filter(each => !/influx\.(token|org|bucket)|\[\]/.test(each)))
    assert.notEqual(origin(path.split('.')), 'default', path)
  writeFileSync(
    join(folder, 'empty.yaml'),
    'exchange: { simulator: {} }\nrisk: { stop_loss_guard: {}, max_drawdown: {} }\n',
  )
  const empty = loadConfig(quietIo(folder), { files: ['empty.yaml'] }).config
  assert.deepEqual(config.exchange.simulator, empty.exchange.simulator)
  assert.deepEqual(config.risk.stop_loss_guard, empty.risk.stop_loss_guard)
  assert.deepEqual(config.risk.max_drawdown, empty.risk.max_drawdown)
})

test('there are templates', () => {
  assert.deepEqual(TEMPLATES.sort(), [
    'binance-paper.yaml',
    'default.yaml',
    'demo.yaml',
    'high-performance.yaml',
    'memory-optimized.yaml',
  ])
})

for (const name of TEMPLATES) {
  const path = join(FOLDER, name)
  const text = readFileSync(path, 'utf8')

  test(`${name} passes config check, and no key is misspelled`, async context => {
    const folder = emptyFolder(context)
    const { code, stdout, stderr } = await runCli(folder, ['config', 'check', '-c', path])
    assert.deepEqual([code, stderr], [0, ''])
    assert.match(stdout, /the config is fine\n$/)
    assert.deepEqual(filesIn(folder), [])
  })

  test(`${name} tells editors its schema, and has a comment over each value`, () => {
    assert.match(text, /^# yaml-language-server: \$schema=\.\/tallow\.schema\.json\n/)
    const lines = text.split('\n')
    const bare = lines.filter(
      (line, index) =>
        /^ *(- )?[a-z_\d]+: \S/.test(line) && !/^ *# /.test(lines[index - 1] ?? '') && !isOfEntry(lines, index),
    )
    assert.deepEqual(bare, [])
  })
}

/** The first key of a list entry stands under the comment of the list, others of it under that of the first. */
function isOfEntry(lines: readonly string[], index: number): boolean {
  return /^ *- /.test(lines[index] ?? '') || /^ *- /.test(lines[index - 1] ?? '')
}

/** Whatever exchange a template names: an embedded one, at a pace at which 5m candles close. */
const OVERLAY = `
data_dir: ./data
exchange:
  simulator: { seed: 3, speed: 3000, symbols: [BTC/USDT, ETH/USDT] }
trading: { timeframe: 1m }
market: { late_after_ms: 300000 }
`

describe('with an embedded exchange laid over it', { concurrency: 2 }, () => {
  for (const name of TEMPLATES)
    test(`${name} starts, and closes slices`, async context => {
      const folder = folderWith(context, { 'overlay.yaml': OVERLAY })
      const run = startTallow(
        context,
        folder,
        ['run', '-c', join(FOLDER, name), '-c', 'overlay.yaml', '--for', '15s'],
        {
          TALLOW__LOG__LEVEL: 'debug',
        },
      )
      const log = (): string =>
        run.stderr + (filesIn(folder).includes('tallow.log') ? readFileSync(join(folder, 'tallow.log'), 'utf8') : '')
      while (!/"msg":"slice /.test(log()) && !run.hasEnded) await new Promise(resolve => setTimeout(resolve, 50))
      assert.match(log(), /deciding from[^]*"msg":"slice /)
      const ended = await run.end('SIGTERM')
      assert.equal(ended.code, 0, ended.stderr)
    })
})
