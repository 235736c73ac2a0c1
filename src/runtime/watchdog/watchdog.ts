import { once } from 'node:events'
import { url as inspectorUrl } from 'node:inspector'
import { extname } from 'node:path'
import { Worker } from 'node:worker_threads'
import { bug } from '../../domain/errors.ts'
import type { BaseView } from '../../strategy/define.ts'
import type { StrategyInstance } from '../../strategy/instance.ts'
import { Pulse } from './pulse.ts'
import { FIRST_PROCESS, UNENDABLE } from './unendable.ts'
import type { Roster, WatchOrder } from './watch-thread.ts'

export interface WatchdogOptions {
  readonly bot: string
  /** Where the note about a block is left. */
  readonly dataDir: string
  /**
   * How long the loop may stand still, real ms. The end comes at most two looks and one second of last words later:
   * after less than 10 s with the default.
   */
  readonly blockedAfterMs?: number
  /** The thread has ended by itself: nobody watches any more. */
  readonly onLost: (error: Error) => void
}

const BLOCKED_AFTER_MS = 8_000
const BLOCKED_AFTER_MS_MIN = 100
const LOOK_EVERY_MS_MAX = 250
/** So many ticks and looks are in the time after which the loop counts as blocked, at least. */
const LOOKS_MIN = 10

/**
 * Ends the process when its loop does not come round, and leaves a note that names the strategy that was deciding. It
 * runs in a thread of its own, since the main thread may be in a loop, a regular expression or a native call. A process
 * that was suspended, or is held by a debugger, is let be. It keeps no process alive.
 */
export class Watchdog {
  /** Why it could not end this process, for people; undefined when it can. */
  readonly weakness: string | undefined
  readonly #pulse: Pulse
  readonly #worker: Worker
  readonly #ticker: NodeJS.Timeout
  readonly #ended: Promise<void>
  #roster: Roster = []
  #closed = false

  private constructor(pulse: Pulse, worker: Worker, tickEveryMs: number, onLost: WatchdogOptions['onLost']) {
    this.#pulse = pulse
    this.#worker = worker
    this.weakness = process.pid === FIRST_PROCESS ? `the watchdog cannot end this process: ${UNENDABLE}` : undefined
    const tick = (): void => pulse.tick(inspectorUrl() !== undefined)
    tick()
    this.#ticker = setInterval(tick, tickEveryMs).unref()
    this.#ended = new Promise(resolve => {
      let lost = new Error('the watching thread has ended')
      worker.once('error', (error: Error) => (lost = error))
      worker.once('exit', () => {
        clearInterval(this.#ticker)
        resolve()
        if (!this.#closed) onLost(lost)
      })
    })
  }

  /** Resolves when the thread watches. @throws what keeps the thread from starting. */
  static async start({ bot, dataDir, blockedAfterMs, onLost }: WatchdogOptions): Promise<Watchdog> {
    const limitMs = blockedAfterMs ?? BLOCKED_AFTER_MS
    if (!(limitMs >= BLOCKED_AFTER_MS_MIN)) throw bug(`a loop counts as blocked after ${limitMs} ms`)
    const lookEveryMs = Math.min(LOOK_EVERY_MS_MAX, limitMs / LOOKS_MIN)
    const pulse = new Pulse()
    const order: WatchOrder = { memory: pulse.memory, bot, dataDir, blockedAfterMs: limitMs, lookEveryMs }
    // It needs nothing of the process: no environment with its secrets, and no modules that node was told to load first.
    const worker = new Worker(threadFile(), { workerData: order, env: {}, execArgv: [], name: 'tallow-watchdog' })
    await once(worker, 'message')
    worker.unref()
    return new Watchdog(pulse, worker, lookEveryMs, onLost)
  }

  /** The same strategies, known to the watchdog by what they are deciding. */
  watched(strategies: readonly StrategyInstance[]): readonly StrategyInstance[] {
    const first = this.#roster.length
    this.#roster = [...this.#roster, ...strategies.map(({ name, hash, file }) => ({ name, hash, file }))]
    this.#worker.postMessage(this.#roster)
    return strategies.map((strategy, index) => watchedAs(first + index, strategy, this.#pulse))
  }

  /** Ends the thread; resolves when it has gone. */
  async close(): Promise<void> {
    this.#closed = true
    clearInterval(this.#ticker)
    this.#pulse.close()
    this.#worker.ref()
    await this.#ended
  }
}

/** As source beside a source, compiled beside compiled code: Node strips no types below node_modules. */
function threadFile(): URL {
  return new URL(`./watch-thread${extname(import.meta.url)}`, import.meta.url)
}

function watchedAs(number: number, strategy: StrategyInstance, pulse: Pulse): StrategyInstance {
  const { decide } = strategy
  return {
    ...strategy,
    decide: view => {
      const { symbol, time } = view as BaseView
      pulse.enter(number, symbol, time)
      try {
        return decide(view)
      } finally {
        pulse.leave()
      }
    },
  }
}
