import { closeSync, existsSync, openSync } from 'node:fs'
import { basename, dirname } from 'node:path'
import { join } from 'node:path/posix'
import { badInput } from '../../domain/errors.ts'

/** The name of the control socket in a data folder. */
export const CONTROL_SOCKET = 'control.sock'

/** An address holds 104 bytes on macOS and 108 on Linux, the zero at the end included. */
const ADDRESS_BYTES_MAX = 103

/** A path under which a socket can be bound or reached, whatever the length of its real one. */
export interface SocketAddress {
  readonly address: string
  /** Call when it is bound, or connected to. */
  release(): void
}

/**
 * A path that is too long for an address is shortened by way of its open folder. The working folder stays as it is: it is
 * the whole process', and others rely on it.
 * @param path absolute. Its folder must exist.
 * @throws bad input when the path is too long and the system has no /proc to shorten it by.
 */
export function socketAddress(path: string): SocketAddress {
  if (Buffer.byteLength(path) <= ADDRESS_BYTES_MAX) return { address: path, release: () => undefined }
  if (!existsSync('/proc/self/fd'))
    throw badInput(
      `the path of the control socket is longer than the ${ADDRESS_BYTES_MAX} bytes that this system allows`,
      {
        where: path,
        hint: 'choose a data folder with a shorter path with --data-dir',
      },
    )
  const folder = openSync(dirname(path), 'r')
  return {
    address: join('/proc/self/fd', String(folder), basename(path)),
    release: () => {
      closeSync(folder)
    },
  }
}
