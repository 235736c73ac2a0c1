import type { z } from 'zod'
import { nearest } from '../../domain/nearest.ts'
import { pathText, type KeyPath } from './key-path.ts'
import { isMap, type ConfigFault, type Layer } from './layers.ts'
import { childSchema, keysOf } from './schema-walk.ts'

/** Words that reach into the prototype chain. No key has such a name, at any depth. */
const FORBIDDEN: ReadonlySet<string> = new Set(['__proto__', 'constructor', 'prototype'])

/** More than any key has. What is deeper would end in a stack that overflows. */
const DEPTH_MAX = 20

export function isForbiddenKey(key: string): boolean {
  return FORBIDDEN.has(key)
}

/** Every key of a layer that the schema does not know, with the nearest that it does. */
export function keyFaults(schema: z.ZodType, layer: Layer): ConfigFault[] {
  const faults: ConfigFault[] = []
  if (layer.values === null || layer.values === undefined) return faults
  if (!isMap(layer.values))
    return [{ message: 'the config is no map of keys', where: layer.placeOf([]), hint: 'write key: value lines' }]
  visit(schema, layer.values, [], (message, path, hint) =>
    faults.push({ message, where: layer.placeOf(path) ?? layer.placeOf([]), hint }),
  )
  return faults
}

type Report = (message: string, path: KeyPath, hint: string | undefined) => void

function visit(schema: z.ZodType | undefined, value: unknown, path: KeyPath, report: Report): void {
  if (path.length > DEPTH_MAX) {
    report('the config is nested too deep', path.slice(0, DEPTH_MAX), 'no key lies deeper than five levels')
    return
  }
  if (Array.isArray(value)) {
    value.forEach((entry: unknown, index) =>
      visit(schema && childSchema(schema, index), entry, [...path, index], report),
    )
    return
  }
  if (!isMap(value)) return
  const known = schema && keysOf(schema)
  for (const key of Object.keys(value)) {
    const at = [...path, key]
    if (isForbiddenKey(key)) report(`the key "${pathText(at)}" is not allowed`, at, 'remove it')
    else if (known && !Object.hasOwn(known, key))
      report(`there is no key "${pathText(at)}"`, at, hintFor(key, path, known))
    else visit(schema && childSchema(schema, key), value[key], at, report)
  }
}

function hintFor(key: string, path: KeyPath, known: Readonly<Record<string, unknown>>): string {
  const names = Object.keys(known)
  const near = nearest(key.replaceAll('-', '_'), names)
  if (near !== undefined) return `did you mean "${near}"?`
  return `${path.length === 0 ? 'the top level' : pathText(path)} has: ${names.join(', ')}`
}
