import assert from 'node:assert/strict'
import { test } from 'node:test'
import { setTimeout as delay } from 'node:timers/promises'
import Database from 'better-sqlite3'
import { BackOff } from '../../../src/telemetry/sender/back-off.ts'
import { AWAY, candle, FakeDestination, openSink, until } from '../support/sinks.ts'

test('waits double up to ten seconds, with jitter of a half, and begin anew after a success', () => {
  const longest = new BackOff(() => 1)
  assert.deepEqual(
    Array.from({ length: 8 }, () => longest.next(0)),
    [250, 500, 1_000, 2_000, 4_000, 8_000, 10_000, 10_000],
  )
  assert.equal(longest.next(30_000), 30_000)
  longest.reset()
  assert.equal(longest.next(0), 250)
  assert.equal(new BackOff(() => 0).next(0), 125)
})

test('a flush resolves when the server takes nothing, and what waits goes out later', async context => {
  const destination = new FakeDestination()
  destination.answer = () => AWAY
  const { sink, heard } = openSink(context, destination)
  sink.write(candle(0))
  await sink.flush()
  await sink.flush()
  assert.deepEqual([sink.stats().pending, sink.stats().sent], [1, 0])
  assert.deepEqual(heard.said, ['away: it is away'])
  destination.answer = () => ({ kind: 'sent' })
  await sink.flush()
  assert.deepEqual(heard.said, ['away: it is away', 'back'])
  assert.equal(destination.lines.length, 1)
})

test('a flush tries at once, however long the server wanted to be left alone', async context => {
  const destination = new FakeDestination()
  destination.answer = () => ({ ...AWAY, retryAfterMs: 3_600_000 }) as typeof AWAY
  const { sink } = openSink(context, destination)
  sink.write(candle(0))
  await sink.flush()
  destination.answer = () => ({ kind: 'sent' })
  await sink.flush()
  assert.equal(sink.stats().sent, 1)
})

test('the end waits for a server that comes back within its time, and not longer', async context => {
  const destination = new FakeDestination()
  destination.answer = () => ({ ...AWAY, retryAfterMs: 3_600_000 }) as typeof AWAY
  const { sink } = openSink(context, destination, { closeTimeoutMs: 20_000 })
  sink.write(candle(0))
  await sink.flush()
  setTimeout(() => {
    destination.answer = () => ({ kind: 'sent' })
  }, 700)
  await sink.close()
  assert.deepEqual([sink.stats().sent, sink.stats().pending], [1, 0])

  const gone = new FakeDestination()
  gone.answer = (_lines, signal) =>
    new Promise(resolve => {
      signal.addEventListener('abort', () => resolve(AWAY))
    })
  const other = openSink(context, gone, { closeTimeoutMs: 300 })
  other.sink.write(candle(0))
  const startedMs = performance.now()
  await other.sink.close()
  assert.ok(performance.now() - startedMs < 5_000)
  assert.equal(other.sink.stats().pending, 1)
})

test('order holds over an outage, and nothing is sent twice that was acknowledged', async context => {
  const destination = new FakeDestination()
  const { sink } = openSink(context, destination, { batchSize: 7, flushIntervalMs: 10 })
  let requests = 0
  destination.answer = () => (requests++ % 3 === 0 ? AWAY : { kind: 'sent' })
  for (let index = 0; index < 500; index++) {
    sink.write(candle(index))
    if (index % 20 === 0) await delay(1)
  }
  await until(async () => {
    await sink.flush()
    return sink.stats().sent === 500
  })
  const times = destination.lines.map(line => Number(line.slice(line.lastIndexOf(' ') + 1, -6)))
  assert.deepEqual(
    times,
    Array.from({ length: 500 }, (_, index) => candle(index).timeMs),
  )
})

test('while the outbox cannot be written points stay in bounded memory, the rest is counted; then they go out', async context => {
  const destination = new FakeDestination()
  const { sink, heard, path } = openSink(context, destination, { batchSize: 1_000, flushIntervalMs: 50 })
  const other = new Database(path)
  other.exec('BEGIN EXCLUSIVE')
  for (let index = 0; index < 130_000; index++) sink.write(candle(index))
  sink.writeOwn('own', { x: 1 })
  const { pending, dropped, accepted, lastError } = sink.stats()
  // 50,000 packed, and what gathers until it is tried again.
  assert.ok(pending <= 100_000, `${pending}`)
  assert.deepEqual([pending + dropped, accepted], [130_001, 130_001])
  assert.match(lastError ?? '', /the outbox cannot be written/)
  assert.ok(heard.said.some(text => /^dropped \d+ candle: the outbox cannot be written/.test(text)))
  other.exec('ROLLBACK')
  other.close()
  await until(() => sink.stats().pending === 0)
  assert.equal(destination.lines.length, 130_001 - dropped)
  const reader = new Database(path, { readonly: true })
  const counts = reader.prepare('SELECT sum(accepted) AS a, sum(sent) AS s, sum(dropped) AS d FROM counts').get()
  reader.close()
  assert.deepEqual(counts, { a: 130_001, s: 130_001 - dropped, d: dropped })
})

test('what was sent but could not be noted is sent again, as the same lines', async context => {
  const destination = new FakeDestination()
  const { sink, path } = openSink(context, destination)
  sink.write(candle(0))
  const other = new Database(path)
  destination.answer = () => {
    // From now on nothing can be written.
    if (destination.took.length === 0) other.exec('BEGIN IMMEDIATE')
    return { kind: 'sent' }
  }
  await sink.flush()
  assert.equal(sink.stats().sent, 0)
  assert.match(sink.stats().lastError ?? '', /the outbox: .*locked/)
  other.exec('ROLLBACK')
  other.close()
  await sink.flush()
  assert.deepEqual([sink.stats().sent, sink.stats().pending], [1, 0])
  assert.equal(new Set(destination.lines).size, 1)
})

test("a user's points of one millisecond are told apart", async context => {
  const destination = new FakeDestination()
  const { sink } = openSink(context, destination)
  for (let index = 0; index < 2_000; index++) sink.writeOwn('own', { index }, { tag: 'same' })
  await sink.close()
  assert.equal(new Set(destination.lines.map(line => line.split(' ').at(-1))).size, 2_000)
  assert.match(destination.lines[0] ?? '', /^own,bot=demo,tag=same index=0 \d{19}$/)
})
