import assert from 'node:assert/strict'
import { test } from 'node:test'
import { RequestGuard } from '../../src/server/request-guard.ts'
import { portOf, served, spoken } from './served.ts'

const guard = new RequestGuard(['127.0.0.1', 'tallow.internal', 'fd00::1'])

function refused(
  headers: readonly (readonly [string, string])[],
  method = 'GET',
  url = '/metrics',
): number | undefined {
  return guard.refuse({ method, url, rawHeaders: headers.flat() })?.status
}

test('asked by a name of its own, with or without port, in whatever case, it answers', () => {
  for (const host of [
    '127.0.0.1',
    '127.0.0.1:8787',
    'localhost:1',
    'LocalHost',
    '[::1]:8787',
    '[FD00::1]',
    'Tallow.Internal:80',
  ])
    assert.equal(refused([['Host', host]]), undefined, host)
})

test('asked by any other name it does not: a page whose name was made to point here calls itself by its own', () => {
  const rebound = [
    'evil.example',
    'evil.example:8787',
    '127.0.0.1.evil.example',
    'localhost.evil.example:8787',
    'evil.example#127.0.0.1',
    'evil.example@127.0.0.1',
    'localhost:8787@evil.example',
    '127.0.0.1:8787:1',
    '127.1',
    '2130706433',
    '0.0.0.0:8787',
    '[::ffff:127.0.0.1]',
    'localhost.',
    'localhost ',
    '',
  ]
  for (const host of rebound) assert.equal(refused([['Host', host]]), 403, host)
  assert.equal(refused([]), 403)
  assert.equal(
    refused([
      ['Host', 'localhost'],
      ['host', 'evil.example'],
    ]),
    403,
  )
})

test('asked by a page of another site it does not answer', () => {
  const host = ['Host', 'localhost:8787'] as const
  for (const origin of [
    'http://evil.example',
    'null',
    'https://localhost:8787',
    'http://localhost:3000',
    'http://localhost',
  ])
    assert.equal(refused([host, ['Origin', origin]]), 403, origin)
  for (const site of ['cross-site', 'same-site', 'whatever'])
    assert.equal(refused([host, ['Sec-Fetch-Site', site]]), 403, site)
})

test('asked by its own page, by a person in a browser or by a program it answers', () => {
  const host = ['Host', 'localhost:8787'] as const
  assert.equal(refused([host, ['Origin', 'http://localhost:8787'], ['Sec-Fetch-Site', 'same-origin']]), undefined)
  assert.equal(refused([host, ['Sec-Fetch-Site', 'none']]), undefined)
  assert.equal(refused([host]), undefined)
})

test('a target that is no path is refused', () => {
  const host = ['Host', 'localhost'] as const
  for (const url of ['http://localhost/metrics', '*', 'metrics', ''])
    assert.equal(refused([host], 'GET', url), 400, url)
})

test('over a real connection a rebound name gets nothing of the answer', async t => {
  const server = await served(t)
  const port = portOf(server)
  const ask = (head: string): Promise<string> => spoken(port, `GET /hello ${head}Connection: close\r\n\r\n`)
  assert.match(await ask(`HTTP/1.1\r\nHost: localhost:${port}\r\n`), /^HTTP\/1\.1 200 [^]*world/)
  for (const head of [
    `HTTP/1.1\r\nHost: evil.example:${port}\r\n`,
    'HTTP/1.1\r\nHost: localhost\r\nHost: evil.example\r\n',
    'HTTP/1.1\r\nHost: localhost\r\nOrigin: http://evil.example\r\n',
    'HTTP/1.1\r\n',
    'HTTP/1.0\r\n',
  ]) {
    const answer = await ask(head)
    assert.match(answer, /^HTTP\/1\.1 40[03] /, head)
    assert.doesNotMatch(answer, /world/, head)
  }
})
