import { z } from 'zod'
import { KEY_DOCS } from './docs/key-docs.ts'
import { configSchema } from './schema.ts'

type JsonSchema = z.core.JSONSchema.JSONSchema

/** The schema of a config file for editors: types, ranges, defaults, and what each key is for. */
export function jsonSchema(): JsonSchema {
  const schema = z.toJSONSchema(configSchema, { io: 'input' })
  describe(schema, '')
  return { ...schema, title: 'Config of Tallow' }
}

/** Adds what each key is for, and lets a section stand without a value, as the reader of files does. */
function describe(schema: JsonSchema, path: string): void {
  const text = KEY_DOCS[path]?.text
  if (text !== undefined) schema.description = text
  if (typeof schema.items === 'object' && !Array.isArray(schema.items)) describe(schema.items, `${path}[]`)
  for (const [key, child] of Object.entries(schema.properties ?? {})) {
    if (typeof child === 'boolean') continue
    describe(child, path === '' ? key : `${path}.${key}`)
    const type: unknown = child.type
    if (type === 'object') Object.assign(child, { type: ['object', 'null'] })
  }
}
