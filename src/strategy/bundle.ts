import { basename, dirname, extname, join, resolve } from 'node:path'
import type { Message, Plugin } from 'esbuild'
import { badInput, type TallowError } from '../domain/errors.ts'
import { nearest } from '../domain/nearest.ts'

/** A strategy with everything it imports in one piece of JavaScript. */
export interface Bundle {
  readonly code: string
  /** Source map of `code`, as JSON; its sources are relative to the folder of the file. */
  readonly map: string
}

/** What the code calls to get an export of the running instance. */
export const TALLOW_LOOKUP = '__tallow'

/**
 * Bundles a strategy file. `import … from 'tallow'` becomes a look-up of the running instance, one per name in use.
 * @param names what `tallow` exports.
 * @throws bad input with file, line and column for a syntax error or an import that does not exist.
 */
export async function bundle(file: string, names: readonly string[]): Promise<Bundle> {
  const { build } = await import('esbuild')
  const result = await build({
    entryPoints: [file],
    absWorkingDir: dirname(file),
    bundle: true,
    write: false,
    format: 'cjs',
    platform: 'node',
    target: 'node22',
    plugins: [tallowPlugin(names)],
    sourcemap: 'external',
    outfile: join(dirname(file), `${basename(file, extname(file))}.bundle.js`),
    logLevel: 'silent',
    tsconfigRaw: '{}',
  }).catch((error: unknown) => {
    const [first] = (error as { errors?: readonly Message[] }).errors ?? []
    if (first) throw doesNotCompile(file, first, names)
    throw badInput(`strategy ${file} could not be read`, { cause: error, hint: String(error) })
  })
  const missing = result.warnings.find(({ id }) => id === 'import-is-undefined')
  if (missing) throw doesNotCompile(file, missing, names)
  const output = (ending: string): string => result.outputFiles.find(({ path }) => path.endsWith(ending))?.text ?? ''
  return { code: output('.js'), map: output('.map') }
}

function tallowPlugin(names: readonly string[]): Plugin {
  const lines = names.map(name => `export const ${name} = /* @__PURE__ */ ${TALLOW_LOOKUP}(${JSON.stringify(name)})`)
  return {
    name: 'tallow',
    setup(build) {
      build.onResolve({ filter: /^tallow(\/|$)/ }, ({ path }) =>
        path === 'tallow'
          ? { path, namespace: 'tallow' }
          : { errors: [{ text: `there is no "${path}": everything is imported from "tallow"` }] },
      )
      build.onLoad({ filter: /.*/, namespace: 'tallow' }, () => ({ contents: lines.join('\n') }))
    },
  }
}

function doesNotCompile(file: string, { text, location }: Message, names: readonly string[]): TallowError {
  const where = location ? `${resolve(dirname(file), location.file)}:${location.line}:${location.column + 1}` : file
  const missing = /^(?:No matching export in "tallow:tallow" for import|Import) "(.+?)"(?: will always be|$)/.exec(text)
  if (missing?.[1] !== undefined) return noSuchExport(missing[1], where, names)
  return badInput(`strategy does not compile: ${text}`, {
    where,
    hint: location ? `the line reads: ${location.lineText.trim()}` : 'mend the file',
  })
}

function noSuchExport(name: string, where: string, names: readonly string[]): TallowError {
  if (name === 'default')
    return badInput('tallow has no default export', { where, hint: "write: import { … } from 'tallow'" })
  const near = nearest(name, names)
  return badInput(`tallow exports no "${name}"`, {
    where,
    hint: near === undefined ? `it exports: ${[...names].sort().join(', ')}` : `did you mean "${near}"?`,
  })
}
