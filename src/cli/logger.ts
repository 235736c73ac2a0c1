import { resolve } from 'node:path'
import { pino, type Logger } from 'pino'
import { prettyFactory } from 'pino-pretty'
import type { Config } from './config/schema.ts'
import type { Io } from './io.ts'
import { LogFile } from './log-file.ts'

/** What a log is written to. @param line JSON, with its end. */
type Write = (line: string) => void

const BYTES_PER_MB = 1024 * 1024

/**
 * The daemon's log: JSON lines in `log.file`, or on stderr where none is named; on a terminal lines for people in any case.
 * Secrets are taken out, and a line is written before the call returns, so that the last words before an end are there.
 * @throws bad input when the file cannot be written.
 */
export function createLogger(io: Io, config: Config['log']): Logger {
  const writes = config.file === undefined ? [] : [toFile(io, config, config.file)]
  if (io.stderrIsTty) writes.push(toTerminal(io))
  else if (writes.length === 0)
    writes.push(line => {
      io.stderr(line)
    })
  return pino(
    { level: config.level, base: null, timestamp: pino.stdTimeFunctions.isoTime },
    {
      write: (line: string) => {
        const clean = withoutSecrets(io, line)
        for (const write of writes) write(clean)
      },
    },
  )
}

/** A line stays one of JSON, whatever the secret: one of digits may have stood for a number. */
function withoutSecrets(io: Io, line: string): string {
  const clean = io.secrets.scrub(line)
  if (clean === line || isJson(clean)) return clean
  return `${JSON.stringify({ level: pino.levels.values.error, msg: clean.trimEnd() })}\n`
}

function isJson(text: string): boolean {
  try {
    JSON.parse(text)
    return true
  } catch {
    return false
  }
}

function toTerminal(io: Io): Write {
  // The formatter alone: pino-pretty's own stream would hand lines on later, and lose the last ones at the end.
  const format = prettyFactory({
    colorize: (io.env.NO_COLOR ?? '') === '',
    translateTime: 'UTC:HH:MM:ss',
    customColors: 'fatal:bgRed,error:red,warn:yellow,info:green,debug:blue,trace:gray,message:reset',
    singleLine: true,
  })
  return line => {
    io.stderr(format(line))
  }
}

function toFile(io: Io, config: Config['log'], file: string): Write {
  const log = new LogFile(
    { path: resolve(io.cwd, file), sizeBytesMax: config.file_size_mb_max * BYTES_PER_MB, filesMax: config.files_max },
    reason => {
      io.stderr(`tallow: ${io.secrets.scrub(reason)}\n`)
    },
  )
  io.onHangup(() => {
    log.reopen()
  })
  return line => {
    log.write(line)
  }
}
