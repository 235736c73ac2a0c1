import { stringify } from 'yaml'
import { SECRET_MARK } from '../../domain/secrets.ts'
import { pathText, type KeyPath } from './key-path.ts'
import { isMap } from './layers.ts'
import type { LoadedConfig } from './load-config.ts'
import { isSecretKey } from './secret-keys.ts'

/** A config in which nothing has to be kept from anyone, and what gave each of its values. */
export interface ShownConfig {
  readonly sources: readonly string[]
  /** Secrets are replaced. */
  readonly config: unknown
  /** By path: `trading.cash`. */
  readonly origins: Readonly<Record<string, string>>
}

export function shownConfig({ config, sources, origin }: LoadedConfig): ShownConfig {
  const origins: Record<string, string> = {}
  for (const path of valuePaths(config, [])) origins[pathText(path)] = origin(path)
  return { sources, config: withoutSecrets(config, false), origins }
}

const COMMENT_COLUMN_MAX = 56

/** The same as YAML that can be read back: each line says where its value comes from. Secrets are commented out. */
export function shownAsYaml({ config, origin }: LoadedConfig): string {
  const lines = yamlLines(config, [], '').map(({ text, path }) => ({ text, from: path && origin(path) }))
  const widths = lines.map(({ text, from }) => (from === undefined ? 0 : text.length))
  const column = Math.min(COMMENT_COLUMN_MAX, Math.max(...widths))
  return lines.map(({ text, from }) => (from === undefined ? text : `${text.padEnd(column)}  # ${from}`)).join('\n')
}

/** Of scalars, lists of scalars, and what is empty. */
function* valuePaths(value: unknown, path: KeyPath): Generator<KeyPath> {
  if (isLeaf(value)) yield path
  else for (const [key, entry] of entries(value)) yield* valuePaths(entry, [...path, key])
}

function isLeaf(value: unknown): boolean {
  if (Array.isArray(value)) return value.every(entry => !isMap(entry) && !Array.isArray(entry))
  return !isMap(value) || Object.keys(value).length === 0
}

function entries(value: unknown): readonly (readonly [string | number, unknown])[] {
  if (Array.isArray(value)) return value.map((entry, index) => [index, entry as unknown])
  return Object.entries(value as object).filter(([, entry]) => entry !== undefined)
}

function withoutSecrets(value: unknown, secret: boolean): unknown {
  if (Array.isArray(value)) return value.map(entry => withoutSecrets(entry, secret))
  if (isMap(value))
    return Object.fromEntries(
      Object.entries(value).map(([key, entry]) => [key, withoutSecrets(entry, secret || isSecretKey(key))]),
    )
  return secret && value !== undefined ? SECRET_MARK : value
}

interface Line {
  readonly text: string
  /** Of the value that stands in it. */
  readonly path?: KeyPath
}

function yamlLines(value: unknown, path: KeyPath, margin: string): readonly Line[] {
  return entries(value).flatMap(([key, entry]): readonly Line[] => {
    const at = [...path, key]
    if (typeof key === 'number') {
      const [first, ...rest] = yamlLines(entry, at, `${margin}  `)
      return first ? [{ ...first, text: `${margin}- ${first.text.trimStart()}` }, ...rest] : []
    }
    const name = `${margin}${scalar(key)}:`
    if (isSecretKey(key)) return [{ text: `${margin}# ${key}: set, not shown`, path: at }]
    if (isLeaf(entry)) return [{ text: `${name} ${flow(key, entry)}`, path: at }]
    return [{ text: name }, ...yamlLines(entry, at, `${margin}  `)]
  })
}

function flow(key: string, value: unknown): string {
  // Read as milliseconds, but nobody else can.
  if (key === 'start_time' && typeof value === 'number') return new Date(value).toISOString()
  return scalar(value)
}

function scalar(value: unknown): string {
  return stringify(value, { collectionStyle: 'flow', flowCollectionPadding: false, lineWidth: 0 }).trimEnd()
}
