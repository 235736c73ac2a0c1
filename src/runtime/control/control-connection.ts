import type { Socket } from 'node:net'
import { setTimeout as sleep } from 'node:timers/promises'
import { badInput, retryLater, TallowError } from '../../domain/errors.ts'
import { refusalOf, type ControlAnswer } from './control-answer.ts'
import { parseRequest, type ControlRequest } from './control-request.ts'
import type { ControlTarget } from './control-target.ts'
import { LineError, readLine, writeLine } from './line.ts'
import { pidNamespace } from './pid-namespace.ts'

/** A request is a few dozen bytes. */
const REQUEST_BYTES_MAX = 4_096

export interface ConnectionOptions {
  readonly talkMs: number
  readonly workMs: number
  readonly scrub: (text: string) => string
  readonly onFailure: ((error: unknown) => void) | undefined
}

/** One client of the control socket. Whatever it sends, or fails to send, nothing of it reaches further than here. */
export class ControlConnection {
  readonly #socket: Socket
  readonly #target: ControlTarget
  readonly #options: ConnectionOptions
  /** Its request is being read: there is nothing yet that it waits for. */
  #reading = true
  #answered: Promise<void> = Promise.resolve()

  constructor(socket: Socket, target: ControlTarget, options: ConnectionOptions) {
    this.#socket = socket
    this.#target = target
    this.#options = options
    // What breaks is noticed where it is read from or written to.
    socket.on('error', () => undefined)
  }

  /** Answers one request. Resolves when the connection is over. */
  async serve(): Promise<void> {
    const closed = new Promise<void>(resolve => {
      this.#socket.once('close', () => resolve())
    })
    this.#answered = this.#answer()
    await this.#answered
    await closed
  }

  /** Ends it: at once when nothing was asked, else when the answer is out, at the latest after `graceMs`. */
  async end(graceMs: number): Promise<void> {
    if (!this.#reading) await Promise.race([this.#answered, sleep(graceMs, undefined, { ref: false })])
    this.#socket.destroy()
  }

  async #answer(): Promise<void> {
    try {
      const request = await this.#read()
      const answer = await this.#carryOut(request)
      await writeLine(this.#socket, this.#options.scrub(JSON.stringify(answer)), this.#options.talkMs)
      // Whoever asked for a stop sees the end of the daemon by the end of the connection.
      const stays = !(request instanceof TallowError) && request.command === 'stop' && answer.ok
      if (!stays) this.#socket.destroySoon()
    } catch (error) {
      if (!(error instanceof LineError)) this.#options.onFailure?.(error)
      this.#socket.destroy()
    }
  }

  async #read(): Promise<ControlRequest | TallowError> {
    try {
      const limits = { bytesMax: REQUEST_BYTES_MAX, withinMs: this.#options.talkMs }
      return parseRequest(await readLine(this.#socket, limits))
    } catch (error) {
      if (error instanceof TallowError) return error
      if (error instanceof LineError && error.why === 'too-long')
        return badInput(`the request is longer than ${REQUEST_BYTES_MAX} bytes`)
      if (error instanceof LineError && error.why === 'too-late')
        return badInput(`no request line came within ${this.#options.talkMs} ms`, { hint: 'end it with a newline' })
      throw error
    } finally {
      this.#reading = false
    }
  }

  async #carryOut(request: ControlRequest | TallowError): Promise<ControlAnswer> {
    if (request instanceof TallowError) return refusalOf(request)
    const settled = new AbortController()
    try {
      return await Promise.race([carryOut(this.#target, request), this.#tooLong(request, settled.signal)])
    } catch (error) {
      if (!(error instanceof TallowError) || error.kind === 'bug') this.#options.onFailure?.(error)
      return refusalOf(error)
    } finally {
      settled.abort()
    }
  }

  async #tooLong({ command }: ControlRequest, settled: AbortSignal): Promise<ControlAnswer> {
    const { workMs } = this.#options
    await sleep(workMs, undefined, { signal: settled }).catch(() => undefined)
    return refusalOf(
      retryLater(`the daemon has not carried out ${command} within ${workMs} ms`, {
        hint: 'it may still do so: tallow status and its log tell',
      }),
    )
  }
}

async function carryOut(target: ControlTarget, request: ControlRequest): Promise<ControlAnswer> {
  switch (request.command) {
    case 'pause':
      await target.setMode('paused')
      return { ok: true, mode: 'paused' }
    case 'resume':
      await target.setMode('on')
      return { ok: true, mode: 'on' }
    case 'close-only':
      await target.setMode('close-only')
      return { ok: true, mode: 'close-only' }
    case 'close': {
      const { legs } = await target.close(request.symbol)
      return { ok: true, symbol: request.symbol, legs }
    }
    case 'stop':
      target.stop()
      return { ok: true, pid: process.pid, pidNamespace: pidNamespace() ?? null }
    case 'reload':
      await target.reload()
      return { ok: true }
    case 'status':
      return { ok: true, status: target.status() }
    case 'health':
      return { ok: true, heartbeat: target.heartbeat() ?? null }
  }
}
