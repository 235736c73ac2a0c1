import { copyFileSync, existsSync, mkdtempSync, rmSync, statSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { statfs } from 'node:fs/promises'
import { fail, ok, reasonOf, warn, type Finding } from './finding.ts'

const MEBIBYTE = 1024 * 1024

/**
 * SQLite's own check of the ledger. Opened where it lies, it would get files beside it that stay; so while no daemon has
 * them open, a copy is checked.
 */
export async function ledgerFinding(dataDir: string, daemonRuns: boolean): Promise<Finding> {
  const name = 'ledger'
  const path = join(dataDir, 'ledger.db')
  if (!existsSync(path)) return ok(name, 'none yet: tallow run makes it')
  try {
    if (daemonRuns) return told(name, path, await problems(path))
    const bytes = sizeOf(path) + sizeOf(`${path}-wal`)
    const { bavail, bsize } = await statfs(tmpdir())
    if (bytes * 2 > bavail * bsize)
      return warn(
        name,
        `not checked: a copy of ${Math.ceil(bytes / MEBIBYTE)} MiB does not fit into ${tmpdir()}`,
        'free space there, or set TMPDIR to a folder that has it',
      )
    const folder = mkdtempSync(join(tmpdir(), 'tallow-doctor-'))
    try {
      for (const end of ['', '-wal'])
        if (existsSync(path + end)) copyFileSync(path + end, join(folder, `ledger.db${end}`))
      return told(name, path, await problems(join(folder, 'ledger.db')))
    } finally {
      rmSync(folder, { recursive: true, force: true })
    }
  } catch (error) {
    return fail(name, `${path} cannot be read: ${reasonOf(error)}`, 'restore the last backup: docs/operations.md')
  }
}

function told(name: string, path: string, found: readonly string[]): Finding {
  if (found.length === 1 && found[0] === 'ok') return ok(name, 'sound, by SQLite’s quick_check')
  return fail(
    name,
    `${path} is damaged: ${found.slice(0, 3).join('; ')}`,
    'stop the daemon, keep a copy of the folder, and restore the last backup: docs/operations.md',
  )
}

async function problems(path: string): Promise<readonly string[]> {
  const { default: Database } = await import('better-sqlite3')
  const database = new Database(path, { readonly: true, fileMustExist: true })
  try {
    return (database.pragma('quick_check(3)') as readonly { readonly quick_check: string }[]).map(
      row => row.quick_check,
    )
  } finally {
    database.close()
  }
}

function sizeOf(path: string): number {
  return statSync(path, { throwIfNoEntry: false })?.size ?? 0
}
