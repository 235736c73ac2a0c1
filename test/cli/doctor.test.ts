import assert from 'node:assert/strict'
import { chmodSync, mkdirSync, readdirSync, readFileSync, statSync, writeFileSync } from 'node:fs'
import { createServer, type RequestListener } from 'node:http'
import type { AddressInfo } from 'node:net'
import { join } from 'node:path'
import { test, type TestContext } from 'node:test'
import { generatedSource } from '../../src/cli/played-source.ts'
import { startSimulator } from '../../src/exchange/simulator/simulator.ts'
import { freePort } from '../support/influx-server.ts'
import { liveLedger } from './ledgers.ts'
import { emptyFolder, filesIn, runCli, type Surroundings } from './run-cli.ts'

interface Finding {
  readonly name: string
  readonly status: string
  readonly detail: string
  readonly remedy: string
}

const EMBEDDED = 'exchange: { simulator: {} }\nhttp: { port: 0 }\n'

async function examined(folder: string, argv: readonly string[] = [], surroundings: Surroundings = {}) {
  const { code, stdout, stderr } = await runCli(folder, ['doctor', '--json', ...argv], surroundings)
  assert.equal(stderr, '')
  const { status, checks } = JSON.parse(stdout) as { readonly status: string; readonly checks: readonly Finding[] }
  assert.equal(code, status === 'fail' ? 1 : 0)
  for (const { name, status: found, detail, remedy } of checks) {
    assert.match(found, /^(ok|warn|fail)$/)
    assert.notEqual(detail, '', name)
    assert.equal(remedy === '', found === 'ok', `${name}: what is not well has a remedy, what is well has none`)
  }
  const find = (name: string): Finding => {
    const found = checks.find(check => check.name === name)
    assert.ok(found, name)
    return found
  }
  return { code, status, checks, find, stdout }
}

async function serving(context: TestContext, answer: RequestListener): Promise<string> {
  const server = createServer(answer)
  await new Promise<void>(resolve => server.listen(0, '127.0.0.1', resolve))
  context.after(() => {
    server.closeAllConnections()
    server.close()
  })
  return `http://127.0.0.1:${(server.address() as AddressInfo).port}`
}

/** Names, sizes and times of everything below a folder. */
function snapshot(folder: string): unknown {
  return readdirSync(folder, { recursive: true, encoding: 'utf8' })
    .sort()
    .map(name => {
      const { size, mtimeMs, mode } = statSync(join(folder, name))
      return [name, size, mtimeMs, mode]
    })
}

test('all is well with the embedded exchange, and nothing is changed on disk', async context => {
  const folder = emptyFolder(context)
  writeFileSync(join(folder, 'tallow.yaml'), EMBEDDED)
  const before = snapshot(folder)
  const { code, checks, find } = await examined(folder)
  assert.equal(code, 0)
  const names =
    'config secret_files node native_addon strategy_loader versions memory data_folder disk_space file_system'
  assert.deepEqual(checks.map(({ name }) => name).join(' '), `${names} daemon ledger http_port exchange clock influxdb`)
  assert.match(find('versions').detail, /^tallow \d+\.\d+\.\d+, node \d+\.\d+\.\d+, ccxt \d+\.\d+\.\d+, sqlite 3\.\d+/)
  assert.match(find('exchange').detail, /embedded/)
  assert.deepEqual(snapshot(folder), before)
})

test('for people each check is a line, with what to do next under it', async context => {
  const folder = emptyFolder(context)
  writeFileSync(join(folder, 'tallow.yaml'), `${EMBEDDED}health: { disk_free_fail_mb: 1.0e9 }\n`)
  const { code, stdout } = await runCli(folder, ['doctor'])
  assert.equal(code, 1)
  assert.match(stdout, /^ok {4}config +tallow\.yaml$/m)
  assert.match(stdout, /^fail {2}disk_space +\d+ MiB free\n +next: free space/m)
  assert.match(stdout, /\n16 checks: 1 fail, \d warn\n$/)
})

test('a config that is wrong is found, and the machine is looked at all the same', async context => {
  const folder = emptyFolder(context)
  for (const [text, detail] of [
    ['bott: a\n', /^tallow\.yaml:1:1: there is no key "bott"/],
    ['', /is empty/],
  ] as const) {
    writeFileSync(join(folder, 'tallow.yaml'), text)
    const { code, find } = await examined(folder)
    assert.equal(code, 1)
    assert.match(find('config').detail, detail)
    assert.equal(find('native_addon').status, 'ok')
  }
})

test('a data folder that cannot be is found', async context => {
  const folder = emptyFolder(context)
  writeFileSync(join(folder, 'tallow.yaml'), EMBEDDED)
  writeFileSync(join(folder, 'file'), '')
  assert.equal((await examined(folder, ['--data-dir', 'file'])).find('data_folder').status, 'fail')
  assert.equal((await examined(folder, ['--data-dir', 'file/data'])).find('data_folder').status, 'fail')
  mkdirSync(join(folder, 'open'))
  chmodSync(join(folder, 'open'), 0o777)
  assert.match((await examined(folder, ['--data-dir', 'open'])).find('data_folder').remedy, /^chmod o-w/)
  assert.match((await examined(folder, ['--data-dir', 'new/data'])).find('data_folder').detail, /will be made$/)
})

test('a file with keys in it that others can read is found', async context => {
  const folder = emptyFolder(context)
  writeFileSync(join(folder, 'tallow.yaml'), EMBEDDED)
  writeFileSync(join(folder, '.env'), 'TALLOW__EXCHANGE__API_KEY=canary-key-0123\n')
  chmodSync(join(folder, '.env'), 0o644)
  const open = await examined(folder)
  assert.equal(open.find('secret_files').status, 'warn')
  assert.match(open.find('secret_files').remedy, /^chmod 600 .*\.env$/)
  assert.ok(!open.stdout.includes('canary-k'))
  chmodSync(join(folder, '.env'), 0o600)
  assert.equal((await examined(folder)).find('secret_files').status, 'ok')
})

test('an exchange that answers is reached, and the clocks are compared', async context => {
  const folder = emptyFolder(context)
  const play = async (startTime: number): Promise<string> => {
    const source = generatedSource({ seed: 1, symbols: ['BTC/USDT'], startTime })
    const simulator = await startSimulator({ source, startTime })
    context.after(() => simulator.close())
    return simulator.url
  }
  writeFileSync(join(folder, 'now.yaml'), `http: { port: 0 }\nexchange: { base_url: "${await play(Date.now())}" }\n`)
  const agreeing = await examined(folder, ['-c', 'now.yaml'])
  assert.match(agreeing.find('exchange').detail, /^binance answers in \d+ ms$/)
  assert.match(agreeing.find('clock').detail, /^\d+ ms (behind|ahead of) the exchange/)
  assert.notEqual(agreeing.find('clock').status, 'fail')
  writeFileSync(
    join(folder, 'hour.yaml'),
    `http: { port: 0 }\nexchange: { base_url: "${await play(Date.now() + 3_600_000)}" }\n`,
  )
  const off = await examined(folder, ['-c', 'hour.yaml'])
  assert.equal(off.code, 1)
  assert.match(off.find('clock').detail, /^3\d{6} ms behind the exchange/)
  assert.match(off.find('clock').remedy, /NTP/)
})

test('an exchange that does not answer, or is none, is found within its time', async context => {
  const folder = emptyFolder(context)
  writeFileSync(
    join(folder, 'away.yaml'),
    `http: { port: 0 }\nexchange: { base_url: "http://127.0.0.1:${await freePort()}" }\n`,
  )
  const away = await examined(folder, ['-c', 'away.yaml'])
  assert.deepEqual([away.find('exchange').status, away.find('clock').status], ['fail', 'ok'])
  const silent = await serving(context, () => undefined)
  writeFileSync(
    join(folder, 'silent.yaml'),
    `http: { port: 0 }\nexchange: { base_url: "${silent}", request_timeout_ms: 300 }\n`,
  )
  const startedAt = performance.now()
  assert.equal((await examined(folder, ['-c', 'silent.yaml'])).find('exchange').status, 'fail')
  assert.ok(performance.now() - startedAt < 5_000)
  writeFileSync(join(folder, 'none.yaml'), 'http: { port: 0 }\nexchange: { id: nosuchexchange }\n')
  assert.match((await examined(folder, ['-c', 'none.yaml'])).find('exchange').detail, /knows no exchange/)
})

test('InfluxDB is pinged, and its token is tried without being told', async context => {
  const folder = emptyFolder(context)
  const token = 'canary-token-0123456789'
  const tokens: (string | undefined)[] = []
  const url = await serving(context, (request, response) => {
    if (request.url !== '/ping') tokens.push(request.headers.authorization)
    const known = request.url === '/ping' || request.headers.authorization === `Token ${token}`
    response.writeHead(request.url === '/ping' ? 204 : known ? 200 : 401, { 'x-influxdb-version': 'v2.7' }).end()
  })
  const config = (influx: string): void => writeFileSync(join(folder, 'tallow.yaml'), `${EMBEDDED}influx: ${influx}\n`)
  config(`{ url: "${url}", org: o, bucket: b }`)
  const right = await examined(folder, [], { env: { TALLOW__INFLUX__TOKEN: token } })
  assert.match(right.find('influxdb').detail, /answers, version v2\.7$/)
  const wrong = await examined(folder, [], { env: { TALLOW__INFLUX__TOKEN: 'canary-wrong-0123' } })
  assert.deepEqual([wrong.code, wrong.find('influxdb').status], [1, 'fail'])
  assert.match(wrong.find('influxdb').detail, /refuses the token/)
  assert.deepEqual(tokens, [`Token ${token}`, 'Token canary-wrong-0123'])
  config(`{ url: "${url}", v1: { database: d } }`)
  assert.equal((await examined(folder)).find('influxdb').status, 'ok')
  config(`{ url: "http://127.0.0.1:${await freePort()}", v1: { database: d } }`)
  assert.match((await examined(folder)).find('influxdb').detail, /ECONNREFUSED/)
  for (const { stdout } of [right, wrong]) assert.doesNotMatch(stdout, /canary/)
})

test('a sound ledger is checked without a trace, a damaged one is found', async context => {
  const folder = emptyFolder(context)
  writeFileSync(join(folder, 'tallow.yaml'), EMBEDDED)
  liveLedger(context, folder).close()
  const before = snapshot(join(folder, 'data'))
  assert.match((await examined(folder)).find('ledger').detail, /^sound/)
  assert.deepEqual(snapshot(join(folder, 'data')), before)

  const path = join(folder, 'data/ledger.db')
  const bytes = readFileSync(path)
  bytes.fill(0x5a, 4_096)
  writeFileSync(path, bytes)
  const damaged = await examined(folder)
  assert.equal(damaged.code, 1)
  assert.equal(damaged.find('ledger').status, 'fail')
  assert.match(damaged.find('ledger').remedy, /backup/)
  writeFileSync(path, 'no database')
  assert.equal((await examined(folder)).find('ledger').status, 'fail')
})

test('of what a killed daemon left in the write-ahead log nothing is missed or changed', async context => {
  const folder = emptyFolder(context)
  writeFileSync(join(folder, 'tallow.yaml'), EMBEDDED)
  const ledger = liveLedger(context, folder)
  const wal = readFileSync(join(folder, 'data/ledger.db-wal'))
  const main = readFileSync(join(folder, 'data/ledger.db'))
  ledger.close()
  writeFileSync(join(folder, 'data/ledger.db'), main)
  writeFileSync(join(folder, 'data/ledger.db-wal'), wal)
  const before = snapshot(join(folder, 'data'))
  assert.ok(wal.length > 0)
  assert.equal((await examined(folder)).find('ledger').status, 'ok')
  assert.deepEqual(snapshot(join(folder, 'data')), before)
})

test('doctor leaves nothing in a folder that is empty', async context => {
  const folder = emptyFolder(context)
  writeFileSync(join(folder, 'c.yaml'), EMBEDDED)
  await examined(folder, ['-c', 'c.yaml'])
  assert.deepEqual(filesIn(folder), ['c.yaml'])
})

test('a port that another program has is found', async context => {
  const folder = emptyFolder(context)
  const url = await serving(context, () => undefined)
  const port = Number(new URL(url).port)
  const config = (more: string): void =>
    writeFileSync(join(folder, 'tallow.yaml'), `exchange: { simulator: {} }\nhttp: { port: ${port}${more} }\n`)
  config('')
  const taken = await examined(folder)
  assert.deepEqual([taken.code, taken.find('http_port').status], [1, 'fail'])
  assert.match(taken.find('http_port').detail, /EADDRINUSE/)
  config(', when_taken: any')
  assert.equal((await examined(folder)).find('http_port').status, 'warn')
  config(', enabled: false')
  assert.equal((await examined(folder)).find('http_port').status, 'ok')
})
