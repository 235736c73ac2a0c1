import { existsSync } from 'node:fs'
import { dirname, join, relative, sep } from 'node:path'
import { PACKAGE_FOLDER } from '../package-folder.ts'

/** Where a folder finds the package that runs now. */
export interface PackagePath {
  /** With forward slashes, relative to the folder: `./node_modules/tallow`, `../tallow`. */
  readonly path: string
  /** Whether `import … from 'tallow'` finds it there by itself. */
  readonly isInstalled: boolean
}

/** @param folder absolute; it need not exist. */
export function packagePathFrom(folder: string): PackagePath {
  for (let at = folder; ; at = dirname(at)) {
    const installed = join(at, 'node_modules', 'tallow')
    if (existsSync(join(installed, 'package.json'))) return { path: slashed(folder, installed), isInstalled: true }
    if (at === dirname(at)) return { path: slashed(folder, PACKAGE_FOLDER), isInstalled: false }
  }
}

function slashed(folder: string, to: string): string {
  const path = relative(folder, to).split(sep).join('/')
  return path.startsWith('.') ? path : `./${path}`
}
