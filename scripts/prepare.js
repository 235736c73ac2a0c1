// Runs after `npm ci` in a checkout and before `npm pack`: builds dist/ and puts `tallow` where npx looks first.
// Without the link npx would install the checkout into its own cache: slow the first time, and broken for good when
// that first time fails.
import { chmodSync, existsSync, mkdirSync, rmSync, symlinkSync } from 'node:fs'
import { dirname, join } from 'node:path'
import { fileURLToPath } from 'node:url'

import { build, distIsStale } from './build.js'

const root = dirname(dirname(fileURLToPath(import.meta.url)))

function linkBin() {
  const folder = join(root, 'node_modules', '.bin')
  const link = join(folder, 'tallow')
  mkdirSync(folder, { recursive: true })
  rmSync(link, { force: true })
  symlinkSync(join('..', '..', 'bin', 'tallow.js'), link)
  chmodSync(join(root, 'bin', 'tallow.js'), 0o755)
}

if (!existsSync(join(root, 'node_modules', 'typescript'))) {
  console.error('tallow: typescript is not installed (npm ci --omit=dev?), so dist/ is left as it is')
} else if (distIsStale() && !build()) {
  process.exitCode = 1
}
linkBin()
