import { deepEqual, equal, match, ok, rejects } from 'node:assert/strict'
import { mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { test, type TestContext } from 'node:test'
import { retryLater } from '../../../src/domain/errors.ts'
import { ExchangeTime } from '../../../src/exchange/clock/exchange-time.ts'
import { withKnownTime } from '../../../src/exchange/clock/timed-source.ts'
import { WeightLimiter } from '../../../src/exchange/limiter/weight-limiter.ts'
import { Fetcher } from '../../../src/market/fetcher.ts'
import { recording, startExchange } from '../support/exchange.ts'
import { MINUTE_MS, minuteFrame } from '../support/recording.ts'
import { VirtualClock } from '../support/virtual-clock.ts'

const NOW = Date.UTC(2026, 0, 1)
const ORIGIN = { exchange: 'binance', baseUrl: undefined }

/** A machine whose monotonic clock began at its start, and an exchange whose time is so far from the machine's. */
class Machine {
  readonly folder: string
  readonly told: string[] = []
  wall = new VirtualClock(0)
  startedAt = NOW
  exchangeAheadMs = 250
  away = false
  asked = 0

  constructor(context: TestContext) {
    this.folder = mkdtempSync(join(tmpdir(), 'tallow-clock-'))
    context.after(() => rmSync(this.folder, { recursive: true, force: true }))
  }

  get path(): string {
    return join(this.folder, 'clock-binance.json')
  }

  readonly utcNow = (): number => this.startedAt + this.wall.now()

  /** The monotonic clock begins anew with each process. */
  start(origin: { exchange: string; baseUrl: string | undefined } = ORIGIN): ExchangeTime {
    this.startedAt = this.utcNow()
    this.wall = new VirtualClock(0)
    const tell = (message: string): void => {
      this.told.push(message)
    }
    const notes = { info: tell, warn: tell }
    const time = new ExchangeTime({ origin, path: this.path, wall: this.wall, utcNow: this.utcNow, notes })
    time.measureBy(() => {
      this.asked++
      if (this.away) return Promise.reject(retryLater('away'))
      return Promise.resolve(this.utcNow() + this.exchangeAheadMs)
    })
    return time
  }
}

test('the offset that was measured last holds after a restart while the exchange is away', async context => {
  const machine = new Machine(context)
  const first = machine.start()
  equal(first.clock.now(), NOW, "this machine's clock until something better is known")
  equal(await first.goByKept(), "this machine's clock")
  await first.measure()
  equal(first.clock.now(), NOW + 250)
  equal(first.offsetMs(), 250)
  await machine.wall.advance(90_000)
  machine.away = true
  const second = machine.start()
  match(await second.goByKept(), /the offset of 250 ms measured at 2026-01-01T00:00:00.000Z/)
  await rejects(second.measure(), /away/)
  equal(second.clock.now(), NOW + 90_000 + 250)
  equal(second.isKnown, false)
  equal(second.offsetMs(), undefined, 'health must not show as measured what was not')
  machine.away = false
  machine.exchangeAheadMs = -5_000
  await second.measure()
  equal(second.clock.now(), NOW + 90_000 - 5_000)
  equal(second.offsetMs(), -5_000)
})

test('it is measured every minute, once for all who ask, and written only when it has moved or a day has passed', async context => {
  const machine = new Machine(context)
  const time = machine.start()
  await Promise.all([time.measure(), time.measure(), time.measure()])
  equal(machine.asked, 1)
  const written = (): unknown => JSON.parse(readFileSync(machine.path, 'utf8'))
  const atFirst = written()
  const stop = new AbortController()
  const kept = time.keepMeasuring(stop.signal)
  machine.exchangeAheadMs = 300
  await machine.wall.advance(60_000)
  equal(machine.asked, 2)
  deepEqual(written(), atFirst)
  machine.away = true
  await machine.wall.advance(60_000)
  machine.away = false
  machine.exchangeAheadMs = 900
  await machine.wall.advance(60_000)
  equal(machine.asked, 4, 'a failure does not end it')
  stop.abort()
  await kept
  await time.measure()
  deepEqual((written() as { offsetMs: number }).offsetMs, 900)
})

test('an answer whose date is behind makes the time doubtful until it is measured anew', async context => {
  const machine = new Machine(context)
  const time = machine.start()
  const answer = (dateMs: number | undefined, tookMs = 0, status = 200): void => time.heard({ status, dateMs, tookMs })
  answer(0)
  equal(time.isDoubted, false, 'before it was measured there is nothing to doubt')
  await time.measure()
  const now = time.clock.now()
  answer(now - 1_400)
  answer(now + 60_000)
  answer(now - 20_000, 19_000)
  answer(now - 8_000, 0, 503)
  answer(undefined)
  deepEqual([time.isDoubted, time.setBacks], [false, 0])
  answer(now - 8_000)
  answer(now - 8_000)
  deepEqual([time.isDoubted, time.setBacks], [true, 1])
  machine.exchangeAheadMs -= 8_000
  await time.measure()
  deepEqual([time.isDoubted, time.setBacks], [false, 2])
  equal(time.clock.now(), now - 8_000)
})

test('dates that are behind for good are taken as they are once two measures have found the time right', async context => {
  const machine = new Machine(context)
  const time = machine.start()
  await time.measure()
  for (let answers = 0; answers < 50; answers++) {
    time.heard({ status: 200, dateMs: time.clock.now() - 6_000, tookMs: 0 })
    if (time.isDoubted) await time.measure()
  }
  equal(machine.asked, 3, 'one measure and two more, however many answers')
  time.heard({ status: 200, dateMs: time.clock.now() - 14_000, tookMs: 0 })
  equal(time.isDoubted, true, 'what comes on top of it counts')
})

test('candles that were asked for by a time that has been set back meanwhile are not given', async context => {
  const machine = new Machine(context)
  const time = machine.start()
  await time.measure()
  const answers: (() => void)[] = []
  const inner = {
    exchange: 'binance',
    rowsPerRequestMax: 1,
    serverTime: () => Promise.resolve(0),
    instruments: () => Promise.resolve([]),
    fetchCandles: () => new Promise<readonly []>(resolve => answers.push(() => resolve([]))),
    close: () => Promise.resolve(),
  }
  const source = withKnownTime(inner, time)
  const request = { symbol: 'BTC/USDT', timeframe: '1m', since: 0, limit: 1 } as const
  const [first, second] = [source.fetchCandles(request), source.fetchCandles(request)]
  machine.exchangeAheadMs -= 8_000
  time.heard({ status: 200, dateMs: time.clock.now() - 8_000, tookMs: 0 })
  answers[0]?.()
  await rejects(first, /was not known until now/)
  equal(time.isDoubted, false)
  // The other was asked by the same wrong time, and its own date is no reason for a doubt any more.
  answers[1]?.()
  await rejects(second, /was not known until now/)
  equal(machine.asked, 2)
  const third = source.fetchCandles(request)
  answers[2]?.()
  deepEqual(await third, [])
})

test('an offset file that is torn, foreign or makes no sense is told and not used', async context => {
  const machine = new Machine(context)
  await machine.start().measure()
  const whole = readFileSync(machine.path, 'utf8')
  const cases: [string, RegExp][] = [
    ['', /no clock offset/],
    [whole.slice(0, 30), /no clock offset/],
    ['[]', /no clock offset/],
    [whole.replace('"format":1', '"format":2'), /no clock offset/],
    [whole.replace('binance', 'kraken'), /another exchange/],
    [whole.replace('"baseUrl":null', '"baseUrl":"http://127.0.0.1:1"'), /another exchange or address/],
    [whole.replace('"offsetMs":250', '"offsetMs":1e999'), /no sense/],
    [whole.replace('"offsetMs":250', '"offsetMs":"250"'), /no sense/],
    [whole.replace(/"measuredAt":\d+/, '"measuredAt":0.5'), /no sense/],
    ['x'.repeat(5_000), /5000 bytes/],
  ]
  for (const [text, reason] of cases) {
    writeFileSync(machine.path, text)
    machine.told.splice(0)
    const time = machine.start()
    equal(await time.goByKept(), "this machine's clock", text)
    match(machine.told[0] ?? '', reason)
    equal(time.clock.now(), machine.utcNow())
  }
})

test('an offset that cannot be written is told once', async context => {
  const machine = new Machine(context)
  mkdirSync(machine.path)
  const time = machine.start()
  await time.measure()
  await time.measure()
  deepEqual(machine.told.filter(text => text.includes('cannot be kept')).length, 1)
  deepEqual(readdirSync(machine.folder), ['clock-binance.json'])
})

test('with a clock that runs ahead no forming candle comes in: the time is measured before the first candles', async context => {
  const start = Date.UTC(2024, 0, 1)
  const now = start + 100 * MINUTE_MS
  const { source, simulator } = await startExchange(context, {
    source: recording(minuteFrame(start, 3_000)),
    startTime: now + 1_000,
  })
  const machine = new Machine(context)
  machine.startedAt = now + 10 * MINUTE_MS
  const time = machine.start()
  time.measureBy(() => source.serverTime())
  const limiter = new WeightLimiter({ clock: time.clock })
  const fetched = (of: typeof source | ReturnType<typeof withKnownTime>): Promise<number> => {
    const fetcher = new Fetcher({ source: of, limiter, clock: time.clock, retryBackoffMs: 1 })
    const series = { exchange: 'binance', symbol: 'BTC/USDT', timeframe: '1m' } as const
    const answer = fetcher.fetch(series, now - 5 * MINUTE_MS, 20, new AbortController().signal)
    void (async () => {
      for (let tries = 0; tries < 500; tries++) {
        await new Promise(resolve => setTimeout(resolve, 10))
        if (machine.wall.sleeping > 0) await machine.wall.advance(1)
      }
    })()
    return answer.then(({ closed }) => closed.lastTime)
  }
  equal(await fetched(source), now, 'so it is without: the candle that has just opened counts as closed')
  equal(await fetched(withKnownTime(source, time)), now - MINUTE_MS)
  ok(time.isKnown)
  const before = simulator.requests()
  await fetched(withKnownTime(source, time))
  equal(simulator.requests(), before + 1, 'and once it is known nothing is asked besides')
})
