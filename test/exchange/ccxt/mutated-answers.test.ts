import assert from 'node:assert/strict'
import { readdirSync, readFileSync } from 'node:fs'
import { createServer } from 'node:http'
import type { AddressInfo } from 'node:net'
import { join } from 'node:path'
import { test } from 'node:test'
import fc from 'fast-check'
import { TallowError } from '../../../src/domain/errors.ts'
import { createCcxtSource } from '../../../src/exchange/ccxt/ccxt-source.ts'
import { GeneratedSource } from '../../../src/exchange/simulator/generated-source.ts'
import { startSimulator } from '../../../src/exchange/simulator/simulator.ts'
import { rowDefect } from '../../../src/frame/row-check.ts'
import { checkRows } from '../../../src/market/boundary.ts'
import { requireTestData, withoutTestData } from '../../support/test-data.ts'

const LONG = process.env.TALLOW_TEST_LONG === '1'
const ANSWERS = LONG ? 1_000_000 : 10_000
const START = Date.UTC(2024, 0, 1)
const NOW = START + 30 * 60_000
const RAW = 'golden/exchange-raw'

/** Bodies that exchanges really sent, and one of ours. */
function bodies(folder: string, own: string): string[] {
  const files = readdirSync(folder, { recursive: true, encoding: 'utf8' }).filter(name => name.endsWith('.json'))
  return [own, ...files.map(name => readFileSync(join(folder, name), 'utf8').slice(0, 20_000))]
}

const PIECES = [
  'null',
  '""',
  '{}',
  '[]',
  '-1',
  '1e999',
  '"NaN"',
  '"0x10"',
  '<html>',
  '\u0000',
  '"__proto__":1,',
  '9'.repeat(400),
  '}',
  ']]',
  ',',
]

/** Cuts, repeats, swaps and plants pieces, as broken proxies and half-written caches do. */
function mutated(body: string, cuts: readonly (readonly [number, number, number])[]): string {
  let text = body
  for (const [where, how, length] of cuts) {
    const at = Math.floor(where * text.length)
    const piece = PIECES[length % PIECES.length] ?? ''
    if (how === 0) text = text.slice(0, at)
    else if (how === 1) text = text.slice(0, at) + text.slice(at + length)
    else if (how === 2) text = text.slice(0, at) + piece + text.slice(at)
    else if (how === 3)
      text = text.slice(0, at) + text.slice(at, at + length * 7).repeat(2) + text.slice(at + length * 7)
    else if (how === 4) text = text.slice(0, at) + text.slice(at).replace(/\d/, String(length % 10))
    else text = text.slice(0, at) + text.slice(at).replace(/"[^"]*"/, piece)
  }
  return text
}

test(
  `${ANSWERS.toLocaleString('en')} mutated answers through the real ccxt: a typed error or good candles, nothing else`,
  { skip: withoutTestData(RAW) },
  async t => {
    const simulator = await startSimulator({ source: new GeneratedSource({ symbols: ['BTC/USDT'] }), startTime: NOW })
    t.after(() => simulator.close())
    const own = await (
      await fetch(`${simulator.url}/api/v3/klines?symbol=BTCUSDT&interval=1m&startTime=${START}&limit=12`)
    ).text()
    let body = own
    const server = createServer((_request, response) => response.end(body))
    await new Promise<void>(resolve => server.listen(0, '127.0.0.1', resolve))
    t.after(() => server.close())
    const markets = await createCcxtSource({ exchangeId: 'binance', baseUrl: simulator.url })
    const source = await createCcxtSource({
      exchangeId: 'binance',
      baseUrl: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
    })
    source.putBackMarkets(await markets.refreshMarkets())
    t.after(() => Promise.all([markets.close(), source.close()]))
    const uncaught: unknown[] = []
    const note = (error: unknown): void => void uncaught.push(error)
    process.on('unhandledRejection', note)
    t.after(() => process.off('unhandledRejection', note))

    const whole = bodies(requireTestData(RAW), own)
    const counts = { refused: 0, rows: 0, good: 0 }
    const cut = fc.tuple(
      fc.double({ min: 0, max: 1, noNaN: true }),
      fc.integer({ min: 0, max: 5 }),
      fc.integer({ min: 1, max: 40 }),
    )
    // Half of them are ours: others are mostly refused as a whole.
    const which = fc.oneof(fc.constant(0), fc.nat(whole.length - 1))
    await fc.assert(
      fc.asyncProperty(which, fc.array(cut, { minLength: 1, maxLength: 2 }), async (index, cuts) => {
        body = mutated(whole[index] ?? own, cuts)
        try {
          const request = { symbol: 'BTC/USDT', timeframe: '1m', since: START, limit: 12 } as const
          const rows = await source.fetchCandles(request)
          const options = { timeframe: '1m', since: START, exchangeTime: NOW, closeMarginMs: 500 } as const
          const { closed } = checkRows(rows, options)
          counts.rows++
          let before = START - 1
          for (let row = 0; row < closed.length; row++) {
            const { openTime, open, high, low, close, volume } = closed.candle(row)
            assert.equal(rowDefect('1m', openTime, open, high, low, close, volume), undefined)
            assert.ok(openTime > before && openTime + 60_000 <= NOW - 500)
            before = openTime
            counts.good++
          }
        } catch (error) {
          assert.ok(error instanceof TallowError && error.kind !== 'bug', String(error))
          counts.refused++
        }
      }),
      { numRuns: ANSWERS },
    )
    await new Promise(resolve => setImmediate(resolve))
    assert.deepEqual(uncaught, [])
    assert.ok(counts.good > ANSWERS / 10 && counts.refused > ANSWERS / 10, JSON.stringify(counts))
    t.diagnostic(JSON.stringify(counts))
  },
)
