import type { Socket } from 'node:net'

/** Why a line did not come, or could not be sent. */
export class LineError extends Error {
  readonly why: 'too-long' | 'too-late' | 'closed'

  constructor(why: LineError['why'], cause?: unknown) {
    super(`the line is ${why}`, cause === undefined ? undefined : { cause })
    this.name = 'LineError'
    this.why = why
  }
}

export interface LineLimits {
  readonly bytesMax: number
  /** Until the whole line is there: who sends a byte now and then is late as well. */
  readonly withinMs: number
}

const NEWLINE = 0x0a

/**
 * Reads up to the first newline and stops reading there. A last line may end with the stream.
 * @throws LineError.
 */
export function readLine(socket: Socket, { bytesMax, withinMs }: LineLimits): Promise<string> {
  return new Promise((resolve, reject) => {
    const chunks: Buffer[] = []
    let bytes = 0
    const settle = (): void => {
      clearTimeout(tooLate)
      socket.off('data', take).off('end', finish).off('close', fail).off('error', fail)
      socket.pause()
    }
    const give = (): void => {
      settle()
      resolve(Buffer.concat(chunks).toString('utf8'))
    }
    const refuse = (error: LineError): void => {
      settle()
      reject(error)
    }
    const take = (chunk: Buffer): void => {
      const end = chunk.indexOf(NEWLINE)
      const part = end < 0 ? chunk : chunk.subarray(0, end)
      bytes += part.length
      chunks.push(part)
      if (bytes > bytesMax) refuse(new LineError('too-long'))
      else if (end >= 0) give()
    }
    const finish = (): void => (bytes > 0 ? give() : refuse(new LineError('closed')))
    const fail = (cause?: unknown): void => refuse(new LineError('closed', cause))
    const tooLate = setTimeout(() => refuse(new LineError('too-late')), withinMs)
    socket.on('data', take).once('end', finish).once('close', fail).once('error', fail)
  })
}

/** Hands a line over to the other side's buffers. @throws LineError when it takes none of it. */
export function writeLine(socket: Socket, text: string, withinMs: number): Promise<void> {
  return new Promise((resolve, reject) => {
    const settle = (outcome: () => void): void => {
      clearTimeout(tooLate)
      socket.off('close', fail)
      outcome()
    }
    const fail = (): void => settle(() => reject(new LineError('closed')))
    const tooLate = setTimeout(() => settle(() => reject(new LineError('too-late'))), withinMs)
    socket.once('close', fail)
    socket.write(`${text}\n`, error => {
      settle(() => {
        if (error) reject(new LineError('closed', error))
        else resolve()
      })
    })
  })
}
