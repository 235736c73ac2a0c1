import assert from 'node:assert/strict'
import { readdirSync, readFileSync, writeFileSync } from 'node:fs'
import { createServer, type IncomingMessage } from 'node:http'
import type { AddressInfo } from 'node:net'
import { join } from 'node:path'
import { test, type TestContext } from 'node:test'
import { gunzipSync } from 'node:zlib'
import { CANARIES, findsBelow, findsIn } from './support/canaries.ts'
import { folderWith, startTallow, tallow, type Ended } from './support/tallow.ts'

/** Says what a strategy can see of the environment, and trades. */
const STRATEGY = `
import { defineStrategy, enterLong, exit, sma } from 'tallow'
export default defineStrategy({
  columns: () => ({ fast: sma({ period: 3 }) }),
  decide({ position }) {
    const seen = JSON.stringify(process.env).slice(0, 20000)
    return position ? exit('flip ' + seen) : enterLong({ reason: 'flip ' + seen })
  },
})
`

/** Has read a secret somewhere, and throws it where nobody catches. */
const CRASH = `
import { defineStrategy, sma } from 'tallow'
const secrets = ${JSON.stringify(Object.values(CANARIES))}
export default defineStrategy({
  columns: () => ({ fast: sma({ period: 3 }) }),
  decide() {
    setTimeout(() => {
      throw new Error('outer ' + secrets[0], { cause: new Error(encodeURIComponent(secrets[2]) + secrets[1] + secrets[3]) })
    }, 0)
  },
})
`

/** Has read a secret somewhere, and throws it out of `decide`: the other strategy goes on, the ledger keeps why. */
const LEAK = `
import { defineStrategy, sma } from 'tallow'
const secrets = ${JSON.stringify(Object.values(CANARIES))}
export default defineStrategy({
  columns: () => ({ fast: sma({ period: 3 }) }),
  decide() {
    throw new Error('of ' + secrets.join(' and ') + ', ' + encodeURIComponent(secrets[1]))
  },
})
`

const CONFIG = `
exchange:
  api_key: ${JSON.stringify(CANARIES.apiKey)}
  simulator: { seed: 5, speed: 1200, symbols: [BTC/USDT, ETH/USDT] }
market: { late_after_ms: 1200000 }
trading: { timeframe: 1m, strategies: [{ name: flip }] }
log: { level: trace, file: ./tallow.log }
`

const INPUTS = ['tallow.yaml', '.env', 'strategies/crash.ts', 'strategies/leak.ts', 'broken.yaml', 'misspelled.yaml']

interface FakeInflux {
  readonly url: string
  /** Everything that it was sent but the authorization: that is where a token belongs. */
  readonly received: string[]
  answerWith(status: number): void
}

/** Quotes in its answers what it was sent, as careless servers and proxies do. */
async function startFakeInflux(context: TestContext): Promise<FakeInflux> {
  const received: string[] = []
  let status = 401
  const server = createServer((request, response) => {
    void bodyOf(request).then(body => {
      const { authorization = '', ...headers } = request.headers
      received.push(`${request.url}\n${JSON.stringify(headers)}\n${body}`)
      const quoted = [authorization, encodeURIComponent(authorization), Buffer.from(authorization).toString('base64')]
      const message = `unauthorized: ${quoted.join(' or ')}`
      response.writeHead(request.url === '/ping' ? 204 : status, { 'content-type': 'application/json' })
      response.end(request.url === '/ping' || status === 204 ? '' : JSON.stringify({ code: 'no', message }))
    })
  })
  await new Promise<void>(resolve => server.listen(0, '127.0.0.1', resolve))
  context.after(() => {
    server.closeAllConnections()
    server.close()
  })
  return {
    url: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
    received,
    answerWith: next => {
      status = next
    },
  }
}

async function bodyOf(request: IncomingMessage): Promise<string> {
  const chunks: Buffer[] = []
  for await (const chunk of request) chunks.push(chunk as Buffer)
  const bytes = Buffer.concat(chunks)
  return (request.headers['content-encoding'] === 'gzip' ? gunzipSync(bytes) : bytes).toString()
}

const READERS: readonly (readonly string[])[] = [
  ['health'],
  ['health', '--json'],
  ['status'],
  ['status', '--json'],
  ['trades', '--json'],
  ['trades', '--csv'],
  ['orders', '--json'],
  ['explain', 'BTC/USDT', '2024-01-01T00:30'],
  ['doctor'],
  ['doctor', '--json'],
  ['config', 'check'],
  ['config', 'show'],
  ['config', 'show', '--json'],
  ['data', 'list'],
  ['metrics', 'status', '--json'],
  ['metrics', 'dead-letter', 'list'],
  ['backtest', '-p', 'BTC/USDT', '--json'],
]

test('a search for canaries finds each where it is, in every encoding', () => {
  for (const [name, value] of Object.entries(CANARIES)) {
    const forms = [
      value,
      JSON.stringify({ value }),
      encodeURIComponent(value),
      Buffer.from(`:${value}`).toString('base64'),
    ]
    for (const text of [...forms, value.slice(0, 8)])
      assert.ok(findsIn('', `x${text}y`).some(find => find.includes(name)))
  }
  assert.deepEqual(findsIn('', 'nothing of the kind'), [])
})

test('no secret of config or environment is in anything that is written, sent or answered', async t => {
  const influx = await startFakeInflux(t)
  const cwd = folderWith(t, {
    'tallow.yaml': CONFIG,
    '.env': `TALLOW__EXCHANGE__API_SECRET="${CANARIES.apiSecret}"\n`,
    'strategies/flip.ts': STRATEGY,
    'strategies/crash.ts': CRASH,
    'strategies/leak.ts': LEAK,
    'broken.yaml': `influx:\n  token: ${JSON.stringify(CANARIES.token)}\n  url: [\n`,
    'misspelled.yaml': `exchange: { api_kye: ${JSON.stringify(CANARIES.apiKey)} }\ninflux: { token: [${JSON.stringify(CANARIES.token)}] }\n`,
  })
  const env = {
    TALLOW__INFLUX__URL: influx.url,
    TALLOW__INFLUX__TOKEN: CANARIES.token,
    TALLOW__INFLUX__ORG: 'o',
    TALLOW__INFLUX__BUCKET: 'b',
    TALLOW__INFLUX__FLUSH_INTERVAL_MS: '200',
    AWS_SECRET_ACCESS_KEY: CANARIES.foreign,
  }
  const written: (readonly [string, string])[] = []
  const gather = (name: string, { stdout, stderr }: Ended): void => void written.push([name, stdout + stderr])

  const daemon = startTallow(t, cwd, ['run'], env)
  const log = async (pattern: RegExp): Promise<RegExpExecArray> => await logged(cwd, pattern)
  const [, http = ''] = await log(/listening at (http:[^\s:]+:\d+)/)
  await log(/trade closed/)
  await log(/InfluxDB answered 401[^]*unauthorized/)
  influx.answerWith(400)
  await log(/points? refused, tallow metrics dead-letter/)
  influx.answerWith(204)
  const read = async (argv: readonly string[]): Promise<void> => gather(argv.join(' '), await tallow(cwd, argv, env))
  await Promise.all(
    [0, 1].map(async lane => {
      for (const argv of READERS.filter((_, index) => index % 2 === lane)) await read(argv)
    }),
  )
  for (const path of ['/healthz', '/readyz', '/metrics', '/nothing']) {
    const answer = await fetch(http + path, {
      headers: { authorization: `Bearer ${encodeURIComponent(CANARIES.apiKey)}` },
    })
    written.push([path, JSON.stringify([...answer.headers]) + (await answer.text())])
  }
  gather('run', await daemon.end('SIGTERM'))
  gather('a second run', await tallow(cwd, ['run', '--for', '2s'], env))

  const crashed = await tallow(cwd, ['run', '-s', 'crash', '--data-dir', 'crashed', '--for', '20s'], env)
  assert.equal(crashed.code, 1, crashed.stderr)
  assert.match(crashed.stderr, /tallow: outer \[secret\]\n[^]*caused by: Error: \[secret\]\[secret\]\[secret\]/)
  gather('a crash', crashed)
  const leaking = startTallow(t, cwd, ['run', '-s', 'leak', '-s', 'flip', '--data-dir', 'leaking'], env)
  await log(/strategy leak is left out: [^"]*of \[secret\] and/)
  gather('health of a leak', await tallow(cwd, ['health', '--json', '--data-dir', 'leaking'], env))
  gather('a leak', await leaking.end('SIGTERM'))
  for (const file of ['broken.yaml', 'misspelled.yaml', 'nowhere.yaml'])
    for (const argv of [
      ['config', 'check', '--json'],
      ['run', '--verbose'],
    ])
      gather(`${argv.join(' ')} -c ${file}`, await tallow(cwd, [...argv, '-c', file], env))

  assert.ok(
    influx.received.some(body => body.includes('equity')),
    'points were sent',
  )
  const files = readdirSync(cwd, { recursive: true, encoding: 'utf8' })
  for (const name of ['data/ledger.db', 'data/candles.db', 'data/outbox.db', 'tallow.log'])
    assert.ok(files.includes(name), name)
  const finds = [
    ...written.flatMap(([name, text]) => findsIn(name, text)),
    ...influx.received.flatMap((text, index) => findsIn(`request ${index}`, text)),
    ...findsBelow(cwd, INPUTS),
  ]
  assert.deepEqual(finds, [])
  t.diagnostic(`${written.length} outputs, ${influx.received.length} requests, ${files.length} files: 0 finds`)
  assert.ok(findsBelow(cwd, []).length > 0, 'in the inputs they are')
  writeFileSync(join(cwd, 'control'), CANARIES.token.slice(0, 8))
  assert.equal(findsBelow(cwd, INPUTS).length > 0, true)
})

async function logged(cwd: string, pattern: RegExp): Promise<RegExpExecArray> {
  const giveUpAt = performance.now() + 60_000
  for (;;) {
    const text = readdirSync(cwd).includes('tallow.log') ? readFileSync(join(cwd, 'tallow.log'), 'utf8') : ''
    const found = pattern.exec(text)
    if (found) return found
    assert.ok(performance.now() < giveUpAt, `the log never said ${String(pattern)}: ${text.slice(-3_000)}`)
    await new Promise(resolve => setTimeout(resolve, 50))
  }
}
