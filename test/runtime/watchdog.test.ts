import assert from 'node:assert/strict'
import { execFileSync, spawnSync } from 'node:child_process'
import { existsSync, mkdtempSync, mkdirSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { describe, test, type TestContext } from 'node:test'
import { setTimeout as delay } from 'node:timers/promises'
import ts from 'typescript'
import { faultOf, readBlockedNote, type BlockedNote } from '../../src/runtime/watchdog/blocked-note.ts'
import { Watched, type WatchedOptions } from './support/watched.ts'

const SOURCES = join(import.meta.dirname, '../../src')
const TIME = Date.UTC(2024, 0, 1)
/** Last words and a busy machine: what may pass between the moment that the limit is reached and the end. */
const END_GRACE_MS = 2_000

function noteOf({ dataDir }: Watched): BlockedNote {
  const found = readBlockedNote(dataDir)
  if (found.kind !== 'blocked') assert.fail(`no note: ${found.kind}`)
  return found.note
}

/** Plays a scene to its violent end. */
async function shot(t: TestContext, scene: string, options: WatchedOptions = {}): Promise<Watched> {
  const watched = new Watched(t, scene, options)
  const { code, signal, afterMs } = await watched.end()
  assert.deepEqual({ code, signal }, { code: null, signal: 'SIGKILL' }, watched.stdout + watched.stderr)
  assert.ok(afterMs < (options.blockedAfterMs ?? 700) + END_GRACE_MS, `it took ${afterMs} ms`)
  return watched
}

describe('a strategy that blocks is named, and its process is ended', () => {
  const scenes = {
    loop: 'a loop',
    regex: 'a regular expression',
    'atomics-wait': 'a native wait',
    'child-process': 'a child process',
  }
  for (const [scene, what] of Object.entries(scenes))
    test(`in ${what}`, async t => {
      const before = Date.now()
      const watched = await shot(t, scene)
      const note = noteOf(watched)
      const { bot, strategy, blockedMs, at } = note
      assert.equal(bot, 'paper')
      assert.deepEqual(strategy, { name: 'spin', hash: 'hash-of-spin', symbol: 'ÄTH/USDT', time: TIME })
      assert.ok(blockedMs >= 700 && blockedMs < 700 + END_GRACE_MS, `${blockedMs} ms`)
      assert.ok(at >= before && at <= Date.now())
      const { message = '', ...fault } = faultOf(note) ?? {}
      assert.deepEqual(fault, { strategy: 'spin', hash: 'hash-of-spin', kind: 'blocked', at })
      assert.match(message, /^strategy spin did not answer for \d\.\d s on ÄTH\/USDT at 2024-01-01T00:00:00\.000Z$/)
      const [line, ...rest] = watched.stderr.trimEnd().split('\n')
      assert.deepEqual(rest, [])
      assert.ok(line?.startsWith(`tallow: ${message}; the process is ended`), line)
      assert.match(line ?? '', /Look for an endless loop or a slow call in strategies\/spin\.ts/)
      assert.deepEqual(readdirSync(watched.dataDir), ['blocked.json'])
    })

  test('within 10 s where nothing else was asked for, and not before 8 s', async t => {
    const watched = new Watched(t, 'loop', { blockedAfterMs: 0 })
    const { signal, afterMs } = await watched.end()
    assert.equal(signal, 'SIGKILL')
    assert.ok(afterMs > 7_500 && afterMs < 10_000, `it took ${afterMs} ms`)
    assert.ok(noteOf(watched).blockedMs >= 8_000)
  })

  test('in many decisions, of which none takes long', async t => {
    const watched = await shot(t, 'many')
    assert.equal(noteOf(watched).strategy?.name, 'spin')
    assert.match(watched.stderr, /in many decisions, the last by strategy spin on/)
  })

  test('compiled, below node_modules', async t => {
    const watched = await shot(t, 'loop', { module: compiled(t) })
    assert.equal(noteOf(watched).strategy?.name, 'spin')
  })
})

describe('no strategy is blamed', () => {
  for (const scene of ['nobody', 'after-a-throw'])
    test(`for a block while none decides: ${scene}`, async t => {
      const watched = await shot(t, scene)
      const note = noteOf(watched)
      assert.equal(note.strategy, null)
      assert.equal(faultOf(note), undefined)
      assert.match(watched.stderr, /the loop stood still for \d\.\d s while no strategy was deciding/)
    })
})

describe('the end comes', () => {
  test('when the disk of the note does not answer', async t => {
    const watched = new Watched(t, 'loop')
    // Opening a pipe that nobody reads from waits for ever.
    execFileSync('mkfifo', [join(watched.dataDir, 'blocked.json.tmp')])
    const { signal, afterMs } = await watched.end()
    assert.equal(signal, 'SIGKILL')
    assert.ok(afterMs < 700 + 1_000 + END_GRACE_MS, `it took ${afterMs} ms`)
    assert.match(watched.stderr, /strategy spin did not answer/)
  })

  test('when nobody reads stderr', async t => {
    const watched = new Watched(t, 'deaf-stderr', { heard: false })
    assert.equal((await watched.end()).signal, 'SIGKILL')
    assert.equal(noteOf(watched).strategy, null)
  })

  test('when there is no room for the note, which is said', async t => {
    const watched = new Watched(t, 'loop')
    rmSync(watched.dataDir, { recursive: true })
    assert.equal((await watched.end()).signal, 'SIGKILL')
    assert.match(watched.stderr, /the note about it could not be left in the data folder.*ENOENT/)
  })
})

describe('a process is let be', () => {
  const limitMs = 1_500

  test('when it was suspended for longer than the limit', async t => {
    const watched = new Watched(t, 'busy', { blockedAfterMs: limitMs })
    await watched.begun()
    await delay(limitMs)
    watched.signal('SIGSTOP')
    await delay(limitMs * 2)
    watched.signal('SIGCONT')
    await delay(limitMs)
    assert.ok(!watched.hasEnded, watched.stderr)
    assert.equal(watched.stderr, '')
    assert.equal(existsSync(join(watched.dataDir, 'blocked.json')), false)
  })

  test('when a debugger may hold it', async t => {
    const watched = new Watched(t, 'loop', { blockedAfterMs: 700, nodeArgs: ['--inspect=127.0.0.1:0'] })
    await watched.begun()
    await delay(700 * 3)
    assert.ok(!watched.hasEnded, watched.stderr)
  })

  test('when the watchdog was closed', async t => {
    const watched = new Watched(t, 'closed')
    assert.deepEqual((await watched.end()).code, 0)
    assert.match(watched.stdout, /still here/)
    assert.equal(watched.stderr, '')
  })

  test('to end by itself, with its own exit code', async t => {
    const [left, exited] = [new Watched(t, 'nothing-left'), new Watched(t, 'exit')]
    const [ofNothing, ofExit] = await Promise.all([left.end(), exited.end()])
    assert.equal(ofNothing.code, 0)
    assert.equal(ofExit.code, 3)
    assert.equal(left.stderr + exited.stderr, '')
  })
})

describe('what cannot be watched is said', () => {
  test('when the thread does not start', async t => {
    const module = compiled(t, 'throw new Error("no such luck")')
    const watched = new Watched(t, 'idle', { module })
    assert.equal((await watched.end()).code, 1)
    assert.match(watched.stderr, /no such luck/)
  })

  test('when the thread ends by itself', async t => {
    const dies = `import { parentPort } from 'node:worker_threads'
      parentPort.postMessage('watching')
      setTimeout(() => { throw new Error('out of breath') }, 200)`
    const watched = new Watched(t, 'idle', { module: compiled(t, dies) })
    while (!watched.stdout.includes('lost')) await delay(20)
    assert.match(watched.stdout, /lost: out of breath/)
    assert.ok(!watched.hasEnded)
  })

  test(
    'when it is the first process of its container, which no signal from inside ends',
    { skip: withoutPidNamespace() },
    async t => {
      const under = ['unshare', '--pid', '--fork', '--kill-child']
      const watched = new Watched(t, 'loop', { under })
      await watched.begun()
      assert.match(
        watched.stdout,
        /weakness: the watchdog cannot end this process: it is the first process of its container.*--init/,
      )
      while (!watched.stderr.includes('did not end')) await delay(20)
      assert.match(watched.stderr, /the process did not end: .*--init/)
      assert.equal(noteOf(watched).strategy?.name, 'spin')
    },
  )
})

/** The reason to skip, or false. */
function withoutPidNamespace(): string | false {
  const { status } = spawnSync('unshare', ['--pid', '--fork', '--kill-child', 'true'])
  return status === 0 ? false : 'this user may make no process namespace (unshare --pid)'
}

/**
 * The watchdog as it is installed: JavaScript in `node_modules/tallow/dist`.
 * @param thread the code of the watching thread, when not its own.
 */
function compiled(t: TestContext, thread?: string): string {
  const folder = mkdtempSync(join(tmpdir(), 'tallow-installed-'))
  t.after(() => rmSync(folder, { recursive: true }))
  const home = join(folder, 'node_modules/tallow')
  const { module, target } = { module: ts.ModuleKind.ESNext, target: ts.ScriptTarget.ES2024 }
  const compilerOptions = { module, target, verbatimModuleSyntax: true, rewriteRelativeImportExtensions: true }
  for (const room of ['domain', 'runtime/watchdog']) {
    mkdirSync(join(home, 'dist', room), { recursive: true })
    for (const name of readdirSync(join(SOURCES, room)).filter(file => file.endsWith('.ts'))) {
      const { outputText } = ts.transpileModule(readFileSync(join(SOURCES, room, name), 'utf8'), { compilerOptions })
      writeFileSync(join(home, 'dist', room, name.replace(/\.ts$/, '.js')), outputText)
    }
  }
  if (thread !== undefined) writeFileSync(join(home, 'dist/runtime/watchdog/watch-thread.js'), thread)
  writeFileSync(join(home, 'package.json'), '{ "name": "tallow", "type": "module" }')
  return join(home, 'dist/runtime/watchdog/watchdog.js')
}
