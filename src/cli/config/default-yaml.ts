import { stringify } from 'yaml'
import { z } from 'zod'
import { KEY_DOCS } from './docs/key-docs.ts'
import { configSchema } from './schema.ts'
import { bareSchema, defaultOf, keysOf } from './schema-walk.ts'

const WIDTH = 118
const HEAD = `# yaml-language-server: $schema=./tallow.schema.json
# Every key that there is, with its default. Copy what you change into ./tallow.yaml; leave the rest away.
# Later wins: these defaults, then each -c FILE, then .env beside it, then the environment, then flags.
# Any key can be set by the environment: TALLOW__EXCHANGE__CONCURRENT_REQUESTS=4 sets exchange.concurrent_requests.
# Units stand last in the names: _ms milliseconds, _s seconds, _h hours, _mb mebibytes. Check: tallow config check -c FILE
# Keys without a default are commented out, with an example. This file is generated: see docs/configuration.md.
`

/** The text of config/default.yaml. */
export function defaultYaml(): string {
  return HEAD + section(configSchema, '', '')
}

/** @param margin what each line begins with: blanks, and a comment sign in a section that is off. */
function section(schema: z.ZodType, path: string, margin: string): string {
  let wasSection = false
  return Object.entries(keysOf(schema) ?? {})
    .map(([key, child], index) => {
      const at = path === '' ? key : `${path}.${key}`
      const isSection = keysOf(child) !== undefined
      const apart = path === '' || (index > 0 && (isSection || wasSection) && !margin.includes('#'))
      wasSection = isSection
      const text = [KEY_DOCS[at]?.text ?? '', range(child, key)].join(' ').trimEnd()
      return (apart ? '\n' : '') + comment(text, margin) + line(child, key, at, margin)
    })
    .join('')
}

const UNITS: Readonly<Record<string, string>> = {
  ms: 'milliseconds',
  s: 'seconds',
  mb: 'mebibytes',
  bps: 'basis points',
  rows: 'rows',
  candles: 'candles',
  days: 'days',
  h: 'hours',
}

/** `100 to 300000 milliseconds.` */
function range(schema: z.ZodType, key: string): string {
  const bare = bareSchema(schema)
  if (!(bare instanceof z.ZodNumber)) return ''
  const unit = key.split('_').flatMap(word => (Object.hasOwn(UNITS, word) ? [UNITS[word]] : []))
  return `${[bare.minValue, 'to', bare.maxValue, ...unit].join(' ')}.`
}

function line(schema: z.ZodType, key: string, path: string, margin: string): string {
  const fallback = defaultOf(schema)
  // What is off by default is commented out, once.
  const own = fallback !== undefined || margin.includes('#') ? margin : `${margin}# `
  if (keysOf(schema)) return `${own}${key}:\n${section(schema, path, `${own}  `)}`
  const value = KEY_DOCS[path]?.example ?? flow(fallback)
  const [first = '', ...rest] = value.split('\n')
  return [`${own}${key}: ${first}`.trimEnd(), ...rest.map(text => `${own}  ${text}`), ''].join('\n')
}

function flow(value: unknown): string {
  return stringify(value, { collectionStyle: 'flow', flowCollectionPadding: false, lineWidth: 0 }).trimEnd()
}

function comment(text: string, margin: string): string {
  const lines: string[] = []
  for (const word of text.split(' ')) {
    const last = lines.at(-1)
    if (last === undefined || margin.length + 2 + last.length + 1 + word.length > WIDTH) lines.push(word)
    else lines[lines.length - 1] = `${last} ${word}`
  }
  return lines.map(each => `${margin}# ${each}\n`).join('')
}
