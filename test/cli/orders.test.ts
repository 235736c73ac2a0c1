import assert from 'node:assert/strict'
import { test } from 'node:test'
import { parseDecimal } from '../../src/domain/money.ts'
import type { OrderRow } from '../../src/runtime/control/order-row.ts'
import { CASH, entered, fill, order } from '../ledger/fixtures.ts'
import { FIRST, liveLedger, MINUTE } from './ledgers.ts'
import { emptyFolder, runCli } from './run-cli.ts'

test('orders beside the writing daemon: what was ordered, and what became of it', async context => {
  const folder = emptyFolder(context)
  const ledger = liveLedger(context, folder)
  ledger.commit([
    { kind: 'order', order: order('a', { decidedAt: FIRST, reason: 'rsi low' }) },
    ...entered(fill('f-1', 'a', { time: FIRST + MINUTE })),
    { kind: 'order-status', clientId: 'a', status: 'filled', reason: '' },
    {
      kind: 'order',
      order: order('b', {
        symbol: 'ETH/USDT',
        type: 'limit',
        price: parseDecimal('1999.5'),
        size: { amount: parseDecimal('0.25') },
        expiresAt: FIRST + 5 * MINUTE,
        decidedAt: FIRST,
      }),
    },
    { kind: 'order', order: order('c', { symbol: 'ETH/USDT', decidedAt: FIRST + MINUTE }) },
    { kind: 'order-status', clientId: 'c', status: 'canceled', reason: 'out of time' },
  ])
  const rows = async (...argv: readonly string[]): Promise<readonly OrderRow[]> => {
    const { code, stdout, stderr } = await runCli(folder, ['orders', '--json', ...argv])
    assert.deepEqual([code, stderr], [0, ''])
    return JSON.parse(stdout) as readonly OrderRow[]
  }
  const [first, second] = await rows()
  assert.deepEqual(first, {
    id: 'a',
    bot: 'demo',
    strategy: 'rsi-macd',
    exchange: 'binance',
    symbol: 'BTC/USDT',
    side: 'buy',
    purpose: 'entry',
    type: 'market',
    price: null,
    amount: null,
    quote: 2500.5,
    status: 'filled',
    decidedAt: FIRST,
    expiresAt: null,
    reason: 'rsi low',
    statusReason: '',
    fillTime: FIRST + MINUTE,
    fillPrice: 37012.123456789012,
    fillAmount: 0.06750001,
    fillFee: 1e-18,
  })
  assert.deepEqual(
    [second?.price, second?.amount, second?.quote, second?.expiresAt, second?.fillTime, second?.fillPrice],
    [1999.5, 0.25, null, FIRST + 5 * MINUTE, null, null],
  )
  const ids = async (...argv: readonly string[]): Promise<readonly string[]> =>
    (await rows(...argv)).map(({ id }) => id)
  assert.deepEqual(await ids('--open'), ['b'])
  assert.deepEqual(await ids('--last', '2'), ['b', 'c'])
  assert.deepEqual(await ids('-p', 'ETH/USDT', '--last', '1'), ['c'])
  assert.deepEqual(await ids('-p', 'BTC/USDT,ETH/USDT', '--last', '2'), ['b', 'c'])
  assert.deepEqual(await ids('-p', 'okx:ETH/USDT'), [])
  const shown = await runCli(folder, ['orders'], { columns: 200 })
  assert.match(shown.stdout, /BTC\/USDT +rsi-macd +buy entry +market +2500\.5 USDT +filled +37012\.123 +- +rsi low\n/)
  assert.match(shown.stdout, /limit 1999\.5 +0\.25 +open +- +2023-11-14 22:19:20/)
  assert.match(shown.stdout, /why c; canceled: out of time\n\n3 orders, 1 open\n$/)
  const narrow = await runCli(folder, ['orders'], { columns: 80 })
  assert.ok(
    narrow.stdout.split('\n').every(line => line.length <= 80),
    narrow.stdout,
  )
})

test('no orders is an empty array for scripts, and a sentence for people', async context => {
  const folder = emptyFolder(context)
  liveLedger(context, folder).commit([{ kind: 'equity', time: FIRST, equity: 10_000, cash: CASH }])
  assert.deepEqual(await runCli(folder, ['orders', '--json']), { code: 0, stdout: '[]\n', stderr: '' })
  assert.equal((await runCli(folder, ['orders'])).stdout, 'no orders yet\n')
  assert.equal((await runCli(folder, ['orders', '--open'])).stdout, 'no orders rest\n')
})
