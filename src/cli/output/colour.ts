import type { Io } from '../io.ts'

export type Paint = (text: string) => string

export interface Colours {
  readonly bold: Paint
  readonly dim: Paint
  readonly red: Paint
  readonly green: Paint
  readonly yellow: Paint
}

/** Colours for a stream; none when it is no terminal or `NO_COLOR` is set. */
export function colours(io: Io, stream: 'stdout' | 'stderr'): Colours {
  const isTty = stream === 'stdout' ? io.stdoutIsTty : io.stderrIsTty
  const on = isTty && (io.env.NO_COLOR ?? '') === '' && io.env.TERM !== 'dumb'
  const paint =
    (open: number, close: number): Paint =>
    text =>
      on ? `\u001b[${open}m${text}\u001b[${close}m` : text
  return { bold: paint(1, 22), dim: paint(2, 22), red: paint(31, 39), green: paint(32, 39), yellow: paint(33, 39) }
}
