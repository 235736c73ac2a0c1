import assert from 'node:assert/strict'
import { mkdirSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { test } from 'node:test'
import { loadConfig } from '../../src/cli/config/load-config.ts'
import { emptyFolder, filesIn, quietIo, runCli } from './run-cli.ts'

interface Shown {
  readonly sources: readonly string[]
  readonly config: Record<string, Record<string, unknown>>
  readonly origins: Readonly<Record<string, string>>
}

test('each value comes with what gave it: default, file and line, .env, environment or flag', async context => {
  const folder = emptyFolder(context)
  const write = (name: string, text: string): void => writeFileSync(join(folder, name), text)
  write('a.yaml', 'bot: a\ntrading:\n  cash: 1\n  stake: 10%\n  fee_rate: 0.002\n')
  write('b.yaml', 'trading:\n  cash: 2\n')
  write('.env', 'TALLOW__TRADING__FEE_RATE=0.003\nTALLOW__LOG__LEVEL=debug\n')
  const env = { TALLOW__LOG__LEVEL: 'warn', TALLOW__EXCHANGE: '{ retries_max: 1 }' }
  const argv = ['config', 'show', '-c', 'a.yaml', '-c', 'b.yaml', '--data-dir', 'elsewhere']
  const { code, stdout } = await runCli(folder, [...argv, '--json'], { env })
  assert.equal(code, 0)
  const { sources, config, origins } = JSON.parse(stdout) as Shown
  assert.deepEqual(sources, ['a.yaml', 'b.yaml', join(folder, '.env')])
  assert.equal(config.trading?.cash, 2)
  assert.equal(origins.bot, 'a.yaml:1:1')
  assert.equal(origins['trading.cash'], 'b.yaml:2:3')
  assert.equal(origins['trading.stake'], 'a.yaml:4:3')
  assert.equal(origins['trading.fee_rate'], `${join(folder, '.env')}: TALLOW__TRADING__FEE_RATE`)
  assert.equal(origins['log.level'], 'environment: TALLOW__LOG__LEVEL')
  assert.equal(origins['exchange.retries_max'], 'environment: TALLOW__EXCHANGE')
  assert.equal(origins['exchange.id'], 'default')
  assert.equal(origins.data_dir, '--data-dir')
  const human = await runCli(folder, argv, { env })
  assert.match(human.stdout, /^ {2}cash: 2 +# b\.yaml:2:3$/m)
  assert.match(human.stdout, /^ {2}id: binance +# default$/m)
  assert.deepEqual(filesIn(folder), ['.env', 'a.yaml', 'b.yaml'])
})

test('of a list that is replaced, what stood in the old one is nobody’s origin', async context => {
  const folder = emptyFolder(context)
  writeFileSync(join(folder, 'a.yaml'), 'trading: { strategies: [{ name: sma-cross, params: { fast: 3 } }] }\n')
  writeFileSync(join(folder, 'b.yaml'), 'trading:\n  strategies:\n    - name: rsi-macd\n')
  const { stdout } = await runCli(folder, ['config', 'show', '-c', 'a.yaml', '-c', 'b.yaml', '--json'])
  const { origins } = JSON.parse(stdout) as Shown
  assert.equal(origins['trading.strategies[0].name'], 'b.yaml:3:7')
  assert.equal(origins['trading.strategies[0].params'], 'default')
})

test('what is shown can be read back, and is the same config', async context => {
  const folder = emptyFolder(context)
  const text = `
bot: "null"
exchange: { simulator: { symbols: [A/USDT], start_time: 2024-02-29 } }
trading: { strategies: [{ name: sma-cross, params: { fast: 3, "odd key: #": "- x" } }, { name: rsi-macd }], stake: 100 }
risk: { cooldown_candles: 4, stop_loss_guard: { per_symbol: true } }
`
  writeFileSync(join(folder, 'tallow.yaml'), text)
  const { stdout } = await runCli(folder, ['config', 'show'])
  const before = loadConfig(quietIo(folder)).config
  mkdirSync(join(folder, 'again'))
  writeFileSync(join(folder, 'again/tallow.yaml'), stdout)
  assert.deepEqual(loadConfig(quietIo(join(folder, 'again'))).config, before)
})

const SECRETS = ['k3y-canary-0123', 's3cret-canary-4567', 't0ken-canary-89ab', 'p4ram-canary-cdef', 'p4ssword-canary']

test('no secret is shown, not even its beginning; where it was set is', async context => {
  const folder = emptyFolder(context)
  const [key = '', secret = '', token = '', param = '', password = ''] = SECRETS
  writeFileSync(join(folder, '.env'), `TALLOW__EXCHANGE__API_SECRET=${secret}\n`)
  const text = `
exchange: { api_key: ${key}, base_url: "http://me:${password}@127.0.0.1:1" }
influx: { url: "http://127.0.0.1:1", org: o, bucket: b }
trading: { strategies: [{ name: rsi-macd, params: { webhook_token: ${param}, note: "${token}" } }] }
`
  writeFileSync(join(folder, 'tallow.yaml'), text)
  const env = { TALLOW__INFLUX__TOKEN: token }
  for (const argv of [
    ['config', 'show'],
    ['config', 'show', '--json'],
  ]) {
    const { code, stdout, stderr } = await runCli(folder, argv, { env })
    assert.equal(code, 0, stderr)
    for (const value of SECRETS) assert.ok(!(stdout + stderr).includes(value.slice(0, 6)), value)
    assert.match(stdout, /environment: TALLOW__INFLUX__TOKEN/)
    assert.match(stdout, /tallow\.yaml:2:13/)
  }
})

test('a config that is wrong is not shown but refused', async context => {
  const folder = emptyFolder(context)
  writeFileSync(join(folder, 'tallow.yaml'), 'bott: x\n')
  const { code, stdout, stderr } = await runCli(folder, ['config', 'show'])
  assert.deepEqual([code, stdout], [2, ''])
  assert.match(stderr, /there is no key "bott"/)
})
