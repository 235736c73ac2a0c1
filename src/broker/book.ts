import type { Order } from '../domain/order.ts'

/** The resting orders of one market, in the order in which they were placed. */
export class Book {
  readonly #orders: Order[] = []

  get orders(): readonly Order[] {
    return this.#orders
  }

  add(order: Order): void {
    this.#orders.push(order)
  }

  /** Whether an order may fill in this row: market orders fill at the first open that comes. */
  wakesOn(_row: number): boolean {
    return this.#orders.length > 0
  }

  /** Takes out all orders that fill at the next open. */
  takeMarketOrders(): Order[] {
    return this.#orders.splice(0)
  }
}
