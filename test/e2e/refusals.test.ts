import assert from 'node:assert/strict'
import { once } from 'node:events'
import { mkdirSync, readdirSync, readFileSync } from 'node:fs'
import { createServer, type AddressInfo } from 'node:net'
import { join } from 'node:path'
import { describe, test } from 'node:test'
import { audit } from './support/audit.ts'
import { fastConfig, folderWith, tallow, type Ended } from './support/tallow.ts'

const START = Date.UTC(2024, 0, 1)
const MINUTE = 60_000

/** A file of minutes, the 21st of which is as given. */
function minutes(count: number, row20?: string): string {
  const rows = Array.from({ length: count }, (_, index) =>
    index === 20 && row20 !== undefined ? row20 : `${START + index * MINUTE},100,110,90,${100 + (index % 7)},5`,
  )
  return ['openTime,open,high,low,close,volume', ...rows, ''].join('\n')
}

const FILES = {
  'BTC_USDT-1m.csv': minutes(600),
  'TXT_USDT-1m.csv': minutes(60, 'as of 20:00 the exchange was down'),
  'NAN_USDT-1m.csv': minutes(60, `${START + 20 * MINUTE},NaN,110,90,101,5`),
  'endless.ts': 'for (;;);',
  'endless-columns.ts': `import { defineStrategy } from 'tallow'
export default defineStrategy({ columns: () => { for (;;); }, decide: () => undefined })`,
  'a-file': '',
  'typo.yaml': 'trading:\n  strategys: []\n',
}

/** What is typed behind a command, the exit code, what the message says, and what it says to do next. */
type Wrong = readonly [args: readonly string[], code: number, what: RegExp, next: RegExp]

const GOOD = 'BTC_USDT-1m.csv'
const WRONG: readonly Wrong[] = [
  [['run', '--candles', 'TXT_USDT-1m.csv'], 2, /line 22 is no candle[^]*at: .*TXT_USDT-1m\.csv/, /tallow data import/],
  [
    ['backtest', '--data', 'TXT_USDT-1m.csv'],
    2,
    /line 22 is no candle[^]*at: .*TXT_USDT-1m\.csv/,
    /tallow data import/,
  ],
  [['run', '--candles', 'NAN_USDT-1m.csv'], 2, /line 22 .*"NaN"[^]*at: .*NAN_USDT-1m\.csv/, /tallow data import/],
  [['sim', '--candles', 'NAN_USDT-1m.csv'], 2, /line 22 .*"NaN"[^]*at: .*NAN_USDT-1m\.csv/, /tallow data import/],
  [['run', '--candles', 'no_USDT-1m.csv'], 2, /there is no such file[^]*no_USDT-1m\.csv/, /check the path/],
  [['sim', '--candles', 'no_USDT-1m.csv'], 2, /there is no such file[^]*no_USDT-1m\.csv/, /check the path/],
  [['run', '--candles', GOOD, '--stak', '1'], 2, /has no flag --stak/, /--stake/],
  [['run', '--candles', GOOD, '-s', 'rsi-mcad'], 2, /there is no strategy "rsi-mcad"/, /rsi-macd/],
  [
    ['backtest', '--data', GOOD, '-s', 'rsi-macd', '--param', 'slwo=3'],
    2,
    /no parameter "slwo"/,
    /did you mean "slow"/,
  ],
  [['run', '--candles', GOOD, '-s', 'rsi-macd', '--param', 'slwo=3'], 2, /no parameter "slwo"/, /did you mean "slow"/],
  [['run', '--candles', GOOD, '-s', './endless.ts'], 2, /did not come back[^]*at: .*endless\.ts/, /correct it/],
  [['run', '--candles', GOOD, '-s', './endless-columns.ts'], 2, /did not come back[^]*at: .*columns\.ts/, /correct it/],
  [['run', '--candles', GOOD, '-p', 'BTC/UDST'], 2, /BTC\/UDST/, /BTC\/USDT/],
  [
    ['run', '--candles', GOOD, '-c', 'typo.yaml'],
    2,
    /"trading\.strategys"[^]*at: .*typo\.yaml:2/,
    /did you mean "strategies"/,
  ],
  [['run', '--candles', GOOD, '--for', '0'], 2, /"0" is not a duration/, /60s/],
  [['run', '--candles', GOOD, '--speed', '0'], 2, /0 is out of range[^]*--speed/, /0\.001/],
  [['run', '--candles', GOOD, '--data-dir', 'a-file'], 2, /a file stands in its way/, /--data-dir/],
  [['run', '--candles', GOOD, '--data-dir', '/proc/tallow'], 1, /cannot be written/, /--data-dir/],
  [['run'], 2, /no symbols are named/, /-p BTC\/USDT/],
  [['sim', '--speed', '0'], 2, /0 is out of range[^]*--speed/, /0\.001/],
  [['sim', '--prot', '1'], 2, /has no flag --prot/, /--port/],
  [['sim', '--data-dir', 'a-file'], 2, /a file stands in its way/, /--data-dir/],
]

describe(
  'wrong input is refused with one message, place and remedy, and nothing is created',
  { concurrency: 2 },
  () => {
    for (const [args, code, what, next] of WRONG)
      test(args.join(' '), async t => {
        const cwd = folderWith(t, FILES)
        const ended = await tallow(cwd, args)
        checkRefusal(ended, code)
        assert.match(ended.stderr, what)
        assert.match(ended.stderr.split('\n  next: ')[1] ?? '', next)
        assert.deepEqual(readdirSync(cwd).sort(), Object.keys(FILES).sort())
      })
  },
)

const FAILING: Readonly<Record<string, readonly [source: string, message: RegExp, place: RegExp]>> = {
  throws: [
    `import { defineStrategy, enterLong, exit, sma } from 'tallow'
let calls = 0
export default defineStrategy({
  columns: () => ({ fast: sma({ period: 3 }) }),
  decide({ position }) {
    if (calls++ > 60) throw new Error('fell over')
    return position ? exit('flip') : enterLong()
  },
})`,
    /strategy throws failed on \w+\/USDT at 2024-01-01T\S+: fell over/,
    /strategies\/throws\.ts:6:/,
  ],
  rubbish: [
    `import { defineStrategy } from 'tallow'
export default defineStrategy({ columns: () => ({}), decide: () => ({ buy: true }) as never })`,
    /strategy rubbish returned no intent/,
    /strategies\/rubbish\.ts/,
  ],
}

describe('a strategy that fails while the daemon runs', { concurrency: 2 }, () => {
  for (const [name, [source, message, place]] of Object.entries(FAILING))
    test(`${name}: the daemon ends with 2, names file and line, keeps the ledger whole, and health says why`, async t => {
      const cwd = folderWith(t, { 'tallow.yaml': fastConfig(3_000, name), [`strategies/${name}.ts`]: source })
      const ended = await tallow(cwd, ['run', '--for', '20s'])
      assert.equal(ended.code, 2, ended.stderr)
      const words = ended.stderr
        .split('\n')
        .filter(line => !line.startsWith('{'))
        .join('\n')
      checkRefusal({ ...ended, stderr: words }, 2)
      assert.match(words, message)
      assert.match(words.split('\n  at:   ')[1] ?? '', place)
      const { fillIds } = audit(join(cwd, 'data'))
      assert.equal(fillIds.length > 0, name === 'throws')
      const health = await tallow(cwd, ['health'])
      assert.equal(health.code, 1)
      assert.match(health.stdout, /^unreachable: the daemon stopped with an error: strategy /)
    })
})

test('a port that is taken and an exchange that is away end with 1: both may pass', async t => {
  const server = createServer().listen(0, '127.0.0.1')
  await once(server, 'listening')
  t.after(() => server.close())
  const { port } = server.address() as AddressInfo
  const cwd = folderWith(t, FILES)
  const away = { TALLOW__EXCHANGE__BASE_URL: 'http://127.0.0.1:1', TALLOW__EXCHANGE__RETRIES_MAX: '0' }
  const [run, sim, exchange] = await Promise.all([
    tallow(cwd, ['run', '--candles', GOOD], { TALLOW__EXCHANGE__SIMULATOR__PORT: String(port) }),
    tallow(cwd, ['sim', '--port', String(port), '--data-dir', 'sim']),
    tallow(cwd, ['run', '-p', 'BTC/USDT', '--data-dir', 'away'], away),
  ])
  for (const ended of [run, sim]) {
    checkRefusal(ended, 1)
    assert.match(ended.stderr, new RegExp(`port ${port} is taken`))
  }
  checkRefusal(exchange, 1)
  assert.match(exchange.stderr, /ECONNREFUSED/)
})

test('a ledger that is none is refused and left as it was', async t => {
  const cwd = folderWith(t, { ...FILES, 'text/ledger.db': 'this is no database, whatever its name says' })
  mkdirSync(join(cwd, 'folder/ledger.db'), { recursive: true })
  const [folder, text] = await Promise.all([
    tallow(cwd, ['run', '--candles', GOOD, '--data-dir', 'folder']),
    tallow(cwd, ['run', '--candles', GOOD, '--data-dir', 'text']),
  ])
  checkRefusal(folder, 2)
  assert.match(folder.stderr, /ledger\.db is a folder/)
  checkRefusal(text, 1)
  assert.match(text.stderr, /damaged or no ledger/)
  assert.match(readFileSync(join(cwd, 'text/ledger.db'), 'utf8'), /^this is no database/)
})

function checkRefusal({ code, signal, stdout, stderr }: Ended, expected: number): void {
  assert.deepEqual([code, signal, stdout], [expected, null, ''], stderr)
  assert.match(stderr, /^tallow: .+\n/)
  assert.match(stderr, /\n {2}next: .+\n/)
  assert.equal(stderr.match(/tallow: /g)?.length, 1, stderr)
  assert.doesNotMatch(stderr, /\n\s+at .*[(:]\d/, 'no stack trace')
  assert.doesNotMatch(stderr, /is a bug/)
}
