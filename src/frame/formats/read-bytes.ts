import { readFile } from 'node:fs/promises'
import { gunzipSync } from 'node:zlib'
import { unzipSync } from 'fflate'
import { badInput } from '../../domain/errors.ts'

/** A file that unpacks to more than this is not read: the whole text is held in memory. */
const UNPACKED_BYTES_MAX = 1_500_000_000
/** What files of columns begin with. */
export const FEATHER = 'ARROW1'
export const PARQUET = 'PAR1'
const MEGABYTE = 1_000_000
/** Tab, newline, return, space. */
const BLANKS = [9, 10, 13, 32]

/**
 * A candle file's bytes, unpacked, without a byte-order mark.
 * @throws bad input when it is not there, a folder, empty, damaged, or of a kind that is not read.
 */
export async function readCandleBytes(path: string): Promise<Uint8Array> {
  const packed = await readFile(path).catch((error: unknown) => {
    throw unreadable(path, error)
  })
  const bytes = unpack(path, packed)
  const text = hasMark(bytes) ? bytes.subarray(3) : bytes
  if (text.every(byte => BLANKS.includes(byte)))
    throw badInput('the file is empty', { where: path, hint: 'give a file with candles' })
  if (!isTable(text)) refuseOtherKinds(path, text)
  return text
}

function unreadable(path: string, error: unknown): Error {
  const code = (error as NodeJS.ErrnoException).code
  const reason =
    code === 'ENOENT'
      ? 'there is no such file'
      : code === 'EISDIR'
        ? 'this is a folder, not a file'
        : code === 'EACCES'
          ? 'the file may not be read'
          : error instanceof Error
            ? error.message
            : String(error)
  const hint =
    code === 'EISDIR' ? 'name the candle files in it one by one' : 'check the path: it is relative to where you are'
  return badInput(reason, { where: path, hint, cause: error })
}

/** By content, not by name: an archive is often renamed. */
function unpack(path: string, bytes: Uint8Array): Uint8Array {
  try {
    if (bytes[0] === 0x1f && bytes[1] === 0x8b)
      return gunzipSync(bytes, { maxOutputLength: UNPACKED_BYTES_MAX, chunkSize: Math.max(65_536, bytes.length) })
    if (startsWith(bytes, 'PK\x03\x04')) return unzip(path, bytes)
  } catch (error) {
    if (error instanceof Error && error.name === 'TallowError') throw error
    const tooLarge = (error as NodeJS.ErrnoException).code === 'ERR_BUFFER_TOO_LARGE'
    const reason = tooLarge ? `it unpacks to more than ${UNPACKED_BYTES_MAX / MEGABYTE} MB` : 'the archive is damaged'
    throw badInput(reason, { where: path, hint: tooLarge ? 'split it' : 'download it again', cause: error })
  }
  return bytes
}

function unzip(path: string, bytes: Uint8Array): Uint8Array {
  const names: string[] = []
  const files = unzipSync(bytes, {
    filter: entry => {
      if (entry.name.endsWith('/') || entry.name.startsWith('__MACOSX/')) return false
      names.push(entry.name)
      if (entry.originalSize > UNPACKED_BYTES_MAX)
        throw badInput(`it unpacks to more than ${UNPACKED_BYTES_MAX / MEGABYTE} MB`, { where: path, hint: 'split it' })
      return names.length === 1
    },
  })
  const only = files[names[0] ?? '']
  if (names.length === 1 && only) return only
  throw badInput(`the archive holds ${names.length} files, not one`, {
    where: path,
    hint: names.length === 0 ? 'give an archive with a candle file' : 'unpack it and name the files one by one',
  })
}

function hasMark(bytes: Uint8Array): boolean {
  return bytes[0] === 0xef && bytes[1] === 0xbb && bytes[2] === 0xbf
}

/** Whether these are columns in binary form: Feather or Parquet. */
function isTable(bytes: Uint8Array): boolean {
  return startsWith(bytes, FEATHER) || startsWith(bytes, PARQUET)
}

function refuseOtherKinds(path: string, bytes: Uint8Array): void {
  if (startsWith(bytes, 'FEA1'))
    throw badInput('this is a Feather file of the first version, which is no longer read', {
      where: path,
      hint: 'write it again with a pandas of 2020 or later',
    })
  if (startsWith(bytes, '<'))
    throw badInput('this is a web page, not candles', { where: path, hint: 'the download failed: get the file again' })
  if (bytes.subarray(0, 4_096).includes(0))
    throw badInput('this is a binary file, not candles', {
      where: path,
      hint: 'candles come as CSV or JSON in UTF-8, Feather or Parquet, plain, .gz or .zip',
    })
}

export function startsWith(bytes: Uint8Array, text: string): boolean {
  return text.split('').every((letter, at) => bytes[at] === letter.charCodeAt(0))
}
