import { spawn, type ChildProcess } from 'node:child_process'
import { once } from 'node:events'
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import type { TestContext } from 'node:test'
import { setTimeout as delay } from 'node:timers/promises'

const ROOT = join(import.meta.dirname, '../../..')
const SCRIPT = join(import.meta.dirname, 'watched-process.ts')
export const WATCHDOG = join(ROOT, 'src/runtime/watchdog/watchdog.ts')

/** Past it a test is told what the process said, instead of hanging. */
const END_WITHIN_MS = 20_000

export interface WatchedOptions {
  /** 0 for the default. */
  readonly blockedAfterMs?: number
  /** The watchdog's module: the source when absent. */
  readonly module?: string
  readonly nodeArgs?: readonly string[]
  /** Goes before node: a program and its arguments. */
  readonly under?: readonly string[]
  /** Whether anybody reads what it says on stderr. */
  readonly heard?: boolean
}

export interface End {
  readonly code: number | null
  readonly signal: NodeJS.Signals | null
  /** From the last word before its scene to the end. */
  readonly afterMs: number
}

/** A process of its own that plays a scene of `watched-process.ts`, in a temporary data folder; gone after the test. */
export class Watched {
  readonly dataDir = mkdtempSync(join(tmpdir(), 'tallow-watchdog-'))
  readonly #child: ChildProcess
  readonly #exit: Promise<unknown>
  readonly #scene: string
  #begunAtMs: number | undefined
  #stdout = ''
  #stderr = ''

  constructor(t: TestContext, scene: string, options: WatchedOptions = {}) {
    const { blockedAfterMs = 700, module = WATCHDOG, nodeArgs = [], under = [], heard = true } = options
    const [program = '', ...args] = [...under, process.execPath, ...nodeArgs]
    this.#scene = scene
    // A group of its own, so that what it started can be ended with it.
    this.#child = spawn(program, [...args, SCRIPT, module, this.dataDir, String(blockedAfterMs), scene], {
      stdio: ['ignore', 'pipe', 'pipe'],
      detached: true,
    })
    this.#child.stdout?.on('data', chunk => {
      this.#stdout += String(chunk)
      if (this.#stdout.includes(`${scene}\n`)) this.#begunAtMs ??= performance.now()
    })
    if (heard) this.#child.stderr?.on('data', chunk => (this.#stderr += String(chunk)))
    this.#exit = once(this.#child, 'exit')
    t.after(() => this.#remove())
  }

  get stdout(): string {
    return this.#stdout
  }

  get stderr(): string {
    return this.#stderr
  }

  get hasEnded(): boolean {
    return this.#child.exitCode !== null || this.#child.signalCode !== null
  }

  signal(signal: NodeJS.Signals): void {
    this.#child.kill(signal)
  }

  /** Waits until the scene begins. */
  async begun(): Promise<void> {
    while (this.#begunAtMs === undefined) {
      if (this.hasEnded) throw new Error(`${this.#scene} ended before it began:\n${this.#stdout}${this.#stderr}`)
      await delay(10)
    }
  }

  /** Waits for its end. */
  async end(): Promise<End> {
    const late = new AbortController()
    const waited = delay(END_WITHIN_MS, 'late', { signal: late.signal })
    if ((await Promise.race([this.#exit, waited])) === 'late')
      throw new Error(`${this.#scene} does not end:\n${this.#stdout}${this.#stderr}`)
    waited.catch(() => undefined)
    late.abort()
    const afterMs = performance.now() - (this.#begunAtMs ?? Number.NaN)
    // What it said last may still be on its way.
    await delay(100)
    return { code: this.#child.exitCode, signal: this.#child.signalCode, afterMs }
  }

  #remove(): void {
    try {
      process.kill(-(this.#child.pid ?? Number.NaN), 'SIGKILL')
    } catch {
      // It has ended, and so has all that it started.
    }
    this.#child.stdout?.destroy()
    this.#child.stderr?.destroy()
    rmSync(this.dataDir, { recursive: true, force: true })
  }
}
