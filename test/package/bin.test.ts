import assert from 'node:assert/strict'
import { type ChildProcess, spawn } from 'node:child_process'
import { once } from 'node:events'
import { cpSync, mkdirSync, mkdtempSync, rmSync, symlinkSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { after, before, describe, test } from 'node:test'

const ROOT = join(import.meta.dirname, '../..')

/** A command line that can end in every way there is; it says which signals arrived. */
const STUB_MAIN = `
export async function main(argv) {
  if (argv[0] === 'exit') return Number(argv[1])
  if (argv[0] === 'die') process.kill(process.pid, argv[1])
  if (argv[0] === 'argv') { console.log(JSON.stringify(argv)); return 0 }
  if (argv[0] === 'throw') throw new Error('thrown inside main')
  return new Promise(resolve => {
    const alive = setInterval(() => {}, 1000)
    for (const name of ['SIGINT', 'SIGTERM']) process.on(name, () => setTimeout(() => {
      console.log('closed after ' + name)
      clearInterval(alive)
      resolve(0)
    }, 300))
    console.log('pid ' + process.pid)
  })
}
`

/** Makes the first process believe that it is old; the one it restarts itself with sees the truth. */
const PRETEND_OLD = `
if (!process.env.TALLOW_RESTARTED_WITH_PINNED_NODE || process.env.TALLOW_TEST_STILL_OLD)
  Object.defineProperty(process, 'versions', { value: { ...process.versions, node: '20.20.2' } })
`

interface Ended {
  readonly code: number | null
  readonly signal: NodeJS.Signals | null
  readonly stdout: string
  readonly stderr: string
}

let folder = ''
let bin = ''
const pinned = () => join(folder, 'node_modules/node')

function start(args: readonly string[], old = true, env: Record<string, string> = {}): ChildProcess {
  const preload = old ? ['--import', join(folder, 'pretend-old.mjs')] : []
  return spawn(process.execPath, [...preload, bin, ...args], { env: { ...process.env, ...env } })
}

async function end(child: ChildProcess): Promise<Ended> {
  let stdout = ''
  let stderr = ''
  child.stdout?.on('data', chunk => (stdout += String(chunk)))
  child.stderr?.on('data', chunk => (stderr += String(chunk)))
  const [code, signal] = (await once(child, 'close')) as [number | null, NodeJS.Signals | null]
  return { code, signal, stdout, stderr }
}

function pinNode(version: string): void {
  mkdirSync(join(pinned(), 'bin'), { recursive: true })
  symlinkSync(process.execPath, join(pinned(), 'bin/node'))
  writeFileSync(join(pinned(), 'package.json'), JSON.stringify({ version }))
}

before(() => {
  folder = mkdtempSync(join(tmpdir(), 'tallow-bin-'))
  const home = join(folder, 'node_modules/tallow')
  bin = join(home, 'bin/tallow.js')
  mkdirSync(join(home, 'dist/cli'), { recursive: true })
  writeFileSync(join(home, 'package.json'), '{ "type": "module" }')
  cpSync(join(ROOT, 'bin/tallow.js'), bin)
  writeFileSync(join(home, 'dist/cli/main.js'), STUB_MAIN)
  writeFileSync(join(folder, 'pretend-old.mjs'), PRETEND_OLD)
})
after(() => rmSync(folder, { recursive: true, force: true }))

test('arguments and the exit code pass through', async () => {
  const shown = await end(start(['argv', '--json', 'a b', ''], false))
  assert.deepEqual(JSON.parse(shown.stdout), ['argv', '--json', 'a b', ''])
  assert.equal((await end(start(['exit', '2'], false))).code, 2)
})

test('an error that escapes the command line ends with 1', async () => {
  const ended = await end(start(['throw'], false))
  assert.equal(ended.code, 1)
  assert.match(ended.stderr, /thrown inside main/)
})

describe('on a Node that is too old', { concurrency: false }, () => {
  test('one line says what to do, and the exit code is 2', async () => {
    const ended = await end(start(['exit', '0']))
    assert.equal(ended.code, 2)
    assert.equal(ended.stdout, '')
    assert.match(ended.stderr, /^tallow: needs Node\.js 22\.18 or newer, this is 20\.20\.2; install .+\n$/)
  })

  test('a pinned Node that is too old itself is not used', async () => {
    pinNode('18.20.0')
    assert.equal((await end(start(['exit', '0']))).code, 2)
    rmSync(pinned(), { recursive: true })
  })

  describe('with a pinned Node beside the package', { concurrency: false }, () => {
    before(() => pinNode(process.versions.node))
    after(() => rmSync(pinned(), { recursive: true, force: true }))

    test('arguments and the exit code pass through', async () => {
      const shown = await end(start(['argv', '--json', 'a b', '']))
      assert.deepEqual(JSON.parse(shown.stdout), ['argv', '--json', 'a b', ''])
      assert.equal((await end(start(['exit', '7']))).code, 7)
    })

    test('death by a signal passes through', async () => {
      assert.equal((await end(start(['die', 'SIGKILL']))).signal, 'SIGKILL')
    })

    test('it is tried once: a pinned Node that lies about its version does not restart for ever', async () => {
      const ended = await end(start(['exit', '0'], true, { TALLOW_TEST_STILL_OLD: '1' }))
      assert.equal(ended.code, 2)
    })

    for (const signal of ['SIGINT', 'SIGTERM'] as const) {
      test(`${signal} is handed on, and the outer process waits until the inner one has closed with 0`, async () => {
        const child = start(['serve'])
        const ended = end(child)
        const [first] = (await once(child.stdout ?? child, 'data')) as [Buffer]
        assert.notEqual(String(first).trim(), `pid ${String(child.pid)}`)
        child.kill(signal)
        const { code, stdout } = await ended
        assert.equal(code, 0)
        assert.match(stdout, new RegExp(`closed after ${signal}\n$`))
      })
    }
  })
})

test('sources are run when nothing was built, and neither being there is said', async () => {
  const home = join(folder, 'checkout')
  mkdirSync(join(home, 'bin'), { recursive: true })
  mkdirSync(join(home, 'src/cli'), { recursive: true })
  writeFileSync(join(home, 'package.json'), '{ "type": "module" }')
  const checkoutBin = join(home, 'bin/tallow.js')
  cpSync(join(ROOT, 'bin/tallow.js'), checkoutBin)
  writeFileSync(
    join(home, 'src/cli/main.ts'),
    'export const main = async (argv: string[]): Promise<number> => argv.length',
  )
  assert.equal((await end(spawn(process.execPath, [checkoutBin, 'a', 'b', 'c']))).code, 3)
  rmSync(join(home, 'src'), { recursive: true })
  const ended = await end(spawn(process.execPath, [checkoutBin]))
  assert.equal(ended.code, 1)
  assert.match(ended.stderr, /npm run build/)
})
