// Builds dist/ from src/. Plain JavaScript, because `npm ci` may run it on a Node that cannot strip types.
//
//   node scripts/build.js              always builds
//   node scripts/build.js --if-stale   only when something in src/ is newer than dist/
import { spawnSync } from 'node:child_process'
import { existsSync, readdirSync, renameSync, rmSync, statSync, utimesSync } from 'node:fs'
import { dirname, join } from 'node:path'
import { fileURLToPath } from 'node:url'

const root = dirname(dirname(fileURLToPath(import.meta.url)))

/**
 * The newest change anywhere below a folder, in ms. Folders count: a deleted file changes only its folder.
 *
 * @param {string} folder
 * @returns {number}
 */
function newestChangeMs(folder) {
  let newest = statSync(folder).mtimeMs
  for (const entry of readdirSync(folder, { withFileTypes: true })) {
    const path = join(folder, entry.name)
    newest = Math.max(newest, entry.isDirectory() ? newestChangeMs(path) : statSync(path).mtimeMs)
  }
  return newest
}

/**
 * True when dist/ is missing or older than what it is built from. The folder carries the time its build began.
 *
 * @returns {boolean}
 */
export function distIsStale() {
  const dist = join(root, 'dist')
  if (!existsSync(dist)) return true
  const inputs = ['package.json', 'tsconfig.json', 'tsconfig.build.json'].map(
    name => statSync(join(root, name)).mtimeMs,
  )
  return Math.max(newestChangeMs(join(root, 'src')), ...inputs) > statSync(dist).mtimeMs
}

/**
 * Compiles into a folder beside dist/ and swaps it in when everything went well, so that a running `tallow` never
 * finds half a build.
 *
 * @returns {boolean} false when there were type errors; dist/ is then as it was.
 */
export function build() {
  const startedAt = new Date()
  const fresh = join(root, `dist-${process.pid}`)
  const compiler = join(root, 'node_modules', 'typescript', 'bin', 'tsc')
  const options = ['-p', 'tsconfig.build.json', '--outDir', fresh]
  const result = spawnSync(process.execPath, [compiler, ...options], { cwd: root, stdio: 'inherit' })
  if (result.status !== 0) {
    rmSync(fresh, { recursive: true, force: true })
    return false
  }
  utimesSync(fresh, startedAt, startedAt)
  rmSync(join(root, 'dist'), { recursive: true, force: true })
  renameSync(fresh, join(root, 'dist'))
  return true
}

if (process.argv[1] === fileURLToPath(import.meta.url)) {
  const wanted = !process.argv.includes('--if-stale') || distIsStale()
  if (wanted && !build()) process.exitCode = 1
}
