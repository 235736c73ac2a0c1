import { z } from 'zod'
import type { KeyPath } from './key-path.ts'

/** What a schema is beneath its defaults and readings. */
export function bareSchema(schema: z.ZodType): z.ZodType {
  let at: unknown = schema
  for (;;) {
    if (at instanceof z.ZodOptional || at instanceof z.ZodDefault || at instanceof z.ZodPrefault) at = at.unwrap()
    else if (at instanceof z.ZodPipe) at = at.in
    else return at as z.ZodType
  }
}

/** What stands for a key that is not set; undefined when nothing does. */
export function defaultOf(schema: z.ZodType): unknown {
  let at: unknown = schema
  for (;;) {
    if (at instanceof z.ZodDefault || at instanceof z.ZodPrefault) return at.def.defaultValue
    if (at instanceof z.ZodOptional) at = at.unwrap()
    else return undefined
  }
}

/** The schema at a path; undefined where there is none. */
export function schemaAt(root: z.ZodType, path: KeyPath): z.ZodType | undefined {
  let at: z.ZodType | undefined = root
  for (const key of path) {
    if (at === undefined) return undefined
    at = childSchema(at, key)
  }
  return at
}

/** The schema of a key of a map, of an entry of a list. */
export function childSchema(schema: z.ZodType, key: string | number): z.ZodType | undefined {
  const bare = bareSchema(schema)
  if (bare instanceof z.ZodArray) return typeof key === 'number' ? (bare.element as z.ZodType) : undefined
  if (bare instanceof z.ZodRecord) return bare.valueType as z.ZodType
  const keys = keysOf(bare)
  return keys && Object.hasOwn(keys, key) ? keys[key] : undefined
}

/** The keys that a map may have; undefined when it is no map of known keys. */
export function keysOf(schema: z.ZodType): Readonly<Record<string, z.ZodType>> | undefined {
  const bare = bareSchema(schema)
  return bare instanceof z.ZodObject ? bare.shape : undefined
}
