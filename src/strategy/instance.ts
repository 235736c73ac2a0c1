import { badInput } from '../domain/errors.ts'
import { nests, parseTimeframe, type Timeframe } from '../domain/timeframe.ts'
import { resolveParams } from '../domain/param.ts'
import type { ColumnSpec } from '../indicators/column-spec.ts'
import type { ColumnSpecs, Strategy } from './define.ts'
import { failedAt } from './failed-at.ts'
import type { FilledCandles } from './filled-candles.ts'
import { inTime } from './in-time.ts'
import { rowsToWait, type WaitFor } from './wait-for.ts'

/** A strategy with its parameters resolved: what a run is made of. */
export interface StrategyInstance {
  readonly name: string
  /** Of the bundled source. */
  readonly hash: string
  readonly file: string
  readonly params: Readonly<Record<string, unknown>>
  /** On which candles it decides. */
  readonly timeframe: Timeframe
  readonly columns: ColumnSpecs
  /** Rows that a column must have before the one that is first decided on. */
  readonly rowsToWait: (spec: ColumnSpec) => number
  /** What it does on candles that were filled in. */
  readonly filledCandles: FilledCandles
  readonly decide: (view: object) => unknown
  /** `file:line:column` in the user's sources where an error arose, when it came through them. */
  readonly placeOf?: (error: unknown) => string | undefined
}

/** What holds for strategies that do not say otherwise themselves. */
export interface StrategyDefaults {
  /** What they wait for before they decide (`warmup`). */
  readonly waitFor?: WaitFor
  /** Most rows that are waited for until columns have settled (2,500). */
  readonly settleRowsMax?: number
  /** What they do on candles that were filled in (`close-only`). */
  readonly filledCandles?: FilledCandles
}

export interface LoadedStrategy {
  readonly name: string
  readonly hash: string
  readonly file: string
  readonly strategy: Strategy
  readonly placeOf?: StrategyInstance['placeOf']
}

const VIEW_NAMES = [
  'symbol',
  'time',
  'open',
  'high',
  'low',
  'close',
  'volume',
  'params',
  'position',
  'order',
  '__proto__',
]

/**
 * Resolves parameters and columns.
 * @param timeframe on which it decides; see `decidingTimeframe`.
 * @throws bad input that names the strategy and what is wrong.
 */
export function instantiate(
  loaded: LoadedStrategy,
  params: Readonly<Record<string, unknown>>,
  timeframe: Timeframe,
  { waitFor = 'warmup', settleRowsMax = 2_500, filledCandles = 'close-only' }: StrategyDefaults = {},
): StrategyInstance {
  const { name, hash, file, strategy, placeOf } = loaded
  const resolved = resolveParams(`strategy ${name}`, strategy.params, params)
  const columns = columnsOf(loaded, resolved)
  for (const [column, spec] of Object.entries(columns)) {
    if (VIEW_NAMES.includes(column))
      throw badInput(`strategy ${name}: a column is named "${column}", which every view has already`, {
        where: file,
        hint: 'give the column another name',
      })
    if (!isColumnSpec(spec))
      throw badInput(`strategy ${name}: column "${column}" is not an indicator`, {
        where: file,
        hint: 'write e.g. rsi({ period: 14 })',
      })
    if (spec.timeframe !== undefined) checkColumnTimeframe(name, file, column, spec.timeframe, timeframe)
  }
  return {
    name,
    hash,
    file,
    params: resolved,
    timeframe,
    columns,
    rowsToWait: spec => rowsToWait(spec, strategy.waitFor ?? waitFor, settleRowsMax),
    filledCandles: strategy.filledCandles ?? filledCandles,
    decide: strategy.decide,
    ...(placeOf === undefined ? {} : { placeOf }),
  }
}

function columnsOf({ name, file, strategy, placeOf }: LoadedStrategy, params: StrategyInstance['params']): ColumnSpecs {
  let columns: unknown
  try {
    columns = inTime(() => strategy.columns({ params }))
  } catch (error) {
    throw failedAt(`strategy ${name}: its columns`, placeOf?.(error) ?? file, error)
  }
  if (typeof columns === 'object' && columns !== null && !(columns instanceof Promise)) return columns as ColumnSpecs
  throw badInput(`strategy ${name}: its columns are not an object`, {
    where: file,
    hint: 'write: columns: ({ params }) => ({ rsi: rsi({ period: params.period }) })',
  })
}

/** The timeframe a strategy decides on: the one asked for, else its own, else that of the candles it is given. */
export function decidingTimeframe(loaded: LoadedStrategy, asked: Timeframe | undefined, given: Timeframe): Timeframe {
  if (asked !== undefined) return asked
  return loaded.strategy.timeframe ?? given
}

function checkColumnTimeframe(name: string, file: string, column: string, wanted: string, deciding: Timeframe): void {
  const timeframe = readTimeframe(`strategy ${name}: column "${column}"`, file, wanted)
  if (timeframe === deciding || nests(deciding, timeframe)) return
  throw badInput(
    `strategy ${name}: column "${column}" is on ${timeframe}, which is not made of whole ${deciding} candles`,
    {
      where: file,
      hint: `use a timeframe above ${deciding}, or decide on a lower one (-t)`,
    },
  )
}

function readTimeframe(what: string, file: string, text: string): Timeframe {
  try {
    return parseTimeframe(text)
  } catch (error) {
    throw failedAt(what, file, error)
  }
}

function isColumnSpec(value: unknown): value is ColumnSpec {
  return typeof value === 'object' && value !== null && 'createFold' in value && 'key' in value
}

/** Candles of the deciding timeframe before the first decision, as far as the columns on that timeframe ask for it. */
export function warmupRows(instance: StrategyInstance): number {
  let rows = 0
  for (const spec of Object.values(instance.columns))
    if (spec.timeframe === undefined || spec.timeframe === instance.timeframe)
      rows = Math.max(rows, instance.rowsToWait(spec))
  return rows
}

/** The higher timeframes that its columns read. */
export function higherTimeframes(instance: StrategyInstance): readonly Timeframe[] {
  const found = new Set<Timeframe>()
  for (const spec of Object.values(instance.columns))
    if (spec.timeframe !== undefined && spec.timeframe !== instance.timeframe) found.add(spec.timeframe)
  return [...found]
}

/** Rows of history of one timeframe after which its first row no longer matters, at most `rowsMax`. */
export function historyRows(
  instance: StrategyInstance,
  timeframe: Timeframe,
  rowsMax: number,
): { readonly rows: number; readonly short: boolean } {
  let wanted = 1
  for (const spec of Object.values(instance.columns))
    if ((spec.timeframe ?? instance.timeframe) === timeframe)
      wanted = Math.max(wanted, spec.settle + 1, spec.warmup + 1)
  return { rows: Math.min(wanted, rowsMax), short: wanted > rowsMax }
}
