import assert from 'node:assert/strict'
import { test } from 'node:test'
import fc from 'fast-check'
import { parseDecimal } from '../../src/domain/money.ts'
import { csv, plainCell } from '../../src/cli/output/csv.ts'
import { fittedTable } from '../../src/cli/output/table.ts'
import { MANIFEST, trade } from '../ledger/fixtures.ts'
import { liveLedger } from './ledgers.ts'
import { emptyFolder, runCli } from './run-cli.ts'

const HEADER =
  'id,bot,strategy,exchange,symbol,side,entryTime,entryPrice,exitTime,exitPrice,amount,quoteCurrency,fees,profit,entryReason,exitReason'

/** Reads CSV as RFC 4180 has it: what a spreadsheet makes of it. */
function parseCsv(text: string): string[][] {
  const records: string[][] = []
  let cells: string[] = []
  const cell = /(?:"((?:[^"]|"")*)"|([^,"\r\n]*))(,|\r\n)/gy
  for (let match = cell.exec(text); match !== null; match = cell.exec(text)) {
    cells.push(match[1]?.replaceAll('""', '"') ?? match[2] ?? '')
    if (match[3] === ',') continue
    records.push(cells)
    cells = []
  }
  return records
}

test('trades --csv has a row a trade, with the digits of the ledger and times that every program reads', async context => {
  const folder = emptyFolder(context)
  const ledger = liveLedger(context, folder)
  ledger.commit([
    { kind: 'trade', trade: trade('t-1', { entryPrice: parseDecimal('37012.123456789012345678') }) },
    {
      kind: 'trade',
      trade: trade('t-2', {
        symbol: 'SHIB/EUR',
        side: 'short',
        amount: parseDecimal('1000000000000'),
        exitPrice: parseDecimal('0.00000001'),
        fees: parseDecimal('0.000000000000000001'),
      }),
    },
  ])
  const { code, stdout, stderr } = await runCli(folder, ['trades', '--csv'])
  assert.deepEqual([code, stderr], [0, ''])
  assert.equal(
    stdout,
    [
      HEADER,
      't-1,demo,rsi-macd,binance,BTC/USDT,long,2023-11-14T22:14:20.000Z,37012.123456789012345678,2023-11-14T22:24:20.000Z,37100,0.0675,USDT,5.0025,-0.90375,rsi low,rsi high',
      't-2,demo,rsi-macd,binance,SHIB/EUR,short,2023-11-14T22:14:20.000Z,37012.5,2023-11-14T22:24:20.000Z,0.00000001,1000000000000,EUR,0.000000000000000001,-0.90375,rsi low,rsi high',
      '',
    ].join('\r\n'),
  )
  assert.match((await runCli(folder, ['trades', '--csv', '-p', 'SHIB/EUR', '--last', '1'])).stdout, /\r\nt-2,[^\n]*\n$/)
})

test('without trades the CSV is its header', async context => {
  const folder = emptyFolder(context)
  liveLedger(context, folder)
  assert.equal((await runCli(folder, ['trades', '--csv'])).stdout, `${HEADER}\r\n`)
})

test('a reason can break neither the CSV nor the spreadsheet', async context => {
  const folder = emptyFolder(context)
  const ledger = liveLedger(context, folder)
  const reasons = ['=HYPERLINK("http://x","y")', '+1', '-1', '@SUM(A1)', '\t=1', 'a "b", c\r\nd', 'rsi < 30 = buy']
  ledger.commit(reasons.map((exitReason, index) => ({ kind: 'trade', trade: trade(`t-${index}`, { exitReason }) })))
  const records = parseCsv((await runCli(folder, ['trades', '--csv'])).stdout)
  assert.deepEqual(
    records.slice(1).map(cells => cells.at(-1)),
    [`'=HYPERLINK("http://x","y")`, "'+1", "'-1", "'@SUM(A1)", "'\t=1", 'a "b", c\r\nd', 'rsi < 30 = buy'],
  )
  assert.ok(records.every(cells => cells.length === HEADER.split(',').length))
  assert.equal(records[1]?.[13], '-0.90375', 'a loss stays a number')
})

test('whatever the texts are, reading the CSV gives them back, none of them a formula', () => {
  const cells = fc.array(fc.string({ unit: fc.constantFrom('"', ',', '\r', '\n', '=', '-', 'a', ' ', '\t') }), {
    minLength: 2,
    maxLength: 2,
  })
  fc.assert(
    fc.property(fc.array(cells, { maxLength: 5 }), records => {
      const plain = records.map(record => record.map(plainCell))
      assert.deepEqual(parseCsv(csv(['a', 'b'], plain)), [['a', 'b'], ...plain])
      assert.ok(plain.flat().every(cell => !/^[=+\-@\t\r]/.test(cell)))
    }),
  )
})

test('in the CSV each trade names its bot; other readers keep the order in which trades were closed', async context => {
  const folder = emptyFolder(context)
  const first = liveLedger(context, folder)
  first.commit([{ kind: 'trade', trade: trade('t-1') }])
  first.close()
  const second = liveLedger(context, folder, { bot: 'other' })
  second.commit([{ kind: 'trade', trade: trade('t-2', { exitTime: MANIFEST.decidesFrom }) }])
  const records = parseCsv((await runCli(folder, ['trades', '--csv'])).stdout)
  assert.deepEqual(
    records.slice(1).map(([id, bot]) => [id, bot]),
    [
      ['t-1', 'demo'],
      ['t-2', 'other'],
    ],
  )
})

test('the table of trades fits 80 columns and says what it left out', async context => {
  const folder = emptyFolder(context)
  const ledger = liveLedger(context, folder)
  const exitReason = 'trailing stop at 37100.25 after the best price of 37200.5'
  ledger.commit([
    { kind: 'trade', trade: trade('t-1', { exitReason }) },
    { kind: 'trade', trade: trade('t-2', { strategy: 'a-strategy-with-a-long-name', profit: parseDecimal('1234.5') }) },
  ])
  const widest = (text: string): number => Math.max(...text.split('\n').map(line => line.length))
  const narrow = await runCli(folder, ['trades'], { columns: 80 })
  assert.ok(widest(narrow.stdout) <= 80, narrow.stdout)
  assert.match(narrow.stdout, /^exit \(UTC\) +symbol .* profit +% +reason\n/)
  assert.match(narrow.stdout, /37100 .*…\n/)
  assert.match(narrow.stdout, /\nleft out: fees, held, .*\(--json has them\)\n/)
  const wide = await runCli(folder, ['trades'], { columns: 200 })
  assert.match(wide.stdout, new RegExp(`${exitReason}\n`))
  assert.doesNotMatch(wide.stdout, /left out/)
})

test('a table is as wide as it has to be, then cut, then short of columns', () => {
  const columns = [{ title: 'a' }, { title: 'b', widthMin: 4 }, { title: 'c', dropRank: 1 }]
  const rows = [['one', 'twothreefour', 'five']]
  assert.deepEqual(fittedTable(columns, rows, 80), {
    text: 'a    b             c\none  twothreefour  five\n',
    dropped: [],
  })
  assert.deepEqual(fittedTable(columns, rows, 17), { text: 'a    b       c\none  twoth…  five\n', dropped: [] })
  assert.deepEqual(fittedTable(columns, rows, 14), { text: 'a    b\none  twothree…\n', dropped: ['c'] })
  assert.deepEqual(
    fittedTable(columns, rows, 1),
    { text: 'a    b\none  two…\n', dropped: ['c'] },
    'what cannot shrink stays',
  )
})
