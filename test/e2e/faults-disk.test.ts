import assert from 'node:assert/strict'
import { join } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import { describe, test } from 'node:test'
import Database from 'better-sqlite3'
import { SqliteLedgerReader } from '../../src/ledger/sqlite/sqlite-ledger-reader.ts'
import { checkOf, healthOf, statusOf, until } from './faults/ask.ts'
import { dips } from './faults/candles.ts'
import { SmallDisk, withoutSmallDisks } from './faults/small-disk.ts'
import { STOPPED_OUT } from './faults/strategies.ts'
import { audit } from './support/audit.ts'
import { fastConfig, FLIP_STRATEGY, folderWith, startTallow, tallow } from './support/tallow.ts'

const LONG = process.env.TALLOW_TEST_LONG === '1'
const TIMES_FULL = LONG ? 200 : 10
/** Hours of candles that are all traded on have to fit. */
const DISK_KIB = (LONG ? 128 : 16) * 1_024
const FILES = { 'DIP_USDT-1m.csv': dips(6_000), 'strategies/dip.ts': STOPPED_OUT }
const RUN = ['run', '--candles', 'DIP_USDT-1m.csv', '-s', 'dip', '--speed', '600']

describe('a disk that is full', { skip: withoutSmallDisks() }, () => {
  test('lets positions be left and none be entered from the next bar on, and all is as it was when there is room', async t => {
    const cwd = folderWith(t, FILES)
    const disk = new SmallDisk(t, DISK_KIB)
    const data = disk.folder
    const daemon = startTallow(t, cwd, [...RUN, '--data-dir', data])
    await daemon.said(/bought DIP/, 30_000)
    disk.fill()
    await daemon.said(/the ledger cannot be written, trying again: the disk is full/, 5_000)
    const held = await statusOf(data)
    assert.equal(held.positions.length, 1)
    const flat = await until(
      'its stop',
      () => statusOf(data),
      ({ positions }) => positions.length === 0,
    )
    assert.doesNotMatch(daemon.stderr, /trade closed[^\n]*stop[^\n]*\n[^]*bought[^]*trade closed/)
    await sleep(600)
    const later = await statusOf(data)
    assert.ok((later.equityTime ?? 0) >= (flat.equityTime ?? 0) + 3 * 60_000, 'slices go on')
    assert.deepEqual([later.positions, later.orders, later.cash], [[], [], flat.cash])

    const health = await tallow(cwd, ['health', '--json', '--data-dir', data])
    assert.equal(health.code, 1, health.stdout)
    const document = JSON.parse(health.stdout) as NonNullable<Awaited<ReturnType<typeof healthOf>>>
    assert.deepEqual([document.status, document.ready, document.live], ['unhealthy', false, true])
    assert.equal(checkOf(document, 'ledger_writable')?.status, 'fail')
    assert.match(checkOf(document, 'last_error')?.detail ?? '', /disk is full|cannot be written/)

    const told = daemon.stderr.length
    disk.free()
    await daemon.said(/trade closed DIP\/USDT -\S+ {2}dip: stop/, 5_000, told)
    await daemon.said(/refused DIP\/USDT {2}dip: ledger-unwritable/, 5_000, told)
    await daemon.said(/bought DIP/, 5_000, told)
    await until(
      'health',
      () => healthOf(data),
      found => checkOf(found, 'ledger_writable')?.status === 'ok',
    )
    assert.equal((await daemon.end('SIGTERM')).code, 0)

    const { rows } = audit(data)
    const [from, to] = [held.equityTime ?? 0, later.equityTime ?? 0]
    const meanwhile = rows.orders.filter(({ decided_at: at }) => at > from && at < to)
    assert.deepEqual(
      meanwhile.map(({ purpose }) => purpose),
      ['protect'],
    )
    const minutes = rows.equity.map(({ time }) => time)
    assert.equal(
      minutes.length,
      ((minutes.at(-1) ?? 0) - (minutes[0] ?? 0)) / 60_000 + 1,
      'a row of equity for each slice',
    )
    const reader = SqliteLedgerReader.open(`${data}/ledger.db`)
    const refused = reader.refusals().filter(({ reason }) => reason === 'ledger-unwritable')
    reader.close()
    assert.ok((refused[0]?.count ?? 0) >= 3)
  })

  test(`${TIMES_FULL} times, at any moment, also killed meanwhile: no file is damaged, nothing is there twice or lost`, async t => {
    const cwd = folderWith(t, { 'tallow.yaml': fastConfig(3_000, 'flip'), 'strategies/flip.ts': FLIP_STRATEGY })
    const disk = new SmallDisk(t, DISK_KIB)
    const run = ['run', '--data-dir', disk.folder]
    // Days of buying and selling at every candle: with fees nothing would be left to trade with.
    const env = {
      TALLOW__SUPERVISION__RESTART_WAIT_S_MAX: '0',
      TALLOW__SUPERVISION__RESTARTS_MAX: '1000',
      TALLOW__TRADING__FEE_RATE: '0',
    }
    let daemon = startTallow(t, cwd, run, env)
    await daemon.said(/sold /, 30_000)
    for (let time = 1; time <= TIMES_FULL; time++) {
      await sleep(Math.random() * 150)
      const before = daemon.stderr.length
      disk.fill(Math.floor(Math.random() ** 2 * 256) * 1_024)
      // The ledger, or the candle store alone while a journal that was emptied has room in it.
      await daemon.said(/cannot be written/, 10_000, before)
      await sleep(Math.random() * 300)
      if (time % 5 === 0) {
        await daemon.end('SIGKILL')
        disk.free()
        checkFiles(disk.folder)
        daemon = startTallow(t, cwd, run, env)
      }
      const told = daemon.stderr.length
      disk.free()
      await daemon.said(/sold /, 30_000, told)
    }
    assert.equal((await daemon.end('SIGTERM')).code, 0)
    const { fillIds, equityTimes } = audit(disk.folder)
    t.diagnostic(`${equityTimes.length} slices, ${fillIds.length} fills`)
  })

  test('at the start is said, with what to do, and the next start is none the worse', async t => {
    const cwd = folderWith(t, FILES)
    const [fresh, used] = [new SmallDisk(t, DISK_KIB), new SmallDisk(t, DISK_KIB)]
    const first = startTallow(t, cwd, [...RUN, '--data-dir', used.folder])
    await first.said(/bought DIP/, 30_000)
    await first.end('SIGKILL')
    fresh.fill()
    used.fill()
    const refused = await Promise.all([fresh, used].map(disk => tallow(cwd, [...RUN, '--data-dir', disk.folder])))
    for (const { code, stderr } of refused) {
      assert.equal(code, 1, stderr)
      assert.match(stderr, /tallow: .*(full|space)[^]*\n {2}next: .*space/)
    }
    used.free()
    const next = startTallow(t, cwd, [...RUN, '--data-dir', used.folder])
    await next.said(/holding long \S+ DIP\/USDT/, 10_000)
    await next.said(/trade closed/, 10_000)
    assert.equal((await next.end('SIGTERM')).code, 0)
    audit(used.folder)
  })
})

/** Sound as they were left. What a ledger is ahead of its candles by, the next start fetches. */
function checkFiles(folder: string): void {
  for (const name of ['ledger.db', 'candles.db']) {
    const database = new Database(join(folder, name), { readonly: true })
    assert.equal(database.pragma('integrity_check', { simple: true }), 'ok', name)
    database.close()
  }
}
