import { createRequire } from 'node:module'
import { basename } from 'node:path'
import { compileFunction } from 'node:vm'
import { bundle, TALLOW_LOOKUP } from './bundle.ts'
import { failedAt } from './failed-at.ts'
import { inTime } from './in-time.ts'
import { SourcePlaces } from './source-places.ts'

/** A user's file, bundled and run. */
export interface RunFile {
  readonly code: string
  readonly places: SourcePlaces
  readonly exported: Readonly<Record<string, unknown>>
}

/**
 * Bundles a user's file and runs it; TypeScript needs no build step.
 * @param what it is meant to be, for messages: `strategy`.
 * @param tallow the namespace that `import … from 'tallow'` resolves to: the running instance, never a second copy.
 * @throws bad input with file, line and column for a syntax error, a misspelled import or a throw.
 */
export async function runFile(file: string, what: string, tallow: object): Promise<RunFile> {
  const { code, map } = await bundle(file, Object.keys(tallow))
  const script = `${file}.bundle.js`
  const places = new SourcePlaces(script, file, map)
  const module = { exports: {} as Readonly<Record<string, unknown>> }
  const lookUp = (name: string): unknown => Reflect.get(tallow, name)
  try {
    const run = compileFunction(code, ['exports', 'require', 'module', TALLOW_LOOKUP], { filename: script }) as (
      ...parts: readonly unknown[]
    ) => void
    inTime(() => {
      run(module.exports, createRequire(file), module, lookUp)
    })
  } catch (error) {
    throw failedAt(`${what} ${basename(file)} failed as it was loaded`, places.of(error) ?? file, error)
  }
  return { code, places, exported: module.exports }
}
