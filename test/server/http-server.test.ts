import assert from 'node:assert/strict'
import { connect } from 'node:net'
import { test } from 'node:test'
import { TallowError } from '../../src/domain/errors.ts'
import type { HttpServer } from '../../src/server/http-server.ts'
import { portOf, served, spoken } from './served.ts'

test('what there is, is read; HEAD gives the same without the body', async t => {
  const { url } = await served(t)
  const got = await fetch(`${url}/hello?with=query`)
  assert.deepEqual([got.status, await got.json()], [200, { hello: 'world' }])
  assert.equal(got.headers.get('content-type'), 'application/json; charset=utf-8')
  assert.equal(got.headers.get('access-control-allow-origin'), null)
  assert.equal(got.headers.get('cache-control'), 'no-store')
  const head = await fetch(`${url}/hello`, { method: 'HEAD' })
  assert.deepEqual([head.status, await head.text()], [200, ''])
  assert.equal(head.headers.get('content-length'), got.headers.get('content-length'))
})

test('any other path is 404, any other method 405, whatever the path', async t => {
  const { url } = await served(t)
  for (const path of ['/', '/hello/', '/HELLO', '/hello%00', '/..%2fhello', '//hello', '/__proto__']) {
    const { status } = await fetch(`${url}${path}`)
    assert.equal(status, 404, path)
  }
  for (const method of ['POST', 'PUT', 'PATCH', 'DELETE', 'OPTIONS'])
    for (const path of ['/hello', '/nothing']) {
      const response = await fetch(`${url}${path}`, { method, ...(method === 'POST' && { body: '{}' }) })
      assert.deepEqual([response.status, response.headers.get('allow')], [405, 'GET, HEAD'], `${method} ${path}`)
      assert.match(((await response.json()) as { error: string }).error, /only GET and HEAD/)
    }
})

test('a request with a body is answered, and its body is not taken for the next request', async t => {
  const port = portOf(await served(t))
  const smuggled = 'GET /hello HTTP/1.1\r\nHost: localhost\r\n\r\n'
  const answer = await spoken(
    port,
    `GET /hello HTTP/1.1\r\nHost: localhost\r\nContent-Length: ${smuggled.length}\r\n\r\n${smuggled}`,
  )
  assert.equal(answer.match(/HTTP\/1\.1 /g)?.length, 1, answer)
})

test('a route that fails is a 500 without a word of why, and the server goes on', async t => {
  const failures: unknown[] = []
  const broken = {
    path: '/broken',
    answer: () => {
      throw new Error('secret place')
    },
  }
  const { url } = await served(t, { routes: [broken], onFailure: error => failures.push(error) })
  for (let again = 0; again < 2; again++) {
    const response = await fetch(`${url}/broken`)
    assert.equal(response.status, 500)
    assert.doesNotMatch(await response.text(), /secret place/)
  }
  assert.equal(failures.length, 2)
})

test('who sends or takes too slowly is cut off, and others are answered meanwhile', async t => {
  const server = await served(t, { patienceMs: 300 })
  const port = portOf(server)
  const slow = [
    spoken(port, ''),
    spoken(port, 'GET /hello HT'),
    spoken(port, 'GET /hello HTTP/1.1\r\nHost: localhost\r\nX-A: '),
    spoken(port, 'POST /hello HTTP/1.1\r\nHost: localhost\r\nContent-Length: 100\r\n\r\nx'),
  ]
  assert.equal((await fetch(`${server.url}/hello`)).status, 200)
  const startedAt = performance.now()
  for (const answer of await Promise.all(slow)) assert.match(answer, /^$|^HTTP\/1\.1 (408|405|400)/)
  assert.ok(performance.now() - startedAt < 5_000)
})

test('a head that is too large is refused', async t => {
  const answer = await spoken(portOf(await served(t)), `GET /hello HTTP/1.1\r\nX-A: ${'a'.repeat(20_000)}\r\n\r\n`)
  assert.match(answer, /^HTTP\/1\.1 431/)
})

test('what is no HTTP is refused, and the server goes on', async t => {
  const server = await served(t, { patienceMs: 300 })
  for (const rubbish of [
    '\0\x01\x02\r\n\r\n',
    'GET\r\n\r\n',
    'GET / HTTP/9.9\r\nHost: a\r\n\r\n',
    'PRI * HTTP/2.0\r\n\r\n',
  ])
    assert.match(await spoken(portOf(server), rubbish), /^$|^HTTP\/1\.1 400/, JSON.stringify(rubbish))
  assert.equal((await fetch(`${server.url}/hello`)).status, 200)
})

test('more connections than there are places for are turned away, and there is room again afterwards', async t => {
  const server = await served(t)
  const sockets = Array.from({ length: 80 }, () => connect(portOf(server), '127.0.0.1').on('error', () => undefined))
  await new Promise(resolve => setTimeout(resolve, 200))
  const open = sockets.filter(socket => socket.readyState === 'open').length
  assert.ok(open <= 64, `${open} open`)
  for (const socket of sockets) socket.destroy()
  await new Promise(resolve => setTimeout(resolve, 100))
  assert.equal((await fetch(`${server.url}/hello`)).status, 200)
})

test('a taken port is refused with what to do, or another is taken where that is asked for', async t => {
  const port = portOf(await served(t))
  await assert.rejects(served(t, { port }), (error: unknown) => {
    assert.ok(error instanceof TallowError)
    assert.deepEqual([error.kind, error.where], ['retry-later', `127.0.0.1:${port}`])
    assert.match(error.message, new RegExp(`port ${port} is taken by another program`))
    assert.match(error.hint ?? '', /a second bot needs its own port and data folder: set http.port/)
    return true
  })
  const other = await served(t, { port, whenTaken: 'any' })
  assert.notEqual(portOf(other), port)
  assert.equal((await fetch(`${other.url}/hello`)).status, 200)
})

test('an address that is not of this machine is refused with what to do', async t => {
  await assert.rejects(served(t, { host: '192.0.2.1' }), /192\.0\.2\.1 is no address of this machine/)
})

test('closing ends who is connected, at once', async t => {
  const server: HttpServer = await served(t, { patienceMs: 60_000 })
  const waiting = spoken(portOf(server), 'GET /hel')
  await new Promise(resolve => setTimeout(resolve, 50))
  const startedAt = performance.now()
  await Promise.all([server.close(), waiting])
  assert.ok(performance.now() - startedAt < 2_000)
})
