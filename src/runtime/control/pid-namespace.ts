import { readlinkSync } from 'node:fs'

/**
 * What this process' id is an id in: a container counts its processes on its own, and its 1 is not the host's. Undefined
 * where the system does not tell.
 */
export function pidNamespace(): string | undefined {
  try {
    return readlinkSync('/proc/self/ns/pid')
  } catch {
    return undefined
  }
}
