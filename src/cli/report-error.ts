import { TallowError } from '../domain/errors.ts'
import type { Io } from './io.ts'
import { colours } from './output/colour.ts'

/**
 * Says on stderr what went wrong, where, and what to do next; the stack with `--verbose`, or when it is our own bug.
 * @returns the exit code.
 */
export function reportError(io: Io, error: unknown, verbose: boolean): number {
  const { red, dim } = colours(io, 'stderr')
  if (!(error instanceof TallowError)) {
    io.stderr(`${red('tallow:')} ${error instanceof Error ? error.message : String(error)}\n`)
    io.stderr(`  next: this is a bug in Tallow or in a strategy; please report it with these lines\n`)
    if (error instanceof Error) io.stderr(`${dim(stackWithCauses(error))}\n`)
    return 1
  }
  io.stderr(`${red('tallow:')} ${error.message}\n`)
  if (error.where !== undefined) io.stderr(`  at:   ${error.where}\n`)
  if (error.hint !== undefined) io.stderr(`  next: ${error.hint}\n`)
  if (verbose || error.kind === 'bug') io.stderr(`${dim(stackWithCauses(error))}\n`)
  return error.kind === 'bad-input' ? 2 : 1
}

function stackWithCauses(error: Error): string {
  const parts: string[] = []
  for (let at: unknown = error; at instanceof Error && parts.length < 5; at = at.cause)
    parts.push(at.stack ?? at.message)
  return parts.join('\n  caused by: ')
}
