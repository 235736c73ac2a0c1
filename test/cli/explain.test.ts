import assert from 'node:assert/strict'
import { test, type TestContext } from 'node:test'
import type { Explanation } from '../../src/cli/explain/explanation.ts'
import type { LedgerEntry } from '../../src/ledger/ledger.ts'
import type { SqliteLedger } from '../../src/ledger/sqlite/sqlite-ledger.ts'
import { CASH, decision, entered, fill, LEG, MANIFEST, order, trade } from '../ledger/fixtures.ts'
import { FIRST, liveLedger, MINUTE } from './ledgers.ts'
import { emptyFolder, runCli, type Ran } from './run-cli.ts'

/** FIRST is 20 s past the minute: the candle that contains it opens here. */
const OPEN = FIRST - (FIRST % MINUTE)
const at = (minutes: number): number => OPEN + minutes * MINUTE
const NOW = at(60)

/** The slices of so many candles from the first one on, with the entries of each. */
function slices(ledger: SqliteLedger, from: number, to: number, entries: Record<number, readonly LedgerEntry[]>): void {
  for (let minute = from; minute < to; minute++) {
    const slice: LedgerEntry = { kind: 'equity', time: at(minute + 1), equity: 10_000, cash: CASH }
    ledger.commit([...(entries[minute] ?? []), slice])
  }
}

function decided(minute: number, more: Parameters<typeof decision>[1] = {}): LedgerEntry {
  return { kind: 'decision', ...decision(at(minute), more) }
}

function bot(context: TestContext): { folder: string; ledger: SqliteLedger; ask: (...argv: string[]) => Promise<Ran> } {
  const folder = emptyFolder(context)
  const ledger = liveLedger(context, folder, { decidesFrom: OPEN })
  const ask = (...argv: string[]): Promise<Ran> => runCli(folder, ['explain', ...argv], { now: () => NOW })
  return { folder, ledger, ask }
}

async function legOf(asked: Promise<Ran>): Promise<Explanation['bots'][number]['legs'][number]> {
  const { code, stdout, stderr } = await asked
  assert.deepEqual([code, stderr], [0, ''])
  const leg = (JSON.parse(stdout) as Explanation).bots[0]?.legs[0]
  assert.ok(leg)
  return leg
}

test('a candle with an order shows the decision, what was seen, the order, its fill and the trade', async context => {
  const { ledger, ask } = bot(context)
  const sell = { side: 'sell' as const, purpose: 'exit' as const, decidedAt: at(4) }
  slices(ledger, 0, 10, {
    3: [
      decided(3, { outcome: 'order', reason: 'rsi low', values: { rsi: 29.5, close: 37_000 } }),
      { kind: 'order', order: order('a', { decidedAt: at(3), reason: 'rsi low' }) },
      ...entered(fill('f-1', 'a', { time: at(4) })),
      { kind: 'order-status', clientId: 'a', status: 'filled', reason: '' },
    ],
    4: [
      { kind: 'order', order: order('b', sell) },
      { kind: 'trade', trade: trade('a', { entryTime: at(4), exitTime: at(5) }) },
    ],
  })
  const leg = await legOf(ask('BTC/USDT', String(at(3) + 30_000), '--json'))
  assert.deepEqual(leg.candle, { openTime: at(3), closeTime: at(4) })
  assert.deepEqual([leg.strategy, leg.timeframe, leg.decided], ['rsi-macd', '1m', true])
  assert.deepEqual(leg.decision, {
    time: at(3),
    outcome: 'order',
    reason: 'rsi low',
    values: { rsi: 29.5, close: 37_000 },
  })
  assert.deepEqual([leg.orders.map(({ id }) => id), leg.trades], [['a'], []])
  const next = await legOf(ask('BTC/USDT', String(at(4)), '--json'))
  assert.deepEqual([next.orders.map(({ id }) => id), next.trades.map(({ id }) => id)], [['a', 'b'], ['a']])

  const { stdout } = await ask('BTC/USDT', new Date(at(3)).toISOString())
  assert.match(
    stdout,
    /^rsi-macd on binance:BTC\/USDT \(bot demo\)\nthe 1m candle from 2023-11-14 22:17 to 2023-11-14 22:18 UTC\n/,
  )
  assert.match(stdout, /\nthe strategy ordered: rsi low\nit saw: rsi 29\.5, close 37000\n/)
  assert.match(
    stdout,
    /\norder: buy for 2500\.5 \(entry, market, rsi low\), decided at 2023-11-14 22:17, filled at 37012\.123 in the candle of 2023-11-14 22:18\n/,
  )
  assert.match(stdout, /\ntrading is on, and was never restricted\n$/)
})

test('between changes the newest decision before the candle stands, and says since when', async context => {
  const { ledger, ask } = bot(context)
  slices(ledger, 0, 10, {
    2: [decided(2, { outcome: 'refused', reason: 'no cash left' }), refusal(2), refusal(2)],
    6: [decided(6)],
  })
  const refused = await ask('BTC/USDT', String(at(5)))
  assert.match(
    refused.stdout,
    /\nthe strategy wanted to trade and was refused: no cash left, unchanged since 2023-11-14 22:16 UTC\nit saw at 2023-11-14 22:16: /,
  )
  assert.match(refused.stdout, /\nrefused on that day: no cash left, 2 ×\n/)
  assert.match((await ask('BTC/USDT', String(at(6)))).stdout, /\nthe strategy wanted nothing\nit saw: rsi 29\.5/)
  assert.match((await ask('BTC/USDT', String(at(1)))).stdout, /\nno decision is recorded up to this candle: /)
})

function refusal(minute: number): LedgerEntry {
  return { kind: 'refusal', ...LEG, time: at(minute), reason: 'no cash left' }
}

test('a decision of long ago is found as well as one of yesterday', async context => {
  const { ledger, ask } = bot(context)
  const days = 24 * 60
  ledger.commit([decided(5, { outcome: 'refused', reason: 'long ago' })])
  ledger.commit([{ kind: 'equity', time: at(200 * days + 1), equity: 1, cash: CASH }])
  const leg = await legOf(ask('BTC/USDT', String(at(200 * days)), '--json'))
  assert.deepEqual([leg.decision?.time, leg.decision?.reason], [at(5), 'long ago'])
})

test('a candle that nobody decided on is told apart from one without a wish', async context => {
  const { ledger, folder, ask } = bot(context)
  slices(ledger, 0, 5, { 1: [decided(1)] })
  ledger.close()
  const second = liveLedger(context, folder, { decidesFrom: at(20) })
  slices(second, 20, 25, {})
  const answer = async (minute: number): Promise<string> => {
    const leg = await legOf(ask('BTC/USDT', String(at(minute)), '--json'))
    assert.equal(leg.decided, false)
    return leg.answer
  }
  assert.match(
    await answer(-2),
    /^this was before the bot's first run with this symbol, which decides on candles that close after 2023-11-14 22:14 UTC$/,
  )
  assert.match(
    await answer(10),
    /^no strategy was asked at this candle: no daemon was running when it closed at 2023-11-14 22:25 UTC, or it came too late to be traded on; the next run decides on candles that close after 2023-11-14 22:34 UTC; before it, at 2023-11-14 22:15 UTC: the strategy wanted nothing$/,
  )
  assert.match(
    await answer(30),
    /^the bot has not decided on this candle, which closes at .* yet; its newest is of 2023-11-14 22:39 UTC/,
  )
  assert.match(await answer(90), /^this candle lies in the future; /)
  assert.equal((await legOf(ask('BTC/USDT', String(at(22)), '--json'))).decided, true)
})

test('a symbol or strategy that came later was not there at the time', async context => {
  const { ledger, folder, ask } = bot(context)
  slices(ledger, 0, 5, {})
  ledger.close()
  const strategies = [...MANIFEST.strategies, { name: 'late', hash: 'x', params: {} }]
  const second = liveLedger(context, folder, { decidesFrom: at(5), strategies })
  slices(second, 5, 10, {})
  second.close()
  const only = { 'binance:ETH/USDT:1m': OPEN }
  slices(liveLedger(context, folder, { decidesFrom: at(10), origins: only }), 10, 15, {})
  const late = await legOf(ask('BTC/USDT', String(at(2)), '--strategy', 'late', '--json'))
  assert.match(late.answer, /did not have the strategy late$/)
  const gone = await legOf(ask('BTC/USDT', String(at(12)), '--json'))
  assert.match(gone.answer, /did not trade BTC\/USDT$/)
  const before = await legOf(ask('ETH/USDT', String(at(2)), '--json'))
  assert.match(before.answer, /^this was before the bot's first run with this symbol/)
})

test('strategies decide on the lowest timeframe of a symbol; the higher ones are only looked at', async context => {
  const folder = emptyFolder(context)
  const hour = OPEN - (OPEN % 3_600_000)
  const origins = { 'binance:BTC/USDT:4h': 0, 'binance:BTC/USDT:1h': 0, 'binance:BTC/USDT:1d': 0 }
  liveLedger(context, folder, { decidesFrom: hour, origins }).commit([
    { kind: 'equity', time: hour + 3_600_000, equity: 1, cash: CASH },
  ])
  const leg = await legOf(runCli(folder, ['explain', 'binance:BTC/USDT', String(hour + 5 * MINUTE), '--json']))
  assert.deepEqual([leg.timeframe, leg.candle.openTime, leg.decided], ['1h', hour, true])
})

test('a paused bot asks nobody, and that is the answer', async context => {
  const { ledger, ask } = bot(context)
  slices(ledger, 0, 10, { 1: [decided(1)], 4: [{ kind: 'mode', mode: 'paused', reason: 'asked for', at: at(5) }] })
  assert.equal((await legOf(ask('BTC/USDT', String(at(3)), '--json'))).decided, true)
  const { stdout } = await ask('BTC/USDT', String(at(7)))
  assert.match(
    stdout,
    /\ntrading is paused since 2023-11-14 22:19 UTC \(asked for\): no strategy is asked; before it, /,
  )
  assert.match(stdout, /\ntrading is paused since 2023-11-14 22:19 UTC by this machine's clock \(asked for\)\n$/)
})

test('wrong names are wrong usage, with the nearest right one', async context => {
  const { ledger, ask } = bot(context)
  slices(ledger, 0, 2, {})
  const wrong: readonly (readonly [readonly string[], RegExp])[] = [
    [['BTC/USDC', '2023-11-14'], /has ever traded BTC\/USDC\n {2}at: +SYMBOL\n {2}next: did you mean BTC\/USDT\?/],
    [['okx:BTC/USDT', '2023-11-14'], /has ever traded okx:BTC\/USDT[^]*they trade BTC\/USDT/],
    [['BTC/USDT', '2023-11-14', '-s', 'rsi-macdd'], /no strategy "rsi-macdd"[^]*did you mean "rsi-macd"\?/],
  ]
  for (const [argv, words] of wrong) {
    const { code, stdout, stderr } = await ask(...argv)
    assert.deepEqual([code, stdout], [2, ''], stderr)
    assert.match(stderr, words)
  }
  const nowhere = await ask('BTC/USDT', '2023-11-14', '--data-dir', 'elsewhere')
  assert.equal(nowhere.code, 1)
  assert.match(nowhere.stderr, /no ledger in .*elsewhere yet/)
})
