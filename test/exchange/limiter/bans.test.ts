import { deepEqual, equal } from 'node:assert/strict'
import { mkdtempSync, readdirSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { test } from 'node:test'
import fc from 'fast-check'
import { readBanFile, writeBanFile } from '../../../src/exchange/limiter/ban-file.ts'
import { WeightLimiter } from '../../../src/exchange/limiter/weight-limiter.ts'
import { VirtualClock } from '../support/virtual-clock.ts'

const MINUTE_MS = 60_000
const DAY_MS = 86_400_000
const BINANCE = { exchange: 'binance', baseUrl: undefined }

test('a Retry-After stops all requests, whatever the status; without one a 503 stops none', () => {
  const clock = new VirtualClock(5_000)
  const bans: number[] = []
  const limiter = new WeightLimiter({ clock, onBan: until => bans.push(until) })
  limiter.observe({ status: 503 })
  limiter.observe({ status: 503, retryAfterMs: 9_000 })
  // Shorter than what is known already: no news.
  limiter.observe({ status: 429, retryAfterMs: 2_000 })
  limiter.observe({ status: 200, retryAfterMs: 50_000 })
  deepEqual(bans, [14_000])
  equal(limiter.metrics().bannedUntil, 14_000)
})

test('bans without an end grow each time, up to three days, until an answer comes', async () => {
  const clock = new VirtualClock(0)
  const limiter = new WeightLimiter({ clock })
  const lengths: number[] = []
  const ban = async (): Promise<void> => {
    const now = clock.now()
    limiter.observe({ status: 418 })
    // Of requests that were on their way when the first was told.
    limiter.observe({ status: 418 })
    lengths.push(limiter.metrics().bannedUntil - now)
    await clock.advance(limiter.metrics().bannedUntil - now)
  }
  for (let times = 0; times < 13; times++) await ban()
  deepEqual(
    lengths.slice(0, 4),
    [2, 4, 8, 16].map(minutes => minutes * MINUTE_MS),
  )
  equal(lengths.at(-1), 3 * DAY_MS)
  limiter.observe({ status: 200 })
  await ban()
  equal(lengths.at(-1), 2 * MINUTE_MS)
})

test('a ban is read back until it is over, and only by those whom it is about', t => {
  const folder = mkdtempSync(join(tmpdir(), 'tallow-ban-'))
  t.after(() => rmSync(folder, { recursive: true, force: true }))
  const path = join(folder, 'deep/ban-binance.json')
  deepEqual(readBanFile(path, BINANCE, 0), { kind: 'absent' })
  writeBanFile(path, BINANCE, 10_000)
  deepEqual(readdirSync(join(folder, 'deep')), ['ban-binance.json'])
  deepEqual(readBanFile(path, BINANCE, 9_999), { kind: 'kept', value: 10_000 })
  deepEqual(readBanFile(path, BINANCE, 10_000), { kind: 'absent' })
  deepEqual(readBanFile(path, { ...BINANCE, baseUrl: 'http://127.0.0.1:1' }, 0), { kind: 'absent' })
  // The clock was set back by a year: nobody bans for so long.
  writeBanFile(path, BINANCE, 365 * DAY_MS)
  deepEqual(readBanFile(path, BINANCE, 0), { kind: 'kept', value: 3 * DAY_MS })
})

test('whatever stands in the file, a start goes on', t => {
  const folder = mkdtempSync(join(tmpdir(), 'tallow-ban-'))
  t.after(() => rmSync(folder, { recursive: true, force: true }))
  const path = join(folder, 'ban-binance.json')
  const header = { content: 'ban', format: 1, exchange: 'binance', baseUrl: null }
  const texts = fc.oneof(
    fc.string(),
    fc.json(),
    fc.anything().map(bannedUntil => JSON.stringify({ ...header, bannedUntil }) ?? ''),
    fc.constant('x'.repeat(5_000)),
  )
  fc.assert(
    fc.property(texts, text => {
      writeFileSync(path, text)
      const found = readBanFile(path, BINANCE, 1_000)
      return found.kind !== 'kept' || (Number.isSafeInteger(found.value) && found.value > 1_000)
    }),
    { numRuns: 500 },
  )
})
