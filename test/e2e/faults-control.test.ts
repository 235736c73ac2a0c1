import assert from 'node:assert/strict'
import { writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import { test } from 'node:test'
import { SqliteLedgerReader } from '../../src/ledger/sqlite/sqlite-ledger-reader.ts'
import { statusOf, until } from './faults/ask.ts'
import { audit } from './support/audit.ts'
import { folderWith, startTallow, tallow, type Ended } from './support/tallow.ts'

/** Buys one symbol after the other and never lets go by itself. */
function hoarder(mark: string): string {
  return `
import { defineStrategy, enterLong, number } from 'tallow'
export default defineStrategy({
  columns: () => ({}),
  params: { share: number(1) },
  decide({ position, params }) {
    return position ? undefined : enterLong({ amount: params.share, reason: '${mark} ' + params.share })
  },
})
`
}

function config(share: number): string {
  return `
exchange: { simulator: { seed: 5, speed: 600, symbols: [ETH/USDT, SOL/USDT] } }
market: { late_after_ms: 600000 }
trading: { timeframe: 1m, cash: 100000, strategies: [{ name: hoarder, params: { share: ${share} } }] }
`
}

test('a running daemon obeys its owner: paused, resumed, exits only, sold out, with other strategies, stopped', async t => {
  const cwd = folderWith(t, { 'tallow.yaml': config(1), 'strategies/hoarder.ts': hoarder('first') })
  const data = join(cwd, 'data')
  const daemon = startTallow(t, cwd, ['run'])
  const say = async (...args: readonly string[]): Promise<Ended> => {
    const ended = await tallow(cwd, args)
    assert.equal(ended.code, 0, ended.stderr)
    return ended
  }
  const reasons = async (): Promise<readonly string[]> => {
    await sleep(300)
    return (await statusOf(data)).positions.map(({ symbol, amount }) => `${symbol} ${amount}`)
  }
  await daemon.said(/bought SOL/, 30_000)
  assert.deepEqual(await reasons(), ['ETH/USDT 1', 'SOL/USDT 1'])

  await say('pause')
  await say('close', 'SOL/USDT')
  await daemon.said(/told to sell SOL\/USDT 1 .*\n[^]*sold SOL\/USDT 1 at/, 5_000)
  assert.deepEqual(await reasons(), ['ETH/USDT 1'], 'paused: what was closed is not bought again')
  const paused = await statusOf(data)
  assert.deepEqual([paused.mode, paused.modeReason], ['paused', 'asked for'])

  await say('close-only')
  await daemon.said(/refused SOL\/USDT {2}hoarder: close-only/, 5_000)
  assert.deepEqual(await reasons(), ['ETH/USDT 1'])
  await say('resume')
  await daemon.said(/bought SOL[^]*bought SOL/, 5_000)
  assert.deepEqual(await reasons(), ['ETH/USDT 1', 'SOL/USDT 1'])

  const misspelt = await tallow(cwd, ['close', 'SOL/UDST'])
  assert.equal(misspelt.code, 2)
  assert.match(misspelt.stderr, /does not trade SOL\/UDST[^]*did you mean SOL\/USDT/)

  // Broken files, and what needs a new process, change nothing.
  const runs = runsOf(data)
  const before = await statusOf(data)
  const broken: readonly (readonly [file: string, text: string, said: RegExp])[] = [
    ['strategies/hoarder.ts', hoarder('second').replace('return', 'retrun'), /hoarder\.ts:7/],
    ['strategies/hoarder.ts', 'throw new Error("on load")', /on load[^]*hoarder\.ts:1/],
    ['tallow.yaml', config(2).replace('share', 'shaer'), /no parameter "shaer"[^]*did you mean "share"/],
    ['tallow.yaml', `bot: other\n${config(2)}`, /bot changed: that needs a new process/],
  ]
  for (const [file, text, said] of broken) {
    writeFileSync(join(cwd, file), text)
    const refused = await tallow(cwd, ['reload'])
    assert.equal(refused.code, 2, `${file}: ${refused.stderr}`)
    assert.match(refused.stderr, said)
    writeFileSync(join(cwd, 'tallow.yaml'), config(1))
    writeFileSync(join(cwd, 'strategies/hoarder.ts'), hoarder('first'))
  }
  const after = await statusOf(data)
  assert.deepEqual(
    [after.positions.map(({ entryTime }) => entryTime), after.mode, after.excluded],
    [before.positions.map(({ entryTime }) => entryTime), 'on', []],
  )
  assert.ok((after.equityTime ?? 0) > (before.equityTime ?? 0), 'it trades on')

  writeFileSync(join(cwd, 'strategies/hoarder.ts'), hoarder('second'))
  writeFileSync(join(cwd, 'tallow.yaml'), config(2))
  await say('reload')
  const kept = await until(
    'the next run',
    () => statusOf(data).catch(() => undefined),
    status => status !== undefined && status.equityTime !== null,
  )
  assert.deepEqual(
    kept?.positions.map(({ entryTime }) => entryTime),
    before.positions.map(({ entryTime }) => entryTime),
    'positions are kept',
  )
  await say('close', 'ETH/USDT')
  await daemon.said(/decided to buy ETH\/USDT 2 {2}hoarder: second 2/, 5_000)

  await say('stop')
  const { code, stderr } = await daemon.end()
  assert.equal(code, 0, stderr)
  const { rows, positions } = audit(data)
  assert.deepEqual(
    new Map(positions),
    new Map([
      ['ETH/USDT', 2],
      ['SOL/USDT', 1],
    ]),
  )
  assert.equal(rows.runs.length, runs + 1, 'reloads that were refused began no run')
  const manifests = rows.runs.map(
    ({ manifest }) => (JSON.parse(manifest) as { strategies: { hash: string; params: unknown }[] }).strategies[0],
  )
  assert.deepEqual(
    manifests.map(strategy => strategy?.params),
    [{ share: 1 }, { share: 2 }],
  )
  assert.notEqual(manifests[0]?.hash, manifests[1]?.hash)
  const idle = await tallow(cwd, ['pause'])
  assert.equal(idle.code, 1)
  assert.match(idle.stderr, /no tallow daemon runs on this data folder/)
})

function runsOf(data: string): number {
  const reader = SqliteLedgerReader.open(join(data, 'ledger.db'))
  try {
    return reader.runs().length
  } finally {
    reader.close()
  }
}
