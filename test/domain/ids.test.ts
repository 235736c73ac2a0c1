import assert from 'node:assert/strict'
import { test } from 'node:test'
import { orderClientId, orderIdTail } from '../../src/domain/ids.ts'

test('an id is of a form that every exchange takes, and the same for the same decision', () => {
  const ids = new Set<string>()
  const tail = orderIdTail('bot', 'a-strategy-with-a-name-of-up-to-64-letters', 'binance:BTC/USDT:USDT:1h')
  for (const time of [0, 1_000, Date.UTC(2023, 0, 1), Date.UTC(2100, 0, 1)])
    for (const purpose of ['entry', 'add', 'exit', 'protect', 'close'] as const) {
      assert.match(orderClientId(tail, time, purpose), /^[A-Za-z0-9_-]{1,36}$/)
      assert.equal(orderClientId(tail, time, purpose), orderClientId(tail, time, purpose))
      ids.add(orderClientId(tail, time, purpose))
    }
  assert.equal(ids.size, 20)
})

test('bot, strategy, exchange and symbol each tell two legs apart, many of them too', () => {
  const tails = new Set<string>()
  let count = 0
  for (const bot of ['a', 'b'])
    for (let strategy = 0; strategy < 50; strategy++)
      for (const exchange of ['binance', 'kraken', 'file'])
        for (let symbol = 0; symbol < 100; symbol++) {
          tails.add(orderIdTail(bot, `s${strategy}`, `${exchange}:X${symbol}/USDT:1m`))
          count++
        }
  assert.equal(tails.size, count)
})
