import { join } from 'node:path'
import { backtestMarkets } from '../../src/backtest/markets.ts'
import { runBacktest } from '../../src/backtest/run-backtest.ts'
import type { LegName } from '../../src/domain/leg-name.ts'
import { formatDecimal } from '../../src/domain/money.ts'
import type { Trade } from '../../src/domain/position.ts'
import type { Effect } from '../../src/engine/events.ts'
import { nameOf } from '../../src/engine/state.ts'
import type { Fill } from '../../src/domain/fill.ts'
import type { HeldPosition, OrderRecord } from '../../src/ledger/ledger.ts'
import { SqliteLedgerReader } from '../../src/ledger/sqlite/sqlite-ledger-reader.ts'
import { plainColumns } from '../support/backtests.ts'
import type { Lived } from './live-on-paper.ts'
import type { Scenario } from './scenario.ts'

const DAY = 86_400_000

/** What a run came to, down to the last unit. */
export interface Outcome {
  readonly orders: readonly Omit<OrderRecord, 'bot'>[]
  /** In the order in which they came. */
  readonly fills: readonly Fill[]
  readonly trades: readonly Trade[]
  /** Reasons of refusals by day, strategy and symbol, with their number. */
  readonly refusals: Readonly<Record<string, number>>
  readonly positions: readonly HeldPosition[]
  readonly cash: string
  /** Instants and values. */
  readonly equity: readonly (readonly [number, number])[]
}

/** What is in the ledger file at the end; only the order of fills, which no reader tells, is what was told. */
export function outcomeOnPaper(scenario: Scenario, { record }: Lived, folder: string): Outcome {
  const reader = SqliteLedgerReader.open(join(folder, 'ledger.db'))
  try {
    const [account] = reader.accounts()
    if (account === undefined) throw new Error('the ledger has no account')
    const refusals = reader.refusals().map(({ day, count, ...of }) => [refusalKey(day, of), count] as const)
    return {
      orders: reader.orders().map(({ order, status, statusReason, fill }) => ({ order, status, statusReason, fill })),
      fills: record.fills,
      trades: reader.trades(),
      refusals: Object.fromEntries(refusals),
      positions: byLeg(account.positions),
      cash: formatDecimal(account.cash),
      equity: reader
        .equity({ from: scenario.startsAt - DAY, to: scenario.endsAt })
        .map(({ time, equity }) => [time, equity]),
    }
  } finally {
    reader.close()
  }
}

/** The backtest over the same candles, from the instant at which the first life began to decide. */
export function outcomeOfBacktest(scenario: Scenario, { plans }: Lived): Outcome {
  const { listings, series, strategies, account, settleRowsMax } = scenario
  const from = plans[0]?.decidesFrom
  if (from === undefined) throw new Error('the run was not started')
  const sources = listings.map(({ symbol, minutes, instrument }) => ({
    series: { exchange: 'virtual', symbol, timeframe: '1m' as const },
    frame: minutes,
    instrument,
  }))
  const markets = backtestMarkets(strategies, sources, { from, to: undefined, historyRowsMax: settleRowsMax })
  if (markets.length !== series.length) throw new Error('a symbol has no candle in the period')
  const log = new EffectLog()
  const { bot, fills, equity } = runBacktest({
    strategies,
    markets,
    account,
    provider: plainColumns,
    decideFrom: from,
    observe: effect => {
      log.add(effect)
    },
  })
  const positions = bot.state.openLegs.flatMap(leg =>
    leg.position === undefined ? [] : [{ of: nameOf(leg), position: leg.position, exits: leg.watch?.state() }],
  )
  return {
    orders: [...log.orders.values()],
    fills,
    trades: log.trades,
    refusals: Object.fromEntries(log.refusals),
    positions: byLeg(positions),
    cash: formatDecimal(bot.state.cash),
    equity: Array.from({ length: equity.length }, (_, index) => [equity.times[index] ?? 0, equity.values[index] ?? 0]),
  }
}

/** The same text for the same outcome: names of fields in order, money in full. */
export function textOf(outcome: Outcome): string {
  return JSON.stringify(
    outcome,
    (_, value: unknown) => {
      if (typeof value === 'bigint') return formatDecimal(value)
      if (typeof value !== 'object' || value === null || Array.isArray(value)) return value
      return Object.fromEntries(Object.entries(value).sort(([a], [b]) => (a < b ? -1 : 1)))
    },
    1,
  )
}

/** Orders with what became of them, as a ledger keeps them. */
class EffectLog {
  readonly orders = new Map<string, Omit<OrderRecord, 'bot'>>()
  readonly trades: Trade[] = []
  readonly refusals = new Map<string, number>()

  add(effect: Effect): void {
    switch (effect.kind) {
      case 'place':
        this.orders.set(effect.order.clientId, {
          order: effect.order,
          status: 'open',
          statusReason: '',
          fill: undefined,
        })
        break
      case 'filled':
        this.#becomes(effect.fill.clientId, { status: 'filled', fill: effect.fill })
        break
      case 'canceled':
      case 'rejected':
        this.#becomes(effect.order.clientId, { status: effect.kind, statusReason: effect.reason })
        break
      case 'trade-closed':
        this.trades.push(effect.trade)
        break
      case 'refused': {
        const key = refusalKey(Math.floor(effect.time / DAY) * DAY, effect)
        this.refusals.set(key, (this.refusals.get(key) ?? 0) + 1)
        break
      }
    }
  }

  #becomes(clientId: string, change: Partial<OrderRecord>): void {
    const known = this.orders.get(clientId)
    if (known === undefined) throw new Error(`there is no order ${clientId}`)
    this.orders.set(clientId, { ...known, ...change })
  }
}

function refusalKey(
  day: number,
  { strategy, exchange, symbol, reason }: LegName & { readonly reason: string },
): string {
  return [new Date(day).toISOString().slice(0, 10), strategy, exchange, symbol, reason].join(' ')
}

function byLeg(positions: readonly HeldPosition[]): readonly HeldPosition[] {
  const name = ({ of }: HeldPosition): string => `${of.strategy} ${of.symbol}`
  return [...positions].sort((a, b) => (name(a) < name(b) ? -1 : 1))
}
