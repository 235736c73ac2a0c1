import { badInput } from '../../domain/errors.ts'
import { nearest } from '../../domain/nearest.ts'
import { compareKeys, parseSeriesKey, type SeriesId } from '../../domain/series.ts'
import { durationMs } from '../../domain/timeframe.ts'
import type { LedgerReader, RunRecord } from '../../ledger/ledger.ts'
import type { SymbolChoice } from '../options.ts'

/** A bot that restarts every hour for a month is known whole; of older runs nobody keeps the decisions anyway. */
const RUNS_MAX = 1_000

/** The runs of one bot, oldest first. */
export interface RunsOfBot {
  readonly bot: string
  readonly all: readonly RunRecord[]
  /** Those that traded the symbol; at least one. */
  readonly withSymbol: readonly [RunRecord, ...RunRecord[]]
}

/**
 * The bots that ever traded a symbol.
 * @throws bad input with the nearest right symbol when none did.
 */
export function runsWithSymbol(reader: LedgerReader, choice: SymbolChoice, where: string): readonly RunsOfBot[] {
  const bots = reader.accounts().map(({ bot }) => ({ bot, all: reader.runs({ bot, last: RUNS_MAX }) }))
  const found = bots.flatMap(({ bot, all }) => {
    const [first, ...rest] = all.filter(run => decidingSeries(run, choice).length > 0)
    return first === undefined ? [] : [{ bot, all, withSymbol: [first, ...rest] as const }]
  })
  if (found.length > 0) return found
  const symbols = new Set(bots.flatMap(({ all }) => all.flatMap(run => seriesOf(run).map(({ symbol }) => symbol))))
  throw noSuchSymbol(choice, [...symbols].sort(compareKeys), where)
}

/** The run that was in force at an instant (UTC ms): the newest that had begun to decide by then. */
export function runAt(runs: readonly RunRecord[], time: number): RunRecord | undefined {
  return runs.findLast(({ manifest }) => manifest.decidesFrom <= time)
}

/** The series of a symbol that strategies decide on: those of its lowest timeframe, the others only have columns. */
export function decidingSeries(run: RunRecord, { exchange, symbol }: SymbolChoice): readonly SeriesId[] {
  const lowest = new Map<string, SeriesId>()
  for (const series of seriesOf(run)) {
    if (series.symbol !== symbol || (exchange ?? series.exchange) !== series.exchange) continue
    const known = lowest.get(series.exchange)
    if (known === undefined || durationMs(series.timeframe) < durationMs(known.timeframe))
      lowest.set(series.exchange, series)
  }
  return [...lowest.values()]
}

export function strategiesOf({ manifest }: RunRecord): readonly string[] {
  return manifest.strategies.map(({ name }) => name)
}

function seriesOf({ manifest }: RunRecord): readonly SeriesId[] {
  return Object.keys(manifest.origins).map(parseSeriesKey)
}

function noSuchSymbol({ exchange, symbol }: SymbolChoice, known: readonly string[], where: string): Error {
  const asked = exchange === undefined ? symbol : `${exchange}:${symbol}`
  const near = nearest(
    symbol,
    known.filter(other => other !== symbol),
  )
  const all = known.length === 0 ? 'no bot has run there yet: tallow run starts one' : `they trade ${known.join(', ')}`
  return badInput(`no bot of this data folder has ever traded ${asked}`, {
    where,
    hint: near === undefined ? all : `did you mean ${near}?`,
  })
}
