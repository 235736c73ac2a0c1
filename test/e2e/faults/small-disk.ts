import { spawnSync } from 'node:child_process'
import { closeSync, ftruncateSync, mkdtempSync, openSync, rmdirSync, rmSync, writeSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import type { TestContext } from 'node:test'

const BLOCK = Buffer.alloc(4_096, 1)

/** For the `skip` option of a test that fills a disk: a reason, or false. */
export function withoutSmallDisks(): string | false {
  if (process.platform !== 'linux' || process.getuid?.() !== 0)
    return 'fills a disk of its own: mounts a tmpfs, which takes root on Linux'
  const folder = mkdtempSync(join(tmpdir(), 'tallow-disk-'))
  const mounted = spawnSync('mount', ['-t', 'tmpfs', '-o', 'size=64k', 'tmpfs', folder]).status === 0
  if (mounted) spawnSync('umount', [folder])
  rmdirSync(folder)
  return mounted ? false : 'fills a disk of its own, and this container may not mount one (it takes CAP_SYS_ADMIN)'
}

/** A folder on a disk of its own, in memory, that can be full. */
export class SmallDisk {
  readonly folder: string
  readonly #filler: string

  constructor(test: TestContext, sizeKib: number) {
    this.folder = mkdtempSync(join(tmpdir(), 'tallow-disk-'))
    this.#filler = join(this.folder, 'filler')
    const { status, stderr } = spawnSync('mount', ['-t', 'tmpfs', '-o', `size=${sizeKib}k`, 'tmpfs', this.folder])
    if (status !== 0) throw new Error(`no disk could be mounted: ${String(stderr)}`)
    test.after(() => {
      // Lazily: what still runs there is killed by a hook of its own.
      spawnSync('umount', ['-l', this.folder])
      rmSync(this.folder, { recursive: true, force: true })
    })
  }

  /** Leaves no more than so much free. */
  fill(leftBytes = 0): void {
    const file = openSync(this.#filler, 'a')
    try {
      const written = writeUntilFull(file)
      if (leftBytes > 0) ftruncateSync(file, Math.max(0, written - leftBytes))
    } finally {
      closeSync(file)
    }
  }

  free(): void {
    rmSync(this.#filler, { force: true })
  }
}

/** @returns how many bytes there was room for. */
function writeUntilFull(file: number): number {
  let written = 0
  try {
    for (;;) written += writeSync(file, BLOCK)
  } catch (error) {
    if (error instanceof Error && 'code' in error && error.code === 'ENOSPC') return written
    throw error
  }
}
