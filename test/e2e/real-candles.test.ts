import assert from 'node:assert/strict'
import { join } from 'node:path'
import { test } from 'node:test'
import Database from 'better-sqlite3'
import { requireTestData, withoutTestData } from '../support/test-data.ts'
import { audit } from './support/audit.ts'
import { folderWith, tallow } from './support/tallow.ts'

const FILES = ['BTC', 'ETH', 'ADA'].map(base => `candles/ccxt-json-2023/${base}_USDT-1m.json.gz`)

interface TradeRow {
  readonly id: string
  readonly exitTime: number
  readonly exitReason: string
}

test(
  'real candles through the daemon: without a config it trades over the outage of March 2023 as the backtest does',
  { skip: withoutTestData(...FILES) },
  async t => {
    const cwd = folderWith(t)
    const files = FILES.map(requireTestData)
    const ran = await tallow(cwd, ['run', '--candles', ...files, '--speed', '3000', '--for', '11s'])
    assert.equal(ran.code, 0, ran.stderr)
    for (const symbol of ['ADA', 'BTC', 'ETH'])
      assert.match(
        ran.stderr,
        new RegExp(`file:${symbol}/USDT:1m: gap of 80 candles, 2023-03-24 12:40 to 2023-03-24 14:00`),
      )

    const { equityTimes } = audit(join(cwd, 'data'))
    const lastSlice = equityTimes.at(-1) ?? 0
    assert.ok(lastSlice > Date.UTC(2023, 2, 24, 15), 'it has come past the outage')
    const traded = JSON.parse((await tallow(cwd, ['trades', '--json'])).stdout) as TradeRow[]
    assert.ok(traded.length > 10, `${traded.length} trades`)

    const from = decidesFrom(join(cwd, 'data/ledger.db'))
    const backtest = await tallow(cwd, ['backtest', '--data', ...files, '--from', String(from), '--json'])
    assert.equal(backtest.code, 0, backtest.stderr)
    const { trades } = JSON.parse(backtest.stdout) as { trades: TradeRow[] }
    // At its last slice the daemon fills at an open that may or may not have been known.
    const before = ({ exitTime }: TradeRow): boolean => exitTime < lastSlice
    const byId = (a: TradeRow, b: TradeRow): number => (a.id < b.id ? -1 : 1)
    assert.deepEqual(traded.filter(before).sort(byId), trades.filter(before).sort(byId))
    t.diagnostic(`${equityTimes.length} slices, ${traded.length} trades, the same in the backtest`)
  },
)

/** What the manifest of the run says: the first instant that is decided on. */
function decidesFrom(path: string): number {
  const ledger = new Database(path, { readonly: true })
  const row = ledger.prepare<[], { manifest: string }>('SELECT manifest FROM runs').get()
  ledger.close()
  return (JSON.parse(row?.manifest ?? '{}') as { decidesFrom: number }).decidesFrom
}
