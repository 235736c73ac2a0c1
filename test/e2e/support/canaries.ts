import { readdirSync, readFileSync } from 'node:fs'
import { join } from 'node:path'

/** Values that nothing may give away. Each looks different in every encoding, and begins like no other text. */
export const CANARIES = {
  apiKey: 'kQ7+canary/api=key "one"',
  apiSecret: "sW3&canary%secret\\two'2",
  token: 'tR9 canary?token#three~é',
  foreign: 'fZ5;canary<foreign>four!',
} as const

/** How much of a form is enough to be a find. */
const PREFIX_LENGTH = 8

/** What is looked for: the first eight characters of a value in each encoding, and what base64 makes of it inside. */
function traces(value: string): ReadonlyMap<string, string> {
  const base64 = (before: number): string => {
    const text = Buffer.from(' '.repeat(before) + value).toString('base64')
    return text.slice(before === 0 ? 0 : 4)
  }
  const forms: Readonly<Record<string, string>> = {
    raw: value,
    JSON: JSON.stringify(value).slice(1, -1),
    URL: encodeURIComponent(value),
    'URL in small letters': encodeURIComponent(value).toLowerCase(),
    form: new URLSearchParams([['', value]]).toString().slice(1),
    base64: base64(0),
    'base64 behind one byte': base64(1),
    'base64 behind two bytes': base64(2),
    base64url: base64(0).replaceAll('+', '-').replaceAll('/', '_'),
    hexadecimal: Buffer.from(value).toString('hex'),
    UTF16: Buffer.from(value, 'utf16le').toString('latin1'),
  }
  return new Map(Object.entries(forms).map(([form, text]) => [form, bytesOf(text).slice(0, PREFIX_LENGTH)]))
}

function bytesOf(text: string): string {
  return Buffer.from(text).toString('latin1')
}

/** Where canaries are in bytes: `base64 of token in NAME`. */
export function findsIn(name: string, bytes: string | Uint8Array): readonly string[] {
  const text = typeof bytes === 'string' ? bytesOf(bytes) : Buffer.from(bytes).toString('latin1')
  return Object.entries(CANARIES).flatMap(([canary, value]) =>
    [...traces(value)]
      .filter(([, trace]) => text.includes(trace))
      .map(([form, trace]) => {
        const at = text.indexOf(trace)
        return `${form} of ${canary} in ${name}: …${text.slice(Math.max(0, at - 60), at + 30)}…`
      }),
  )
}

/** The same of every file below a folder but those named, as bytes: databases, journals, logs. */
export function findsBelow(folder: string, except: readonly string[]): readonly string[] {
  return readdirSync(folder, { recursive: true, withFileTypes: true, encoding: 'utf8' })
    .filter(entry => entry.isFile())
    .map(entry => join(entry.parentPath, entry.name))
    .filter(path => !except.includes(path.slice(folder.length + 1)))
    .flatMap(path => findsIn(path, readFileSync(path)))
}
