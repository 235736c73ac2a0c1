/** Random choices that a seed repeats (mulberry32). */
export class Chance {
  readonly seed: number
  #state: number

  /** @param seed from the variable `KILL_SEED`, so that a run that failed can be had again; else by the time. */
  constructor(seed = Number(process.env.KILL_SEED ?? Date.now() % 1_000_000)) {
    this.seed = seed
    this.#state = seed
  }

  /** At least `min`, below `max`. */
  between(min: number, max: number): number {
    this.#state = (this.#state + 0x6d2b79f5) | 0
    let bits = Math.imul(this.#state ^ (this.#state >>> 15), this.#state | 1)
    bits ^= bits + Math.imul(bits ^ (bits >>> 7), bits | 61)
    return min + (((bits ^ (bits >>> 14)) >>> 0) / 2 ** 32) * (max - min)
  }

  /** A whole number, both ends included. */
  whole(min: number, max: number): number {
    return Math.floor(this.between(min, max + 1))
  }

  /** The same things in another order. */
  shuffled<T>(things: readonly T[]): T[] {
    const left = [...things]
    return things.flatMap(() => left.splice(this.whole(0, left.length - 1), 1))
  }
}
