import type { Book } from '../broker/book.ts'
import type { ExitWatch } from '../broker/matching/exit-watch.ts'
import { orderIdTail } from '../domain/ids.ts'
import type { Instrument } from '../domain/instrument.ts'
import type { Decimal } from '../domain/money.ts'
import { toNumber } from '../domain/money.ts'
import type { Order } from '../domain/order.ts'
import type { Position } from '../domain/position.ts'
import { seriesKey, type SeriesId } from '../domain/series.ts'
import type { CandleFrame } from '../frame/candle-frame.ts'
import type { ComputedColumns } from '../indicators/computed.ts'
import type { ColumnSpec } from '../indicators/column-spec.ts'
import type { Cursor } from '../strategy/cursor.ts'
import type { OrderView, PositionView } from '../strategy/define.ts'
import type { StrategyInstance } from '../strategy/instance.ts'
import { Series } from '../strategy/series.ts'

/** What a leg needs of the market it decides on. */
export interface LegMarket {
  readonly series: SeriesId
  readonly instrument: Instrument
  readonly frame: CandleFrame
  readonly cursor: Cursor
  /** Close of the candle at the cursor. */
  readonly close: number
  readonly book: Book
  column(spec: ColumnSpec): { readonly columns: ComputedColumns; readonly cursor: Cursor }
}

interface View {
  time: number
  position: PositionView | undefined
  order: OrderView | undefined
}

/** A column, and how many rows it must have before the one that is first decided on. */
interface Wait {
  readonly columns: ComputedColumns
  readonly cursor: Cursor
  readonly rows: number
}

/** One strategy on one market: its view, its position, and the order it waits for. */
export class Leg {
  readonly strategy: StrategyInstance
  readonly market: LegMarket
  readonly orderIdTail: string
  /** What `decide` is called with; time and position are brought up to date in place. */
  readonly view: View
  /** What ends the position; undefined while flat. */
  watch: ExitWatch | undefined
  /** Float mirror of what the position is worth: `base` + `amount` × price. Zero when flat. */
  readonly worth = { base: 0, amount: 0 }
  #pending: { readonly order: Order; readonly reserve: Decimal } | undefined
  #position: Position | undefined
  readonly #waits: readonly Wait[]
  #warm = false

  /** @param bot goes into the ids of its orders. */
  constructor(bot: string, strategy: StrategyInstance, market: LegMarket) {
    this.strategy = strategy
    this.market = market
    this.orderIdTail = orderIdTail(bot, strategy.name, seriesKey(market.series))
    const columns: Record<string, Series | Record<string, Series>> = {}
    const waits: Wait[] = []
    for (const [name, spec] of Object.entries(strategy.columns)) {
      const { columns: computed, cursor } = market.column(spec)
      waits.push({ columns: computed, cursor, rows: strategy.rowsToWait(spec) })
      const series = spec.outputs.map(
        (output, index) => [output, new Series(computed.outputs[index]!, cursor)] as const,
      )
      columns[name] =
        spec.outputs.length === 1 && series[0]?.[0] === 'value' ? series[0][1] : Object.fromEntries(series)
    }
    this.#waits = waits
    const { frame, cursor } = market
    this.view = {
      ...columns,
      symbol: market.series.symbol,
      time: 0,
      open: new Series(frame.open, cursor),
      high: new Series(frame.high, cursor),
      low: new Series(frame.low, cursor),
      close: new Series(frame.close, cursor),
      volume: new Series(frame.volume, cursor),
      params: strategy.params,
      position: undefined,
      order: undefined,
    } as View
  }

  /** An order that has not filled yet, and the cash it has a claim on. */
  get pending(): { readonly order: Order; readonly reserve: Decimal } | undefined {
    return this.#pending
  }

  set pending(pending: { readonly order: Order; readonly reserve: Decimal } | undefined) {
    this.#pending = pending
    this.view.order = pending === undefined ? undefined : orderView(pending.order)
  }

  get position(): Position | undefined {
    return this.#position
  }

  set position(position: Position | undefined) {
    this.#position = position
    const amount = position === undefined ? 0 : toNumber(position.amount)
    const long = position?.side !== 'short'
    this.worth.base = position === undefined || long ? 0 : 2 * toNumber(position.cost)
    this.worth.amount = long ? amount : -amount
    this.view.position =
      position === undefined
        ? undefined
        : Object.freeze({
            side: position.side,
            amount,
            entryPrice: toNumber(position.entryPrice),
            entryTime: position.entryTime,
          })
  }

  /** What its strategy sees now: the close, and each column's newest value by name; what has none is left out. */
  seen(): Readonly<Record<string, number>> {
    const values: Record<string, number> = { close: this.market.close }
    for (const name of Object.keys(this.strategy.columns)) {
      const column = (this.view as unknown as Record<string, Series | Record<string, Series>>)[name]
      if (column instanceof Series) values[name] = column.now
      else for (const [output, series] of Object.entries(column ?? {})) values[`${name}.${output}`] = series.now
    }
    return Object.fromEntries(Object.entries(values).filter(([, value]) => Number.isFinite(value)))
  }

  /**
   * Columns whose first row still matters to their value, with the rows they have and those it takes. What adds up all
   * rows since the first is left out: it never ends to matter there.
   */
  unsettled(): readonly { readonly spec: ColumnSpec; readonly rows: number; readonly needed: number }[] {
    return this.#waits
      .map(({ columns: { spec, frame } }) => ({ spec, rows: frame.length, needed: spec.settle + 1 }))
      .filter(({ rows, needed }) => Number.isFinite(needed) && rows < needed)
  }

  /** Whether every column has what its strategy waits for at the cursors. Stays true once it is. */
  get warm(): boolean {
    if (!this.#warm) this.#warm = this.#waits.every(({ cursor, rows }) => cursor.row >= rows)
    return this.#warm
  }
}

function orderView({ side, purpose, type, price, decidedAt }: Order): OrderView {
  return Object.freeze({ side, purpose, type, price: price === undefined ? undefined : toNumber(price), decidedAt })
}
