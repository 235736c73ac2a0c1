import assert from 'node:assert/strict'
import { writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { test } from 'node:test'
import fc from 'fast-check'
import { stringify } from 'yaml'
import { z } from 'zod'
import { readConfig } from '../../src/cli/config/load-config.ts'
import { bareSchema, keysOf } from '../../src/cli/config/schema-walk.ts'
import { configSchema } from '../../src/cli/config/schema.ts'
import { TallowError } from '../../src/domain/errors.ts'
import { emptyFolder, quietIo, runCli } from './run-cli.ts'

/** In all: 10,000. */
const SCALE = process.env.TALLOW_TEST_LONG === '1' ? 20 : 1
const RUNS = { trees: 2_000 * SCALE, texts: 2_000 * SCALE, environments: 1_000 * SCALE, faults: 5_000 * SCALE }

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
    { numRuns: RUNS.trees },
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
    { numRuns: RUNS.texts },
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
    { numRuns: RUNS.environments },
  )
  assert.equal(({} as Record<string, unknown>).x, undefined)
})

interface Place {
  readonly schema: z.ZodType
  readonly path: readonly string[]
}

/** Every key of the config outside lists. */
function placesIn(schema: z.ZodType, path: readonly string[]): readonly Place[] {
  return Object.entries(keysOf(schema) ?? {}).flatMap(([name, child]) => {
    const at = [...path, name]
    return [{ schema: child, path: at }, ...placesIn(child, at)]
  })
}

const PLACES = placesIn(configSchema, [])
const SECTIONS = [{ schema: configSchema, path: [] }, ...PLACES.filter(({ schema }) => keysOf(schema) !== undefined)]

/** Values that a schema cannot have, by what it is beneath its defaults. */
function wrongFor(schema: z.ZodType): fc.Arbitrary<unknown> {
  const bare = bareSchema(schema)
  const list = fc.array(fc.integer(), { minLength: 1, maxLength: 2 })
  const map = fc.constant({ nothing: 1 })
  const word = fc.constantFrom('', 'lots', '-', 'nul', '1 2', 'ΩΩ', ' ')
  if (bare instanceof z.ZodNumber) {
    const { minValue, maxValue } = bare
    const below = fc.double({ min: 1e-6, max: 1e15 }).map(by => (minValue ?? 0) - by)
    const above = fc.double({ min: 1e-6, max: 1e15 }).map(by => (maxValue ?? 0) * (1 + by) + by)
    return fc.oneof(below, above, word, fc.boolean(), list, map, fc.constantFrom(NaN, Infinity, -Infinity))
  }
  if (bare instanceof z.ZodArray) return fc.oneof(word, fc.integer(), fc.boolean(), map)
  if (bare instanceof z.ZodBoolean) return fc.oneof(word, fc.integer(), list, map)
  if (keysOf(bare)) return fc.oneof(word, fc.integer(), fc.boolean(), list)
  if (bare instanceof z.ZodEnum) return fc.oneof(word, fc.integer(), list, map)
  // Texts, and what is read from them.
  return fc.oneof(fc.boolean(), list, map)
}

function nested(path: readonly string[], value: unknown): unknown {
  return path.reduceRight<unknown>((inner, name) => Object.fromEntries([[name, inner]]), value)
}

type Fault = readonly [values: unknown, path: readonly string[]]

const wrongValue: fc.Arbitrary<Fault> = fc
  .constantFrom(...PLACES)
  .chain(({ schema, path }) => wrongFor(schema).map(value => [nested(path, value), path] as const))

const wrongKey: fc.Arbitrary<Fault> = fc
  .tuple(fc.constantFrom(...SECTIONS), fc.string({ unit: 'grapheme-ascii', minLength: 1, maxLength: 12 }), tree)
  .filter(([{ schema }, name]) => !Object.hasOwn(keysOf(schema) ?? {}, name))
  .map(([{ path }, name, value]) => [nested([...path, name], value), [...path, name]])

const poison: fc.Arbitrary<Fault> = fc
  .tuple(fc.constantFrom(...SECTIONS), fc.constantFrom('__proto__', 'constructor', 'prototype'), tree)
  .map(([{ path }, name, value]) => [nested([...path, name], value), [...path, name]])

test('a fault anywhere in a right config is refused by its path, with exit 2', async context => {
  const folder = emptyFolder(context)
  const before = Object.getOwnPropertyNames(Object.prototype).join()
  await fc.assert(
    fc.asyncProperty(fc.oneof(wrongValue, wrongKey, poison), async ([values, path]) => {
      writeFileSync(join(folder, 'tallow.yaml'), stringify(values))
      const { code, stdout } = await runCli(folder, ['config', 'check', '--json'])
      assert.equal(code, 2)
      const { faults } = JSON.parse(stdout) as { readonly faults: readonly { readonly message: string }[] }
      const named = path.join('.')
      assert.ok(
        faults.some(({ message }) => message.includes(named)),
        `${named}: ${JSON.stringify(faults)}`,
      )
      assert.equal(Object.getOwnPropertyNames(Object.prototype).join(), before)
      assert.equal(Object.getPrototypeOf({}), Object.prototype)
    }),
    { numRuns: RUNS.faults },
  )
})
