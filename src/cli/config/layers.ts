import type { z } from 'zod'
import type { KeyPath } from './key-path.ts'
import { childSchema, keysOf } from './schema-walk.ts'

/** Where values come from: a file, the environment, the flags. */
export interface Layer {
  /** As YAML gives it: maps, lists, scalars. Unchecked. */
  readonly values: unknown
  /** `tallow.yaml:12:5`, `environment: TALLOW__BOT`, `--cash`; undefined when the layer does not say this key. */
  placeOf(path: KeyPath): string | undefined
}

/** One thing that is wrong with the config. */
export interface ConfigFault {
  readonly message: string
  readonly where: string | undefined
  readonly hint: string | undefined
}

export type ConfigMap = Readonly<Record<string, unknown>>

export function isMap(value: unknown): value is ConfigMap {
  return typeof value === 'object' && value !== null && !Array.isArray(value)
}

/**
 * The later value wins; maps are merged, lists replaced. A section without a value (`simulator:` with its lines
 * commented out) is one with its defaults, any other key without a value is not set.
 * Keys must have been checked: no `__proto__` here.
 */
export function mergeLayers(schema: z.ZodType, layers: readonly Layer[]): ConfigMap {
  const maps = layers.map(layer => withoutEmpty(schema, layer.values)).filter(isMap)
  return maps.reduce(mergeMaps, {})
}

function mergeMaps(base: ConfigMap, over: ConfigMap): ConfigMap {
  const merged: Record<string, unknown> = { ...base }
  for (const [key, value] of Object.entries(over)) {
    const old = merged[key]
    merged[key] = isMap(value) ? mergeMaps(isMap(old) ? old : {}, value) : value
  }
  return merged
}

function withoutEmpty(schema: z.ZodType | undefined, value: unknown): unknown {
  if (value === null) return schema && keysOf(schema) ? {} : undefined
  if (Array.isArray(value))
    return value.map(
      (entry: unknown, index): unknown => withoutEmpty(schema && childSchema(schema, index), entry) ?? entry,
    )
  if (!isMap(value)) return value
  const kept = Object.entries(value).map(
    ([key, entry]) => [key, withoutEmpty(schema && childSchema(schema, key), entry)] as const,
  )
  return Object.fromEntries(kept.filter(([, entry]) => entry !== undefined))
}

/** The place of a key in the last layer that says it, or of the section that it is missing from. */
export function placeIn(layers: readonly Layer[], path: KeyPath): string | undefined {
  for (let length = path.length; length > 0; length--) {
    for (const layer of layers.toReversed()) {
      const place = layer.placeOf(path.slice(0, length))
      if (place !== undefined) return place
    }
  }
  return undefined
}

/** Which layer gave the value at a path: the last that says it, and of a list, which is replaced as a whole, that alone. */
export function originIn(layers: readonly Layer[], path: KeyPath): string {
  let saying = layers.map(layer => ({ layer, value: layer.values }))
  for (const key of path) {
    const last = saying.at(-1)
    if (last !== undefined && !isMap(last.value)) saying = [last]
    saying = saying
      .map(({ layer, value }) => ({ layer, value: entryOf(value, key) }))
      .filter(({ value }) => value !== undefined && value !== null)
  }
  return saying.at(-1)?.layer.placeOf(path) ?? 'default'
}

function entryOf(value: unknown, key: string | number): unknown {
  if (Array.isArray(value)) return value[Number(key)] as unknown
  return isMap(value) && Object.hasOwn(value, key) ? value[String(key)] : undefined
}
