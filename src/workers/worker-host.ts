import { extname } from 'node:path'
import type { Answer, Order } from './protocol.ts'

/** A thread or process that does one task at a time, as the pool sees it. */
export interface WorkerHost {
  /** Hands a task over. @throws when its argument cannot be cloned; the worker is then still idle. */
  send(order: Order, transfer: readonly ArrayBuffer[]): void
  /** Whether it keeps this process alive: while it works it does. */
  hold(isHeld: boolean): void
  /** Ends it, whatever it does; resolves when it has gone. `onGone` is called as well. */
  end(): Promise<void>
}

export interface HostListener {
  onAnswer(answer: Answer): void
  /** Called once, when it has gone, asked to or not. @param reason in words, after "the worker". */
  onGone(reason: string): void
}

/** Starts a worker: the one thing in which threads and processes differ. @throws when there can be none. */
export type StartWorker = (listener: HostListener) => WorkerHost

export interface WorkerLimits {
  /** JavaScript heap of each worker, MB; a task that needs more ends its worker. Without it: Node's own limit. */
  readonly heapMaxMb?: number | undefined
  /** Environment of the workers. Without it they have none: secrets stay where they are. */
  readonly env?: Readonly<Record<string, string>> | undefined
}

/** As source beside a source, compiled beside compiled code: Node strips no types below node_modules. */
export function entryFile(name: 'thread-entry' | 'process-entry'): URL {
  return new URL(`./${name}${extname(import.meta.url)}`, import.meta.url)
}
