import { parse } from 'yaml'
import { z } from 'zod'
import { nearest } from '../../domain/nearest.ts'
import { isForbiddenKey } from './check-keys.ts'
import { pathText, type KeyPath } from './key-path.ts'
import type { ConfigFault, Layer } from './layers.ts'
import { bareSchema, keysOf, schemaAt } from './schema-walk.ts'

const PREFIX = 'TALLOW__'

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
  for (const [name, text] of Object.entries(env)) {
    const path = pathOf(name)
    if (path === undefined || text === undefined || (name === 'TALLOW_DATA_DIR' && text === '')) continue
    const fault = refuse(schema, path)
    if (fault !== undefined) {
      faults.push({ message: `${name}: ${fault.message}`, where: source, hint: fault.hint })
      continue
    }
    names.set(pathText(path), name)
    setAt(values, path, readText(schemaAt(schema, path), text))
  }
  const placeOf = (path: KeyPath): string | undefined => {
    for (let length = path.length; length > 0; length--) {
      const name = names.get(pathText(path.slice(0, length)))
      if (name !== undefined) return `${source}: ${name}`
    }
    return path.length === 0 ? source : undefined
  }
  return { layer: { values, placeOf }, faults }
}

function pathOf(name: string): readonly string[] | undefined {
  if (name === 'TALLOW_DATA_DIR') return ['data_dir']
  return name.startsWith(PREFIX) ? name.slice(PREFIX.length).toLowerCase().split('__') : undefined
}

/** Why a name sets no key. */
function refuse(schema: z.ZodType, path: readonly string[]): { message: string; hint: string } | undefined {
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
  return text
}

function parseYaml(text: string): unknown {
  try {
    return parse(text) as unknown
  } catch {
    return text
  }
}

function setAt(values: Record<string, unknown>, path: readonly string[], value: unknown): void {
  let at = values
  for (const key of path.slice(0, -1)) {
    const next = Object.hasOwn(at, key) ? at[key] : undefined
    at = (at[key] = typeof next === 'object' && next !== null ? next : {}) as Record<string, unknown>
  }
  at[path.at(-1) ?? ''] = value
}
