import { parsedObject, readKeptFile, writeKeptFile, type Kept } from '../kept-file.ts'

/** Whose time it is. */
export interface TimeOrigin {
  readonly exchange: string
  /** Where requests go instead of the exchange's own addresses. */
  readonly baseUrl: string | undefined
}

export interface KeptOffset {
  /** Exchange time − this machine's, ms. */
  readonly offsetMs: number
  /** When it was measured, this machine's clock, UTC ms. */
  readonly measuredAt: number
}

const FORMAT = 1
const FILE_BYTES_MAX = 4_096

export async function readOffsetFile(path: string, origin: TimeOrigin): Promise<Kept<KeptOffset>> {
  let text: string
  try {
    const bytes = await readKeptFile(path, FILE_BYTES_MAX)
    if (bytes === undefined) return { kind: 'absent' }
    text = bytes.toString('utf8')
  } catch (error) {
    return { kind: 'unusable', reason: error instanceof Error ? error.message : 'it cannot be read' }
  }
  const { content, format, exchange, baseUrl, offsetMs, measuredAt } = parsedObject(text) ?? {}
  if (content !== 'clock offset' || format !== FORMAT)
    return { kind: 'unusable', reason: 'it is no clock offset that this version wrote' }
  if (exchange !== origin.exchange || baseUrl !== (origin.baseUrl ?? null))
    return { kind: 'unusable', reason: 'it is of another exchange or address' }
  if (!Number.isFinite(offsetMs) || !Number.isSafeInteger(measuredAt))
    return { kind: 'unusable', reason: 'its numbers make no sense' }
  return { kind: 'kept', value: { offsetMs: Number(offsetMs), measuredAt: Number(measuredAt) } }
}

/** @throws Error of the file system; the old file is then as it was. */
export async function writeOffsetFile(
  path: string,
  { exchange, baseUrl }: TimeOrigin,
  kept: KeptOffset,
): Promise<void> {
  const document = { content: 'clock offset', format: FORMAT, exchange, baseUrl: baseUrl ?? null, ...kept }
  await writeKeptFile(path, `${JSON.stringify(document)}\n`)
}
