import { spawnSync } from 'node:child_process'
import { statSync } from 'node:fs'
import { join } from 'node:path'
import type { TestContext } from 'node:test'
import { folderWith } from '../support/tallow.ts'

/** Without headers and libraries to link with: a bare compiler is enough. */
const SLOW_SYNC = `
extern void *dlsym(void *, const char *);
extern char *getenv(const char *);
extern int atoi(const char *);
extern int usleep(unsigned int);
extern int open(const char *, int, ...);
extern long write(int, const void *, unsigned long);
extern int close(int);
static int slowed(const char *name, int fd) {
  int count = open(getenv("SLOW_SYNC_COUNT"), 01 /* write */ | 0100 /* create */ | 02000 /* append */, 0600);
  write(count, ".", 1);
  close(count);
  usleep(atoi(getenv("SLOW_SYNC_MS")) * 1000);
  return ((int (*)(int))dlsym((void *)-1L /* the next one */, name))(fd);
}
int fsync(int fd) { return slowed("fsync", fd); }
int fdatasync(int fd) { return slowed("fdatasync", fd); }
`

/**
 * For the `skip` option of a test that slows a disk down: a reason, or false. Where servers are required, so is the
 * compiler: its absence is an error.
 */
export function withoutSlowSync(): string | false {
  if (process.platform !== 'linux') return 'slows the disk down by LD_PRELOAD, which is of Linux'
  if (spawnSync('cc', ['--version']).status === 0) return false
  if (process.env.TALLOW_REQUIRE_SERVERS === '1') throw new Error('a C compiler is required but there is no cc')
  return 'slows the disk down with a few lines of C: needs cc (apt-get install gcc)'
}

export interface SlowSync {
  /** Surroundings in which every fsync of a process takes longer, and is counted. */
  readonly env: Readonly<Record<string, string>>
  count(): number
}

export function slowSync(test: TestContext, ms: number): SlowSync {
  const folder = folderWith(test, { 'slow-sync.c': SLOW_SYNC })
  const library = join(folder, 'slow-sync.so')
  const { status, stderr } = spawnSync('cc', [
    '-shared',
    '-fPIC',
    '-nostdlib',
    '-o',
    library,
    join(folder, 'slow-sync.c'),
  ])
  if (status !== 0) throw new Error(`cc failed: ${String(stderr)}`)
  const counted = join(folder, 'count')
  return {
    env: { LD_PRELOAD: library, SLOW_SYNC_MS: String(ms), SLOW_SYNC_COUNT: counted },
    count: () => statSync(counted, { throwIfNoEntry: false })?.size ?? 0,
  }
}
