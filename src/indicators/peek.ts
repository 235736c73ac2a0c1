import type { Candle } from '../domain/candle.ts'
import { badInput } from '../domain/errors.ts'
import { CandleFrame } from '../frame/candle-frame.ts'
import type { ColumnSpec } from './column-spec.ts'
import { ComputedColumns } from './computed.ts'

/** Rows that are looked back at least: within them the value is that of the column to the bit. */
const EXACT_ROWS = 4096

/**
 * The values that a column would have if the candle that forms closed as it stands. Nothing is changed: neither the
 * frame, nor any column over it; what a strategy sees are closed candles only.
 *
 * It is computed over a copy of the newest rows: of all of them while there are few (some 4,000), then of as many as
 * the column needs to settle, so that what it costs does not grow with the time a bot runs; the value is then that of
 * the column to 1e-9.
 * @param candle the one after the frame's last; open time in UTC ms.
 * @returns by output; NaN where there is no value yet.
 * @throws bad input for a candle that the frame has already.
 */
export function peekColumn<O extends string>(
  spec: ColumnSpec<O>,
  frame: CandleFrame,
  candle: Candle,
): { readonly [N in O]: number } {
  if (candle.openTime <= frame.lastTime)
    throw badInput(`the candle of ${new Date(candle.openTime).toISOString()} cannot be peeked at: it has closed`, {
      hint: `the newest closed candle is that of ${new Date(frame.lastTime).toISOString()}; give the one after it`,
    })
  const rows = Math.min(frame.length, Math.max(EXACT_ROWS, spec.settle + 1, spec.warmup + 1))
  const scratch = newestRows(spec, frame, rows)
  for (const lane of spec.inputs) scratch[lane].values[rows] = candle[lane]
  scratch.time.values[rows] = candle.openTime
  const computed = new ComputedColumns(spec, scratch)
  computed.advance()
  const values = spec.outputs.map((output, index) => [output, computed.outputs[index]?.values[rows] ?? Number.NaN])
  return Object.fromEntries(values) as { readonly [N in O]: number }
}

/** The newest rows of the lanes that are read, with room for one more, which counts already. */
function newestRows(spec: ColumnSpec, frame: CandleFrame, rows: number): CandleFrame {
  const scratch = new CandleFrame()
  const first = frame.length - rows
  for (const lane of [...spec.inputs, 'time'] as const) {
    const values = new Float64Array(rows + 1)
    values.set(frame[lane].values.subarray(first, frame.length))
    scratch[lane].values = values
  }
  scratch.length = rows + 1
  return scratch
}
