import { parse } from 'yaml'
import { z } from 'zod'
import { nearest } from '../../domain/nearest.ts'
import { compareKeys } from '../../domain/series.ts'
import { isForbiddenKey } from './check-keys.ts'
import { hasCycle } from './cycle.ts'
import { pathText, type KeyPath } from './key-path.ts'
import type { ConfigFault, Layer } from './layers.ts'
import { bareSchema, keysOf, schemaAt } from './schema-walk.ts'

const PREFIX = 'TALLOW__'
const DATA_DIR = 'TALLOW_DATA_DIR'

/**
 * `TALLOW__EXCHANGE__API_KEY=…` sets `exchange.api_key`; `TALLOW_DATA_DIR` sets `data_dir`. Lists are written
 * `[a, b]` or `a,b`. Values never appear in messages: they may be secrets.
 * @param source how messages call it: `environment`, or the `.env` file.
 */
export function envLayer(
  schema: z.ZodType,
  env: Readonly<Record<string, string | undefined>>,
  source: string,
): { readonly layer: Layer; readonly faults: readonly ConfigFault[] } {
  const values: Record<string, unknown> = {}
  const names = new Map<string, string>()
  const faults: ConfigFault[] = []
  for (const { name, path, text } of variables(env)) {
    const fault = refuse(schema, path, names.get(pathText(path))) ?? misspelt(schema, name)
    if (fault !== undefined) faults.push({ message: `${name}: ${fault.message}`, where: source, hint: fault.hint })
    else if (name.startsWith(PREFIX) || name === DATA_DIR) {
      names.set(pathText(path), name)
      setAt(values, path, readText(schemaAt(schema, path), text))
    }
  }
  const placeOf = (path: KeyPath): string | undefined => {
    for (let length = path.length; length > 0; length--) {
      const name = names.get(pathText(path.slice(0, length)))
      if (name !== undefined) return `${source}: ${name}`
    }
    // A section, by the first variable that sets something in it.
    const within = [...names].find(([set]) => set.startsWith(`${pathText(path)}.`))
    return within ? `${source}: ${within[1]}` : path.length === 0 ? source : undefined
  }
  return { layer: { values, placeOf }, faults }
}

interface Variable {
  readonly name: string
  readonly path: readonly string[]
  readonly text: string
}

/** Those that are meant for Tallow, sections before what is in them: nothing hangs on the order of an environment. */
function variables(env: Readonly<Record<string, string | undefined>>): readonly Variable[] {
  return Object.entries(env)
    .flatMap(([name, text]) => {
      if (text === undefined || (name === DATA_DIR && text === '')) return []
      if (name === DATA_DIR) return [{ name, path: ['data_dir'], text }]
      if (!name.startsWith(PREFIX)) return name.startsWith('TALLOW_') ? [{ name, path: [], text }] : []
      return [{ name, path: name.slice(PREFIX.length).toLowerCase().split('__'), text }]
    })
    .sort((a, b) => a.path.length - b.path.length || compareKeys(a.name, b.name))
}

/** `TALLOW_EXCHANGE__API_KEY` and `TALLOW_LOG_LEVEL` would else be settings that nobody hears. */
function misspelt(schema: z.ZodType, name: string): { message: string; hint: string } | undefined {
  if (name.startsWith(PREFIX) || name === DATA_DIR) return undefined
  const rest = name.slice('TALLOW_'.length).toLowerCase().replaceAll('__', '_')
  const meant = allPaths(schema, []).find(path => path.join('_') === rest)
  if (meant === undefined) return undefined
  const right = [PREFIX.slice(0, -2), ...meant].join('__').toUpperCase()
  return { message: 'sets no key: sections are divided by two underscores', hint: `did you mean ${right}?` }
}

function allPaths(schema: z.ZodType, path: readonly string[]): readonly (readonly string[])[] {
  return Object.entries(keysOf(schema) ?? {}).flatMap(([key, child]) => [
    [...path, key],
    ...allPaths(child, [...path, key]),
  ])
}

/** Why a name sets no key. */
function refuse(
  schema: z.ZodType,
  path: readonly string[],
  twin: string | undefined,
): { message: string; hint: string } | undefined {
  if (twin !== undefined)
    return { message: `sets "${pathText(path)}", and so does ${twin}`, hint: 'unset one of the two' }
  for (const [index, key] of path.entries()) {
    const parent = path.slice(0, index)
    const parentSchema = schemaAt(schema, parent)
    if (key === '' || isForbiddenKey(key)) return { message: 'names no key of the config', hint: 'unset it' }
    const known = parentSchema && keysOf(parentSchema)
    if (known && Object.hasOwn(known, key)) continue
    if (parentSchema && bareSchema(parentSchema) instanceof z.ZodRecord) continue
    const near = known && nearest(key, Object.keys(known))
    if (known === undefined)
      return {
        message: `"${pathText(parent)}" holds no keys of its own`,
        hint: `give all of it as ${PREFIX}${parent.join('__').toUpperCase()}`,
      }
    const all = Object.keys(known).join(', ').toUpperCase()
    return {
      message: `there is no key "${pathText(path.slice(0, index + 1))}"`,
      hint: near
        ? `did you mean ${[PREFIX.slice(0, -2), ...parent, near].join('__').toUpperCase()}?`
        : `there are: ${all}`,
    }
  }
  return undefined
}

/** A value as its schema would have it. What does not fit stays text, for the check to refuse. */
function readText(schema: z.ZodType | undefined, text: string): unknown {
  const bare = schema && bareSchema(schema)
  if (bare instanceof z.ZodNumber) return text.trim() === '' || Number.isNaN(Number(text)) ? text : Number(text)
  if (bare instanceof z.ZodArray && !text.trim().startsWith('[')) return text.split(',').map(part => part.trim())
  if (bare instanceof z.ZodArray || bare instanceof z.ZodObject || bare instanceof z.ZodRecord) return parseYaml(text)
  if (bare instanceof z.ZodBoolean && /^(true|false)$/i.test(text.trim())) return text.trim().toLowerCase() === 'true'
  return text
}

function parseYaml(text: string): unknown {
  try {
    const value: unknown = parse(text, { logLevel: 'error' })
    return hasCycle(value) ? text : value
  } catch {
    return text
  }
}

/** A section that was set to something else stays so, for the check to refuse. */
function setAt(values: Record<string, unknown>, path: readonly string[], value: unknown): void {
  let at = values
  for (const key of path.slice(0, -1)) {
    const next = Object.hasOwn(at, key) ? at[key] : (at[key] = {})
    if (typeof next !== 'object' || next === null || Array.isArray(next)) return
    at = next as Record<string, unknown>
  }
  at[path.at(-1) ?? ''] = value
}
