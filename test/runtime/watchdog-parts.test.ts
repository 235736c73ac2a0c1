import assert from 'node:assert/strict'
import { existsSync, mkdirSync, mkdtempSync, readdirSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { describe, test, type TestContext } from 'node:test'
import fc from 'fast-check'
import { BlockDetector } from '../../src/runtime/watchdog/block-detector.ts'
import {
  describeBlock,
  readBlockedNote,
  removeBlockedNote,
  writeBlockedNote,
  type BlockedNote,
} from '../../src/runtime/watchdog/blocked-note.ts'
import { Pulse } from '../../src/runtime/watchdog/pulse.ts'
import { Watchdog } from '../../src/runtime/watchdog/watchdog.ts'

const SUSPENDED_AFTER_MS = 4_000
const EXCUSED = false
const strategy = { name: 'spin', hash: 'abc', symbol: 'A/USDT', time: Date.UTC(2024, 0, 1) }
const NOTE: BlockedNote = { bot: 'paper', strategy, blockedMs: 8_250, decidingMs: 8_200, at: 1_700_000_000_000 }

function folder(t: TestContext): string {
  const path = mkdtempSync(join(tmpdir(), 'tallow-note-'))
  t.after(() => rmSync(path, { recursive: true, force: true }))
  return path
}

describe('the time that a loop has stood still', () => {
  /** Looks at a main thread: how long after the one before, and how often it ticked and decided meanwhile. */
  const looks = fc.array(
    fc.record({
      afterMs: fc.oneof(fc.integer({ min: 1, max: 300 }), fc.integer({ min: 1, max: 20_000 })),
      ticks: fc.oneof(fc.constant(0), fc.integer({ min: 0, max: 3 })),
      decisions: fc.integer({ min: 0, max: 2 }),
    }),
    { maxLength: 60 },
  )

  test('is the sum of the looks since it last ticked, or since the process was suspended', () => {
    fc.assert(
      fc.property(looks, steps => {
        let [now, ticks, decisions, blockedMs, decidingMs] = [1_000, 7, 3, 0, 0]
        const detector = new BlockDetector({ ticks, decisions, excused: EXCUSED }, now, SUSPENDED_AFTER_MS)
        for (const step of steps) {
          now += step.afterMs
          ticks += step.ticks
          decisions += step.decisions
          const anew = step.ticks > 0 || step.afterMs > SUSPENDED_AFTER_MS
          blockedMs = anew ? 0 : blockedMs + step.afterMs
          decidingMs = anew || step.decisions > 0 ? 0 : decidingMs + step.afterMs
          const found = detector.look({ ticks, decisions, excused: EXCUSED }, now)
          assert.deepEqual(found, { blockedMs, decidingMs })
        }
      }),
    )
  })

  test('is none while a debugger may hold the loop, and counts from when it no longer does', () => {
    const detector = new BlockDetector({ ticks: 0, decisions: 0, excused: true }, 0, SUSPENDED_AFTER_MS)
    assert.equal(detector.look({ ticks: 0, decisions: 0, excused: true }, 3_000).blockedMs, 0)
    assert.equal(detector.look({ ticks: 0, decisions: 0, excused: false }, 3_250).blockedMs, 250)
  })
})

describe('signs of life', () => {
  test('written by one thread are read by another, and the last strategy leaves none behind', () => {
    const written = new Pulse()
    const read = new Pulse(written.memory)
    assert.equal(read.deciding, undefined)
    fc.assert(
      fc.property(
        fc.nat(1_000),
        fc.string({ maxLength: 20 }),
        fc.integer({ min: 0, max: 8.64e15 }),
        (number, symbol, time) => {
          const { ticks, decisions } = read
          written.tick(number % 2 === 0)
          written.enter(number, symbol.toWellFormed(), time)
          assert.deepEqual(read.deciding, { number, symbol: symbol.toWellFormed(), time })
          assert.deepEqual([read.ticks - ticks, read.decisions - decisions, read.debugged], [1, 1, number % 2 === 0])
          written.leave()
          assert.equal(read.deciding, undefined)
        },
      ),
    )
  })

  test('of a symbol that is too long are cut and harm nothing', () => {
    const pulse = new Pulse()
    pulse.enter(4, 'é'.repeat(5_000), 60_000)
    const { symbol, ...rest } = pulse.deciding ?? {}
    assert.match(symbol ?? '', /^é+$/)
    assert.deepEqual(rest, { number: 4, time: 60_000 })
  })

  test('end a wait at once when they are closed', () => {
    const pulse = new Pulse()
    assert.equal(pulse.waitForClose(1), false)
    pulse.close()
    assert.equal(pulse.waitForClose(60_000), true)
  })
})

describe('the note about a block', () => {
  test('is read as it was written, and gone once it is removed', async t => {
    const dataDir = folder(t)
    for (const note of [NOTE, { ...NOTE, strategy: null }]) {
      assert.deepEqual(readBlockedNote(dataDir), { kind: 'none' })
      await writeBlockedNote(dataDir, note)
      assert.deepEqual(readBlockedNote(dataDir), { kind: 'blocked', note })
      removeBlockedNote(dataDir)
      assert.deepEqual(readdirSync(dataDir), [])
    }
    removeBlockedNote(dataDir)
  })

  test('takes the place of an older one, also beside what a crash has left half written', async t => {
    const dataDir = folder(t)
    await writeBlockedNote(dataDir, { ...NOTE, bot: 'older' })
    writeFileSync(join(dataDir, 'blocked.json.tmp'), '{"schema":1,"bot":"half of a much longer one that came befo')
    await writeBlockedNote(dataDir, NOTE)
    assert.deepEqual(readBlockedNote(dataDir), { kind: 'blocked', note: NOTE })
  })

  test('is reported where it cannot be read, whatever it is, and can be removed', t => {
    const dataDir = folder(t)
    const path = join(dataDir, 'blocked.json')
    const whole = JSON.stringify({ schema: 1, ...NOTE })
    const damaged = [
      '',
      'null',
      '[]',
      '17',
      whole.slice(0, -1),
      JSON.stringify(NOTE),
      JSON.stringify({ schema: 2, ...NOTE }),
      JSON.stringify({ schema: 1, ...NOTE, strategy: 'spin' }),
      ...['bot', 'strategy', 'blockedMs', 'decidingMs', 'at'].map(key =>
        JSON.stringify({ schema: 1, ...NOTE, [key]: undefined }),
      ),
      ...['name', 'hash', 'symbol', 'time'].map(key =>
        JSON.stringify({ schema: 1, ...NOTE, strategy: { ...strategy, [key]: undefined } }),
      ),
    ]
    for (const text of damaged) {
      writeFileSync(path, text)
      const found = readBlockedNote(dataDir)
      if (found.kind !== 'unreadable') assert.fail(`${text}: ${found.kind}`)
      assert.ok(found.message.includes(path), found.message)
    }
    removeBlockedNote(dataDir)
    mkdirSync(path)
    assert.equal(readBlockedNote(dataDir).kind, 'unreadable')
    removeBlockedNote(dataDir)
    assert.equal(existsSync(path), false)
    writeFileSync(path, whole)
    assert.equal(readBlockedNote(dataDir).kind, 'blocked')
  })

  test('that is any JSON at all is read or reported, and described, without a throw', t => {
    const dataDir = folder(t)
    const time = fc.oneof(fc.double({ noNaN: true, noDefaultInfinity: true }), fc.jsonValue())
    const anyStrategy = fc.oneof(
      fc.jsonValue(),
      fc.record({ name: fc.string(), hash: fc.string(), symbol: fc.string(), time }),
    )
    const anyNote = fc.record({
      schema: fc.constantFrom(1, 2),
      bot: fc.string(),
      strategy: anyStrategy,
      blockedMs: time,
      decidingMs: fc.nat(),
      at: fc.nat(),
    })
    let described = 0
    fc.assert(
      fc.property(fc.oneof(anyNote, fc.jsonValue()), value => {
        writeFileSync(join(dataDir, 'blocked.json'), JSON.stringify(value))
        const found = readBlockedNote(dataDir)
        assert.notEqual(found.kind, 'none')
        if (found.kind !== 'blocked') return
        described++
        assert.match(describeBlock(found.note), / s /)
      }),
      { numRuns: 500 },
    )
    assert.ok(described > 0)
  })
})

test('a limit below what a loop needs to come round is refused', async () => {
  const onLost = (): void => undefined
  for (const blockedAfterMs of [0, -1, 99, Number.NaN])
    await assert.rejects(Watchdog.start({ bot: 'b', dataDir: '/nowhere', blockedAfterMs, onLost }), { kind: 'bug' })
})

test('a watched strategy answers as before, and what it throws comes through', async t => {
  const watchdog = await Watchdog.start({ bot: 'b', dataDir: folder(t), onLost: error => assert.fail(error) })
  const own = { name: 'own', hash: 'h', file: 'own.ts', params: { a: 1 }, timeframe: '1m', columns: {} } as const
  const shape = { ...own, rowsToWait: () => 0, filledCandles: 'close-only' } as const
  const fault = new Error('its own')
  const answer = {}
  const [calm, wild] = watchdog.watched([
    { ...shape, decide: view => [view, answer] },
    { ...shape, decide: () => assert.fail(fault) },
  ])
  assert.ok(calm && wild)
  const view = { symbol: 'A/USDT', time: 0 }
  const [seen, given] = calm.decide(view) as readonly unknown[]
  assert.equal(seen, view)
  assert.equal(given, answer)
  assert.throws(() => wild.decide(view), fault)
  assert.deepEqual({ ...calm, decide: undefined }, { ...shape, decide: undefined })
  await watchdog.close()
})
