import assert from 'node:assert/strict'
import { mkdirSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { test, type TestContext } from 'node:test'
import { loadConfig, readConfig, type ConfigRequest } from '../../src/cli/config/load-config.ts'
import { healthThresholds } from '../../src/cli/config/health-section.ts'
import { DEFAULT_HEALTH_THRESHOLDS } from '../../src/telemetry/health-readings.ts'
import { emptyFolder, filesIn, quietIo, runCli } from './run-cli.ts'

const CONFIG_FOLDER = join(import.meta.dirname, '../../config')

function faultsOf(context: TestContext, yaml: string, env: Record<string, string> = {}, request: ConfigRequest = {}) {
  const folder = emptyFolder(context)
  writeFileSync(join(folder, 'tallow.yaml'), yaml)
  return readConfig(quietIo(folder, { env }), request).faults
}

test('without anything there are defaults, and nothing is made', context => {
  const folder = emptyFolder(context)
  const { config, sources } = loadConfig(quietIo(folder))
  assert.equal(config.bot, 'tallow')
  assert.equal(config.data_dir, join(folder, 'data'))
  assert.deepEqual(config.trading.strategies, [{ name: 'rsi-macd', params: {} }])
  assert.equal(config.exchange.simulator, undefined)
  assert.deepEqual(healthThresholds(config.health), DEFAULT_HEALTH_THRESHOLDS)
  assert.deepEqual(sources, [])
  assert.deepEqual(filesIn(folder), [])
})

test('files, .env, environment and flags: later wins; maps are merged, lists replaced', context => {
  const folder = emptyFolder(context)
  const write = (name: string, text: string): void => writeFileSync(join(folder, name), text)
  write('a.yaml', 'bot: a\ntrading: { cash: 1, stake: 10%, symbols: [BTC/USDT, ETH/USDT] }\nlog: { level: warn }\n')
  write('b.yaml', 'trading: { cash: 2, symbols: [SOL/USDT], fee_rate: 0.002 }\n')
  write('.env', 'TALLOW__TRADING__CASH=3\nTALLOW__TRADING__FEE_RATE=0.003\nTALLOW__LOG__LEVEL=debug\n')
  const io = quietIo(folder, { env: { TALLOW__TRADING__FEE_RATE: '0.004', TALLOW_DATA_DIR: 'from-env' } })
  const overrides = [
    { flag: '--data-dir', path: ['data_dir'], value: undefined },
    { flag: '--fee', path: ['trading', 'fee_rate'], value: 0.005 },
  ]
  const { config, place } = loadConfig(io, { files: ['a.yaml', 'b.yaml'], overrides })
  assert.equal(config.bot, 'a')
  assert.deepEqual(config.trading.symbols, ['SOL/USDT'])
  assert.equal(config.trading.stake, '10%')
  assert.equal(config.trading.cash, 3)
  assert.equal(config.trading.fee_rate, 0.005)
  assert.equal(config.log.level, 'debug')
  assert.equal(config.data_dir, join(folder, 'from-env'))
  assert.equal(place(['trading', 'fee_rate']), '--fee')
  assert.equal(place(['trading', 'stake']), 'a.yaml:2:21')
  assert.match(place(['log', 'level']) ?? '', /\.env: TALLOW__LOG__LEVEL$/)
  assert.equal(place(['data_dir']), 'environment: TALLOW_DATA_DIR')
})

test('./tallow.yaml is read without being asked for, and not when another is named', context => {
  const folder = emptyFolder(context)
  writeFileSync(join(folder, 'tallow.yaml'), 'bot: here\n')
  writeFileSync(join(folder, 'other.yaml'), 'log: { level: warn }\n')
  assert.equal(loadConfig(quietIo(folder)).config.bot, 'here')
  assert.equal(loadConfig(quietIo(folder), { files: ['other.yaml'] }).config.bot, 'tallow')
})

test('.env beside a config in another folder is the one that is read', context => {
  const folder = emptyFolder(context)
  mkdirSync(join(folder, 'conf'))
  writeFileSync(join(folder, 'conf/bot.yaml'), 'bot: a\n')
  writeFileSync(join(folder, 'conf/.env'), 'TALLOW__EXCHANGE__API_KEY=0123e5\n')
  writeFileSync(join(folder, '.env'), 'TALLOW__BOT=wrong\n')
  const { config } = loadConfig(quietIo(folder), { files: ['conf/bot.yaml'] })
  assert.equal(config.bot, 'a')
  // A key that looks like a number stays as it was typed.
  assert.equal(config.exchange.api_key, '0123e5')
})

test('the environment can say lists and parameters', context => {
  const env = {
    TALLOW__TRADING__SYMBOLS: 'BTC/USDT, ETH/USDT',
    TALLOW__TRADING__STRATEGIES: '[{ name: sma-cross, params: { fast: 3 } }]',
    TALLOW__EXCHANGE__SIMULATOR__SPEED: '60',
    TALLOW__EXCHANGE__SIMULATOR__START_TIME: '2024-02-01',
    UNRELATED: 'x',
  }
  const { config } = loadConfig(quietIo(emptyFolder(context), { env }))
  assert.deepEqual(config.trading.symbols, ['BTC/USDT', 'ETH/USDT'])
  assert.deepEqual(config.trading.strategies, [{ name: 'sma-cross', params: { fast: 3 } }])
  assert.equal(config.exchange.simulator?.speed, 60)
  assert.equal(config.exchange.simulator?.start_time, Date.UTC(2024, 1, 1))
})

test('a section whose lines are all commented out is one with its defaults', context => {
  const folder = emptyFolder(context)
  writeFileSync(join(folder, 'tallow.yaml'), 'exchange:\n  simulator:\n    # speed: 60\ntrading:\nbot:\n')
  const { config } = loadConfig(quietIo(folder))
  assert.equal(config.exchange.simulator?.speed, 600)
  assert.equal(config.trading.cash, 10_000)
  assert.equal(config.bot, 'tallow')
})

test('a misspelled key is told with file, line, path and the nearest right one', context => {
  const faults = faultsOf(context, 'bot: a\ntrading:\n  strategies:\n    - name: x\n      parms: {}\n  stakes: all\n')
  assert.deepEqual(faults, [
    {
      message: 'there is no key "trading.strategies[0].parms"',
      where: 'tallow.yaml:5:7',
      hint: 'did you mean "params"?',
    },
    { message: 'there is no key "trading.stakes"', where: 'tallow.yaml:6:3', hint: 'did you mean "stake"?' },
  ])
})

const WRONG_VALUES: readonly (readonly [string, string, RegExp])[] = [
  ['bot: My Bot', 'bot is "My Bot"', /a-z, 0-9/],
  ['bot: 5', 'bot is 5', /must be text/],
  ['trading: { cash: lots }', 'trading.cash is "lots"', /must be a number/],
  ['trading: { cash: .nan }', 'trading.cash is NaN', /must be a number/],
  ['trading: { fee_rate: 1 }', 'trading.fee_rate is 1', /at most 0\.1/],
  ['trading: { fee_rate: -1 }', 'trading.fee_rate is -1', /at least 0/],
  ['trading: { timeframe: 1hh }', 'trading.timeframe is "1hh"', /did you mean "1h"/],
  ['trading: { symbols: BTC/USDT }', 'trading.symbols is "BTC/USDT"', /must be a list/],
  ['trading: { symbols: [btc/usdt] }', 'trading.symbols[0]: "btc/usdt" is not a symbol', /capitals/],
  ['trading: { symbols: [A/B, A/B] }', 'trading.symbols[1]: "A/B" is listed twice', /once/],
  ['trading: { strategies: [] }', 'trading.strategies is empty', /remove the key/],
  ['trading: { strategies: [rsi-macd] }', 'trading.strategies[0] is "rsi-macd"', /keys of its own/],
  ['trading: { strategies: [{ params: {} }] }', 'trading.strategies[0].name is missing', /must be text/],
  ['trading: { stake: 150% }', 'trading.stake: stake "150%" is more than all of the equity', /at most 100%/],
  ['exchange: { retries_max: 1.5 }', 'exchange.retries_max is 1.5', /whole number/],
  ['exchange: { simulator: { start_time: soon } }', 'exchange.simulator.start_time: "soon" is not a time', /UTC/],
  ['influx: { url: localhost }', 'influx.url is "localhost"', /http/],
  ['influx: { url: "http://x:1" }', 'influx.token: missing beside influx.url', /v1/],
  ['influx: { bucket: b }', 'influx.bucket: set without influx.url', /influx\.url/],
  ['log: { level: loud }', 'log.level is "loud"', /trace, debug/],
  ['- a', 'the config is no map of keys', /key: value/],
  ['bot: [1', 'the config is no valid YAML', /mend/],
  ['bot: a\nbot: b', 'the key bot stands twice', /one of the two/],
]

for (const [yaml, message, hint] of WRONG_VALUES)
  test(`refused with place and remedy: ${yaml.replaceAll('\n', ' ⏎ ')}`, context => {
    const [fault] = faultsOf(context, yaml)
    assert.ok(fault?.message.startsWith(message), fault?.message)
    assert.match(fault?.where ?? '', /^tallow\.yaml:\d+:\d+$/)
    assert.match(fault?.hint ?? '', hint)
  })

test('a wrong secret is never repeated', context => {
  const env = { TALLOW__INFLUX__TOKN: 'hunter2', TALLOW__EXCHANGE__API_KEY: '' }
  const faults = [
    ...faultsOf(context, 'influx: { token: [hunter2] }'),
    ...faultsOf(context, '# nothing', env),
    ...faultsOf(context, '# nothing', { TALLOW__EXCHANGE__API_KEY: '' }),
  ]
  assert.equal(faults.length, 3)
  assert.doesNotMatch(JSON.stringify(faults), /hunter2/)
})

for (const key of ['__proto__', 'constructor', 'prototype'])
  test(`${key} is refused at every depth and from every side`, context => {
    for (const yaml of [
      `${key}: { x: 1 }`,
      `trading: { ${key}: 1 }`,
      `trading: { strategies: [{ name: a, params: { ${key}: 1 } }] }`,
    ]) {
      const [fault] = faultsOf(context, yaml)
      assert.match(fault?.message ?? '', /is not allowed/)
      assert.match(fault?.where ?? '', /^tallow\.yaml:1:\d+$/)
    }
    assert.equal(faultsOf(context, '# nothing', { [`TALLOW__${key.toUpperCase()}__X`]: '1' }).length, 1)
    assert.equal(faultsOf(context, '# nothing', { TALLOW__TRADING: `{ ${key}: { cash: 1 } }` }).length, 1)
    assert.equal(({} as Record<string, unknown>).x, undefined)
    assert.equal(({} as Record<string, unknown>).cash, undefined)
  })

test('aliases that multiply without end are refused', context => {
  const lines = ['a: &a [x, x, x, x, x, x, x, x, x]']
  for (let depth = 0; depth < 8; depth++) {
    const one = String.fromCharCode(97 + depth)
    const next = String.fromCharCode(98 + depth)
    lines.push(`${next}: &${next} [*${one}, *${one}, *${one}, *${one}, *${one}, *${one}, *${one}, *${one}, *${one}]`)
  }
  assert.throws(() => faultsOf(context, lines.join('\n')), /the config cannot be read/)
})

test('config check finds the demo in order', async context => {
  const folder = emptyFolder(context)
  const { code, stdout, stderr } = await runCli(folder, ['config', 'check', '-c', join(CONFIG_FOLDER, 'demo.yaml')])
  assert.deepEqual([code, stderr], [0, ''])
  assert.match(stdout, /bot +demo\n[^]*600 × real time[^]*the config is fine\n$/)
  assert.deepEqual(filesIn(folder), [])
})

test('config check tells every fault, and strategies and parameters that are not there', async context => {
  const folder = emptyFolder(context)
  writeFileSync(join(folder, 'a.yaml'), 'bott: x\nlogs: {}\n')
  const keys = await runCli(folder, ['config', 'check', '-c', 'a.yaml'])
  assert.equal(keys.code, 2)
  assert.equal(keys.stdout, '')
  assert.match(keys.stderr, /"bott"\n {2}at: +a\.yaml:1:1\n {2}next: did you mean "bot"\?\n[^]*"logs"\n/)
  writeFileSync(
    join(folder, 'b.yaml'),
    'trading:\n  strategies:\n    - name: rsi-mcd\n    - { name: sma-cross, params: { fats: 3 } }\n',
  )
  const names = await runCli(folder, ['config', 'check', '-c', 'b.yaml'])
  assert.equal(names.code, 2)
  assert.match(names.stderr, /no strategy "rsi-mcd"\n {2}at: +b\.yaml:3:7\n {2}next: did you mean "rsi-macd"\?/)
  assert.match(names.stderr, /no parameter "fats"\n {2}at: +b\.yaml:4:9\n {2}next: did you mean "fast"\?/)
  const json = await runCli(folder, ['config', 'check', '-c', 'b.yaml', '--json'])
  assert.equal(json.code, 2)
  assert.equal((JSON.parse(json.stdout) as { faults: unknown[] }).faults.length, 2)
  assert.deepEqual(filesIn(folder), ['a.yaml', 'b.yaml'])
})

test('a command with a wrong config does nothing and says how to see all faults', async context => {
  const folder = emptyFolder(context)
  writeFileSync(join(folder, 'tallow.yaml'), 'bott: x\nlogs: {}\n')
  for (const argv of [['run'], ['backtest'], ['trades'], ['health', '--json'], ['data', 'list']]) {
    const { code, stdout, stderr } = await runCli(folder, argv)
    assert.equal(code, 2, argv.join(' '))
    assert.equal(stdout, '')
    assert.match(stderr, /there is no key "bott" \(and 1 more: tallow config check lists them\)/)
  }
  assert.deepEqual(filesIn(folder), ['tallow.yaml'])
})
