import { chmodSync, mkdirSync, renameSync, rmdirSync, rmSync } from 'node:fs'
import { once } from 'node:events'
import { createServer, type Server } from 'node:net'
import { join } from 'node:path'
import { neverRetry } from '../../domain/errors.ts'
import { ControlConnection } from './control-connection.ts'
import type { ControlTarget } from './control-target.ts'
import { socketAddress } from './socket-path.ts'

export interface ControlOptions {
  /** Told of failures that are no refusals: bugs of the target. */
  readonly onFailure?: (error: unknown) => void
  /** Takes secrets out of every answer. */
  readonly scrub?: (text: string) => string
  /** For the whole request to arrive, and for the answer to be taken; default 5 s. */
  readonly talkMs?: number
  /** For the target to do what it was asked; default 25 s. */
  readonly workMs?: number
  /** For answers in hand when the server closes; default 1 s. */
  readonly farewellMs?: number
}

const TALK_MS = 5_000
const WORK_MS = 25_000
const FAREWELL_MS = 1_000
/** One person and a few scripts. More are turned away at once. */
const CONNECTIONS_MAX = 16

/**
 * The control socket of a running daemon: one JSON request line, one JSON answer line a connection. Whoever may open the
 * data folder's owner-only socket file owns the bot, so there is no other lock on it.
 */
export class ControlServer {
  readonly #path: string
  readonly #server: Server
  readonly #connections: ReadonlySet<ControlConnection>
  readonly #farewellMs: number

  private constructor(path: string, server: Server, connections: ReadonlySet<ControlConnection>, farewellMs: number) {
    this.#path = path
    this.#server = server
    this.#connections = connections
    this.#farewellMs = farewellMs
  }

  /**
   * Listens. Call it only with the data folder's writer lock in hand: a socket file that is there already is then one that
   * a killed daemon left, and is replaced.
   * @param path absolute, `<dataDir>/control.sock`.
   * @throws bad input or never-retry when there can be no socket in that folder.
   */
  static async open(path: string, target: ControlTarget, options: ControlOptions = {}): Promise<ControlServer> {
    const connections = new Set<ControlConnection>()
    const { talkMs = TALK_MS, workMs = WORK_MS, scrub = text => text, onFailure } = options
    const server = createServer({ allowHalfOpen: true }, socket => {
      const connection = new ControlConnection(socket, target, { talkMs, workMs, scrub, onFailure })
      connections.add(connection)
      void connection.serve().finally(() => connections.delete(connection))
    })
    server.maxConnections = CONNECTIONS_MAX
    await listen(server, path)
    // A failed accept (too many open files) costs one client its connection, never the daemon.
    server.on('error', error => onFailure?.(error))
    return new ControlServer(path, server, connections, options.farewellMs ?? FAREWELL_MS)
  }

  /** Takes the socket away, lets answers in hand go out for a moment, and ends every connection. */
  async close(): Promise<void> {
    rmSync(this.#path, { force: true })
    const closed = new Promise<void>(resolve => {
      this.#server.close(() => resolve())
    })
    await Promise.all([...this.#connections].map(connection => connection.end(this.#farewellMs)))
    await closed
  }
}

/**
 * Binds in a folder that nobody else may enter, and moves the socket to its place when its mode is right: at no moment can
 * another user connect, and the move replaces a dead daemon's socket in one step.
 */
async function listen(server: Server, path: string): Promise<void> {
  const folder = `${path}.new`
  const made = join(folder, 's')
  try {
    rmSync(folder, { recursive: true, force: true })
    mkdirSync(folder, { mode: 0o700 })
    await bind(server, made)
    chmodSync(made, 0o600)
    renameSync(made, path)
    rmdirSync(folder)
  } catch (error) {
    server.close()
    rmSync(folder, { recursive: true, force: true })
    throw noSocket(path, error)
  }
}

async function bind(server: Server, path: string): Promise<void> {
  const place = socketAddress(path)
  try {
    server.listen(place.address)
    await once(server, 'listening')
  } finally {
    place.release()
  }
}

function noSocket(path: string, error: unknown): Error {
  if (error instanceof Error && !('code' in error)) return error
  return neverRetry(`there can be no control socket: ${error instanceof Error ? error.message : String(error)}`, {
    where: path,
    cause: error,
    hint: 'move away what stands there, or put the data folder on a file system of this machine with --data-dir',
  })
}
