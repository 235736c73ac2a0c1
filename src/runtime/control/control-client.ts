import { connect, type Socket } from 'node:net'
import { setTimeout as sleep } from 'node:timers/promises'
import { dirname } from 'node:path'
import { existsSync } from 'node:fs'
import { neverRetry, retryLater } from '../../domain/errors.ts'
import { errorOf, parseAnswer, type ControlAnswer } from './control-answer.ts'
import type { ControlRequest } from './control-request.ts'
import { LineError, readLine, writeLine } from './line.ts'
import { socketAddress } from './socket-path.ts'

/** The status of a bot with a thousand positions and orders is half a megabyte. */
const ANSWER_BYTES_MAX = 16 * 1024 * 1024
/** Longer than the daemon gives itself, so that it is the daemon that says what took so long. */
const ANSWER_WITHIN_MS = 30_000
const CONNECT_WITHIN_MS = 5_000

export type Accepted = Extract<ControlAnswer, { readonly ok: true }>

/** A connection to the daemon of a data folder, good for one request. */
export class ControlClient {
  readonly #socket: Socket
  readonly #path: string
  readonly #closed: Promise<void>

  private constructor(socket: Socket, path: string) {
    this.#socket = socket
    this.#path = path
    this.#closed = new Promise(resolve => {
      socket.once('close', () => resolve())
    })
    socket.on('error', () => undefined)
  }

  /**
   * @param path absolute, `<dataDir>/control.sock`.
   * @returns undefined when no daemon runs there.
   * @throws never-retry when the socket is another user's; retry-later when it does not let anyone in.
   */
  static async connect(path: string): Promise<ControlClient | undefined> {
    if (!existsSync(dirname(path))) return undefined
    const place = socketAddress(path)
    try {
      return new ControlClient(await connected(place.address), path)
    } catch (error) {
      return refused(path, error)
    } finally {
      place.release()
    }
  }

  /**
   * Asks, and waits for the answer.
   * @throws what the daemon refused; retry-later when no answer came.
   */
  async ask(request: ControlRequest, withinMs = ANSWER_WITHIN_MS): Promise<Accepted> {
    const line = await this.#exchange(JSON.stringify(request), withinMs)
    const answer = parseAnswer(line)
    if (answer === undefined)
      throw neverRetry('the daemon gave an answer that is none', {
        where: this.#path,
        hint: 'is it of another version? start it again',
      })
    if (!answer.ok) throw errorOf(answer)
    return answer
  }

  /** Waits until the daemon ends the connection. @returns false when it has not within `withinMs`. */
  async ended(withinMs: number): Promise<boolean> {
    this.#socket.resume()
    const settled = new AbortController()
    const tooLong = sleep(withinMs, false, { signal: settled.signal }).catch(() => false)
    const ended = await Promise.race([this.#closed.then(() => true), tooLong])
    settled.abort()
    return ended
  }

  close(): void {
    this.#socket.destroy()
  }

  async #exchange(line: string, withinMs: number): Promise<string> {
    try {
      const answered = readLine(this.#socket, { bytesMax: ANSWER_BYTES_MAX, withinMs })
      // The answer to what could not be sent in full may be there all the same: why it was refused.
      await Promise.all([answered, writeLine(this.#socket, line, withinMs).catch(() => undefined)])
      return await answered
    } catch (error) {
      if (!(error instanceof LineError)) throw error
      throw retryLater(
        error.why === 'too-late'
          ? `the daemon has not answered within ${Math.round(withinMs / 1_000)} s`
          : 'the daemon ended the connection without an answer: it is stopping, or has too many open',
        { where: this.#path, cause: error, hint: 'tallow health and its log say how it is; then try again' },
      )
    }
  }
}

async function connected(address: string): Promise<Socket> {
  const socket = connect(address)
  const settled = new AbortController()
  try {
    await Promise.race([
      new Promise<void>((resolve, reject) => {
        socket.once('connect', resolve).once('error', reject)
      }),
      sleep(CONNECT_WITHIN_MS, undefined, { signal: settled.signal }).then(() => {
        throw retryLater(`the daemon takes no connection`)
      }),
    ])
    return socket
  } catch (error) {
    socket.destroy()
    throw error
  } finally {
    settled.abort()
  }
}

/** No file, or a file that nobody listens at: the daemon has ended, or was killed. */
const NO_DAEMON: ReadonlySet<unknown> = new Set(['ENOENT', 'ENOTDIR', 'ECONNREFUSED', 'ENOTSOCK'])

function refused(path: string, error: unknown): undefined {
  const code = error instanceof Error && 'code' in error ? error.code : undefined
  if (NO_DAEMON.has(code)) return undefined
  if (code === 'EACCES' || code === 'EPERM')
    throw neverRetry('the daemon of this data folder runs as another user', {
      where: path,
      cause: error,
      hint: 'run the command as that user, e.g. sudo -u USER tallow status',
    })
  if (code === undefined) throw error
  throw retryLater(`the daemon takes no connection: ${error instanceof Error ? error.message : String(error)}`, {
    where: path,
    cause: error,
    hint: 'try again in a moment',
  })
}
