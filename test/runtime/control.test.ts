import assert from 'node:assert/strict'
import { spawnSync } from 'node:child_process'
import { chmodSync, existsSync, mkdirSync, readdirSync, readlinkSync, statSync, writeFileSync } from 'node:fs'
import { connect } from 'node:net'
import { join } from 'node:path'
import { test } from 'node:test'
import { setTimeout as sleep } from 'node:timers/promises'
import { Worker } from 'node:worker_threads'
import fc from 'fast-check'
import { bug } from '../../src/domain/errors.ts'
import { ControlClient } from '../../src/runtime/control/control-client.ts'
import { ControlServer } from '../../src/runtime/control/control-server.ts'
import { CONTROL_SOCKET } from '../../src/runtime/control/socket-path.ts'
import { dataFolder, IDLE_STATUS, openServer, RecordingTarget } from './control-target.ts'

/** Sends bytes as they are. @returns all that came back until the end. */
function raw(path: string, bytes: string | Buffer): Promise<string> {
  return new Promise((resolve, reject) => {
    let answer = ''
    const socket = connect(path)
    socket.on('data', chunk => (answer += chunk.toString()))
    socket.on('close', () => resolve(answer))
    socket.on('error', error => (answer === '' ? reject(error) : undefined))
    socket.write(bytes)
  })
}

async function client(path: string): Promise<ControlClient> {
  const found = await ControlClient.connect(path)
  assert.ok(found, 'a daemon runs')
  return found
}

test('each command reaches the target once, and the answer says what was done', async context => {
  const path = join(dataFolder(context), CONTROL_SOCKET)
  const target = new RecordingTarget()
  await openServer(context, path, target)
  const ask = async (request: Parameters<ControlClient['ask']>[0]): Promise<unknown> => {
    const asking = await client(path)
    try {
      return await asking.ask(request)
    } finally {
      asking.close()
    }
  }
  assert.deepEqual(await ask({ command: 'pause' }), { ok: true, mode: 'paused' })
  assert.deepEqual(await ask({ command: 'close-only' }), { ok: true, mode: 'close-only' })
  assert.deepEqual(await ask({ command: 'resume' }), { ok: true, mode: 'on' })
  assert.deepEqual(await ask({ command: 'close', symbol: 'BTC/USDT' }), { ok: true, symbol: 'BTC/USDT', legs: 2 })
  assert.deepEqual(await ask({ command: 'reload' }), { ok: true })
  assert.deepEqual(await ask({ command: 'status' }), { ok: true, status: IDLE_STATUS })
  assert.equal(((await ask({ command: 'stop' })) as { pid: number }).pid, process.pid)
  assert.deepEqual(target.told, ['paused', 'close-only', 'on', 'close BTC/USDT', 'reload', 'stop'])
})

test('a refusal of the target arrives with its kind, place and remedy', async context => {
  const path = join(dataFolder(context), CONTROL_SOCKET)
  await openServer(context, path)
  const asking = await client(path)
  await assert.rejects(asking.ask({ command: 'close', symbol: 'BTC/USDC' }), {
    name: 'TallowError',
    kind: 'bad-input',
    message: 'the bot does not trade BTC/USDC',
    hint: 'did you mean BTC/USDT?',
    where: 'trading.symbols',
  })
})

test('a bug of the target is told to both sides and leaves the server up', async context => {
  const path = join(dataFolder(context), CONTROL_SOCKET)
  const target = new RecordingTarget()
  const failures: unknown[] = []
  await openServer(context, path, target, { onFailure: error => failures.push(error) })
  target.reload = () => Promise.reject(new Error('off by one'))
  target.status = () => {
    throw bug('no such leg')
  }
  await assert.rejects((await client(path)).ask({ command: 'reload' }), { kind: 'bug', message: 'off by one' })
  await assert.rejects((await client(path)).ask({ command: 'status' }), { kind: 'bug', message: 'no such leg' })
  assert.equal(failures.length, 2)
  assert.deepEqual(await (await client(path)).ask({ command: 'pause' }), { ok: true, mode: 'paused' })
})

const MALFORMED: readonly (readonly [string, RegExp])[] = [
  ['\n', /no JSON/],
  ['pause\n', /no JSON/],
  ['"pause"\n', /no JSON object/],
  ['null\n', /no JSON object/],
  ['[]\n', /names no command/],
  ['{}\n', /names no command/],
  ['{"command":["pause"]}\n', /names no command/],
  ['{"__proto__":{"command":"stop"}}\n', /names no command/],
  ['{"command":"puase"}\n', /did you mean \\"pause\\"/],
  ['{"command":"toString"}\n', /there is no command/],
  ['{"command":"close"}\n', /close needs a symbol/],
  ['{"command":"close","symbol":"../etc"}\n', /is not a symbol/],
  [`{"command":"${'x'.repeat(5_000)}"}\n`, /longer than 4096 bytes/],
  ['x'.repeat(5_000), /longer than 4096 bytes/],
]

test('malformed requests are answered with what is wrong, and reach nobody', async context => {
  const path = join(dataFolder(context), CONTROL_SOCKET)
  const target = new RecordingTarget()
  await openServer(context, path, target)
  for (const [sent, why] of MALFORMED) {
    const answer = await raw(path, sent)
    assert.match(answer, /^\{"ok":false,"error":.*"kind":"bad-input"\}\n$/, sent.slice(0, 60))
    assert.match(answer, why)
  }
  assert.deepEqual(target.told, [])
})

test('no bytes whatever bring the server down', async context => {
  const path = join(dataFolder(context), CONTROL_SOCKET)
  const target = new RecordingTarget()
  const failures: unknown[] = []
  await openServer(context, path, target, { onFailure: error => failures.push(error) })
  const line = fc.oneof(
    fc.uint8Array({ maxLength: 300 }).map(bytes => Buffer.from(bytes)),
    fc.json().map(text => Buffer.from(text)),
    fc.record({ command: fc.jsonValue(), symbol: fc.jsonValue() }).map(value => Buffer.from(JSON.stringify(value))),
  )
  await fc.assert(
    fc.asyncProperty(line, async bytes => {
      const answer = await raw(path, Buffer.concat([bytes, Buffer.from('\n')]))
      assert.equal((JSON.parse(answer) as { ok: boolean }).ok, false)
    }),
    { numRuns: 300 },
  )
  assert.deepEqual([target.told, failures], [[], []])
})

test('a request in pieces is one request, and what follows its line is not read', async context => {
  const path = join(dataFolder(context), CONTROL_SOCKET)
  const target = new RecordingTarget()
  await openServer(context, path, target)
  const socket = connect(path)
  let answer = ''
  socket.on('data', chunk => (answer += chunk.toString()))
  socket.on('error', () => undefined)
  const closed = new Promise(resolve => socket.on('close', resolve))
  for (const piece of ['{"comm', 'and":"pa', 'use"}', '\n{"command":"stop"}\n']) {
    socket.write(piece)
    await sleep(10)
  }
  await closed
  assert.equal(answer, '{"ok":true,"mode":"paused"}\n')
  assert.deepEqual(target.told, ['paused'])
})

test('silent and dripping clients are turned out, and nobody waits for them', { timeout: 10_000 }, async context => {
  const path = join(dataFolder(context), CONTROL_SOCKET)
  const target = new RecordingTarget()
  await openServer(context, path, target, { talkMs: 500 })
  let isOver = false
  const silent = raw(path, '').finally(() => (isOver = true))
  const dripping = connect(path)
  dripping.on('error', () => undefined)
  const drip = setInterval(() => dripping.write(' '), 20)
  context.after(() => {
    clearInterval(drip)
    dripping.destroy()
  })
  const dripped = new Promise(resolve => dripping.on('close', resolve))
  assert.deepEqual(await (await client(path)).ask({ command: 'pause' }), { ok: true, mode: 'paused' })
  assert.equal(isOver, false, 'answered while the others say nothing')
  assert.match(await silent, /no request line came within 500 ms/)
  await dripped
})

test('who does not take the answer is cut off in time', async context => {
  const path = join(dataFolder(context), CONTROL_SOCKET)
  const target = new RecordingTarget()
  // More than the buffers of a socket hold.
  target.current = { ...IDLE_STATUS, modeReason: 'x'.repeat(4_000_000) }
  const server = await openServer(context, path, target, { talkMs: 500 })
  const deaf = connect(path)
  deaf.pause()
  deaf.on('error', () => undefined)
  deaf.write('{"command":"status"}\n')
  const answered = await (await client(path)).ask({ command: 'status' })
  assert.equal((answered.status as typeof IDLE_STATUS).modeReason.length, 4_000_000)
  await sleep(1_500)
  const startedAt = performance.now()
  await server.close()
  assert.ok(performance.now() - startedAt < 800, 'nothing of it is left to wait for')
  deaf.destroy()
})

test('a target that does not come to an end is answered for, and may go on', async context => {
  const path = join(dataFolder(context), CONTROL_SOCKET)
  const target = new RecordingTarget()
  await openServer(context, path, target, { workMs: 100 })
  target.setMode = async () => {
    await sleep(300)
    target.told.push('late')
  }
  await assert.rejects((await client(path)).ask({ command: 'pause' }), {
    kind: 'retry-later',
    message: 'the daemon has not carried out pause within 100 ms',
  })
  await sleep(300)
  assert.deepEqual(target.told, ['late'])
})

test('beyond sixteen connections a client is turned away with a reason, and later let in', async context => {
  const path = join(dataFolder(context), CONTROL_SOCKET)
  await openServer(context, path)
  const open = Array.from({ length: 16 }, () => connect(path))
  await Promise.all(open.map(socket => new Promise(resolve => socket.on('connect', resolve))))
  await sleep(50)
  await assert.rejects((await client(path)).ask({ command: 'status' }), { kind: 'retry-later' })
  for (const socket of open) socket.destroy()
  await sleep(50)
  assert.equal((await (await client(path)).ask({ command: 'status' })).ok, true)
})

test('closing ends silent connections at once, lets answers in hand go out, and takes the file away', async context => {
  const folder = dataFolder(context)
  const path = join(folder, CONTROL_SOCKET)
  const target = new RecordingTarget()
  const server = await openServer(context, path, target)
  target.setMode = () => sleep(100)
  const silent = connect(path)
  const silentEnded = new Promise(resolve => silent.on('close', resolve))
  const answered = (await client(path)).ask({ command: 'pause' })
  await sleep(50)
  const startedAt = performance.now()
  await server.close()
  assert.ok(performance.now() - startedAt < 500)
  assert.deepEqual(await answered, { ok: true, mode: 'paused' })
  await silentEnded
  assert.deepEqual(readdirSync(folder), [])
  assert.equal(await ControlClient.connect(path), undefined)
})

test('closing does not wait for a target that hangs', async context => {
  const path = join(dataFolder(context), CONTROL_SOCKET)
  const target = new RecordingTarget()
  const server = await openServer(context, path, target, { farewellMs: 100 })
  const hang = Promise.withResolvers<void>()
  target.setMode = () => hang.promise
  const refused = assert.rejects((await client(path)).ask({ command: 'pause' }), { kind: 'retry-later' })
  await sleep(50)
  await server.close()
  await refused
  hang.resolve()
})

test('who asked for the stop sees the end of the daemon by the end of the connection', async context => {
  const path = join(dataFolder(context), CONTROL_SOCKET)
  const server = await openServer(context, path)
  const asking = await client(path)
  await asking.ask({ command: 'stop' })
  assert.equal(await asking.ended(100), false)
  const ended = asking.ended(5_000)
  await server.close()
  assert.equal(await ended, true)
})

test('without a daemon there is none: no folder, no file, no listener, another kind of file', async context => {
  const folder = dataFolder(context)
  assert.equal(await ControlClient.connect(join(folder, 'nowhere', CONTROL_SOCKET)), undefined)
  assert.equal(await ControlClient.connect(join(folder, CONTROL_SOCKET)), undefined)
  writeFileSync(join(folder, CONTROL_SOCKET), '')
  assert.equal(await ControlClient.connect(join(folder, CONTROL_SOCKET)), undefined)
  const killed = join(folder, 'killed.sock')
  const { status } = spawnSync(process.execPath, [
    '-e',
    `require('node:net').createServer().listen(${JSON.stringify(killed)}, () => process.kill(process.pid, 'SIGKILL'))`,
  ])
  assert.equal(status, null)
  assert.ok(existsSync(killed), 'a killed daemon leaves its file')
  assert.equal(await ControlClient.connect(killed), undefined)
})

test('what a killed daemon left is replaced, also when it died in the middle of its start', async context => {
  const folder = dataFolder(context)
  const path = join(folder, CONTROL_SOCKET)
  writeFileSync(path, '')
  mkdirSync(`${path}.new`)
  writeFileSync(join(`${path}.new`, 's'), '')
  await openServer(context, path)
  assert.equal((await (await client(path)).ask({ command: 'status' })).ok, true)
  assert.deepEqual(readdirSync(folder), [CONTROL_SOCKET])
})

test('where there can be no socket the server says why, and leaves nothing behind', async context => {
  const folder = dataFolder(context)
  const path = join(folder, CONTROL_SOCKET)
  mkdirSync(path)
  await assert.rejects(ControlServer.open(path, new RecordingTarget()), {
    kind: 'never-retry',
    message: /there can be no control socket/,
    where: path,
  })
  assert.deepEqual(readdirSync(folder), [CONTROL_SOCKET])
})

function openFiles(): readonly string[] {
  return readdirSync('/proc/self/fd').flatMap(fd => {
    try {
      return [readlinkSync(join('/proc/self/fd', fd))]
    } catch {
      // The one that the folder itself was listed by.
      return []
    }
  })
}

test(
  'a path longer than an address holds works all the same',
  { skip: !existsSync('/proc/self/fd') },
  async context => {
    const folder = join(dataFolder(context), ...Array.from({ length: 6 }, () => 'long'.repeat(12)))
    mkdirSync(folder, { recursive: true })
    const path = join(folder, CONTROL_SOCKET)
    assert.ok(Buffer.byteLength(path) > 300)
    const server = await openServer(context, path)
    const asking = await client(path)
    assert.deepEqual(await asking.ask({ command: 'pause' }), { ok: true, mode: 'paused' })
    assert.equal(statSync(path).mode & 0o777, 0o600)
    asking.close()
    await server.close()
    assert.deepEqual(readdirSync(folder), [])
    assert.deepEqual(
      openFiles().filter(file => file.startsWith(folder)),
      [],
    )
  },
)

/** Looks at the socket and the folder that it is made in as often as it can. */
const WATCHER = `
const { statSync } = require('node:fs')
const { workerData, parentPort } = require('node:worker_threads')
const { path, stop } = workerData
const seen = { socket: new Set(), folder: new Set(), looks: 0 }
const look = (at, modes) => {
  const found = statSync(at, { throwIfNoEntry: false })
  if (found) modes.add(found.mode & 0o777)
}
parentPort.postMessage('looking')
while (Atomics.load(stop, 0) === 0) {
  look(path, seen.socket)
  look(path + '.new', seen.folder)
  seen.looks++
}
parentPort.postMessage(seen)
`

test('at no moment does anybody else get at the socket', async context => {
  const path = join(dataFolder(context), CONTROL_SOCKET)
  const stop = new Int32Array(new SharedArrayBuffer(4))
  const watcher = new Worker(WATCHER, { eval: true, workerData: { path, stop } })
  await new Promise(resolve => watcher.once('message', resolve))
  const before = process.umask(0)
  try {
    for (let round = 0; round < 200; round++) {
      const server = await ControlServer.open(path, new RecordingTarget())
      await server.close()
    }
  } finally {
    process.umask(before)
    Atomics.store(stop, 0, 1)
  }
  const seen = await new Promise<{ socket: Set<number>; folder: Set<number>; looks: number }>(resolve =>
    watcher.once('message', resolve),
  )
  assert.ok(seen.looks > 1_000)
  assert.deepEqual([...seen.socket], [0o600])
  assert.deepEqual([...seen.folder], [0o700])
})

const isRoot = process.getuid?.() === 0

test(
  'another user is refused by the system',
  { skip: isRoot ? false : 'needs root to become another user' },
  async context => {
    const folder = dataFolder(context)
    chmodSync(folder, 0o755)
    const path = join(folder, CONTROL_SOCKET)
    await openServer(context, path)
    const code = `
    require('node:net').connect(${JSON.stringify(path)}).on('connect', () => console.log('in')).on('error', e => console.log(e.code))
  `
    const asNobody = `process.setgid(65534); process.setuid(65534); ${code}`
    assert.equal(spawnSync(process.execPath, ['-e', asNobody], { encoding: 'utf8' }).stdout, 'EACCES\n')
  },
)
