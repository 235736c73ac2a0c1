import assert from 'node:assert/strict'
import { test } from 'node:test'
import { createBot } from '../../src/engine/create-bot.ts'
import type { Bot } from '../../src/engine/bot.ts'
import { defineStrategy, ema, obv, rsi } from '../../src/index.ts'
import { ColumnWatch } from '../../src/runtime/column-watch.ts'
import { evaluateHealth } from '../../src/telemetry/health.ts'
import type { HealthReadings } from '../../src/telemetry/health-readings.ts'
import { accountFrom, instanceOf, marketOf, plainColumns } from '../support/backtests.ts'
import { walkFrame } from '../indicators/frames.ts'

function botOver(rows: number): Bot {
  const strategy = defineStrategy({
    columns: () => ({ rsi: rsi(), trend: ema({ period: 10 }).on('5m'), flow: obv() }),
    decide: () => undefined,
  })
  const markets = ['A/USDT', 'B/USDT'].map(symbol => marketOf(symbol, '1m', walkFrame(rows)))
  const bot = createBot([instanceOf(strategy, '1m')], markets, accountFrom(2, {}), plainColumns, {
    record: () => undefined,
  })
  for (const market of bot.state.markets) market.moveTo(rows - 1)
  return bot
}

function checkOf(name: string, columns: readonly string[]): { readonly status: string; readonly detail: string } {
  const readings: HealthReadings = {
    mode: 'paper',
    uptimeSeconds: 1_000,
    restarts: 0,
    recovered: true,
    exchangeTimeMs: 0,
    series: [],
    reconciliation: { ageSeconds: 1, differences: [], columns },
  }
  const check = evaluateHealth(readings).checks.find(each => each.name === name)
  assert.ok(check)
  return check
}

test('a column that went wrong is told once, computed anew, and shows in health', () => {
  const bot = botOver(2_000)
  const [, second] = bot.state.markets
  const { columns } = second!.columns[0]!
  const right = columns.outputs[0]!.values[1_500]!
  columns.outputs[0]!.values[1_500] = right + 1
  const watch = new ColumnWatch(bot, 500)
  const told = Array.from({ length: 60 }, () => watch.afterSlice()).filter(text => text !== undefined)
  assert.equal(told.length, 1)
  assert.match(told[0]!, /^rsi\(14\) of test:B\/USDT:1m at 2023-03-21T01:00:00.000Z was /)
  assert.ok(told[0]!.endsWith(`computed anew it is ${right}`), told[0])
  assert.equal(columns.outputs[0]!.values[1_500], right)
  assert.deepEqual(watch.differences, told)
  assert.equal(checkOf('reconciliation', []).status, 'ok')
  assert.equal(checkOf('reconciliation', watch.differences).status, 'warn')
  assert.match(checkOf('reconciliation', watch.differences).detail, /a column was not what its candles give: rsi\(14\)/)
})

test('a bot whose columns are right is told nothing, candle after candle', () => {
  const bot = botOver(700)
  const watch = new ColumnWatch(bot, 400)
  for (let slice = 0; slice < 100; slice++) {
    for (const market of bot.state.markets) {
      market.frame.append(market.frame.lastTime + 60_000, 100, 101, 99, 100 + Math.sin(slice), 1)
      market.moveTo(market.frame.length - 1)
    }
    assert.equal(watch.afterSlice(), undefined)
  }
})

test('columns that have too few rows to settle are named, with how many it takes; a cumulative one is not', () => {
  assert.equal(new ColumnWatch(botOver(2_000)).unsettled(), undefined)
  const { settle } = rsi()
  assert.equal(
    new ColumnWatch(botOver(200)).unsettled(),
    `rsi(14) of test:A/USDT:1m has 200 of the ${settle + 1} rows after which its first one no longer matters (and 3 more columns): raise history.settle_rows_max and restart, or wait for so many candles`,
  )
})
