/** Equity after each slice: instants (close of the slice, UTC ms) and values in quote currency. */
export class EquityCurve {
  times: Float64Array
  values: Float64Array
  length = 0
  /** Slices in which a position was open. */
  exposed = 0

  constructor(capacity: number) {
    this.times = new Float64Array(capacity)
    this.values = new Float64Array(capacity)
  }

  push(time: number, value: number, exposed: boolean): void {
    const at = this.length
    this.times[at] = time
    this.values[at] = value
    this.length = at + 1
    if (exposed) this.exposed++
  }

  /**
   * At most `pointsMax` points, evenly spread; the last one is always among them.
   * @returns plain arrays, for JSON.
   */
  sample(pointsMax: number): { readonly time: readonly number[]; readonly value: readonly number[] } {
    const time: number[] = []
    const value: number[] = []
    const stride = Math.max(1, Math.ceil(this.length / pointsMax))
    for (let index = (this.length - 1) % stride; index < this.length; index += stride) {
      time.push(this.times[index]!)
      value.push(this.values[index]!)
    }
    return { time, value }
  }
}
