import { resolve } from 'node:path'
import { badInput, neverRetry, TallowError } from '../domain/errors.ts'
import type { SeriesId } from '../domain/series.ts'
import { nextBarOpen } from '../domain/timeframe.ts'
import { CandleFrame } from '../frame/candle-frame.ts'
import { labelFromFileName } from '../frame/formats/file-label.ts'
import { loadCandleFile } from '../frame/formats/load-candle-file.ts'
import type { LoadReport } from '../frame/formats/load-report.ts'
import { verifyFrame, type SeriesVerdict } from '../frame/verify.ts'
import type { CandleStore, StoredSeries } from '../market/candle-store.ts'
import type { DamagedChunk } from '../market/store-chunks.ts'
import type { KnownGap } from '../market/store-gaps.ts'
import type { FileLabelOptions } from './file-labels.ts'
import type { Io } from './io.ts'
import { fromStoredSeries, looksLikeSeries } from './stored-series.ts'

/** One thing that `data verify` looked over. */
export interface VerifiedSource {
  /** As the user named it. */
  readonly name: string
  readonly series: SeriesId
  readonly frame: CandleFrame
  readonly verdict: SeriesVerdict
  /** Of a file. */
  readonly report: LoadReport | undefined
  /** Of the store: what cannot be read, and why candles are missing, as far as it was found out. */
  readonly damaged: readonly DamagedChunk[]
  readonly causes: readonly KnownGap[]
}

/** @throws bad input for a wrong call; never-retry for a file that is named rightly and is none of candles. */
export async function verifyFile(io: Io, name: string, options: FileLabelOptions): Promise<VerifiedSource> {
  const { exchange, symbol, dataTimeframe: timeframe, columns } = options
  try {
    const path = resolve(io.cwd, name)
    const loaded = await loadCandleFile(path, { exchange, symbol, timeframe, columns, onBadRow: 'skip' })
    const { series, frame, report } = loaded
    return { name, series, frame, report, verdict: verifyFrame(series, frame, report), damaged: [], causes: [] }
  } catch (error) {
    const label = labelFromFileName(name)
    const named = (symbol ?? label.symbol) !== undefined && (timeframe ?? label.timeframe) !== undefined
    // Wrongly called is one thing (exit 2), a file that is no candle file another: that is what this command finds out.
    if (!named || !(error instanceof TallowError) || error.kind !== 'bad-input') throw error
    throw neverRetry(error.message, {
      where: error.where ?? name,
      cause: error,
      ...(error.hint === undefined ? {} : { hint: error.hint }),
    })
  }
}

/** @throws bad input when there is no such series. */
export function verifyStored(dataDir: string, name: string): VerifiedSource {
  if (!looksLikeSeries(name))
    throw badInput(`there is no file ${name}`, { hint: 'give a candle file, or a series such as binance:BTC/USDT:1h' })
  return fromStoredSeries(dataDir, name, (store, stored) => {
    const { series } = stored
    const damaged = store.damaged(series)
    const frame = readAround(store, stored, damaged)
    const verdict = verifyFrame(series, frame)
    // Of a bar with three versions the frame marks one row, and the store keeps two.
    const counted = { ...verdict, revised: Math.max(verdict.revised, stored.revisions) }
    return { name, series, frame, verdict: counted, report: undefined, damaged, causes: store.knownGaps(series) }
  })
}

/** All that can be read of a series. */
function readAround(
  store: CandleStore,
  { series, from, to }: StoredSeries,
  damaged: readonly DamagedChunk[],
): CandleFrame {
  if (damaged.length === 0) return store.read(series, from, to)
  const frame = new CandleFrame()
  let start = from
  for (const chunk of damaged) {
    const part = store.read(series, start, chunk.from)
    frame.appendRows(part, 0, part.length)
    start = nextBarOpen(series.timeframe, chunk.to)
  }
  const rest = store.read(series, start, to)
  frame.appendRows(rest, 0, rest.length)
  return frame
}
