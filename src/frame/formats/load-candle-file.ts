import { badInput } from '../../domain/errors.ts'
import { nearest } from '../../domain/nearest.ts'
import { checkExchange, checkSymbol, type SeriesId } from '../../domain/series.ts'
import { durationMs, type Timeframe } from '../../domain/timeframe.ts'
import type { TaskRunner } from '../../domain/worker-task.ts'
import type { CandleFrame } from '../candle-frame.ts'
import { assemble, type Assembled } from './assemble.ts'
import { labelFromFileName } from './file-label.ts'
import type { LoadReport } from './load-report.ts'
import { proposeColumns } from './order-guess.ts'
import type { ParsedFile, ReadRequest } from './parsed-file.ts'
import { FEATHER, PARQUET, readCandleBytes, startsWith } from './read-bytes.ts'
import { readCsvParts } from './read-csv-parts.ts'
import { readCsv } from './read-csv.ts'
import { readFeather } from './read-feather.ts'
import { readJson } from './read-json.ts'
import { readParquet } from './read-parquet.ts'
import { describeStep, rowStep, timeframeOfStep } from './row-step.ts'

export interface LoadOptions {
  /** Without it: `file`. */
  readonly exchange?: string | undefined
  /** Without it: from the file's name. */
  readonly symbol?: string | undefined
  /** Without it: from the file's name. Checked against the rows in any case. */
  readonly timeframe?: Timeframe | undefined
  /** Order of the values in a row, when it is neither named in the file nor the usual one. */
  readonly columns?: readonly string[] | undefined
  /** Dialect that the file must be in; without it the content decides. */
  readonly format?: string | undefined
  /** What a row that is no candle does: end the load (the default), or be left out and reported. */
  readonly onBadRow?: 'refuse' | 'skip' | undefined
  /** Threads that read parts of a very large CSV file side by side; without them, all is read here. */
  readonly runner?: TaskRunner | undefined
}

export interface LoadedCandles {
  readonly series: SeriesId
  /** Checked, ascending, one row a bar. */
  readonly frame: CandleFrame
  readonly report: LoadReport
}

/** `--format` names. */
const FORMATS = ['ccxt', 'freqtrade', 'objects', 'binance', 'csv', 'feather', 'parquet']
/** Fewer say nothing about the clock. */
const HALF_DAY_ROWS_MIN = 24
const NAMING_HINT =
  'give --symbol BTC/USDT and --data-timeframe 1h (data import: --timeframe), or name the file like BTC_USDT-1h.csv'

/**
 * Reads a file of candles in whichever of the known dialects it is: ccxt rows (also freqtrade's JSON), objects with
 * named keys, Binance's 12 columns, CSV with named columns, Feather, Parquet; plain, `.gz` or `.zip`; oldest or newest first.
 * @throws bad input that says which file and row, what is wrong and what to do. Nothing is loaded by halves.
 */
export async function loadCandleFile(path: string, options: LoadOptions = {}): Promise<LoadedCandles> {
  const format = checkFormat(options.format)
  const label = labelFromFileName(path)
  const exchange = checkExchange(options.exchange ?? 'file')
  const symbol = options.symbol === undefined ? label.symbol : checkSymbol(options.symbol)
  const request: ReadRequest = { path, columns: options.columns, base: symbol?.split('/')[0] }
  const file = (await readCsvParts(request, options.runner)) ?? (await parse(await readCandleBytes(path), request))
  if (file.rows.length === 0)
    throw badInput('the file holds no candles', { where: path, hint: 'it has a header and no rows below it' })
  if (format !== undefined && format !== file.dialect)
    throw badInput(`the file is in the format ${file.dialect}, not ${format}`, {
      where: path,
      hint: 'leave --format away',
    })
  const timeframe = checkTimeframe(path, file, options.timeframe ?? label.timeframe, options.timeframe !== undefined)
  if (symbol === undefined) throw badInput('the file name does not say the symbol', { where: path, hint: NAMING_HINT })
  const assembled = assemble(file, timeframe)
  refuseHalfDays(path, assembled)
  checkRefusals(path, file, assembled, options.onBadRow ?? 'refuse')
  return { series: { exchange, symbol, timeframe }, ...assembled }
}

async function parse(bytes: Uint8Array, request: ReadRequest): Promise<ParsedFile> {
  if (startsWith(bytes, FEATHER)) return await readFeather(bytes, request)
  if (startsWith(bytes, PARQUET)) return await readParquet(bytes, request)
  const first = bytes.find(byte => byte > 32)
  const isJson = first === '['.charCodeAt(0) || first === '{'.charCodeAt(0)
  return isJson ? readJson(bytes, request) : readCsv(bytes, request)
}

/** The dialect that a `--format` word asks for. */
function checkFormat(format: string | undefined): string | undefined {
  if (format === undefined) return undefined
  if (!FORMATS.includes(format)) {
    const near = nearest(format, FORMATS)
    const all = `formats are ${FORMATS.join(', ')}`
    throw badInput(`"${format}" is not a format`, { hint: near ? `did you mean "${near}"? ${all}` : all })
  }
  return format === 'freqtrade' ? 'ccxt' : format
}

/** The timeframe that was said, as long as the rows do not contradict it. */
function checkTimeframe(path: string, file: ParsedFile, said: Timeframe | undefined, byFlag: boolean): Timeframe {
  const { time } = file.rows.values
  const step = rowStep(time.subarray(0, file.rows.length))
  const found = step && timeframeOfStep(step.stepMs)
  if (said === undefined) {
    const seen = step ? `; its rows are ${describeStep(step.stepMs)} apart` : ''
    throw badInput(`the file name does not say the timeframe${seen}`, { where: path, hint: NAMING_HINT })
  }
  if (!step || found === said) return said
  // Two rows with a hole between them contradict nothing.
  if (step.count === 1 && step.stepMs % durationMs(said) === 0) return said
  throw badInput(
    `the rows are ${describeStep(step.stepMs)} apart, but ${byFlag ? 'the timeframe given' : "the file's name"} says ${said}`,
    {
      where: path,
      hint: found ? `give the timeframe ${found} if the rows are right` : 'check where the file comes from',
    },
  )
}

/**
 * A 12-hour clock without AM and PM gives every time of day twice, with other values: half a day's candles would be lost,
 * and the other half would stand in the wrong place.
 */
function refuseHalfDays(path: string, { frame, report }: Assembled): void {
  if (frame.length < HALF_DAY_ROWS_MIN || report.revised < report.rows * 0.4) return
  for (let row = 0; row < frame.length; row++) if (new Date(frame.timeAt(row)).getUTCHours() > 12) return
  throw badInput('every time of day stands for two candles: the clock seems to have 12 hours, without AM and PM', {
    where: path,
    hint: 'write the times again with 24 hours, or as milliseconds since 1970',
  })
}

/** Bad rows end the load, unless they are to be left out; a wrong column order is no matter of single rows. */
function checkRefusals(path: string, file: ParsedFile, { report }: Assembled, onBadRow: 'refuse' | 'skip'): void {
  const first = report.refused[0]
  if (!first) return
  const columns = report.invalid > 0 ? proposeColumns(file) : undefined
  if (columns)
    throw badInput(
      `${report.refusedCount} rows are no candles in the order that was assumed: ${file.unit} ${first.row}: ${first.reason}`,
      {
        where: path,
        hint: `the rows fit another order: --columns ${columns}`,
      },
    )
  const more = report.refusedCount > 1 ? ` (and ${report.refusedCount - 1} more rows)` : ''
  if (onBadRow === 'refuse')
    throw badInput(`${file.unit} ${first.row} is no candle: ${first.reason}${more}`, {
      where: path,
      hint: 'correct or remove it; "tallow data import" leaves such rows out and lists them',
    })
  if (report.taken === 0)
    throw badInput(`none of the ${report.rows} rows is a candle; ${file.unit} ${first.row}: ${first.reason}`, {
      where: path,
    })
}
