import { spawn, spawnSync, type ChildProcess } from 'node:child_process'
import { once } from 'node:events'
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { dirname, join } from 'node:path'
import type { TestContext } from 'node:test'

const BIN = join(import.meta.dirname, '../../../bin/tallow.js')
/** A SIGINT becomes what a person does: Ctrl-C typed into the terminal. */
const ON_A_TERMINAL = `
import os, pty, signal, sys
child, terminal = pty.fork()
if child == 0: os.execv(sys.argv[1], sys.argv[1:])
signal.signal(signal.SIGINT, lambda *_: os.write(terminal, b'\\x03'))
while True:
    try: shown = os.read(terminal, 65536)
    except OSError: break
    if not shown: break
    os.write(1, shown)
sys.exit(os.waitstatus_to_exitcode(os.waitpid(child, 0)[1]))
`

/** Past it a test is told what the process said, instead of hanging. */
const END_WITHIN_MS = 30_000

export interface Ended {
  readonly code: number | null
  readonly signal: NodeJS.Signals | null
  readonly stdout: string
  readonly stderr: string
}

/** A `tallow` process of its own, from the sources. */
export class Tallow {
  readonly #child: ChildProcess
  readonly #closed: Promise<unknown>
  #stdout = ''
  #stderr = ''

  constructor(
    cwd: string,
    args: readonly string[],
    env: Readonly<Record<string, string>> = {},
    [program, ...before]: readonly [string, ...string[]] = [process.execPath, BIN],
  ) {
    this.#child = spawn(program, [...before, ...args], { cwd, env: { ...ownEnv(), ...env }, stdio: 'pipe' })
    this.#child.stdout?.on('data', chunk => (this.#stdout += String(chunk)))
    this.#child.stderr?.on('data', chunk => (this.#stderr += String(chunk)))
    this.#closed = once(this.#child, 'close')
  }

  get pid(): number {
    if (this.#child.pid === undefined) throw new Error('tallow did not start')
    return this.#child.pid
  }

  get stderr(): string {
    return this.#stderr
  }

  get hasEnded(): boolean {
    return this.#child.exitCode !== null || this.#child.signalCode !== null
  }

  /** Waits until it has said something that matches, in its log behind `from`. @returns the match. */
  async said(pattern: RegExp, withinMs: number, from = 0): Promise<RegExpExecArray> {
    const giveUpAt = performance.now() + withinMs
    for (;;) {
      const match = pattern.exec(this.#stdout) ?? pattern.exec(this.#stderr.slice(from))
      if (match) return match
      if (this.hasEnded)
        throw new Error(`tallow ended and never said ${String(pattern)}:\n${this.#stdout}${this.#stderr}`)
      if (performance.now() > giveUpAt)
        throw new Error(`tallow has not said ${String(pattern)} in ${withinMs} ms:\n${this.#stdout}${this.#stderr}`)
      await new Promise(resolve => setTimeout(resolve, 10))
    }
  }

  /** Sends a signal, if there is one to send, and waits for the end. */
  async end(signal?: NodeJS.Signals): Promise<Ended> {
    if (signal !== undefined && !this.hasEnded) this.#child.kill(signal)
    const tooLong = setTimeout(() => this.#child.kill('SIGKILL'), END_WITHIN_MS)
    await this.#closed
    clearTimeout(tooLong)
    const { exitCode: code, signalCode } = this.#child
    return { code, signal: signalCode, stdout: this.#stdout, stderr: this.#stderr }
  }
}

/** Starts `tallow`; what is left of it at the end of the test is killed. */
export function startTallow(
  test: TestContext,
  cwd: string,
  args: readonly string[],
  env?: Readonly<Record<string, string>>,
): Tallow {
  const tallow = new Tallow(cwd, args, env)
  test.after(() => tallow.end('SIGKILL'))
  return tallow
}

/** For the `skip` option of a test that needs a terminal: a reason, or false. */
export function withoutTerminal(): string | false {
  return spawnSync('python3', ['-c', 'import pty']).status === 0 ? false : 'needs python3 to make a terminal'
}

/** Starts `tallow` on a terminal of its own; what it shows there is its stdout. Ends with the exit code of `tallow`. */
export function startOnTerminal(test: TestContext, cwd: string, args: readonly string[]): Tallow {
  const tallow = new Tallow(cwd, [process.execPath, BIN, ...args], {}, ['python3', '-c', ON_A_TERMINAL])
  test.after(() => tallow.end('SIGKILL'))
  return tallow
}

/** Runs `tallow` to its end. */
export function tallow(cwd: string, args: readonly string[], env?: Readonly<Record<string, string>>): Promise<Ended> {
  return new Tallow(cwd, args, env).end()
}

/** A folder of the test's own, with these files in it. */
export function folderWith(test: TestContext, files: Readonly<Record<string, string>> = {}): string {
  const folder = mkdtempSync(join(tmpdir(), 'tallow-e2e-'))
  test.after(() => {
    rmSync(folder, { recursive: true, force: true })
  })
  for (const [name, text] of Object.entries(files)) {
    mkdirSync(dirname(join(folder, name)), { recursive: true })
    writeFileSync(join(folder, name), text)
  }
  return folder
}

/** The config that `npm start` runs. */
export const DEMO_CONFIG = join(import.meta.dirname, '../../../config/demo.yaml')

/** In and out with every candle: as many orders as there can be. */
export const FLIP_STRATEGY = `
import { defineStrategy, enterLong, exit, sma } from 'tallow'
export default defineStrategy({
  columns: () => ({ fast: sma({ period: 3 }) }),
  decide({ position }) {
    return position ? exit('flip') : enterLong({ reason: 'flip' })
  },
})
`

/** Three generated symbols, fast. */
export function fastConfig(speed: number, strategy: string): string {
  return `
exchange: { simulator: { seed: 5, speed: ${speed}, symbols: [BTC/USDT, ETH/USDT, SOL/USDT] } }
market: { late_after_ms: ${1_000 * speed} }
trading: { timeframe: 1m, strategies: [{ name: ${strategy} }] }
`
}

/** The tester's own settings have no place in a test. */
function ownEnv(): Record<string, string | undefined> {
  const kept = Object.entries(process.env).filter(
    ([name]) => !name.startsWith('TALLOW_') && name !== 'NODE_TEST_CONTEXT',
  )
  // Daemons of tests run side by side.
  return { ...Object.fromEntries(kept), TALLOW_SRC: '1', TALLOW__HTTP__PORT: '0' }
}
