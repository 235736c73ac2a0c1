import assert from 'node:assert/strict'
import { mkdirSync } from 'node:fs'
import { createServer } from 'node:net'
import { join } from 'node:path'
import { test } from 'node:test'
import { parseDecimal, toNumber } from '../../src/domain/money.ts'
import { botStatus, type BotStatus } from '../../src/runtime/control/bot-status.ts'
import { CASH, entered, fill, LEG, order, positionAfter } from '../ledger/fixtures.ts'
import { openServer, RecordingTarget } from '../runtime/control-target.ts'
import { FIRST, liveLedger, MINUTE } from './ledgers.ts'
import { emptyFolder, filesIn, runCli } from './run-cli.ts'

const BUY = fill('f-1', 'a', { price: parseDecimal('37000'), amount: parseDecimal('0.1'), fee: parseDecimal('3.7') })
const EXITS = { plan: { stopLossPercent: 3, takeProfitPercent: 10 }, stop: 35_890, trailed: false }
const SELL = order('b', {
  side: 'sell',
  purpose: 'exit',
  type: 'limit',
  price: parseDecimal('40000'),
  size: { amount: parseDecimal('0.1') },
})

/** The status of the bot of `withPosition`, as its daemon knows it. */
function liveStatus(): BotStatus {
  return botStatus({
    bot: 'demo',
    running: true,
    cash: parseDecimal('6296.3'),
    equity: { time: FIRST + MINUTE, equity: 10_046.3 },
    mode: { mode: 'close-only', reason: 'asked for', at: FIRST },
    positions: [{ of: LEG, position: positionAfter(BUY), exits: EXITS }],
    orders: [{ bot: 'demo', order: SELL, status: 'open', statusReason: '', fill: undefined }],
    priceOf: () => parseDecimal('37500'),
    protections: [{ name: 'cooldown', symbol: 'ETH/USDT', until: FIRST + 9 * MINUTE, reason: 'a stop was hit' }],
    excluded: [{ strategy: 'slow', reason: 'it blocked the loop twice' }],
  })
}

function withPosition(ledger: ReturnType<typeof liveLedger>): void {
  ledger.commit([
    { kind: 'order', order: order('a') },
    ...entered(BUY, { exits: EXITS }),
    { kind: 'order-status', clientId: 'a', status: 'filled', reason: '' },
    { kind: 'order', order: SELL },
    { kind: 'mode', mode: 'close-only', reason: 'asked for', at: FIRST },
    { kind: 'equity', time: FIRST + MINUTE, equity: 10_046.3, cash: CASH - positionAfter(BUY).paid },
  ])
}

interface Status {
  readonly bots: readonly BotStatus[]
}

test('while the daemon runs its status is what it says itself, prices and protections included', async context => {
  const folder = emptyFolder(context)
  withPosition(liveLedger(context, folder))
  const target = new RecordingTarget()
  target.current = liveStatus()
  await openServer(context, join(folder, 'data/control.sock'), target)
  const { code, stdout, stderr } = await runCli(folder, ['status', '--json'])
  assert.deepEqual([code, stderr], [0, ''])
  const { bots } = JSON.parse(stdout) as Status
  const { orders, ...bot } = bots[0]!
  assert.equal(bots.length, 1)
  assert.deepEqual(bot, {
    bot: 'demo',
    running: true,
    mode: 'close-only',
    modeReason: 'asked for',
    cash: 6296.3,
    equity: 10_046.3,
    equityTime: FIRST + MINUTE,
    positions: [
      {
        strategy: 'rsi-macd',
        exchange: 'binance',
        symbol: 'BTC/USDT',
        side: 'long',
        amount: 0.1,
        entryPrice: 37_000,
        entryTime: BUY.time,
        cost: 3_700,
        stop: 35_890,
        takeProfit: 40_700,
        price: 37_500,
        unrealizedProfit: 50,
      },
    ],
    protections: [{ name: 'cooldown', symbol: 'ETH/USDT', until: FIRST + 9 * MINUTE, reason: 'a stop was hit' }],
    excluded: [{ strategy: 'slow', reason: 'it blocked the loop twice' }],
  })
  assert.deepEqual(
    orders.map(({ id, price, status }) => [id, price, status]),
    [['b', 40_000, 'open']],
  )
  const shown = await runCli(folder, ['status'], { columns: 160 })
  assert.match(shown.stdout, /^demo: running\nequity 10,046\.30, cash 6,296\.30, as of 2023-11-14 22:15:20 UTC\n/)
  assert.match(shown.stdout, /\nclose-only: no entries until tallow resume \(asked for\)\n/)
  assert.match(
    shown.stdout,
    /\ncooldown keeps entries of ETH\/USDT back until 2023-11-14 22:23:20 UTC: a stop was hit\n/,
  )
  assert.match(shown.stdout, /\nstrategy slow is excluded: it blocked the loop twice\n/)
  assert.match(
    shown.stdout,
    /\nBTC\/USDT +long +0\.1 +37000 +2023-11-14 22:14:20 +35890 +40700 +37500 +50\.00 +rsi-macd\n/,
  )
  assert.match(shown.stdout, /\nresting orders\n[^]*sell exit +limit 40000/)
  const narrow = await runCli(folder, ['status'], { columns: 80 })
  assert.ok(
    narrow.stdout
      .slice(narrow.stdout.indexOf('\npositions\n'))
      .split('\n')
      .every(line => line.length <= 80),
    narrow.stdout,
  )
})

test('without a daemon it is what the ledger kept: what only a daemon knows is null, and its age is told', async context => {
  const folder = emptyFolder(context)
  const ledger = liveLedger(context, folder)
  withPosition(ledger)
  const { bots } = JSON.parse((await runCli(folder, ['status', '--json'])).stdout) as Status
  const { positions, orders, running, mode, cash, equity, protections, excluded } = bots[0]!
  assert.deepEqual([running, mode, equity, protections, excluded], [false, 'close-only', 10_046.3, [], []])
  assert.equal(cash, toNumber(CASH - positionAfter(BUY).paid))
  assert.deepEqual(
    positions.map(({ price, unrealizedProfit, stop, takeProfit }) => [price, unrealizedProfit, stop, takeProfit]),
    [[null, null, 35_890, 40_700]],
  )
  assert.deepEqual(
    orders.map(({ id }) => id),
    ['b'],
  )
  const now = (): number => FIRST + 121 * MINUTE
  const killed = await runCli(folder, ['status'], { now })
  assert.match(
    killed.stdout,
    /^demo: not running; from the ledger; its last run began at 2023-11-14 22:14:20 UTC \(2 h 1 m ago\) and was killed, or is still starting\n/,
  )
  ledger.endRun(FIRST + 60 * MINUTE)
  const shown = await runCli(folder, ['status'], { now })
  assert.match(
    shown.stdout,
    /^demo: not running; from the ledger, as its last run left it at 2023-11-14 23:14:20 UTC \(1 h 1 m ago\)\n/,
  )
  assert.match(shown.stdout, /known while the daemon runs\n$/)
})

test('all bots of a folder are there, the running one among them; --bot names one', async context => {
  const folder = emptyFolder(context)
  const first = liveLedger(context, folder)
  first.close()
  liveLedger(context, folder, { bot: 'another' }).commit([{ kind: 'equity', time: FIRST, equity: 10_000, cash: CASH }])
  const target = new RecordingTarget()
  await openServer(context, join(folder, 'data/control.sock'), target)
  const read = async (...argv: readonly string[]): Promise<unknown> =>
    (JSON.parse((await runCli(folder, ['status', '--json', ...argv])).stdout) as Status).bots.map(
      ({ bot, running, equity }) => [bot, running, equity],
    )
  assert.deepEqual(await read(), [
    ['another', false, 10_000],
    ['demo', true, null],
  ])
  assert.deepEqual(await read('--bot', 'another'), [['another', false, 10_000]])
  const wrong = await runCli(folder, ['status', '--bot', 'dmeo'])
  assert.deepEqual([wrong.code, wrong.stdout], [2, ''])
  assert.match(wrong.stderr, /there is no bot "dmeo"[^]*did you mean "demo"\?/)
})

test('a daemon that can be asked is enough: a ledger that cannot be read is a note', async context => {
  const folder = emptyFolder(context)
  mkdirSync(join(folder, 'data'))
  await openServer(context, join(folder, 'data/control.sock'))
  const { code, stdout, stderr } = await runCli(folder, ['status', '--json'])
  assert.equal(code, 0)
  assert.equal((JSON.parse(stdout) as Status).bots[0]?.bot, 'demo')
  assert.match(stderr, /^note: the ledger cannot be read: no ledger in .* yet\n$/)
})

test('what answers with something else is a note, and the ledger is read', async context => {
  const folder = emptyFolder(context)
  withPosition(liveLedger(context, folder))
  const server = createServer(socket => socket.end('{"ok":true,"status":{"bot":"demo"}}\n'))
  server.listen(join(folder, 'data/control.sock'))
  context.after(() => server.close())
  const { code, stdout, stderr } = await runCli(folder, ['status', '--json'])
  assert.equal(code, 0)
  assert.equal((JSON.parse(stdout) as Status).bots[0]?.running, false)
  assert.match(stderr, /^note: the daemon is of another version/)
})

test('with neither daemon nor ledger it fails in a way that may pass, and makes no folder', async context => {
  const folder = emptyFolder(context)
  const { code, stdout, stderr } = await runCli(folder, ['status', '--json'])
  assert.deepEqual([code, stdout], [1, ''])
  assert.match(stderr, /no ledger in .*data yet[^]*next: start tallow run first/)
  assert.deepEqual(filesIn(folder), [])
})

test('the mark of a short is its profit when the price falls', () => {
  const sell = { ...BUY, side: 'sell' as const }
  const parts = { ...PARTS, positions: [{ of: LEG, position: positionAfter(sell), exits: EXITS }] }
  const [position] = botStatus({ ...parts, priceOf: () => parseDecimal('36000') }).positions
  assert.deepEqual([position?.side, position?.unrealizedProfit, position?.takeProfit], ['short', 100, 33_300])
})

const PARTS = {
  bot: 'demo',
  running: true,
  cash: CASH,
  equity: undefined,
  mode: undefined,
  orders: [],
  protections: [],
  excluded: [],
}
