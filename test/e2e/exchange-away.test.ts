import assert from 'node:assert/strict'
import { existsSync, readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { test, type TestContext } from 'node:test'
import { folderWith, startTallow, tallow, type Tallow } from './support/tallow.ts'

/** The machine is shared with other tests; a candle closes once a minute. */
const PATIENCE_MS = 180_000
const MINUTE_MS = 60_000
/** So long after the start the first candle closes: time for the daemon to start. */
const FIRST_CLOSE_MS = 20_000
const OPENS = Date.UTC(2024, 0, 1)

/** Holds from the first candle on, until its stop is hit; then it is done. */
const STRATEGY = `
import { defineStrategy, enterLong, sma } from 'tallow'
export default defineStrategy({
  columns: () => ({ fast: sma({ period: 3 }) }),
  decide({ position, time }) {
    if (!position && time < ${OPENS + 30 * MINUTE_MS}) return enterLong({ stopLossPercent: 0.2, reason: 'once' })
  },
})
`

async function startSim(t: TestContext, cwd: string, start: number, port = 0): Promise<{ sim: Tallow; url: string }> {
  const own = `sim-${start}`
  const args = ['sim', '--seed', '7', '-p', 'BTC/USDT', '--start', String(start), '--port', String(port)]
  const sim = startTallow(t, cwd, [...args, '--data-dir', own])
  const [url] = await sim.said(/http:\/\/127\.0\.0\.1:\d+/, PATIENCE_MS)
  return { sim, url }
}

function configFor(url: string): string {
  return `
exchange: { base_url: '${url}', request_timeout_ms: 3000 }
trading: { symbols: [BTC/USDT], timeframe: 1m, strategies: [{ name: ./once.ts }] }
`
}

test('with the exchange away the daemon starts from what it kept, can be talked to, and goes on when it is back', async t => {
  const cwd = folderWith(t, { 'once.ts': STRATEGY })
  const first = await startSim(t, cwd, OPENS - FIRST_CLOSE_MS)
  writeFileSync(join(cwd, 'c.yaml'), configFor(first.url))

  const before = startTallow(t, cwd, ['run', '-c', 'c.yaml'])
  await before.said(/clock offset/, PATIENCE_MS)
  await before.said(/bought BTC\/USDT/, PATIENCE_MS)
  assert.equal((await before.end('SIGTERM')).code, 0, before.stderr)
  assert.ok(existsSync(join(cwd, 'data/markets-binance.json.gz')))
  assert.ok(existsSync(join(cwd, 'data/clock-binance.json')))
  await first.sim.end('SIGKILL')

  const after = startTallow(t, cwd, ['run', '-c', 'c.yaml'])
  await after.said(/binance is away \(.*ECONNREFUSED.*\): going by this machine's clock and the offset of/, PATIENCE_MS)
  await after.said(/markets of .* h old\), not asked for again/, PATIENCE_MS)
  await after.said(/holding long .* BTC\/USDT/, PATIENCE_MS)
  await after.said(/BTC\/USDT:1m: fetch failed/, PATIENCE_MS)
  const status = await tallow(cwd, ['status', '-c', 'c.yaml', '--json'])
  assert.equal(status.code, 0, status.stderr)
  const { bots } = JSON.parse(status.stdout) as { bots: { running: boolean; positions: { stop: number | null }[] }[] }
  assert.equal(bots[0]?.running, true, status.stdout)
  assert.ok(Number(bots[0]?.positions[0]?.stop) > 0, 'its stop rests')
  assert.equal((await tallow(cwd, ['close-only', '-c', 'c.yaml'])).code, 0)
  assert.equal((await tallow(cwd, ['resume', '-c', 'c.yaml'])).code, 0)

  // Two hours later: what was missed is fetched, and the stop that rested meanwhile has been hit in it.
  const back = OPENS + 120 * MINUTE_MS - 10_000
  await startSim(t, cwd, back, Number(new URL(first.url).port))
  await after.said(/binance: clock offset/, PATIENCE_MS)
  await after.said(/trade closed BTC\/USDT .*stop/i, PATIENCE_MS)
  await after.said(/up to date at|2024-01-01 0[12]:\d\d.*equity/, PATIENCE_MS)
  assert.equal((await after.end('SIGTERM')).code, 0, after.stderr)
  assert.doesNotMatch(after.stderr, /"level":(50|60)/, 'nothing of it is an error')
  const trades = await tallow(cwd, ['trades', '-c', 'c.yaml', '--json'])
  assert.equal((JSON.parse(trades.stdout) as unknown[]).length, 1, trades.stdout)
})

test('away and nothing kept: the start fails with 1 and says why; a kept file that is none is told and does not count', async t => {
  const cwd = folderWith(t, { 'once.ts': STRATEGY, 'c.yaml': configFor('http://127.0.0.1:9') })
  const bare = await tallow(cwd, ['run', '-c', 'c.yaml'])
  assert.equal(bare.code, 1, bare.stderr)
  assert.match(bare.stderr, /binance did not give its time: .*ECONNREFUSED/)
  writeFileSync(join(cwd, 'data/markets-binance.json.gz'), 'half of someth')
  const torn = await tallow(cwd, ['run', '-c', 'c.yaml'])
  assert.equal(torn.code, 1, torn.stderr)
  assert.match(torn.stderr, /markets-binance\.json\.gz is not used: /)
  assert.equal(readFileSync(join(cwd, 'data/markets-binance.json.gz'), 'utf8'), 'half of someth')
})

/** A candle closes once a minute there. */
const longOnly = process.env.TALLOW_TEST_LONG === '1' ? {} : { skip: 'takes minutes: npm run test:long' }

test(
  'a start that lacks candles of the past waits for the exchange, says so, and can be stopped or goes on',
  longOnly,
  async t => {
    const higher = STRATEGY.replace('columns: () => ({', "columns: () => ({ slow: sma({ period: 3 }).on('5m'),")
    const cwd = folderWith(t, { 'once.ts': higher })
    const first = await startSim(t, cwd, OPENS - FIRST_CLOSE_MS)
    writeFileSync(join(cwd, 'c.yaml'), configFor(first.url))
    const before = startTallow(t, cwd, ['run', '-c', 'c.yaml'])
    await before.said(/bought BTC\/USDT/, PATIENCE_MS)
    assert.equal((await before.end('SIGTERM')).code, 0, before.stderr)
    await first.sim.end('SIGKILL')

    const stopped = startTallow(t, cwd, ['run', '-c', 'c.yaml'])
    await stopped.said(/BTC\/USDT:5m: fetch failed \(1 in a row\)/, PATIENCE_MS)
    const health = await tallow(cwd, ['health', '-c', 'c.yaml', '--json'])
    assert.match(health.stdout, /it is starting: candles of the past are loaded/)
    assert.equal((await stopped.end('SIGTERM')).code, 0, stopped.stderr)

    const after = startTallow(t, cwd, ['run', '-c', 'c.yaml'])
    await after.said(/BTC\/USDT:5m: fetch failed \(1 in a row\)/, PATIENCE_MS)
    await startSim(t, cwd, OPENS + 120 * MINUTE_MS - 10_000, Number(new URL(first.url).port))
    await after.said(/holding long .* BTC\/USDT/, PATIENCE_MS)
    await after.said(/trade closed BTC\/USDT .*stop/i, PATIENCE_MS)
    assert.equal((await after.end('SIGTERM')).code, 0, after.stderr)
  },
)
