import assert from 'node:assert/strict'
import { mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { test, type TestContext } from 'node:test'
import fc from 'fast-check'
import { structuredCodec } from '../../../src/market/cache/cache-codec.ts'
import { DiskLevel } from '../../../src/market/cache/disk-level.ts'
import { forSoLong, untilNextClose } from '../../../src/market/cache/expiry.ts'
import { TieredCache, type TieredCacheOptions } from '../../../src/market/cache/tiered-cache.ts'

interface Value {
  readonly numbers: Float64Array
}

const value = (id: number, length = 100): Value => ({ numbers: new Float64Array(length).fill(id) })
const idOf = (found: Value | undefined): number | undefined => found?.numbers[0]

function cacheOf(more: Partial<TieredCacheOptions<Value>> = {}) {
  const clock = { now: 0 }
  const options = { maxSizeBytes: 20_000, expiry: forSoLong(0), now: () => clock.now, ...more }
  return { clock, cache: new TieredCache<Value>({ codec: structuredCodec(), ...options }) }
}

function folder(t: TestContext): string {
  const path = mkdtempSync(join(tmpdir(), 'tallow-cache-'))
  t.after(() => rmSync(path, { recursive: true, force: true }))
  return path
}

test('what is pushed out of the first level is packed and comes back as it was; all of it stays within its bytes', () => {
  const { cache } = cacheOf()
  for (let id = 0; id < 60; id++) {
    cache.set(`k${id}`, value(id))
    const { hot, packed } = cache.metrics()
    assert.ok(hot.sizeBytes <= hot.sizeBytesMax && packed.sizeBytes <= packed.sizeBytesMax)
    assert.ok(hot.sizeBytesMax + packed.sizeBytesMax <= 20_000)
  }
  const { hot, packed } = cache.metrics()
  assert.ok(hot.entries < 20 && packed.entries > 20, JSON.stringify({ hot, packed }))
  for (let id = 0; id < 60; id++) assert.ok([id, undefined].includes(idOf(cache.get(`k${id}`))))
  assert.equal(idOf(cache.get('k59')), 59)
  assert.ok(cache.metrics().packed.hits > 0)
})

test('a value larger than the first level does not push the others out', () => {
  const { cache } = cacheOf()
  for (let id = 0; id < 10; id++) cache.set(`k${id}`, value(id))
  cache.set('large', value(7, 10_000))
  assert.equal(cache.metrics().hot.entries, 10)
  assert.equal(cache.get('large')?.numbers.length, 10_000)
  assert.equal(cache.metrics().packed.hits, 1)
})

test("misses of one key load once; a failure is everybody's and not remembered", async () => {
  const { cache } = cacheOf()
  let calls = 0
  const load = async (): Promise<Value> => {
    calls++
    await new Promise(resolve => setImmediate(resolve))
    if (calls === 1) throw new Error('away')
    return value(calls)
  }
  const failed = await Promise.allSettled([cache.getOrLoad('k', load), cache.getOrLoad('k', load)])
  assert.deepEqual(
    failed.map(({ status }) => status),
    ['rejected', 'rejected'],
  )
  const found = await Promise.all(Array.from({ length: 50 }, () => cache.getOrLoad('k', load)))
  assert.equal(calls, 2)
  assert.ok(found.every(each => each === found[0]))
  assert.equal(cache.metrics().joined, 50)
  assert.equal(cache.metrics().loads, 2)
})

test('what is invalidated or set while it is being loaded is not overwritten by what was older', async () => {
  const { cache } = cacheOf()
  const old = Promise.withResolvers<Value>()
  const first = cache.getOrLoad('k', () => old.promise)
  cache.invalidate('k')
  const second = cache.getOrLoad('k', async () => value(2))
  assert.equal(idOf(await second), 2)
  old.resolve(value(1))
  assert.equal(idOf(await first), 1)
  assert.equal(idOf(cache.get('k')), 2)

  const slow = Promise.withResolvers<Value>()
  const loading = cache.getOrLoad('other', () => slow.promise)
  cache.set('other', value(4))
  slow.resolve(value(3))
  await loading
  assert.equal(idOf(cache.get('other')), 4)
})

test('what follows from candles is gone when the next one has closed and is told', () => {
  const MINUTE = 60_000
  const { cache, clock } = cacheOf({ expiry: untilNextClose('1m', 500) })
  clock.now = 10 * MINUTE + 700
  cache.set('rsi', value(1))
  clock.now = 11 * MINUTE + 499
  assert.equal(idOf(cache.get('rsi')), 1)
  clock.now = 11 * MINUTE + 500
  assert.equal(cache.get('rsi'), undefined)
  // Within the margin the candle that has just closed is not told yet: what is stored now still lacks it.
  clock.now = 12 * MINUTE + 100
  cache.set('rsi', value(2))
  clock.now = 12 * MINUTE + 500
  assert.equal(cache.get('rsi'), undefined)
})

test('short of memory it shrinks to a sixteenth by halves, and grows again when there is room', () => {
  let used = 0
  const { cache } = cacheOf({ pressure: { usedBytes: () => used, thresholdBytes: 1_000 } })
  const fill = (): number => {
    for (let id = 0; id < 60; id++) cache.set(`k${id}`, value(id))
    const { hot, packed } = cache.metrics()
    return hot.sizeBytes + packed.sizeBytes
  }
  const full = fill()
  used = 1_001
  for (const share of [1 / 2, 1 / 4, 1 / 8, 1 / 16, 1 / 16]) {
    cache.tidy()
    const { hot, packed, allowedShare } = cache.metrics()
    assert.equal(allowedShare, share)
    assert.ok(hot.sizeBytes + packed.sizeBytes <= 20_000 * share)
    assert.ok(fill() <= 20_000 * share, 'also while it is filled')
  }
  used = 950
  cache.tidy()
  assert.equal(cache.metrics().allowedShare, 1 / 16, 'just below the threshold is no room')
  used = 100
  for (let times = 0; times < 5; times++) cache.tidy()
  assert.equal(cache.metrics().allowedShare, 1)
  assert.ok(fill() >= 0.9 * full)
})

test('tidying lets go of what has expired', () => {
  const { cache, clock } = cacheOf({ expiry: forSoLong(100) })
  for (let id = 0; id < 60; id++) cache.set(`k${id}`, value(id))
  clock.now = 100
  cache.tidy()
  const { hot, packed, expired } = cache.metrics()
  assert.deepEqual([hot.entries, packed.entries], [0, 0])
  assert.ok(expired > 20)
})

test('on disk it outlives the process; what is torn, foreign or old counts as not there', async t => {
  const path = folder(t)
  const options = { folder: path, sizeBytesMax: 1_000_000 }
  const disk = DiskLevel.open(options)
  const before = cacheOf({ disk, expiry: forSoLong(1_000) })
  for (let id = 0; id < 10; id++) before.cache.set(`k${id}`, value(id))
  await disk.flush()
  writeFileSync(join(path, 'mine.txt'), 'x')
  const [torn, flipped] = readdirSync(path).filter(name => name.endsWith('.cache'))
  writeFileSync(join(path, torn!), readFileSync(join(path, torn!)).subarray(0, 30))
  const bytes = readFileSync(join(path, flipped!))
  bytes[40]! ^= 1
  writeFileSync(join(path, flipped!), bytes)

  const again = DiskLevel.open(options)
  const after = cacheOf({ disk: again, expiry: forSoLong(1_000) })
  const found = await Promise.all(Array.from({ length: 10 }, (_, id) => after.cache.find(`k${id}`)))
  assert.equal(found.filter(each => each === undefined).length, 2)
  for (const [id, each] of found.entries()) assert.ok([id, undefined].includes(idOf(each)))
  assert.equal(after.cache.metrics().disk?.hits, 8)
  assert.equal(again.failures, 2)

  const late = cacheOf({ disk: DiskLevel.open(options) })
  late.clock.now = 1_000
  assert.equal(await late.cache.find('k9'), undefined)
  assert.ok(readdirSync(path).includes('mine.txt'))
})

test('files stay within their bytes, and a disk that takes nothing makes it a cache of memory', async t => {
  const path = folder(t)
  const disk = DiskLevel.open({ folder: path, sizeBytesMax: 2_000 })
  const { cache } = cacheOf({ disk })
  for (let id = 0; id < 100; id++) cache.set(`k${id}`, value(id))
  await disk.flush()
  const sizes = readdirSync(path).map(name => readFileSync(join(path, name)).length)
  assert.ok(sizes.length > 2 && sizes.reduce((sum, size) => sum + size, 0) <= 2_000, JSON.stringify(sizes))
  rmSync(path, { recursive: true })
  cache.set('gone', value(5))
  await disk.flush()
  assert.ok(disk.failures > 0)
  assert.equal(idOf(await cache.find('gone')), 5)
})

test('whatever is done to it, it answers with what was set last or with nothing', async () => {
  const step = fc.record({
    what: fc.constantFrom('set', 'get', 'load', 'invalidate', 'tidy', 'wait'),
    key: fc.integer({ min: 0, max: 12 }),
    length: fc.integer({ min: 1, max: 400 }),
  })
  await fc.assert(
    fc.asyncProperty(fc.array(step, { maxLength: 120 }), async steps => {
      let used = 0
      const { cache, clock } = cacheOf({
        maxSizeBytes: 6_000,
        expiry: forSoLong(50),
        pressure: { usedBytes: () => used, thresholdBytes: 100 },
      })
      const last = new Map<number, { readonly id: number; readonly until: number }>()
      const check = (key: number, found: Value | undefined): void => {
        if (found === undefined) return
        assert.equal(idOf(found), last.get(key)?.id)
        assert.ok(clock.now < (last.get(key)?.until ?? 0))
      }
      for (const [id, { what, key, length }] of steps.entries()) {
        const name = `k${key}`
        if (what === 'set') {
          cache.set(name, value(id, length))
          last.set(key, { id, until: clock.now + 50 })
        } else if (what === 'get') check(key, cache.get(name))
        else if (what === 'invalidate') {
          cache.invalidate(name)
          last.delete(key)
          assert.equal(cache.get(name), undefined)
        } else if (what === 'load') {
          const found = await cache.getOrLoad(name, async () => value(id, length))
          if (idOf(found) === id) last.set(key, { id, until: clock.now + 50 })
          check(key, found)
        } else if (what === 'wait') {
          clock.now += length / 10
          used = length % 200
        } else cache.tidy()
        const { hot, packed } = cache.metrics()
        assert.ok(hot.sizeBytes + packed.sizeBytes <= 6_000)
      }
    }),
    { numRuns: 200 },
  )
})
