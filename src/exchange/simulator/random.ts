/**
 * Random numbers that are the same on every machine: 32-bit integer arithmetic, and floats only by exact division.
 * Generator: xoshiro128** (Blackman, Vigna 2018), seeded by the finalizer of MurmurHash3.
 */
export class Random {
  #a: number
  #b: number
  #c: number
  #d: number

  constructor(seed: number) {
    this.#a = hash32(seed, 1)
    this.#b = hash32(seed, 2)
    this.#c = hash32(seed, 3)
    this.#d = hash32(seed, 4) | 1
  }

  /** Uniform in [0, 1), a multiple of 2⁻³². */
  uniform(): number {
    const scaled = Math.imul(this.#b, 5)
    const result = Math.imul((scaled << 7) | (scaled >>> 25), 9)
    const shifted = this.#b << 9
    this.#c ^= this.#a
    this.#d ^= this.#b
    this.#b ^= this.#c
    this.#a ^= this.#d
    this.#c ^= shifted
    this.#d = (this.#d << 11) | (this.#d >>> 21)
    return (result >>> 0) / 4_294_967_296
  }

  /** Near normal, mean 0 and deviation 1, within ±3.46: the sum of four uniforms. No logarithm, whose last bit may differ. */
  normal(): number {
    return (this.uniform() + this.uniform() + this.uniform() + this.uniform() - 2) * 1.732_050_807_568_877_2
  }
}

/** Mixes two 32-bit integers into one. */
export function hash32(a: number, b: number): number {
  let mixed = Math.imul(a ^ Math.imul(b, 0x9e3779b1), 0x85ebca6b)
  mixed = Math.imul(mixed ^ (mixed >>> 13), 0xc2b2ae35)
  mixed = Math.imul(mixed ^ (mixed >>> 16), 0x27d4eb2f)
  return (mixed ^ (mixed >>> 15)) >>> 0
}

/** FNV-1a. */
export function hashText(text: string): number {
  let hash = 0x811c9dc5
  for (let index = 0; index < text.length; index++) hash = Math.imul(hash ^ text.charCodeAt(index), 0x01000193)
  return hash >>> 0
}

/** A smooth random curve through one hashed value in [−1, 1) per whole number. */
export function noise(seed: number, at: number): number {
  const cell = Math.floor(at)
  const inside = at - cell
  const left = hash32(seed, cell) / 2_147_483_648 - 1
  const right = hash32(seed, cell + 1) / 2_147_483_648 - 1
  return left + (right - left) * inside * inside * (3 - 2 * inside)
}
