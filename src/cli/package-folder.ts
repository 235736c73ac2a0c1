import { readFileSync } from 'node:fs'
import { dirname, join } from 'node:path'

/** Where the package lies: `strategies/` and `config/` are in it, beside `src/` or `dist/`. */
export const PACKAGE_FOLDER = dirname(dirname(import.meta.dirname))

export function packageVersion(): string {
  const manifest = JSON.parse(readFileSync(join(PACKAGE_FOLDER, 'package.json'), 'utf8')) as {
    readonly version: string
  }
  return manifest.version
}
