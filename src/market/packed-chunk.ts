import type { CandleFrame } from '../frame/candle-frame.ts'
import { BitLaneWriter, readLane, readSmallLane } from './bit-lanes.ts'

/**
 * Candles as differences on their price grid. Prices are whole numbers of a decimal grid (cents, satoshis): the open is
 * told by its distance from the close before, the close by its distance from the open, high and low by how far they
 * reach beyond both, volume as it is; each lane in as few bits as it needs. A blob is
 *
 * - 0: version, 1: decimals of prices, 2: decimals of volumes (255: raw), 3: whether flags follow (a byte each)
 * - 4: number of words (uint32), 8: first open time, 16: step between rows in ms, 24: first open on the grid (float64 each)
 * - 32: volumes (float64 each) when they are raw, words of the lanes, runs of times, flags (a byte a row)
 */
const VERSION = 1
const HEADER_BYTES = 32
const RAW = 255
const DECIMALS_MAX = 15
const PRICE_LANES = 4
/** Zigzagged differences have to stay below 2^25. */
const DELTA_MAX = 2 ** 24
/** Powers of ten that a double holds exactly. */
const POWERS = Array.from({ length: DECIMALS_MAX + 1 }, (_, exponent) => Number(`1e${exponent}`))

/** Rows as one blob; undefined when they do not lie on a decimal grid, or not as candles do. Always exact. */
export function packChunk(frame: CandleFrame): Buffer | undefined {
  const rows = frame.length
  const decimals = priceDecimals(frame)
  const step = timeStep(frame)
  if (rows === 0 || decimals === undefined || step === undefined) return undefined
  const volumes = frame.volume.values.subarray(0, rows)
  const volumeDecimals = gridOf(volumes, 0) ?? RAW
  const lanes = differences(frame, POWERS[decimals]!)
  if (lanes === undefined) return undefined
  const writer = new BitLaneWriter()
  for (const lane of lanes) writer.add(lane)
  if (volumeDecimals !== RAW) writer.add(scaled(volumes, POWERS[volumeDecimals]!))
  const words = writer.words()
  const runs = timeRuns(frame, step)
  const flagged = frame.flags.subarray(0, rows).some(flag => flag !== 0)
  const volumeBytes = volumeDecimals === RAW ? rows * 8 : 0
  const wordsAt = HEADER_BYTES + volumeBytes
  const runsAt = wordsAt + words.byteLength
  const blob = Buffer.alloc(runsAt + runs.length + (flagged ? rows : 0))
  blob[0] = VERSION
  blob[1] = decimals
  blob[2] = volumeDecimals
  blob[3] = flagged ? 1 : 0
  blob.writeUInt32LE(words.length, 4)
  blob.writeDoubleLE(frame.timeAt(0), 8)
  blob.writeDoubleLE(step, 16)
  blob.writeDoubleLE(Math.round(frame.open.values[0]! * POWERS[decimals]!), 24)
  if (volumeBytes > 0) blob.set(new Uint8Array(volumes.buffer, volumes.byteOffset, volumeBytes), HEADER_BYTES)
  blob.set(new Uint8Array(words.buffer, words.byteOffset, words.byteLength), wordsAt)
  blob.set(runs, runsAt)
  if (flagged) blob.set(frame.flags.subarray(0, rows), runsAt + runs.length)
  return blob
}

/**
 * Appends all `rows` rows of a blob that `packChunk` made.
 * @returns false, with the frame's length as it was, when the blob does not hold them.
 */
export function unpackChunk(target: CandleFrame, blob: Buffer, rows: number): boolean {
  const bytes = blob.byteOffset % 8 === 0 ? blob : Buffer.from(new Uint8Array(blob).buffer)
  if (bytes.length < HEADER_BYTES || bytes[0] !== VERSION) return false
  const decimals = bytes[1]!
  const volumeDecimals = bytes[2]!
  const flagged = bytes[3] === 1
  const wordCount = bytes.readUInt32LE(4)
  const volumeBytes = volumeDecimals === RAW ? rows * 8 : 0
  const wordsAt = HEADER_BYTES + volumeBytes
  const runsAt = wordsAt + wordCount * 4
  const runsEnd = bytes.length - (flagged ? rows : 0)
  if (runsAt > runsEnd || decimals > DECIMALS_MAX || (volumeDecimals > DECIMALS_MAX && volumeDecimals !== RAW))
    return false
  const at = target.length
  target.reserve(at + rows)
  const bits = new DataView(bytes.buffer, bytes.byteOffset + wordsAt, wordCount * 4)
  const coding = { first: bytes.readDoubleLE(24), scale: POWERS[decimals]!, volumeScale: POWERS[volumeDecimals] }
  if (!unpackLanes(target, at, rows, bits, coding)) return false
  if (volumeBytes > 0)
    target.volume.values.set(new Float64Array(bytes.buffer, bytes.byteOffset + HEADER_BYTES, rows), at)
  if (!readTimes(target.time.values, at, rows, bytes, runsAt, runsEnd)) return false
  if (flagged) target.flags.set(bytes.subarray(runsEnd, runsEnd + rows), at)
  else target.flags.fill(0, at, at + rows)
  target.length = at + rows
  return true
}

interface Coding {
  /** The first open, on the grid. */
  readonly first: number
  readonly scale: number
  /** Undefined: volumes stand by themselves. */
  readonly volumeScale: number | undefined
}

/** Of the chunk in hand: made anew for each it would cost as much as to read a tenth of its rows. */
let codedLanes = new Int32Array(0)

/** @returns whether the bits hold so many rows. */
function unpackLanes(target: CandleFrame, at: number, rows: number, bits: DataView, coding: Coding): boolean {
  const { first, scale, volumeScale } = coding
  const opens = target.open.values
  const highs = target.high.values
  const lows = target.low.values
  const closes = target.close.values
  const volumes = target.volume.values
  if (codedLanes.length < rows * PRICE_LANES) codedLanes = new Int32Array(rows * PRICE_LANES)
  const coded = codedLanes
  let position = 0
  for (let lane = 0; lane < PRICE_LANES; lane++)
    position = readSmallLane(bits, position, coded, lane * rows, (lane + 1) * rows)
  if (volumeScale !== undefined) position = readLane(bits, position, volumes, at, at + rows)
  if (Number.isNaN(position)) return false
  let previous = first
  for (let index = 0; index < rows; index++) {
    const row = at + index
    const open = previous + unzigzag(coded[index]!)
    const change = unzigzag(coded[index + rows]!)
    // How far the lower of open and close lies below the open: without a branch that no processor could foresee.
    const drop = change & (change >> 31)
    opens[row] = open / scale
    closes[row] = (open + change) / scale
    highs[row] = (open + (change - drop + coded[index + 2 * rows]!)) / scale
    lows[row] = (open + (drop - coded[index + 3 * rows]!)) / scale
    if (volumeScale !== undefined) volumes[row] = volumes[row]! / volumeScale
    previous = open + change
  }
  return true
}

/** Open, close, high and low as they are coded; undefined when a row is no candle or jumps too far. */
function differences(frame: CandleFrame, scale: number): Float64Array[] | undefined {
  const rows = frame.length
  const [opens, closes, highs, lows] = [0, 1, 2, 3].map(() => new Float64Array(rows)) as [
    Float64Array,
    Float64Array,
    Float64Array,
    Float64Array,
  ]
  let previous = Math.round(frame.open.values[0]! * scale)
  for (let row = 0; row < rows; row++) {
    const open = Math.round(frame.open.values[row]! * scale)
    const close = Math.round(frame.close.values[row]! * scale)
    const high = Math.round(frame.high.values[row]! * scale) - Math.max(open, close)
    const low = Math.min(open, close) - Math.round(frame.low.values[row]! * scale)
    const jump = Math.max(Math.abs(open - previous), Math.abs(close - open), high, low)
    if (!(high >= 0 && low >= 0 && jump < DELTA_MAX)) return undefined
    opens[row] = zigzag(open - previous)
    closes[row] = zigzag(close - open)
    highs[row] = high
    lows[row] = low
    previous = close
  }
  return [opens, closes, highs, lows]
}

function priceDecimals(frame: CandleFrame): number | undefined {
  let decimals: number | undefined = 0
  for (const column of [frame.open, frame.high, frame.low, frame.close]) {
    decimals = gridOf(column.values.subarray(0, frame.length), decimals)
    if (decimals === undefined) return undefined
  }
  return decimals
}

/** The fewest decimals, not fewer than `least`, with which every value reads back to the same bits. */
function gridOf(values: Float64Array, least: number): number | undefined {
  let decimals = least
  for (let row = 0; row < values.length; row++) {
    const value = values[row]!
    // Minus zero has no place among whole numbers.
    if (!(value > 0 || Object.is(value, 0))) return undefined
    for (;;) {
      const whole = Math.round(value * POWERS[decimals]!)
      if (whole > Number.MAX_SAFE_INTEGER) return undefined
      if (whole / POWERS[decimals]! === value) break
      if (++decimals > DECIMALS_MAX) return undefined
    }
  }
  // More decimals than an earlier value needed may no longer hold it exactly.
  const scale = POWERS[decimals]!
  for (let row = 0; row < values.length; row++) {
    const whole = Math.round(values[row]! * scale)
    if (!(whole <= Number.MAX_SAFE_INTEGER && whole / scale === values[row]!)) return undefined
  }
  return decimals
}

function scaled(values: Float64Array, scale: number): Float64Array {
  return values.map(value => Math.round(value * scale))
}

/** Greatest common divisor of the distances between rows, ms; undefined when times are no whole numbers. */
function timeStep(frame: CandleFrame): number | undefined {
  const times = frame.time.values
  if (!Number.isSafeInteger(times[0])) return undefined
  let step = 0
  for (let row = 1; row < frame.length; row++) {
    let rest = times[row]! - times[row - 1]!
    if (!Number.isSafeInteger(rest) || rest <= 0) return undefined
    if (rest === step) continue
    while (rest !== 0) [step, rest] = [rest, step % rest]
  }
  return step === 0 ? 1 : step
}

/** Rows that follow each other a step apart, and the steps that are left out before the next such run: varints in turn. */
function timeRuns(frame: CandleFrame, step: number): Uint8Array {
  const times = frame.time.values
  const bytes: number[] = []
  let run = 1
  for (let row = 1; row < frame.length; row++) {
    const skipped = (times[row]! - times[row - 1]!) / step - 1
    if (skipped === 0) run++
    else {
      putVarint(bytes, run)
      putVarint(bytes, skipped)
      run = 1
    }
  }
  putVarint(bytes, run)
  return Uint8Array.from(bytes)
}

function readTimes(
  times: Float64Array,
  at: number,
  rows: number,
  bytes: Buffer,
  runsAt: number,
  runsEnd: number,
): boolean {
  let time = bytes.readDoubleLE(8)
  const step = bytes.readDoubleLE(16)
  let row = 0
  let value = 0
  let place = 1
  let isRun = true
  for (let index = runsAt; index < runsEnd; index++) {
    const byte = bytes[index]!
    value += (byte & 0x7f) * place
    place *= 128
    if (byte >= 128) continue
    if (isRun) {
      if (value > rows - row) return false
      for (const end = row + value; row < end; row++) {
        times[at + row] = time
        time += step
      }
    } else time += value * step
    isRun = !isRun
    value = 0
    place = 1
  }
  return row === rows
}

function putVarint(bytes: number[], value: number): void {
  let rest = value
  while (rest >= 128) {
    bytes.push((rest % 128) | 128)
    rest = Math.floor(rest / 128)
  }
  bytes.push(rest)
}

function zigzag(value: number): number {
  return value < 0 ? -2 * value - 1 : 2 * value
}

function unzigzag(value: number): number {
  return (value >>> 1) ^ -(value & 1)
}
