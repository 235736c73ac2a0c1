import { createHash } from 'node:crypto'
import { existsSync, readdirSync, readFileSync, statSync } from 'node:fs'
import { createRequire } from 'node:module'
import { basename, dirname, extname, join, resolve } from 'node:path'
import { Script } from 'node:vm'
import { badInput } from '../domain/errors.ts'
import { nearest } from '../domain/nearest.ts'
import type { Strategy } from './define.ts'
import type { LoadedStrategy } from './instance.ts'

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
 * @throws bad input with file, line and column for a syntax error, a misspelled import, or a missing file.
 */
export async function loadStrategy(nameOrFile: string, options: LoadOptions): Promise<LoadedStrategy> {
  const file = findStrategy(nameOrFile, options.folders)
  const name = basename(file, extname(file)).toLowerCase()
  if (!NAME.test(name))
    throw badInput(`"${name}" cannot be a strategy's name`, {
      where: file,
      hint: 'name the file with at most 64 letters, digits, "-" and "_"',
    })
  const code = await bundle(file)
  return {
    name,
    file,
    hash: createHash('sha256').update(code.text).digest('hex').slice(0, 16),
    strategy: evaluate(file, code.text, options.tallow),
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

interface BuildMessage {
  readonly text: string
  readonly location: {
    readonly file: string
    readonly line: number
    readonly column: number
    readonly lineText: string
  } | null
}

async function bundle(file: string): Promise<{ readonly text: string }> {
  const { build } = await import('esbuild')
  try {
    const result = await build({
      entryPoints: [file],
      absWorkingDir: dirname(file),
      bundle: true,
      write: false,
      format: 'cjs',
      platform: 'node',
      target: 'node22',
      external: ['tallow'],
      sourcemap: 'inline',
      sourcesContent: true,
      sourceRoot: dirname(file),
      outfile: join(dirname(file), `${basename(file, extname(file))}.bundle.js`),
      logLevel: 'silent',
      tsconfigRaw: '{}',
    })
    return { text: result.outputFiles[0]?.text ?? '' }
  } catch (error) {
    const first = (error as { errors?: readonly BuildMessage[] }).errors?.[0]
    if (!first) throw badInput(`strategy ${file} could not be read`, { cause: error, hint: String(error) })
    const place = first.location
    const where = place ? `${resolve(dirname(file), place.file)}:${place.line}:${place.column + 1}` : file
    throw badInput(`strategy does not compile: ${first.text}`, {
      where,
      hint: place ? `the line reads: ${place.lineText.trim()}` : 'mend the file',
    })
  }
}

function evaluate(file: string, code: string, tallow: object): Strategy {
  const fromFile = createRequire(file)
  const require = (specifier: string): unknown =>
    specifier === 'tallow' ? guardedNamespace(tallow, file) : fromFile(specifier)
  const module = { exports: {} as { default?: unknown } }
  const script = new Script(`(function (exports, require, module) {${code}\n})`, { filename: `${file}.bundle.js` })
  const run = script.runInThisContext() as (exports: object, require: unknown, module: object) => void
  run(module.exports, require, module)
  const found = module.exports.default
  if (typeof found === 'object' && found !== null && (found as Strategy).kind === 'tallow-strategy')
    return found as Strategy
  throw badInput('the file exports no strategy', {
    where: file,
    hint: 'write: export default defineStrategy({ … })',
  })
}

/** A misspelled import is told with the right name instead of ending as "undefined is not a function". */
function guardedNamespace(tallow: object, file: string): object {
  return new Proxy(tallow, {
    get(target, key) {
      if (typeof key === 'symbol' || key === '__esModule' || key in target) return Reflect.get(target, key) as unknown
      const near = nearest(key, Object.keys(target))
      throw badInput(`tallow exports no "${key}"`, {
        where: placeOf(key, file),
        ...(near === undefined ? {} : { hint: `did you mean "${near}"?` }),
      })
    },
  })
}

/** `file:line:column` of the first mention of a name. */
function placeOf(name: string, file: string): string {
  const lines = readFileSync(file, 'utf8').split('\n')
  const line = lines.findIndex(text => new RegExp(`\\b${name}\\b`).test(text))
  return line < 0 ? file : `${file}:${line + 1}:${(lines[line]?.indexOf(name) ?? 0) + 1}`
}
