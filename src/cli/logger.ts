import { pino, type Logger } from 'pino'
import pretty from 'pino-pretty'
import type { Io } from './io.ts'

/**
 * The daemon's log, on stderr: lines for people on a terminal, JSON elsewhere. Written synchronously, so that the last
 * words before an end are there.
 */
export function createLogger(io: Io, level: string): Logger {
  const destination = {
    write: (text: string) => {
      io.stderr(text)
    },
  }
  if (!io.stderrIsTty) return pino({ level, base: null, timestamp: pino.stdTimeFunctions.isoTime }, destination)
  const stream = pretty({
    colorize: (io.env.NO_COLOR ?? '') === '',
    translateTime: 'UTC:HH:MM:ss',
    ignore: 'pid,hostname',
    sync: true,
    destination: destination as never,
  })
  return pino({ level, base: null }, stream)
}
