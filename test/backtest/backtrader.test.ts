import assert from 'node:assert/strict'
import { readFileSync } from 'node:fs'
import { test } from 'node:test'
import { formatDecimal, toNumber } from '../../src/domain/money.ts'
import { loadCandleFile } from '../../src/frame/formats/load-candle-file.ts'
import { crossedAbove, crossedBelow, defineStrategy, enterLong, exit, int, sma } from '../../src/index.ts'
import { backtest, instanceOf, marketOf } from '../support/backtests.ts'
import { requireTestData, withoutTestData } from '../support/test-data.ts'

const FOLDER = 'golden/backtrader'

const smaCross = defineStrategy({
  params: { period: int(15) },
  columns: ({ params }) => ({ average: sma({ period: params.period }) }),
  decide({ average, close, position }) {
    if (!position && crossedAbove(close, average)) return enterLong({ amount: 1 })
    if (position && crossedBelow(close, average)) return exit('cross')
  },
})

interface Golden {
  readonly expected: Readonly<Record<'BUYCREATE' | 'SELLCREATE' | 'BUYEXEC' | 'SELLEXEC', readonly string[]>> & {
    readonly final_value_stocklike: string
    readonly final_cash_stocklike: string
  }
}

test(
  'the SMA(15) cross buys and sells where, and for what, backtrader does',
  { skip: withoutTestData(FOLDER) },
  async () => {
    const { expected } = JSON.parse(
      readFileSync(requireTestData(`${FOLDER}/strategy_sma15_cross.json`), 'utf8'),
    ) as Golden
    const { frame } = await loadCandleFile(requireTestData(`${FOLDER}/2006-day-001.csv`), {
      symbol: 'INDEX/EUR',
      timeframe: '1d',
    })
    const { fills, bot, finalEquity } = backtest([instanceOf(smaCross, '1d')], [marketOf('INDEX/EUR', '1d', frame)], {
      fee: '0',
    })

    const prices = (side: string) =>
      fills.filter(fill => fill.side === side).map(fill => toNumber(fill.price).toFixed(2))
    const signals = (side: string) =>
      fills
        .filter(fill => fill.side === side)
        .map(fill => frame.close.values[frame.firstRowFrom(fill.time) - 1]!.toFixed(2))
    assert.deepEqual(prices('buy'), expected.BUYEXEC)
    assert.deepEqual(prices('sell'), expected.SELLEXEC)
    assert.deepEqual(signals('buy'), expected.BUYCREATE)
    assert.deepEqual(signals('sell'), expected.SELLCREATE)
    assert.equal(Number(formatDecimal(bot.state.cash)).toFixed(2), expected.final_cash_stocklike)
    assert.equal(Number(formatDecimal(finalEquity)).toFixed(2), expected.final_value_stocklike)
  },
)
