import assert from 'node:assert/strict'
import { spawnSync } from 'node:child_process'
import { mkdirSync, readdirSync, readFileSync, symlinkSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { describe, test, type TestContext } from 'node:test'
import { folderWith, tallow } from '../e2e/support/tallow.ts'
import { emptyFolder, filesIn, runCli } from './run-cli.ts'

const ROOT = join(import.meta.dirname, '../..')
const FILES = ['.env.example', '.gitignore', 'README.md', 'strategies/my-first.ts', 'tallow.yaml', 'tsconfig.json']

function allFiles(folder: string): readonly string[] {
  return readdirSync(folder, { recursive: true, withFileTypes: true, encoding: 'utf8' })
    .filter(entry => entry.isFile())
    .map(entry => join(entry.parentPath, entry.name).slice(folder.length + 1))
    .sort()
}

async function initiated(context: TestContext, name: string): Promise<string> {
  const parent = emptyFolder(context)
  const { code, stdout, stderr } = await runCli(parent, ['init', name])
  assert.deepEqual([code, stderr], [0, ''])
  assert.match(stdout, new RegExp(`next:\\n {2}cd ${name}\\n`))
  return join(parent, name)
}

describe('a folder that init has made', { concurrency: false }, () => {
  test('has its files, and the bot is named after the folder', async context => {
    const folder = await initiated(context, 'My.First Bot!')
    assert.deepEqual(allFiles(folder), FILES)
    assert.match(readFileSync(join(folder, 'tallow.yaml'), 'utf8'), /^bot: my-first-bot$/m)
    const [schemaLine = ''] = readFileSync(join(folder, 'tallow.yaml'), 'utf8').split('\n')
    const schema = /\$schema=(.*)$/.exec(schemaLine)?.[1] ?? ''
    assert.match(readFileSync(join(folder, schema), 'utf8'), /"title": "Config of Tallow"/)
    assert.match(readFileSync(join(folder, '.gitignore'), 'utf8'), /^\.env$/m)
  })

  test('works: config check, run and backtest', async context => {
    const folder = await initiated(context, 'bot')
    const checked = await tallow(folder, ['config', 'check'])
    assert.equal(checked.code, 0, checked.stderr)
    const ran = await tallow(folder, ['run', '--for', '12s'])
    assert.equal(ran.code, 0, ran.stderr)
    assert.match(ran.stderr, /deciding from[^]*BTC\/USDT[^]*"msg":"stopped"/)
    const tested = await tallow(folder, ['backtest', '--json'])
    assert.equal(tested.code, 0, tested.stderr)
    const { period, manifest } = JSON.parse(tested.stdout) as {
      readonly period: { readonly candles: number; readonly symbols: readonly string[] }
      readonly manifest: { readonly strategies: readonly { readonly name: string }[] }
    }
    assert.ok(period.candles > 500)
    assert.equal(period.symbols.length, 2)
    assert.equal(manifest.strategies[0]?.name, 'my-first')
    const examined = await tallow(folder, ['doctor'])
    assert.equal(examined.code, 0, examined.stdout)
  })

  test('has types: the strategy compiles, and a misspelled column does not', async context => {
    const built = spawnSync(process.execPath, ['scripts/build.js', '--if-stale'], { cwd: ROOT, encoding: 'utf8' })
    assert.equal(built.status, 0, built.stdout)
    const folder = await initiated(context, 'bot')
    const compile = () =>
      spawnSync(process.execPath, [join(ROOT, 'node_modules/typescript/bin/tsc'), '-p', '.'], {
        cwd: folder,
        encoding: 'utf8',
      })
    const right = compile()
    assert.deepEqual([right.status, right.stdout], [0, ''])
    const path = join(folder, 'strategies/my-first.ts')
    writeFileSync(path, readFileSync(path, 'utf8').replace('decide({ fast,', 'decide({ fasst,'))
    const wrong = compile()
    assert.notEqual(wrong.status, 0)
    assert.match(wrong.stdout, /my-first\.ts\(\d+,\d+\): error TS2339: .*fasst/)
  })

  test('says npx only where the package is installed, and then needs no path to its types', async context => {
    const elsewhere = await initiated(context, 'bot')
    assert.doesNotMatch(readFileSync(join(elsewhere, 'README.md'), 'utf8'), /npx/)
    assert.match(readFileSync(join(elsewhere, 'tsconfig.json'), 'utf8'), /"paths"/)
    const project = emptyFolder(context)
    mkdirSync(join(project, 'node_modules'))
    symlinkSync(ROOT, join(project, 'node_modules/tallow'))
    writeFileSync(join(project, 'package.json'), '{}')
    const { code, stdout } = await runCli(project, ['init'])
    assert.equal(code, 0)
    assert.match(stdout, /next:\n {2}npx tallow config check\n/)
    assert.doesNotMatch(readFileSync(join(project, 'tsconfig.json'), 'utf8'), /"paths"/)
    assert.match(readFileSync(join(project, 'tallow.yaml'), 'utf8'), /\$schema=\.\/node_modules\/tallow\/config\//)
  })

  test('is formatted as its files would be', async context => {
    const folder = await initiated(context, 'bot')
    const options = ['--check', '--config', join(ROOT, '.prettierrc.json'), 'README.md', 'tallow.yaml', 'strategies']
    const prettier = join(ROOT, 'node_modules/prettier/bin/prettier.cjs')
    const checked = spawnSync(process.execPath, [prettier, ...options], { cwd: folder, encoding: 'utf8' })
    assert.equal(checked.status, 0, checked.stderr)
  })
})

test('nothing is overwritten: what is there is listed, and nothing is made', async context => {
  const folder = emptyFolder(context)
  mkdirSync(join(folder, 'strategies'))
  writeFileSync(join(folder, 'strategies/my-first.ts'), 'mine')
  symlinkSync('/nowhere', join(folder, '.gitignore'))
  const { code, stdout, stderr } = await runCli(folder, ['init'])
  assert.deepEqual([code, stdout], [2, ''])
  assert.match(stderr, /nothing was made: strategies\/my-first\.ts, \.gitignore are there already\n[^]*next: move them/)
  assert.deepEqual(filesIn(folder), ['.gitignore', 'strategies'])
  assert.equal(readFileSync(join(folder, 'strategies/my-first.ts'), 'utf8'), 'mine')
})

test('there is no --force, and a file is no folder', async context => {
  const folder = folderWith(context, { file: '' })
  const forced = await runCli(folder, ['init', '--force', 'new'])
  assert.equal(forced.code, 2)
  assert.match(forced.stderr, /no flag --force/)
  for (const dir of ['file', 'file/bot', '/proc/tallow']) {
    const refused = await runCli(folder, ['init', dir])
    assert.notEqual(refused.code, 0, dir)
    assert.match(refused.stderr, /\n {2}next: /, dir)
  }
  assert.deepEqual(filesIn(folder), ['file'])
})
