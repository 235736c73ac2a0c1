import { parseNumber, parseTime, textOf } from './field-values.ts'
import { LANES, type Lane, type LaneFields } from './lanes.ts'

/** Texts of row problems are kept for so many rows; later ones get a general one. */
const PROBLEM_TEXTS_MAX = 1_000
const QUOTE = 34
const FIELDS_MAX = 64

/** Memory for rows: arrays of one length. */
export interface RowMemory {
  readonly values: Readonly<Record<Lane, Float64Array>>
  readonly numbers: Int32Array
}

/** Rows that were read elsewhere. */
export interface RawRowsPart extends RowMemory {
  /** Rows in them; behind those there is spare room. */
  readonly length: number
  readonly problems: readonly (readonly [row: number, problem: string])[]
}

/** Rows as a file has them: any order, unchecked. What was no number is NaN, with a word on it in `problem`. */
export class RawRows {
  readonly values: Record<Lane, Float64Array>
  /** Line or row number in the file, from 1. */
  numbers: Int32Array
  length = 0
  readonly #problems = new Map<number, string>()

  constructor(capacity: number) {
    const { values, numbers } = rowMemory(Math.max(16, Math.ceil(capacity)), bytes => new ArrayBuffer(bytes))
    this.values = { ...values }
    this.numbers = numbers
  }

  /** Rows that go into given memory; beyond its room they move to memory of their own. */
  static over({ values, numbers }: RowMemory): RawRows {
    const rows = new RawRows(0)
    Object.assign(rows.values, values)
    rows.numbers = numbers
    return rows
  }

  /** Starts a row and returns its index. */
  add(number: number): number {
    if (this.length === this.numbers.length) this.#grow()
    this.numbers[this.length] = number
    return this.length++
  }

  /** Starts a row of which nothing can be read. */
  addBad(number: number, problem: string): void {
    const row = this.add(number)
    for (const lane of LANES) this.values[lane][row] = Number.NaN
    this.note(row, problem)
  }

  note(row: number, problem: string): void {
    if (this.#problems.size < PROBLEM_TEXTS_MAX && !this.#problems.has(row)) this.#problems.set(row, problem)
  }

  /** What was found wrong with a row while it was read. */
  problem(row: number): string | undefined {
    return this.#problems.get(row)
  }

  /** What is to be said of rows, by index. */
  problems(): readonly (readonly [row: number, problem: string])[] {
    return [...this.#problems]
  }

  /** Adds all rows of another one. @param ahead is added to their numbers. */
  append(part: RawRowsPart, ahead: number): void {
    const from = this.length
    const count = part.length
    while (this.numbers.length < from + count) this.#grow()
    for (const lane of LANES) this.values[lane].set(part.values[lane].subarray(0, count), from)
    for (let row = 0; row < count; row++) this.numbers[from + row] = (part.numbers[row] ?? 0) + ahead
    this.length = from + count
    for (const [row, problem] of part.problems) this.note(from + row, problem)
  }

  #grow(): void {
    const room = Math.ceil(this.numbers.length * 1.5)
    for (const lane of LANES) {
      const grown = new Float64Array(room)
      grown.set(this.values[lane])
      this.values[lane] = grown
    }
    const numbers = new Int32Array(room)
    numbers.set(this.numbers)
    this.numbers = numbers
  }
}

/** Memory for so many rows, from whatever makes it. */
export function rowMemory(rows: number, allocate: (bytes: number) => ArrayBufferLike): RowMemory {
  const lane = (): Float64Array => new Float64Array(allocate(rows * Float64Array.BYTES_PER_ELEMENT))
  return {
    values: { time: lane(), open: lane(), high: lane(), low: lane(), close: lane(), volume: lane() },
    numbers: new Int32Array(allocate(rows * Int32Array.BYTES_PER_ELEMENT)),
  }
}

/** The fields of one row of text, as byte ranges. One object serves all rows of a file. */
export class FieldSpans {
  readonly bytes: Uint8Array
  readonly starts = new Int32Array(FIELDS_MAX)
  readonly ends = new Int32Array(FIELDS_MAX)
  count = 0

  constructor(bytes: Uint8Array) {
    this.bytes = bytes
  }

  /** Adds a field without the blanks and quotes around it. Fields past the 64th are counted only. */
  push(from: number, to: number): void {
    const count = this.count++
    if (count >= FIELDS_MAX) return
    const bytes = this.bytes
    let start = from
    let end = to
    // Nothing that belongs to a number or date comes before the quote in ASCII: one compare tells.
    while (start < end && bytes[start]! <= QUOTE) start++
    while (start < end && bytes[end - 1]! <= QUOTE) end--
    this.starts[count] = start
    this.ends[count] = end
  }

  text(field: number): string {
    return textOf(this.bytes, this.starts[field] ?? 0, this.ends[field] ?? 0)
  }

  texts(): string[] {
    return Array.from({ length: Math.min(this.count, FIELDS_MAX) }, (_, field) => this.text(field))
  }
}

/** Reads one row's six values from its fields. */
export function takeFields(rows: RawRows, number: number, fields: FieldSpans, at: LaneFields): void {
  const { bytes, starts, ends } = fields
  const row = rows.add(number)
  const { time, open, high, low, close, volume } = rows.values
  time[row] = parseTime(bytes, starts[at.time]!, ends[at.time]!)
  open[row] = parseNumber(bytes, starts[at.open]!, ends[at.open]!)
  high[row] = parseNumber(bytes, starts[at.high]!, ends[at.high]!)
  low[row] = parseNumber(bytes, starts[at.low]!, ends[at.low]!)
  close[row] = parseNumber(bytes, starts[at.close]!, ends[at.close]!)
  volume[row] = parseNumber(bytes, starts[at.volume]!, ends[at.volume]!)
  // One test for six values: a sum is NaN when any part is.
  const sum = time[row] + open[row] + high[row] + low[row] + close[row] + volume[row]
  if (Number.isNaN(sum)) noteUnreadable(rows, row, lane => fields.text(at[lane]))
}

/** Says which value of a row is no number, and what stands there instead. */
export function noteUnreadable(rows: RawRows, row: number, textAt: (lane: Lane) => string): void {
  const lane = LANES.find(name => Number.isNaN(rows.values[name][row]))
  if (lane === undefined) return
  const text = textAt(lane)
  const what = lane === 'time' ? 'a time (epoch or year-month-day)' : 'a number'
  rows.note(row, text === '' ? `the ${lane} is empty` : `the ${lane} is "${shorten(text)}", which is not ${what}`)
}

function shorten(text: string): string {
  return text.length > 40 ? `${text.slice(0, 40)}…` : text
}
