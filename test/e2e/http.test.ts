import assert from 'node:assert/strict'
import { once } from 'node:events'
import { createServer } from 'node:net'
import { test, type TestContext } from 'node:test'
import { DEMO_CONFIG, fastConfig, folderWith, startTallow, tallow } from './support/tallow.ts'

async function takenPort(t: TestContext): Promise<string> {
  const server = createServer().listen(0, '127.0.0.1')
  await once(server, 'listening')
  t.after(() => server.close())
  const address = server.address()
  assert.ok(typeof address === 'object' && address !== null)
  return String(address.port)
}

test('a bot whose port is taken does not start, and says what a second bot needs', async t => {
  const cwd = folderWith(t, { 'tallow.yaml': fastConfig(600, 'rsi-macd') })
  const port = await takenPort(t)
  const { code, stderr } = await tallow(cwd, ['run'], { TALLOW__HTTP__PORT: port })
  assert.equal(code, 1, stderr)
  assert.match(stderr, new RegExp(`tallow: .*port ${port} is taken by another program`))
  assert.match(stderr, /next: a second bot needs its own port and data folder: set http\.port/)
  assert.doesNotMatch(stderr, /deciding from/)
})

test('the demo takes another port and says which', async t => {
  const port = await takenPort(t)
  const daemon = startTallow(t, folderWith(t), ['run', '-c', DEMO_CONFIG], { TALLOW__HTTP__PORT: port })
  const [, url = ''] = await daemon.said(
    new RegExp(`listening at (http://127\\.0\\.0\\.1:\\d+) \\(port ${port} is taken\\)`),
    30_000,
  )
  await daemon.said(/deciding from/, 30_000)
  assert.equal((await fetch(`${url}/healthz`)).status, 200)
  assert.equal((await daemon.end('SIGTERM')).code, 0)
  await assert.rejects(fetch(`${url}/healthz`))
})

test('it listens to other machines only when it is told to twice, and nowhere when it is off', async t => {
  const cwd = folderWith(t, { 'tallow.yaml': fastConfig(600, 'rsi-macd') })
  const refused = await tallow(cwd, ['config', 'check'], { TALLOW__HTTP__HOST: '0.0.0.0' })
  assert.equal(refused.code, 2)
  assert.match(
    refused.stdout + refused.stderr,
    /0\.0\.0\.0 can be reached from other machines[^]*http\.allow_public: true/,
  )
  const allowed = { TALLOW__HTTP__HOST: '0.0.0.0', TALLOW__HTTP__ALLOW_PUBLIC: 'true' }
  const open = startTallow(t, cwd, ['run'], allowed)
  await open.said(/whoever reaches http:\/\/0\.0\.0\.0:\d+ reads equity and positions/, 30_000)
  assert.equal((await open.end('SIGTERM')).code, 0)
  const off = startTallow(t, cwd, ['run'], { TALLOW__HTTP__ENABLED: 'false' })
  await off.said(/deciding from/, 30_000)
  assert.doesNotMatch(off.stderr, /listening at/)
  assert.equal((await off.end('SIGTERM')).code, 0)
})
