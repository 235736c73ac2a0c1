import { loadCandleFile, type LoadOptions } from './formats/load-candle-file.ts'
import { viewOf, type FrameView } from './frame-view.ts'

/**
 * A file of candles as a table, in whichever of the known dialects it is.
 *
 *     const btc = await readCandles('BTC_USDT-1h.json')
 *
 * @throws bad input that says which file and row, what is wrong and what to do.
 */
export async function readCandles(path: string, options: LoadOptions = {}): Promise<FrameView> {
  const { series, frame } = await loadCandleFile(path, options)
  return viewOf(frame, series.timeframe)
}
