import { createHash } from 'node:crypto'
import { existsSync, readdirSync, statSync } from 'node:fs'
import { basename, extname, join, resolve } from 'node:path'
import { badInput } from '../domain/errors.ts'
import { nearest } from '../domain/nearest.ts'
import type { Strategy } from './define.ts'
import type { LoadedStrategy } from './instance.ts'
import { runFile } from './run-file.ts'

const EXTENSIONS = ['.ts', '.mts', '.js', '.mjs']
const NAME = /^[a-z0-9_-]{1,64}$/

export interface LoadOptions {
  /** The namespace that `import … from 'tallow'` resolves to: the running instance, never a second copy. */
  readonly tallow: object
  /** Folders searched for a bare name, in order. */
  readonly folders: readonly string[]
}

/**
 * Loads a strategy by name from the folders, or from a file anywhere. TypeScript runs without a build step.
 * Types are not checked here; `config check --types` and the editor do that.
 * @throws bad input with file, line and column for a syntax error, a misspelled import or a throw; for a missing file.
 */
export async function loadStrategy(nameOrFile: string, options: LoadOptions): Promise<LoadedStrategy> {
  const file = findStrategy(nameOrFile, options.folders)
  const name = basename(file, extname(file)).toLowerCase()
  if (!NAME.test(name))
    throw badInput(`"${name}" cannot be a strategy's name`, {
      where: file,
      hint: 'name the file with at most 64 letters, digits, "-" and "_"',
    })
  const { code, places, exported } = await runFile(file, 'strategy', options.tallow)
  return {
    name,
    file,
    // Without the map, which knows the folder: a strategy is the same wherever it lies.
    hash: createHash('sha256').update(code).digest('hex').slice(0, 16),
    strategy: strategyOf(file, exported),
    placeOf: error => places.of(error),
  }
}

function findStrategy(nameOrFile: string, folders: readonly string[]): string {
  if (EXTENSIONS.includes(extname(nameOrFile)) || nameOrFile.includes('/')) {
    const file = resolve(nameOrFile)
    if (existsSync(file) && statSync(file).isFile()) return file
    throw badInput(`there is no strategy file ${file}`, { hint: 'check the path, or give the name of a strategy' })
  }
  const known = new Set<string>()
  for (const folder of folders) {
    for (const extension of EXTENSIONS) {
      const file = join(folder, nameOrFile + extension)
      if (existsSync(file)) return file
    }
    if (existsSync(folder))
      for (const entry of readdirSync(folder))
        if (EXTENSIONS.includes(extname(entry)) && !entry.endsWith('.d.ts')) known.add(basename(entry, extname(entry)))
  }
  const near = nearest(nameOrFile, [...known])
  throw badInput(`there is no strategy "${nameOrFile}"`, {
    hint: `${near ? `did you mean "${near}"? ` : ''}Known here: ${[...known].sort().join(', ') || 'none'} (looked in ${folders.join(', ')})`,
  })
}

function strategyOf(file: string, exported: Readonly<Record<string, unknown>>): Strategy {
  const found = exported.default
  if (typeof found === 'object' && found !== null && (found as Strategy).kind === 'tallow-strategy')
    return found as Strategy
  throw badInput('the file exports no strategy', {
    where: file,
    hint: 'write: export default defineStrategy({ … })',
  })
}
