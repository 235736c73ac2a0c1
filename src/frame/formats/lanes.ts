import { badInput } from '../../domain/errors.ts'
import { nearest } from '../../domain/nearest.ts'

/** The six values of a candle row. */
export const LANES = ['time', 'open', 'high', 'low', 'close', 'volume'] as const
export type Lane = (typeof LANES)[number]

/** Which field each lane stands in. */
export type LaneFields = Readonly<Record<Lane, number>>

/** The order of ccxt, freqtrade and most exchanges. */
export const USUAL_ORDER: Readonly<Record<Lane, number>> = { time: 0, open: 1, high: 2, low: 3, close: 4, volume: 5 }

/** Names of columns and keys that were met, in small letters and digits only; the first one that is there counts. */
const NAMES: Readonly<Record<Lane, readonly string[]>> = {
  time: [
    ...['opentime', 'opentimeinmillis', 'opentimems', 'timestamp', 'unix', 'unixtime', 'unixtimestamp'],
    ...['time', 'datetime', 'date', 'opentimeiniso', 'starttime', 'start', 'ts', 't'],
  ],
  open: ['open', 'openprice', 'o'],
  high: ['high', 'highprice', 'h'],
  low: ['low', 'lowprice', 'l'],
  close: ['close', 'closeprice', 'c'],
  volume: ['volume', 'basevolume', 'volumebase', 'volumefrom', 'vol', 'v'],
}

export interface NamedLanes {
  /** Position of each lane that was found. */
  readonly found: ReadonlyMap<Lane, number>
  readonly missing: readonly Lane[]
}

/**
 * Which name stands for which lane.
 * @param base asset of the symbol, if known: next to a "volume BTC" of BTC/USD, a plain "volume" is in dollars.
 */
export function findLanes(names: readonly string[], base: string | undefined): NamedLanes {
  const plain = names.map(name => name.toLowerCase().replace(/[^a-z0-9]/g, ''))
  const found = new Map<Lane, number>()
  for (const lane of LANES) {
    const wanted = lane === 'volume' && base ? [`volume${base.toLowerCase()}`, ...NAMES.volume] : NAMES[lane]
    const name = wanted.find(candidate => plain.includes(candidate))
    if (name !== undefined) found.set(lane, plain.indexOf(name))
  }
  // pandas writes its index, here the time, without a name.
  if (!found.has('time') && names[0] === '') found.set('time', 0)
  return { found, missing: LANES.filter(lane => !found.has(lane)) }
}

/** Positions of all six. Only for names of which none is missing. */
export function positions({ found }: NamedLanes): Record<Lane, number> {
  return Object.fromEntries(LANES.map(lane => [lane, found.get(lane) ?? 0])) as Record<Lane, number>
}

/**
 * Reads a given column order: the six names, with any other word for a field to pass over.
 * @throws bad input that names the missing one.
 */
export function checkColumns(columns: readonly string[]): Readonly<Record<Lane, number>> {
  const names = columns.map(name => name.trim())
  for (const lane of LANES) {
    const at = names.indexOf(lane)
    if (at >= 0 && names.lastIndexOf(lane) === at) continue
    const others = names.filter(name => !LANES.includes(name as Lane))
    const near = at < 0 && others.length > 0 ? nearest(lane, others) : undefined
    throw badInput(`the columns "${names.join(',')}" name ${at < 0 ? 'no' : 'more than one'} ${lane}`, {
      hint: near
        ? `did you mean "${lane}" by "${near}"?`
        : 'name all six in the order of the file, e.g. time,open,close,high,low,volume',
    })
  }
  return Object.fromEntries(LANES.map(lane => [lane, names.indexOf(lane)])) as Record<Lane, number>
}
