import assert from 'node:assert/strict'
import { mkdtempSync, readdirSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { setTimeout as delay } from 'node:timers/promises'
import { test } from 'node:test'
import { TallowError } from '../../../src/domain/errors.ts'
import { cachedBy } from '../../../src/market/cache/cached.ts'

const MINUTE = 60_000

function setUp() {
  const clock = { now: 0 }
  const calls: string[] = []
  const answer = async (symbol: string, rows: number): Promise<{ symbol: string; rows: number }> => {
    calls.push(`${symbol} ${rows}`)
    if (symbol === 'ill') throw new Error('away')
    return { symbol, rows }
  }
  return { clock, calls, answer, cached: cachedBy(() => clock.now) }
}

test('equal arguments are asked for once, also at the same time, until their time is over', async () => {
  const { clock, calls, answer, cached } = setUp()
  const kept = cached(answer, { ttlSeconds: 10 })
  const [first, second] = await Promise.all([kept('BTC/USDT', 5), kept('BTC/USDT', 5)])
  assert.equal(first, second)
  assert.deepEqual(await kept('BTC/USDT', 6), { symbol: 'BTC/USDT', rows: 6 })
  clock.now = 9_999
  await kept('BTC/USDT', 5)
  assert.equal(calls.length, 2)
  clock.now = 10_000
  await kept('BTC/USDT', 5)
  assert.equal(calls.length, 3)
  kept.invalidate('BTC/USDT', 5)
  await kept('BTC/USDT', 5)
  kept.clear()
  await kept('BTC/USDT', 6)
  assert.equal(calls.length, 5)
  assert.equal(kept.metrics().joined, 1)
})

test('what follows from candles is asked for again when the next has closed', async () => {
  const { clock, calls, answer, cached } = setUp()
  const kept = cached(answer, { untilNextClose: '1m', key: symbol => symbol })
  clock.now = 30_000
  await kept('BTC/USDT', 1)
  clock.now = MINUTE + 499
  await kept('BTC/USDT', 2)
  assert.equal(calls.length, 1)
  clock.now = MINUTE + 500
  await kept('BTC/USDT', 3)
  assert.equal(calls.length, 2)
})

test('a failure is not kept; undefined and null are results like others; nonsense is refused', async () => {
  const { calls, answer, cached } = setUp()
  const kept = cached(answer)
  await assert.rejects(kept('ill', 1), /away/)
  await assert.rejects(kept('ill', 1), /away/)
  assert.equal(calls.length, 2)
  let asked = 0
  const nothing = cached(() => {
    asked++
    return undefined
  })
  assert.equal(await nothing(), undefined)
  assert.equal(await nothing(), undefined)
  assert.equal(asked, 1)
  const wrong = [{ ttlSeconds: -1 }, { ttlSeconds: Number.NaN }, { maxSizeMb: 0 }, { folder: 'f', folderSizeMb: 0 }]
  for (const options of wrong)
    assert.throws(
      () => cached(answer, options),
      error => error instanceof TallowError && error.kind === 'bad-input',
    )
})

test('with a folder results outlive the process, until their time is over; one that cannot be used is refused', async t => {
  const base = mkdtempSync(join(tmpdir(), 'tallow-cached-'))
  t.after(() => rmSync(base, { recursive: true, force: true }))
  const folder = join(base, 'answers')
  const first = setUp()
  const options = { ttlSeconds: 10, folder }
  await first.cached(first.answer, options)('BTC/USDT', 5)
  while (!readdirSync(folder).some(name => name.endsWith('.cache'))) await delay(5)

  const later = setUp()
  later.clock.now = 9_999
  const again = later.cached(later.answer, options)
  assert.deepEqual(await again('BTC/USDT', 5), { symbol: 'BTC/USDT', rows: 5 })
  assert.deepEqual([later.calls.length, again.metrics().disk?.hits], [0, 1])
  again.invalidate('BTC/USDT', 5)
  assert.equal((await again('BTC/USDT', 5)).rows, 5)
  assert.equal(later.calls.length, 1)

  const expired = setUp()
  expired.clock.now = 20_000
  await expired.cached(expired.answer, options)('BTC/USDT', 5)
  assert.equal(expired.calls.length, 1)

  const file = join(base, 'file')
  writeFileSync(file, '')
  assert.throws(() => expired.cached(expired.answer, { folder: join(file, 'below') }), /folder .* cannot be used/)
})
