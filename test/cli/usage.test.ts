import assert from 'node:assert/strict'
import { test } from 'node:test'
import { emptyFolder, filesIn, runCli } from './run-cli.ts'

/** What was typed, what the message says, what it says to do next. */
const WRONG: readonly (readonly [readonly string[], RegExp, RegExp])[] = [
  [['backtst'], /tallow has no command "backtst"/, /did you mean "backtest"\?/],
  [['backtst', '--help'], /tallow has no command "backtst"/, /did you mean "backtest"\?/],
  [['backtest', '--jso'], /tallow backtest has no flag --jso/, /did you mean --json\?/],
  [['backtest', '--starategy=rsi-macd'], /has no flag --starategy/, /did you mean --strategy\?/],
  [['trades', '--qqqqqqqqqqqq'], /has no flag --qqqqqqqqqqqq/, /tallow trades --help/],
  [['--json', 'trades'], /--json belongs behind the command/, /write tallow/],
  [['trades', 'BTC/USDT'], /takes no argument "BTC\/USDT"/, /--help/],
  [['trades', '--last'], /argument missing/, /--help/],
  [['indicators', 'compute'], /missing required argument/, /--help/],
  [['indicators', 'lst'], /tallow indicators has no command "lst"/, /did you mean "list"\?/],
  [['indicators', 'compute', 'rsii', '--data', 'x.csv'], /there is no indicator "rsii"/, /did you mean "rsi"\?/],
  [['data', 'verfy', 'x'], /tallow data has no command "verfy"/, /did you mean "verify"\?/],
  [['data', 'verify', 'BTC_USDT-1h.csv'], /there is no file BTC_USDT-1h\.csv/, /binance:BTC\/USDT:1h/],
  [['data', 'verify', 'binance:BTC/USDT:1hh'], /"1hh" is not a timeframe/, /did you mean "1h"/],
  [['backtest', '-s', 'rsi-macdd', '--data', 'x.csv'], /there is no strategy "rsi-macdd"/, /did you mean "rsi-macd"\?/],
  [['backtest', '--data', 'nowhere-1h.csv', '--symbol', 'BTC/USDT'], /there is no such file/, /check the path/],
  [['backtest', '-p', 'BTCUSDT'], /"BTCUSDT" is not a symbol[^]*--symbols/, /BASE\/QUOTE/],
  [['backtest', '-t', '1x'], /"1x" is not a timeframe[^]*--timeframe/, /did you mean/],
  [['backtest', '--from', '2024-02-30'], /"2024-02-30" is not a time[^]*--from/, /2024-01-01/],
  [['backtest', '--fee', 'free'], /"free" is not a number[^]*--fee/, /0 to 0\.1/],
  [['backtest', '-c', 'nowhere.yaml'], /there is no config file nowhere\.yaml/, /--config/],
  [['run', '--for', '60'], /"60" is not a duration[^]*--for/, /60s/],
  [['close', 'btc/usdt'], /"btc\/usdt" is not a symbol[^]*SYMBOL/, /in capitals/],
  [['close'], /missing required argument/, /--help/],
  [['pasue'], /tallow has no command "pasue"/, /did you mean "pause"\?/],
  [['explain', 'BTC/USDT', 'yesterday'], /"yesterday" is not a time[^]*TIME/, /2024-01-01/],
  [['explain', 'BTC/USDT,ETH/USDT', '2024-01-01'], /names several symbols[^]*SYMBOL/, /name one/],
  [['trades', '--csv', '--json'], /--json and --csv are given at once/, /one of them/],
  [['trades', '--last', '0'], /0 is out of range[^]*--last/, /at least 1/],
]

for (const [argv, what, next] of WRONG)
  test(`refused with the remedy: tallow ${argv.join(' ')}`, async context => {
    const folder = emptyFolder(context)
    const { code, stdout, stderr } = await runCli(folder, argv)
    assert.equal(code, 2, stderr)
    assert.equal(stdout, '')
    assert.match(stderr, what)
    assert.match(stderr, /\n {2}next: /)
    assert.match(stderr, next)
    assert.equal(stderr.match(/tallow: /g)?.length, 1, 'one message')
    assert.doesNotMatch(stderr, /\n\s+at .*\(/, 'no stack trace')
    assert.deepEqual(filesIn(folder), [])
  })

const LATER: readonly (readonly string[])[] = [
  ['sweep', '--grid', 'period=5:50:5'],
  ['walk-forward'],
  ['replay', '1'],
  ['db', 'backup'],
  ['backtest', '--report', 'x.html'],
  ['run', '--live'],
]

for (const argv of LATER)
  test(`promised for later: tallow ${argv.join(' ')}`, async context => {
    const { code, stdout, stderr } = await runCli(emptyFolder(context), argv)
    assert.equal(code, 2)
    assert.equal(stdout, '')
    assert.match(stderr, /is not in this version/)
  })

test('--live says why', async context => {
  const { stderr } = await runCli(emptyFolder(context), ['run', '--live'])
  assert.match(stderr, /no code sends a real order yet/)
})

test('every command that --help lists has help with an example, all the way down', async context => {
  const folder = emptyFolder(context)
  const visit = async (path: readonly string[]): Promise<number> => {
    const { code, stdout, stderr } = await runCli(folder, [...path, '--help'])
    assert.equal(code, 0)
    assert.equal(stderr, '')
    assert.match(stdout, /Examples?:\n {2}\$ tallow /, path.join(' '))
    const listed = stdout.split('\nCommands:\n')[1]?.split('\n\n')[0] ?? ''
    const names = [...listed.matchAll(/^ {2}([a-z]\S*)/gm)].map(match => match[1] ?? '')
    let count = 1
    for (const name of names) count += await visit([...path, name])
    return count
  }
  const seen = await visit([])
  assert.ok(seen >= 23, `${seen} helps`)
})

test('nothing typed shows the help and is wrong usage; --version is an answer', async context => {
  const folder = emptyFolder(context)
  const nothing = await runCli(folder, [])
  assert.equal(nothing.code, 2)
  assert.match(nothing.stderr, /Usage: tallow/)
  const version = await runCli(folder, ['--version'])
  assert.deepEqual([version.code, version.stderr], [0, ''])
  assert.match(version.stdout, /^\d+\.\d+\.\d+\n$/)
})

test('a stack trace is shown with --verbose, and only then', async context => {
  const folder = emptyFolder(context)
  const quiet = await runCli(folder, ['trades'])
  const verbose = await runCli(folder, ['trades', '--verbose'])
  assert.doesNotMatch(quiet.stderr, /\n\s+at /)
  assert.match(verbose.stderr, /\n\s+at .*sqlite-ledger-reader/)
})
