import assert from 'node:assert/strict'
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { dirname, join } from 'node:path'
import { after, test } from 'node:test'
import { runBacktest } from '../../src/backtest/run-backtest.ts'
import { parseDecimal } from '../../src/domain/money.ts'
import { CandleFrame } from '../../src/frame/candle-frame.ts'
import * as tallow from '../../src/index.ts'
import { instantiate, type LoadedStrategy } from '../../src/strategy/instance.ts'
import { loadStrategy } from '../../src/strategy/load.ts'
import { accountOf, marketOf, plainColumns } from '../support/backtests.ts'

// As `tallow` runs: must not change what is told.
process.setSourceMapsEnabled(true)

const folders: string[] = []
after(() => {
  for (const folder of folders) rmSync(folder, { recursive: true, force: true })
})

/** A bare folder outside of the project with these files; the path of the first. */
function files(contents: Readonly<Record<string, string>>): string {
  const folder = mkdtempSync(join(tmpdir(), 'tallow-strategy-'))
  folders.push(folder)
  for (const [name, text] of Object.entries(contents)) {
    mkdirSync(dirname(join(folder, name)), { recursive: true })
    writeFileSync(join(folder, name), text)
  }
  return join(folder, Object.keys(contents)[0]!)
}

const load = (file: string, searched: readonly string[] = []) => loadStrategy(file, { tallow, folders: searched })

function decideOnce(loaded: LoadedStrategy) {
  const frame = new CandleFrame()
  for (let row = 0; row < 3; row++) frame.append(row * 60_000, 10, 10, 10, 10, 1)
  return runBacktest({
    strategies: [instantiate(loaded, {}, '1m')],
    markets: [marketOf('A/USDT', '1m', frame)],
    account: accountOf(1, parseDecimal('100'), 'all', '0'),
    provider: plainColumns,
  })
}

const HELPER = `
interface Sizes { readonly small: number }
export const sizes: Sizes = { small: 2 }
export function size(close: number): number {
  if (close > 1e6) return 1
  return Math.min(sizes.small, close)
}
`

test('a TypeScript file in a bare folder runs, with its own imports and the running tallow', async () => {
  const file = files({
    'My_First-1.ts': `
      import { defineStrategy, enterLong, int, sma, Series, type StrategyView } from 'tallow'
      import * as all from 'tallow'
      import { size } from './lib/size'
      import settings from './settings.json'
      import plain from 'plain-cjs'
      import { twice } from 'modern-esm'
      const params = { period: int(1) } satisfies object
      type View = StrategyView<typeof params, {}>
      export default defineStrategy({
        params,
        columns: ({ params }) => ({ mean: sma({ period: params.period }) }),
        decide(view) {
          const { mean, position } = view
          if (!(mean instanceof Series) || all.Series !== Series) throw new Error('a second tallow')
          if (!position) return enterLong({ amount: twice(size(mean.now)) + plain.one + settings.two })
        },
      })`,
    'lib/size.ts': HELPER,
    'settings.json': '{ "two": 2 }',
    'node_modules/plain-cjs/index.js': 'module.exports = { one: 1 }',
    'node_modules/modern-esm/package.json': '{ "name": "modern-esm", "type": "module", "exports": "./main.js" }',
    'node_modules/modern-esm/main.js': 'export const twice = value => value * 2',
  })
  const loaded = await load(file)
  assert.equal(loaded.name, 'my_first-1')
  assert.equal(loaded.file, file)
  assert.equal(decideOnce(loaded).fills[0]?.amount, parseDecimal('7'))
})

test('the hash is of what runs: not of the folder, not of comments, not of what tallow can do beside', async () => {
  const source = (period: number, comment = '') =>
    `${comment}import { defineStrategy, sma } from 'tallow'\nexport default defineStrategy({ columns: () => ({ a: sma({ period: ${period} }) }), decide() {} })`
  const hashOf = async (text: string, more: object = {}) =>
    (await loadStrategy(files({ 'a.ts': text }), { tallow: { ...tallow, ...more }, folders: [] })).hash
  const hash = await hashOf(source(3))
  assert.match(hash, /^[0-9a-f]{16}$/)
  assert.equal(await hashOf(source(3, '// moved\n\n')), hash)
  assert.equal(await hashOf(source(3), { later: () => 1 }), hash)
  assert.notEqual(await hashOf(source(4)), hash)
})

/** Line and column, from 1, of the first character of a marked text. */
function placeOf(file: string, text: string, mark: string): string {
  const before = text.slice(0, text.indexOf(mark)).split('\n')
  return `${file}:${before.length}:${before.at(-1)!.length + 1}`
}

test('what is wrong with a file is told with file, line, column and what to do', async () => {
  const cases: readonly { text: string; mark: string; message: RegExp; hint: RegExp }[] = [
    {
      text: `import { defineStrategy } from 'tallow'\nexport default defineStrategy({\n  decide() { return 1 +* 2 },\n})`,
      mark: '* 2',
      message: /does not compile: Unexpected "\*"/,
      hint: /the line reads: decide\(\) \{ return 1/,
    },
    {
      text: `import {\n  defineStrategy,\n  crossedAbov,\n} from 'tallow'\nexport default defineStrategy({ decide: () => crossedAbov() })`,
      mark: 'crossedAbov,',
      message: /^tallow exports no "crossedAbov"$/,
      hint: /^did you mean "crossedAbove"\?$/,
    },
    {
      text: `import * as t from 'tallow'\nexport default t.defineStrategy({\n  decide: () => t.enterlong(),\n})`,
      mark: 'enterlong',
      message: /^tallow exports no "enterlong"$/,
      hint: /^did you mean "enterLong"\?$/,
    },
    {
      text: `import { superDuper } from 'tallow'\nexport default superDuper`,
      mark: 'superDuper',
      message: /no "superDuper"/,
      hint: /^it exports: .*defineStrategy, /,
    },
    {
      text: `import tallow from 'tallow'\nexport default tallow.defineStrategy({ decide() {} })`,
      mark: 'tallow from',
      message: /no default export/,
      hint: /import \{ … \} from 'tallow'/,
    },
    {
      text: `import { sma } from 'tallow/indicators'\nexport default sma`,
      mark: `'tallow/`,
      message: /everything is imported from "tallow"/,
      hint: /the line reads/,
    },
    {
      text: `import { x } from './nowhere'\nexport default x`,
      mark: `'./nowhere'`,
      message: /Could not resolve "\.\/nowhere"/,
      hint: /the line reads/,
    },
  ]
  for (const { text, mark, message, hint } of cases) {
    const file = files({ 'a.ts': text })
    await assert.rejects(load(file), { kind: 'bad-input', message, hint, where: placeOf(file, text, mark) })
  }
})

test('a fault in an imported file is told with that file', async () => {
  const entry = `import { f } from './lib/helper.ts'\nexport default f()`
  const text = `import { rsii } from 'tallow'\nexport const f = () => rsii()`
  const file = files({ 'a.ts': entry, 'lib/helper.ts': text })
  const where = placeOf(join(dirname(file), 'lib/helper.ts'), text, 'rsii')
  await assert.rejects(load(file), { where, hint: 'did you mean "rsi"?' })
})

test('a throw at load names the line that threw, in whatever file it stands', async () => {
  const helper = `// a comment\ninterface Gone { a: 1 }\nexport function pick(): never {\n  throw new RangeError('no pick')\n}`
  const file = files({ 'a.ts': `import { pick } from './pick'\nexport default pick()`, 'pick.ts': helper })
  await assert.rejects(load(file), {
    kind: 'bad-input',
    message: 'strategy a.ts failed as it was loaded: no pick',
    where: placeOf(join(dirname(file), 'pick.ts'), helper, 'new RangeError'),
  })

  // Thrown by tallow: the place is the call in the user's file, and the hint is kept.
  const text = `import { defineStrategy } from 'tallow'\ntype A = 1\nexport default defineStrategy({ parms: {}, decide() {} } as never)`
  const misspelled = files({ 'a.ts': text })
  await assert.rejects(load(misspelled), {
    message: /has no option "parms"/,
    where: placeOf(misspelled, text, 'defineStrategy({'),
    hint: 'did you mean "params"?',
  })
})

test('a throw in decide and in columns names the line of the user', async () => {
  const text = `// comment\ninterface A { a: 1 }\nimport { defineStrategy, enterLong } from 'tallow'
import { deep } from 'dep'
export default defineStrategy({
  decide({ time, close }) {
    if (time === 0) return undefined
    const later: number = close.ago(-1)
    return deep(later)
  },
})`
  const dep = { 'node_modules/dep/index.js': 'exports.deep = () => { null.x }' }
  const file = files({ 'a.ts': text, ...dep })
  const first = await load(file)
  assert.throws(() => decideOnce(first), {
    kind: 'bad-input',
    message: /^strategy a failed on A\/USDT at 1970-01-01T00:01:00.000Z: ago\(-1\)/,
    where: placeOf(file, text, 'ago(-1)'),
    hint: /nothing later can be read/,
  })

  const inPackage = text.replace('close.ago(-1)', 'close.ago(1)')
  const second = files({ 'a.ts': inPackage, ...dep })
  const loaded = await load(second)
  assert.throws(() => decideOnce(loaded), { where: placeOf(second, inPackage, 'deep(later)'), message: /null/ })

  const columns = `import { defineStrategy, sma } from 'tallow'\ntype A = 1\nexport default defineStrategy({\n  columns: () => ({ a: sma({ period: 0 }) }),\n  decide() {},\n})`
  const third = files({ 'a.ts': columns })
  const wrong = await load(third)
  assert.throws(() => instantiate(wrong, {}, '1m'), {
    message: /^strategy a: its columns: indicator sma: parameter "period" is 0/,
    where: placeOf(third, columns, 'sma({'),
    hint: 'it must be at least 1',
  })
})

test('a file without a strategy says how to export one', async () => {
  for (const text of [
    '',
    'export const strategy = 1',
    'export default { decide() {} }',
    `import { defineStrategy } from 'tallow'\nexport const s = defineStrategy({ decide() {} })`,
  ]) {
    const file = files({ 'a.ts': text })
    await assert.rejects(load(file), { message: 'the file exports no strategy', where: file, hint: /export default/ })
  }
})

test('names are looked up in the folders in order; what is not there is told with the nearest', async () => {
  const text = `import { defineStrategy } from 'tallow'\nexport default defineStrategy({ decide() {} })`
  const one = files({ 'my-cross.ts': text, 'types.d.ts': '' })
  const two = files({ 'my-cross.js': text, 'other.mjs': text })
  const searched = [join(tmpdir(), 'tallow-nowhere'), dirname(one), dirname(two)]
  assert.equal((await load('my-cross', searched)).file, one)
  assert.equal((await load('other', searched)).name, 'other')
  await assert.rejects(load('my-cros', searched), {
    kind: 'bad-input',
    message: 'there is no strategy "my-cros"',
    hint: /^did you mean "my-cross"\? Known here: my-cross, other \(looked in /,
  })
  await assert.rejects(load('./nowhere.ts'), { message: /there is no strategy file \/.*nowhere\.ts/ })
  await assert.rejects(load(dirname(one)), { message: /there is no strategy file/ })
  await assert.rejects(load(files({ 'naïve one.ts': text })), { message: /cannot be a strategy's name/ })
})
