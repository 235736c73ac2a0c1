import type { z } from 'zod'
import { nearest } from '../../domain/nearest.ts'
import { pathText, type KeyPath } from './key-path.ts'
import { placeIn, type ConfigFault, type Layer } from './layers.ts'
import { isSecretKey } from './secret-keys.ts'

/** Zod's words for types, in ours. */
const EXPECTED: Readonly<Record<string, string>> = {
  array: 'a list',
  boolean: 'true or false',
  int: 'a whole number',
  number: 'a number',
  object: 'a section with keys of its own',
  record: 'a map of names and values',
  string: 'text',
}

/** Says what is wrong with a value, where it was written, and what is expected there. */
export function describeIssue(issue: z.core.$ZodIssue, merged: unknown, layers: readonly Layer[]): ConfigFault {
  const path = issue.path.filter(key => typeof key !== 'symbol')
  const name = pathText(path)
  const value = valueAt(merged, path)
  const shown = `${name} is ${path.some(isSecretKey) ? 'set, but not to what it should be' : show(value)}`
  const where = placeIn(layers, path)
  const fault = (message: string, hint: string | undefined): ConfigFault => ({ message, where, hint })
  switch (issue.code) {
    case 'invalid_type':
      if (value === undefined) return fault(`${name} is missing`, `it must be ${expected(issue.expected)}`)
      return fault(shown, `it must be ${expected(issue.expected)}`)
    case 'too_small':
      if (issue.origin === 'array' || issue.origin === 'string')
        return fault(`${name} is empty`, 'give it a value, or remove the key')
      return fault(shown, `it must be at least ${String(issue.minimum)}`)
    case 'too_big':
      return fault(shown, `it must be at most ${String(issue.maximum)}`)
    case 'invalid_value': {
      const words = issue.values.map(String)
      const near = nearest(String(value), words)
      return fault(shown, `${near === undefined ? '' : `did you mean "${near}"? `}It is one of: ${words.join(', ')}`)
    }
    case 'custom': {
      const { hint } = (issue.params ?? {}) as { readonly hint?: string }
      return fault(`${name}: ${issue.message}`, hint)
    }
    default:
      return fault(shown, issue.message)
  }
}

function expected(type: string): string {
  return EXPECTED[type] ?? type
}

function valueAt(root: unknown, path: KeyPath): unknown {
  let at = root
  for (const key of path)
    at = typeof at === 'object' && at !== null ? (at as Record<string | number, unknown>)[key] : undefined
  return at
}

function show(value: unknown): string {
  // JSON has no word for them, and null would be another value.
  const text = typeof value === 'number' ? String(value) : (JSON.stringify(value) ?? String(value))
  return text.length > 60 ? `${text.slice(0, 57)}…` : text
}
