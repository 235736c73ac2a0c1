import { mkdtempSync, readdirSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import type { TestContext } from 'node:test'
import type { Io } from '../../src/cli/io.ts'
import { main } from '../../src/cli/main.ts'
import { Secrets } from '../../src/domain/secrets.ts'

export interface Ran {
  readonly code: number
  readonly stdout: string
  readonly stderr: string
}

export type Surroundings = Partial<Pick<Io, 'env' | 'stdoutIsTty' | 'stderrIsTty' | 'columns' | 'now'>>

/** An empty folder of the test's own. */
export function emptyFolder(context: TestContext): string {
  const folder = mkdtempSync(join(tmpdir(), 'tallow-cli-'))
  context.after(() => rmSync(folder, { recursive: true, force: true }))
  return folder
}

/** The outside world of a command that nobody watches; what it writes is gathered. */
export function quietIo(
  cwd: string,
  surroundings: Surroundings = {},
): Io & { readonly out: string[]; readonly err: string[] } {
  const out: string[] = []
  const err: string[] = []
  return {
    out,
    err,
    stdout: text => void out.push(text),
    stderr: text => void err.push(text),
    env: {},
    secrets: new Secrets(),
    cwd,
    stdoutIsTty: false,
    stderrIsTty: false,
    columns: 100,
    now: () => Date.now(),
    onInterrupt: () => () => undefined,
    onHangup: () => undefined,
    ...surroundings,
  }
}

/** Runs the command line in this process. */
export async function runCli(cwd: string, argv: readonly string[], surroundings: Surroundings = {}): Promise<Ran> {
  const io = quietIo(cwd, surroundings)
  const code = await main(argv, io)
  return { code, stdout: io.out.join(''), stderr: io.err.join('') }
}

/** Names in a folder: to see that nothing was made. */
export function filesIn(folder: string): readonly string[] {
  return readdirSync(folder).sort()
}
