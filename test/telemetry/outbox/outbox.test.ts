import assert from 'node:assert/strict'
import { readdirSync, statSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { test, type TestContext } from 'node:test'
import Database from 'better-sqlite3'
import fc from 'fast-check'
import { TallowError } from '../../../src/domain/errors.ts'
import { packLines, unpackLines, type LineRun } from '../../../src/telemetry/line-run.ts'
import { Outbox, type OutboxOptions, type Settlement } from '../../../src/telemetry/outbox/outbox.ts'
import { outboxFolder } from '../support/sinks.ts'

const NOW = 1_700_000_000_000
const NOTHING: Settlement = { batches: [], cursors: new Map(), sent: new Map(), bad: [] }

function open(context: TestContext, options: Partial<OutboxOptions> & { readonly path?: string } = {}) {
  const { path = join(outboxFolder(context), 'outbox.db'), ...more } = options
  const outbox = Outbox.open(path, { bot: 'demo', bytesMax: 1e9, now: () => NOW, ...more })
  context.after(() => outbox.close())
  return { outbox, path }
}

function run(measurement: string, count: number, from = 0): LineRun {
  return packLines(
    measurement,
    Array.from({ length: count }, (_, index) => `${measurement} x=${from + index} ${from + index}`),
  )
}

/** Batches of a thousand points that cannot be packed well: so that sizes count. */
function noise(measurement: string, seed: number): LineRun {
  const line = (index: number): string => `${measurement} x=${Math.abs(Math.sin(seed * 1_000 + index))} ${index}`
  return packLines(
    measurement,
    Array.from({ length: 1_000 }, (_, index) => line(index)),
  )
}

test('what is appended is there after it was opened anew, in order, and counted as accepted', context => {
  const path = join(outboxFolder(context), 'outbox.db')
  const first = Outbox.open(path, { bot: 'demo', bytesMax: 1e9, now: () => NOW })
  first.append([run('candle', 3), run('own', 2)], NOW - 5_000)
  first.append([run('candle', 2, 3)], NOW)
  first.close()
  const { outbox } = open(context, { path })
  assert.deepEqual([outbox.points, outbox.waitingSince()], [7, NOW - 5_000])
  assert.deepEqual(
    outbox.take(100).map(({ measurement, points }) => [measurement, points]),
    [
      ['candle', 3],
      ['own', 2],
      ['candle', 2],
    ],
  )
  assert.deepEqual(
    [...outbox.counts()].map(([name, counts]) => [name, counts.accepted, counts.sent]),
    [
      ['candle', 5, 0],
      ['own', 2, 0],
    ],
  )
})

test('as many batches are taken as have so many points, and one at least', context => {
  const { outbox } = open(context)
  for (let index = 0; index < 5; index++) outbox.append([run('candle', 10)], NOW)
  const taken = (max: number): number => outbox.take(max).reduce((sum, { points }) => sum + points, 0)
  assert.deepEqual([taken(1), taken(10), taken(25), taken(1_000)], [10, 10, 20, 50])
})

test('a settlement moves batches, cursors, counts and dead letters together', context => {
  const { outbox } = open(context)
  outbox.append([run('candle', 3), run('own', 2)], NOW)
  const [candles] = outbox.take(3)
  assert.ok(candles)
  const bad = { measurement: 'candle', line: 'candle x=1 1', reason: 'no' }
  outbox.settle({
    batches: [candles],
    cursors: new Map([['orders', { position: 7, mark: 'm' }]]),
    sent: new Map([
      ['candle', 2],
      ['order', 7],
    ]),
    bad: [bad],
  })
  assert.deepEqual(outbox.cursors.get('orders'), { position: 7, mark: 'm' })
  assert.deepEqual(outbox.cursors.get('fills'), { position: 0, mark: '' })
  assert.equal(outbox.points, 2)
  assert.deepEqual(Object.fromEntries(outbox.counts()), {
    candle: { accepted: 3, sent: 2, deadLetter: 1, dropped: 0 },
    order: { accepted: 7, sent: 7, deadLetter: 0, dropped: 0 },
    own: { accepted: 2, sent: 0, deadLetter: 0, dropped: 0 },
  })
  assert.deepEqual(outbox.deadLetters.newest(10), [{ id: 1, ...bad, at: NOW }])
})

test('past the bound the least important oldest go, and are counted', context => {
  // Room for three of them.
  const bytesMax = 3.5 * noise('indicator', 0).gzipped.length
  const { outbox } = open(context, { bytesMax })
  const order = ['candle', 'indicator', 'own', 'runtime', 'own', 'indicator', 'candle']
  const dropped: string[] = []
  order.forEach((measurement, seed) => {
    for (const victim of outbox.append([noise(measurement, seed)], NOW)) dropped.push(victim.measurement)
    assert.ok(outbox.bytes <= bytesMax, `${outbox.bytes}`)
  })
  assert.deepEqual(dropped, ['own', 'own', 'runtime', 'indicator'])
  assert.deepEqual(
    outbox.take(1e6).map(({ measurement }) => measurement),
    ['candle', 'indicator', 'candle'],
  )
  for (const [name, { accepted, dropped: count }] of outbox.counts())
    assert.deepEqual([name, accepted % 1_000, count], [name, 0, dropped.filter(each => each === name).length * 1_000])
})

test('what is on its way is not dropped: it may have arrived', context => {
  const { outbox } = open(context, { bytesMax: 3.5 * noise('candle', 0).gzipped.length })
  outbox.append([noise('own', 1)], NOW)
  const [first] = outbox.take(1)
  assert.ok(first)
  for (let seed = 2; seed < 6; seed++) outbox.append([noise('candle', seed)], NOW)
  assert.deepEqual(outbox.counts().get('own')?.dropped, 0)
  outbox.settle({ ...NOTHING, batches: [first], sent: new Map([['own', 1_000]]) })
  assert.deepEqual(outbox.counts().get('own'), { accepted: 1_000, sent: 1_000, deadLetter: 0, dropped: 0 })
})

test('whatever comes and goes, every accepted point is sent, waiting, dead or dropped', context => {
  const step = fc.oneof(
    fc.record({
      kind: fc.constant('append' as const),
      runs: fc.array(
        fc.tuple(fc.constantFrom('candle', 'indicator', 'runtime', 'own', 'other'), fc.integer({ min: 1, max: 40 })),
        { minLength: 1, maxLength: 3 },
      ),
    }),
    fc.record({
      kind: fc.constant('settle' as const),
      max: fc.integer({ min: 1, max: 80 }),
      badEvery: fc.integer({ min: 2, max: 9 }),
    }),
    fc.record({ kind: fc.constant('reopen' as const) }),
  )
  fc.assert(
    fc.property(fc.array(step, { maxLength: 40 }), steps => {
      const path = join(outboxFolder(context), 'outbox.db')
      const reopen = (): Outbox => Outbox.open(path, { bot: 'demo', bytesMax: 3_000, now: () => NOW })
      let outbox = reopen()
      for (const each of steps) {
        if (each.kind === 'append')
          outbox.append(
            each.runs.map(([name, count]) => run(name, count)),
            NOW,
          )
        else if (each.kind === 'reopen') {
          outbox.close()
          outbox = reopen()
        } else {
          const batches = outbox.take(each.max)
          const sent = new Map<string, number>()
          const bad = batches.flatMap(batch =>
            unpackLines(batch).flatMap((line, index) => {
              if (index % each.badEvery === 1) return [{ measurement: batch.measurement, line, reason: 'no' }]
              sent.set(batch.measurement, (sent.get(batch.measurement) ?? 0) + 1)
              return []
            }),
          )
          outbox.settle({ ...NOTHING, batches, sent, bad })
        }
      }
      const waiting = new Map<string, number>()
      for (const { measurement, points } of outbox.take(1e6))
        waiting.set(measurement, (waiting.get(measurement) ?? 0) + points)
      for (const [name, { accepted, sent, deadLetter, dropped }] of outbox.counts())
        assert.equal(accepted, sent + deadLetter + dropped + (waiting.get(name) ?? 0), name)
      const points = [...waiting.values()].reduce((sum, count) => sum + count, 0)
      assert.equal(outbox.points, points)
      assert.ok(outbox.bytes >= 0 && (points > 0 || outbox.bytes === 0))
      outbox.close()
    }),
    { numRuns: 60 },
  )
})

test('an outage leaves no large file behind', context => {
  const { outbox, path } = open(context)
  for (let seed = 0; seed < 300; seed++) outbox.append([noise('candle', seed)], NOW)
  const grown = statSync(path).size
  for (let batches = outbox.take(5_000); batches.length > 0; batches = outbox.take(5_000))
    outbox.settle({ ...NOTHING, batches, sent: new Map([['candle', 5_000]]) })
  for (let round = 0; round < 50; round++) outbox.shrink()
  outbox.close()
  assert.ok(grown > 2e6, `${grown}`)
  assert.ok(statSync(path).size < 1.5e6, `${statSync(path).size} of ${grown}`)
})

test('a damaged outbox is put aside and a new one begun: losing it loses no trade', context => {
  const folder = outboxFolder(context)
  const path = join(folder, 'outbox.db')
  writeFileSync(path, 'this is no database, but it is long enough to look at '.repeat(40))
  const movedTo: string[] = []
  const { outbox } = open(context, { path, onDamaged: to => movedTo.push(to) })
  outbox.append([run('candle', 1)], NOW)
  assert.deepEqual(movedTo, [`${path}.damaged-1`])
  assert.ok(readdirSync(folder).includes('outbox.db.damaged-1'))
})

test('an outbox of a newer Tallow, and a file of something else, are refused and left as they are', context => {
  const path = join(outboxFolder(context), 'outbox.db')
  const foreign = new Database(path)
  foreign.exec('CREATE TABLE mine (x)')
  foreign.close()
  const isRefusal = (error: unknown): boolean => error instanceof TallowError && error.kind === 'never-retry'
  assert.throws(() => open(context, { path }), isRefusal)
  const newer = open(context)
  newer.outbox.close()
  const database = new Database(newer.path)
  database.pragma('user_version = 99')
  database.close()
  assert.throws(() => open(context, { path: newer.path }), isRefusal)
})

test('a lock of another program holds nobody up for long', context => {
  const { outbox, path } = open(context)
  const other = new Database(path)
  other.exec('BEGIN EXCLUSIVE')
  const startedMs = performance.now()
  assert.throws(() => outbox.append([run('candle', 1)], NOW), /locked/)
  assert.ok(performance.now() - startedMs < 1_000)
  other.exec('ROLLBACK')
  other.close()
  outbox.append([run('candle', 1)], NOW)
  assert.equal(outbox.points, 1)
})
