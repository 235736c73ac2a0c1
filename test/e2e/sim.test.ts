import assert from 'node:assert/strict'
import { test } from 'node:test'
import { binance } from 'ccxt'
import { folderWith, startTallow, type Tallow } from './support/tallow.ts'

const MINUTE = 60_000
const SIM = ['sim', '--seed', '7', '-p', 'BTC/USDT,ETH/USDT', '--speed', '600', '--port', '0']

/** An exchange as any program has it, sent to another address. */
function client(url: string): binance {
  const exchange = new binance({ enableRateLimit: false })
  exchange.has.fetchCurrencies = false
  exchange.options.fetchMarkets = { types: ['spot'] }
  const { api } = exchange.urls as { api: Record<string, string> }
  for (const name of ['public', 'v1', 'private']) api[name] = (api[name] ?? '').replace(/^https:\/\/[^/]+/, url)
  return exchange
}

async function urlOf(sim: Tallow): Promise<string> {
  const [url] = await sim.said(/http:\/\/127\.0\.0\.1:\d+/, 10_000)
  return url
}

test('sim alone serves the unmodified ccxt, ends with 0, and its time goes on where it stopped', async t => {
  const cwd = folderWith(t)
  const first = startTallow(t, cwd, SIM)
  const url = await urlOf(first)
  const [said] = await first.said(/plays BTC\/USDT, ETH\/USDT from 2024-01-01 00:00 UTC at 600 × real time/, 1_000)
  assert.ok(said)
  assert.equal(await (await fetch(`${url}/api/v3/ping`)).text(), '{}')

  const exchange = client(url)
  const markets = await exchange.loadMarkets()
  assert.deepEqual(Object.keys(markets).sort(), ['BTC/USDT', 'ETH/USDT'])
  const before = await exchange.fetchTime()
  assert.ok(before !== undefined && before >= Date.UTC(2024, 0, 1))
  const rows = await exchange.fetchOHLCV('ETH/USDT', '1m', undefined, 500)
  assert.equal(rows.length, 500)
  for (const [index, [time, open, high, low, close, volume]] of rows.entries()) {
    assert.equal(Number(time) - Number(rows[0]?.[0]), index * MINUTE, 'history is there at once, without a gap')
    assert.ok(
      Number(high) >= Math.max(Number(open), Number(close)) && Number(low) <= Math.min(Number(open), Number(close)),
    )
    assert.ok(Number(volume) >= 0)
  }
  assert.ok((await exchange.fetchOHLCV('BTC/USDT', '1m', undefined, 5_000)).length <= 1_000, 'as many as Binance gives')
  const last = Number(await exchange.fetchTime())
  assert.ok(last > before, 'time passes')
  const ended = await first.end('SIGINT')
  assert.equal(ended.code, 0, ended.stderr)

  const second = startTallow(t, cwd, SIM)
  const again = client(await urlOf(second))
  const resumed = Number(await again.fetchTime())
  assert.ok(resumed >= last, `${resumed} is before ${last}`)
  assert.ok(resumed < last + 60 * MINUTE, 'nor did it run on meanwhile')
  const same = await again.fetchOHLCV('ETH/USDT', '1m', rows[0]?.[0], 400)
  assert.deepEqual(same, rows.slice(0, 400), 'the same seed has the same candles')
  assert.equal((await second.end('SIGTERM')).code, 0)
})
