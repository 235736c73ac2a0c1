import { Secrets } from '../domain/secrets.ts'
import { isSecretKey } from './config/secret-keys.ts'
import { stderrWriter } from './stderr-writer.ts'

/**
 * Interrupts closer together than this count as one: under `npm start` a single Ctrl-C arrives twice within
 * milliseconds, from the terminal and handed on by npm.
 */
const SAME_INTERRUPT_MS = 250

/** The outside world of a command: so that tests run commands in their own process, in a folder of their own. */
export interface Io {
  /** Answers: what was asked for, and nothing else. The text brings its own line ends. */
  stdout(text: string): void
  /** Everything else: errors, warnings, progress. */
  stderr(text: string): void
  readonly env: Readonly<Record<string, string | undefined>>
  /** What must never be written, as far as it is known: the config's is learnt when it is read. */
  readonly secrets: Secrets
  /** Absolute folder that relative paths start from. */
  readonly cwd: string
  readonly stdoutIsTty: boolean
  readonly stderrIsTty: boolean
  /** Width of the terminal, in characters. */
  readonly columns: number
  /** Wall time, UTC ms. */
  now(): number
  /**
   * Calls `listener` at the first Ctrl-C or SIGTERM; a second one, a moment later, ends the process at once with 130.
   * While nobody listens, the first one does, also in the middle of a computation.
   * @returns how to stop listening.
   */
  onInterrupt(listener: () => void): () => void
  /** Calls `listener` at each SIGHUP, which then no longer ends the process. */
  onHangup(listener: () => void): void
}

/** This process' own terminal, environment and signals. */
export function processIo(): Io {
  for (const stream of [process.stdout, process.stderr])
    if (stream.listenerCount('error') === 0) stream.on('error', ignoreClosedPipe)
  return {
    stdout: text => void process.stdout.write(text),
    stderr: stderrWriter(process.stderr.fd),
    env: takeEnvironment(),
    secrets: new Secrets(),
    cwd: process.cwd(),
    stdoutIsTty: process.stdout.isTTY,
    stderrIsTty: process.stderr.isTTY,
    columns: process.stdout.columns || 100,
    now: () => Date.now(),
    onInterrupt,
    onHangup: listener => {
      process.on('SIGHUP', listener)
    },
  }
}

/**
 * A copy of the environment, in which secrets then no longer stand: strategies, child processes and crash reports see it
 * too. Other programs' secrets go as well: what no code here needs, no code here can give away.
 */
function takeEnvironment(): Io['env'] {
  const copy = { ...process.env }
  for (const name of Object.keys(copy)) if (isSecretKey(name)) delete process.env[name]
  return copy
}

function onInterrupt(listener: () => void): () => void {
  let interruptedAt: number | undefined
  const handle = (): void => {
    if (interruptedAt === undefined) {
      interruptedAt = performance.now()
      listener()
    } else if (performance.now() - interruptedAt > SAME_INTERRUPT_MS) {
      process.exit(130)
    }
  }
  const stop = (): void => {
    process.off('SIGINT', handle)
    process.off('SIGTERM', handle)
  }
  process.on('SIGINT', handle)
  process.on('SIGTERM', handle)
  return stop
}

/** `tallow trades | head` closes the pipe early: no fault of ours, and no reason to end a daemon. */
function ignoreClosedPipe(error: Error & { readonly code?: string }): void {
  if (error.code !== 'EPIPE') throw error
}
