import { seriesKey } from '../domain/series.ts'
import type { Bot } from '../engine/bot.ts'
import { ColumnAudit } from '../indicators/column-audit.ts'

/**
 * Rows that are computed anew after each slice, some tenths of a millisecond: 500 symbols with 12 columns of 2,500 rows
 * each have been gone through after a day of one-minute candles, a small bot every few minutes.
 */
const ROWS_PER_SLICE = 10_000
/** Told apart and shown; what goes wrong again and again needs no longer list. */
const DIFFERENCES_MAX = 16

/** Keeps an eye on the columns of a running bot: whether they are what their candles give, and have enough of them. */
export class ColumnWatch {
  readonly #bot: Bot
  readonly #audit: ColumnAudit
  readonly #differences: string[] = []

  constructor(bot: Bot, rowsPerSlice = ROWS_PER_SLICE) {
    this.#bot = bot
    this.#audit = new ColumnAudit(
      () => bot.state.markets.flatMap(market => market.columns.map(({ columns }) => columns)),
      rowsPerSlice,
    )
  }

  /** What was found since the start, in words, oldest first. */
  get differences(): readonly string[] {
    return this.#differences
  }

  /**
   * Goes on comparing. A column that differs is computed anew, so that what is decided next rests on its candles.
   * @returns what differs, in words.
   */
  afterSlice(): string | undefined {
    const found = this.#audit.step()
    if (found === undefined) return undefined
    const { columns, output, openTime, live, recomputed } = found
    columns.renew()
    const series = this.#bot.state.markets
      .flatMap(market => market.columns)
      .find(kept => kept.columns === columns)?.series
    const name = columns.outputNames.length === 1 ? columns.key : `${columns.key} ${output}`
    const text = `${name} of ${series === undefined ? 'a market' : seriesKey(series)} at ${new Date(openTime).toISOString()} was ${live}, computed anew it is ${recomputed}`
    if (this.#differences.length < DIFFERENCES_MAX) this.#differences.push(text)
    return text
  }

  /** Which column has too few rows for its start to be forgotten, in words; undefined when all have enough. */
  unsettled(): string | undefined {
    const short = this.#bot.state.legs.flatMap(leg =>
      leg.unsettled().map(column => ({
        ...column,
        series: { ...leg.market.series, timeframe: column.spec.timeframe ?? leg.strategy.timeframe },
      })),
    )
    const [first] = short
    if (first === undefined) return undefined
    const others = short.length > 1 ? ` (and ${short.length - 1} more columns)` : ''
    return `${first.spec.key} of ${seriesKey(first.series)} has ${first.rows} of the ${first.needed} rows after which its first one no longer matters${others}: raise history.settle_rows_max and restart, or wait for so many candles`
  }
}
