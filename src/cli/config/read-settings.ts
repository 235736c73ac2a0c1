import { closeSync, openSync, readSync } from 'node:fs'
import { badInput } from '../../domain/errors.ts'

/** The largest config of a thousand symbols is a tenth of it. */
const SIZE_BYTES_MAX = 1024 * 1024

/**
 * Reads a file of settings: text in UTF-8, of a size that settings have.
 * @param what how messages call it: `config file tallow.yaml`. @param path absolute.
 * @throws bad input when it is not there, cannot be read, or is no such text.
 */
export function readSettings(what: string, path: string): string {
  const bytes = readBytes(what, path)
  const refuse = (why: string, hint: string): Error => badInput(`the ${what} ${why}`, { where: path, hint })
  if (bytes.length > SIZE_BYTES_MAX)
    throw refuse(
      'is larger than 1 MiB, and no config',
      'name the right file; candles are given with --data or --candles',
    )
  if (bytes.length >= 2 && isUtf16(bytes)) throw refuse('is in UTF-16, not in UTF-8', 'save it as UTF-8')
  if (bytes.includes(0)) throw refuse('is binary, not text', 'name a YAML file')
  try {
    return new TextDecoder('utf-8', { fatal: true }).decode(bytes)
  } catch {
    throw refuse(`is not in UTF-8: line ${lineOfFault(bytes)} has other bytes`, 'save it as UTF-8')
  }
}

/** No more than it takes to see that it is too large: it may be a device without an end. */
function readBytes(what: string, path: string): Uint8Array {
  const bytes = new Uint8Array(SIZE_BYTES_MAX + 1)
  try {
    const file = openSync(path, 'r')
    try {
      let length = 0
      for (let read = -1; read !== 0 && length < bytes.length; length += read)
        read = readSync(file, bytes, length, bytes.length - length, null)
      return bytes.subarray(0, length)
    } finally {
      closeSync(file)
    }
  } catch (error) {
    const code = error instanceof Error && 'code' in error ? String(error.code) : String(error)
    if (code === 'ENOENT')
      throw badInput(`there is no ${what}`, { where: path, hint: 'check the path given to --config' })
    throw badInput(`the ${what} cannot be read: ${code}`, {
      where: path,
      cause: error,
      hint: 'name a file that this user may read',
    })
  }
}

function isUtf16([first = 0, second = 0]: Uint8Array): boolean {
  return (first === 0xff && second === 0xfe) || (first === 0xfe && second === 0xff)
}

/** The first line, counted from 1, that is no UTF-8. */
function lineOfFault(bytes: Uint8Array): number {
  const decoder = new TextDecoder('utf-8', { fatal: true })
  let line = 1
  for (let from = 0; from < bytes.length; line++) {
    const end = bytes.indexOf(0x0a, from)
    const to = end === -1 ? bytes.length : end + 1
    try {
      decoder.decode(bytes.subarray(from, to))
    } catch {
      return line
    }
    from = to
  }
  return line
}
