import { rename, rm, writeFile } from 'node:fs/promises'
import { badInput } from '../../domain/errors.ts'
import type { CandleFrame } from '../candle-frame.ts'

const HEADER = 'openTime,open,high,low,close,volume'

/**
 * A frame as CSV: open times in UTC ms, values as the shortest plain decimals that read back to the same number.
 * Every line ends with a newline.
 */
export function formatCandlesCsv(frame: CandleFrame): string {
  const { time, open, high, low, close, volume } = frame
  const lines = [HEADER]
  for (let row = 0; row < frame.length; row++) {
    const prices = `${decimal(open.values[row]!)},${decimal(high.values[row]!)},${decimal(low.values[row]!)}`
    lines.push(`${time.values[row]!},${prices},${decimal(close.values[row]!)},${decimal(volume.values[row]!)}`)
  }
  lines.push('')
  return lines.join('\n')
}

/**
 * Writes a frame as CSV. The file appears whole or not at all.
 * @throws bad input when the place cannot be written.
 */
export async function writeCandlesCsv(path: string, frame: CandleFrame): Promise<void> {
  const unfinished = `${path}.unfinished`
  try {
    await writeFile(unfinished, formatCandlesCsv(frame))
    await rename(unfinished, path)
  } catch (error) {
    await rm(unfinished, { force: true })
    const reason = error instanceof Error ? error.message : String(error)
    throw badInput(`the file cannot be written: ${reason}`, {
      where: path,
      hint: 'check that its folder is there and may be written',
      cause: error,
    })
  }
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
