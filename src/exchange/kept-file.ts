import { open, rename, rm, stat, readFile } from 'node:fs/promises'

/** What an earlier run left in a file, as far as it can be used. */
export type Kept<T> =
  | { readonly kind: 'kept'; readonly value: T }
  | { readonly kind: 'absent' }
  /** Torn, foreign, of another version: nothing of it is used. */
  | { readonly kind: 'unusable'; readonly reason: string }

/**
 * The bytes of a file, or undefined when there is none.
 * @param sizeBytesMax a larger one was not written by us, and is not read.
 * @throws Error of the file system.
 */
export async function readKeptFile(path: string, sizeBytesMax: number): Promise<Buffer | undefined> {
  try {
    const { size } = await stat(path)
    if (size > sizeBytesMax) throw new Error(`it has ${size} bytes, ${sizeBytesMax} at most are expected`)
    return await readFile(path)
  } catch (error) {
    if (error instanceof Error && 'code' in error && error.code === 'ENOENT') return undefined
    throw error
  }
}

/**
 * In one step: a reader, also after a crash, finds the old file or the new one. One writer at a time.
 * @throws Error of the file system; the old file is then as it was.
 */
export async function writeKeptFile(path: string, content: string | Uint8Array): Promise<void> {
  const temporary = `${path}.tmp`
  try {
    const file = await open(temporary, 'w')
    try {
      await file.writeFile(content)
      await file.sync()
    } finally {
      await file.close()
    }
    await rename(temporary, path)
  } catch (error) {
    await rm(temporary, { force: true }).catch(() => undefined)
    throw error
  }
}

/** A JSON object out of untrusted text; undefined when it is none. */
export function parsedObject(text: string): Readonly<Record<string, unknown>> | undefined {
  try {
    const value: unknown = JSON.parse(text)
    return isObject(value) ? value : undefined
  } catch {
    return undefined
  }
}

export function isObject(value: unknown): value is Readonly<Record<string, unknown>> {
  return typeof value === 'object' && value !== null && !Array.isArray(value)
}
