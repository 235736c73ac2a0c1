/** 32-bit slots, by their place; behind them lie the candle's time and the symbol's bytes. */
const SLOT = { ticks: 0, deciding: 1, decisions: 2, debugged: 3, closed: 4, symbolBytes: 5 } as const
const TIME_AT_BYTES = 24
const SYMBOL_AT_BYTES = 32
const SYMBOL_BYTES_MAX = 96
const SIZE_BYTES = SYMBOL_AT_BYTES + SYMBOL_BYTES_MAX

const NOBODY = -1

/** Which strategy is deciding on what. */
export interface Deciding {
  /** In the order in which strategies were made known to the watchdog. */
  readonly number: number
  readonly symbol: string
  /** Open time of the candle, UTC ms. */
  readonly time: number
}

/**
 * Signs of life of the main thread, in memory that the watching thread sees also while the main thread does not come
 * back. The main thread writes, the other one reads; both build it on the same memory.
 */
export class Pulse {
  readonly memory: SharedArrayBuffer
  readonly #slots: Int32Array
  readonly #time: Float64Array
  readonly #symbol: Uint8Array
  readonly #encoder = new TextEncoder()
  #lastSymbol: string | undefined

  constructor(memory?: SharedArrayBuffer) {
    this.memory = memory ?? new SharedArrayBuffer(SIZE_BYTES)
    this.#slots = new Int32Array(this.memory, 0, TIME_AT_BYTES / Int32Array.BYTES_PER_ELEMENT)
    this.#time = new Float64Array(this.memory, TIME_AT_BYTES, 1)
    this.#symbol = new Uint8Array(this.memory, SYMBOL_AT_BYTES, SYMBOL_BYTES_MAX)
    if (memory === undefined) this.leave()
  }

  /** The loop has come round. @param debugged whether a debugger may hold it as long as its user likes. */
  tick(debugged: boolean): void {
    Atomics.store(this.#slots, SLOT.debugged, Number(debugged))
    Atomics.add(this.#slots, SLOT.ticks, 1)
  }

  /** A strategy is asked. */
  enter(number: number, symbol: string, time: number): void {
    if (symbol !== this.#lastSymbol) {
      this.#lastSymbol = symbol
      this.#slots[SLOT.symbolBytes] = this.#encoder.encodeInto(symbol, this.#symbol).written
    }
    this.#time[0] = time
    Atomics.add(this.#slots, SLOT.decisions, 1)
    Atomics.store(this.#slots, SLOT.deciding, number)
  }

  /** It has answered, or thrown. */
  leave(): void {
    Atomics.store(this.#slots, SLOT.deciding, NOBODY)
  }

  /** Lets the watching thread go. */
  close(): void {
    Atomics.store(this.#slots, SLOT.closed, 1)
    Atomics.notify(this.#slots, SLOT.closed)
  }

  /** Blocks the calling thread for so long, or until it is closed. @returns whether it is closed. */
  waitForClose(ms: number): boolean {
    return Atomics.wait(this.#slots, SLOT.closed, 0, ms) !== 'timed-out'
  }

  /** Turns of the loop so far; wraps around at 2³¹. */
  get ticks(): number {
    return Atomics.load(this.#slots, SLOT.ticks)
  }

  /** Calls of strategies so far; wraps around at 2³¹. */
  get decisions(): number {
    return Atomics.load(this.#slots, SLOT.decisions)
  }

  get debugged(): boolean {
    return Atomics.load(this.#slots, SLOT.debugged) !== 0
  }

  /** Who is deciding now; undefined when nobody is. */
  get deciding(): Deciding | undefined {
    const number = Atomics.load(this.#slots, SLOT.deciding)
    if (number === NOBODY) return undefined
    // Decoders take no shared memory: a copy.
    const bytes = this.#symbol.slice(0, this.#slots[SLOT.symbolBytes])
    return { number, symbol: new TextDecoder().decode(bytes), time: this.#time[0] ?? 0 }
  }
}
