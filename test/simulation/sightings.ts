import { opens } from '../../src/domain/order.ts'
import type { Lived } from './live-on-paper.ts'
import type { Outcome } from './outcome-text.ts'

const WANTED = [
  ...['entry', 'add', 'exit'].flatMap(purpose => [`${purpose} market filled`, `${purpose} limit filled`]),
  ...['entry stop filled', 'add stop filled', 'protect market filled'],
  ...['entry limit canceled', 'entry stop canceled', 'exit limit canceled', 'canceled: expired'],
  ...['canceled: too long', 'canceled: replaced by an exit', 'canceled: stop_loss'],
  ...['taker', 'maker', 'slippage', 'part of a position sold', 'a position added to'],
  ...['long', 'short'].flatMap(side =>
    ['stop_loss', 'trailing_stop_loss', 'take_profit', 'roi', 'time_stop', 'exit'].map(reason => `${side} ${reason}`),
  ),
  ...['cooldown', 'stop-loss-guard', 'max-drawdown', 'daily-loss'],
  ...['max-open-positions', 'max-symbol-exposure', 'max-side-exposure', 'insufficient-cash', 'below-minimum'],
  ...['no-stop', 'position-open', 'no-position', 'order-pending', 'no-order'],
  ...['gap', 'late', 'fetch-failed', 'a fill at a known open', 'a market order that waited for its candle'],
  ...['start with marketOrders', 'start with restingOrders', 'start with positions', 'start with trailedStops'],
  ...['start with candlesAhead'],
  ...['killed before its first slice', 'position at the end'],
]

/** Counts what runs met: a comparison of runs in which nothing happens proves nothing. */
export class Sightings {
  readonly #counts = new Map<string, number>()

  add(lived: Lived, outcome: Outcome): void {
    this.#addOrders(lived, outcome)
    for (const { id, side, amount, exitReason } of outcome.trades) {
      this.#saw(`${side} ${exitReason.split(' ')[0] ?? ''}`)
      const first = outcome.fills.find(({ clientId }) => clientId === id)
      if (first !== undefined && first.amount < amount) this.#saw('a position added to')
    }
    for (const key of Object.keys(outcome.refusals)) this.#saw(key.split(' ').at(-1) ?? '')
    for (const { kind } of lived.record.events) this.#saw(kind)
    if (outcome.positions.length > 0) this.#saw('position at the end')
    for (const found of lived.found.slice(1))
      for (const [what, count] of Object.entries(found)) if (count > 0) this.#saw(`start with ${what}`)
    const starts = lived.plans.map(({ decidesFrom }) => decidesFrom)
    if (new Set(starts).size < starts.length) this.#saw('killed before its first slice')
  }

  /** What was wanted and never seen. */
  missing(): readonly string[] {
    return WANTED.filter(what => !this.#counts.has(what))
  }

  #addOrders(lived: Lived, outcome: Outcome): void {
    let marketFills = 0
    let exits = 0
    for (const { order, status, statusReason, fill } of outcome.orders) {
      this.#saw(`${order.purpose} ${order.type} ${status}`)
      if (status === 'canceled') this.#saw(`canceled: ${statusReason}`)
      if (fill === undefined) continue
      this.#saw(fill.liquidity)
      if (fill.slippage > 0n) this.#saw('slippage')
      if (order.type === 'market' && order.purpose !== 'protect') marketFills++
      if (!opens(order)) exits++
    }
    if (exits > outcome.trades.length) this.#saw('part of a position sold')
    if (lived.fillsAtKnownOpens > 0) this.#saw('a fill at a known open')
    if (marketFills > lived.fillsAtKnownOpens) this.#saw('a market order that waited for its candle')
  }

  #saw(what: string): void {
    this.#counts.set(what, (this.#counts.get(what) ?? 0) + 1)
  }
}
