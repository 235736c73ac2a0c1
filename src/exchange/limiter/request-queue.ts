import { REQUEST_PRIORITIES, type RequestPriority } from './request-limiter.ts'

export interface WaitingRequest {
  readonly weight: number
  readonly priority: RequestPriority
  start(): void
  reject(reason: unknown): void
}

/** Waiting requests, by priority, first come first served within one. */
export class RequestQueue {
  readonly #lanes = new Map<RequestPriority, WaitingRequest[]>(REQUEST_PRIORITIES.map(priority => [priority, []]))
  #length = 0

  get length(): number {
    return this.#length
  }

  push(request: WaitingRequest): void {
    this.#lanes.get(request.priority)?.push(request)
    this.#length++
  }

  peek(): WaitingRequest | undefined {
    for (const lane of this.#lanes.values()) if (lane[0]) return lane[0]
    return undefined
  }

  remove(request: WaitingRequest): boolean {
    const lane = this.#lanes.get(request.priority) ?? []
    const at = lane.indexOf(request)
    if (at < 0) return false
    lane.splice(at, 1)
    this.#length--
    return true
  }

  /** Empties the queue, most urgent first. */
  drain(): WaitingRequest[] {
    const all = [...this.#lanes.values()].flat()
    for (const lane of this.#lanes.values()) lane.length = 0
    this.#length = 0
    return all
  }
}
