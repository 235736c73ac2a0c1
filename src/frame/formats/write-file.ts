import { open, rename, rm } from 'node:fs/promises'
import { badInput } from '../../domain/errors.ts'

/**
 * Writes parts to a file that appears whole or not at all, and is on the disk when it does.
 * @throws bad input when the place cannot be written; what stood there before then still does.
 */
export async function writeWhole(path: string, parts: Iterable<string | Uint8Array>): Promise<void> {
  const unfinished = `${path}.unfinished`
  try {
    const file = await open(unfinished, 'w')
    try {
      for (const part of parts) await file.writeFile(part)
      await file.sync()
    } finally {
      await file.close()
    }
    await rename(unfinished, path)
  } catch (error) {
    await rm(unfinished, { force: true })
    const reason = error instanceof Error ? error.message : String(error)
    throw badInput(`the file cannot be written: ${reason}`, {
      where: path,
      hint: 'check that its folder is there, may be written, and has room',
      cause: error,
    })
  }
}
