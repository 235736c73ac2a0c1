import assert from 'node:assert/strict'
import { writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { test } from 'node:test'
import fc from 'fast-check'
import { stringify } from 'yaml'
import { readConfig } from '../../src/cli/config/load-config.ts'
import { keysOf } from '../../src/cli/config/schema-walk.ts'
import { configSchema } from '../../src/cli/config/schema.ts'
import { TallowError } from '../../src/domain/errors.ts'
import { emptyFolder, quietIo } from './run-cli.ts'

const RUNS = 400

/** Every key that there is, and some that are none: values of any kind land at keys that mean something. */
function allKeys(schema: Parameters<typeof keysOf>[0]): string[] {
  return Object.entries(keysOf(schema) ?? {}).flatMap(([key, child]) => [key, ...allKeys(child)])
}

const KEYS = [
  ...new Set([...allKeys(configSchema), '__proto__', 'constructor', 'prototype', 'toString', 'bott', '0', '']),
]

const scalar = fc.oneof(
  fc.constantFrom(
    null,
    true,
    false,
    0,
    -1,
    1,
    600,
    1e300,
    'all',
    '1h',
    'BTC/USDT',
    'http://a:1',
    '2024-01-01',
    'rsi-macd',
  ),
  fc.integer(),
  fc.double({ noNaN: true }),
  fc.string({ maxLength: 8 }),
)
const key = fc.oneof(
  { arbitrary: fc.constantFrom(...KEYS), weight: 9 },
  { arbitrary: fc.string({ maxLength: 6 }), weight: 1 },
)
const { node: tree } = fc.letrec(tie => ({
  node: fc.oneof({ maxDepth: 4 }, scalar, fc.array(tie('node'), { maxLength: 3 }), tie('map')),
  map: fc
    .array(fc.tuple(key, tie('node')), { maxLength: 5 })
    // Defined, not assigned: assigning `__proto__` would set the prototype of this very object.
    .map(entries => Object.fromEntries(entries)),
}))
/** Sections under their right names, so that most cases get past the top level. */
const document = fc.oneof(
  tree,
  fc.dictionary(fc.constantFrom(...Object.keys(keysOf(configSchema) ?? {})), tree, { maxKeys: 4 }),
)

test('any config is accepted, or refused with a place, a reason and a remedy; the prototype chain stays as it is', context => {
  const folder = emptyFolder(context)
  const before = Object.getOwnPropertyNames(Object.prototype).join()
  let accepted = 0
  fc.assert(
    fc.property(document, values => {
      writeFileSync(join(folder, 'tallow.yaml'), stringify(values))
      const { loaded, faults } = readConfig(quietIo(folder), {})
      assert.equal(Object.getOwnPropertyNames(Object.prototype).join(), before)
      if (loaded !== undefined) {
        accepted++
        assert.equal(Object.getPrototypeOf(loaded.config), Object.prototype)
        assert.equal(loaded.config.data_dir.startsWith('/'), true)
        return
      }
      assert.ok(faults.length > 0)
      for (const { message, where, hint } of faults) {
        assert.ok(message.length > 0 && (hint?.length ?? 0) > 0, message)
        assert.match(where ?? '', /^tallow\.yaml:\d+:\d+$/, message)
      }
    }),
    { numRuns: RUNS },
  )
  assert.ok(accepted > 0, 'some are accepted')
})

test('any text as a config file is accepted or refused, never a crash', context => {
  const folder = emptyFolder(context)
  const yamlish = fc.array(
    fc.constantFrom(...'abc:-[]{}&*!|>\'"%@`#,?\n\t 0~\\', 'bot: ', '<<: ', '&a ', '*a', '!!set '),
    { maxLength: 40 },
  )
  fc.assert(
    fc.property(
      fc.oneof(
        fc.string({ maxLength: 60 }),
        yamlish.map(parts => parts.join('')),
      ),
      text => {
        writeFileSync(join(folder, 'tallow.yaml'), text)
        try {
          readConfig(quietIo(folder), {})
        } catch (error) {
          assert.ok(error instanceof TallowError && error.kind === 'bad-input', String(error))
        }
      },
    ),
    { numRuns: RUNS },
  )
})

test('any environment is accepted, or refused by the name of the variable without its value', context => {
  const folder = emptyFolder(context)
  const part = fc.oneof(fc.constantFrom(...KEYS), fc.string({ maxLength: 5 })).map(text => text.toUpperCase())
  const name = fc.array(part, { minLength: 1, maxLength: 4 }).map(parts => `TALLOW__${parts.join('__')}`)
  const value = fc.oneof(fc.constant('s3cr3t-value'), scalar.map(String))
  fc.assert(
    fc.property(fc.array(fc.tuple(name, value), { maxLength: 3 }), entries => {
      const env = Object.fromEntries(entries)
      const { loaded, faults } = readConfig(quietIo(folder, { env }), {})
      if (loaded !== undefined) return
      for (const { where, hint } of faults) {
        assert.match(where ?? '', /^environment/)
        assert.ok((hint?.length ?? 0) > 0)
      }
    }),
    { numRuns: RUNS },
  )
  assert.equal(({} as Record<string, unknown>).x, undefined)
})
