import type { CandleFrame } from '../candle-frame.ts'
import { writeWhole } from './write-file.ts'

const HEADER = 'openTime,open,high,low,close,volume'
/** So many rows are text at once. */
const ROWS_PER_PART = 16_384

/**
 * Writes a frame as CSV: open times in UTC ms, values as the shortest plain decimals that read back to the same number.
 * Every line ends with a newline. The file appears whole or not at all.
 * @throws bad input when the place cannot be written.
 */
export async function writeCandlesCsv(path: string, frame: CandleFrame): Promise<void> {
  await writeWhole(path, csvParts(frame))
}

/** The text of such a file, in parts: a year of 1m candles is 30 MB, more than one text may hold of some series. */
export function* csvParts(frame: CandleFrame): Generator<string, void, undefined> {
  yield `${HEADER}\n`
  for (let from = 0; from < frame.length; from += ROWS_PER_PART) yield rowLines(frame, from, from + ROWS_PER_PART)
}

function rowLines({ time, open, high, low, close, volume, length }: CandleFrame, from: number, to: number): string {
  let text = ''
  for (let row = from; row < Math.min(to, length); row++) {
    const prices = `${decimal(open.values[row]!)},${decimal(high.values[row]!)},${decimal(low.values[row]!)}`
    text += `${time.values[row]!},${prices},${decimal(close.values[row]!)},${decimal(volume.values[row]!)}\n`
  }
  return text
}

/** The digits of `String(value)`, which are the shortest, without its exponent. */
function decimal(value: number): string {
  const text = String(value)
  const exponentAt = text.indexOf('e')
  if (exponentAt < 0) return text
  const [whole = '', fraction = ''] = text.slice(0, exponentAt).replace('-', '').split('.')
  const exponent = Number(text.slice(exponentAt + 1))
  const sign = value < 0 ? '-' : ''
  if (exponent < 0) return `${sign}0.${'0'.repeat(-exponent - 1)}${whole}${fraction}`
  return `${sign}${whole}${fraction.padEnd(exponent, '0')}`
}
