import { pino, type Logger } from 'pino'
import { prettyFactory } from 'pino-pretty'
import type { Io } from './io.ts'

/**
 * The daemon's log, on stderr: lines for people on a terminal, JSON elsewhere. Written synchronously, so that the last
 * words before an end are there.
 */
export function createLogger(io: Io, level: string): Logger {
  if (!io.stderrIsTty) return pino({ level, base: null, timestamp: pino.stdTimeFunctions.isoTime }, toStderr(io))
  const format = prettyFactory({
    colorize: (io.env.NO_COLOR ?? '') === '',
    translateTime: 'UTC:HH:MM:ss',
    customColors: 'fatal:bgRed,error:red,warn:yellow,info:green,debug:blue,trace:gray,message:reset',
    singleLine: true,
  })
  // The formatter alone: pino-pretty's own stream would hand lines on later, and lose the last ones at the end.
  return pino({ level, base: null }, toStderr(io, format))
}

function toStderr(io: Io, format = (line: string): string => line): { write(line: string): void } {
  return {
    write: line => {
      io.stderr(format(line))
    },
  }
}
