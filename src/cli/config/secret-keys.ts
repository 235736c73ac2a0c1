import type { Secrets } from '../../domain/secrets.ts'

const SECRET_WORD = /(key|secret|token|password|passwd|passphrase|credential|mnemonic|signature)s?$/i
/** Of other programs' variables only what is long enough to be a secret: `HOT_KEY=yes` is none. */
const FOREIGN_LENGTH_MIN = 8

/** Keys of the config, and variables of the environment, whose values are never shown. */
export function isSecretKey(name: string | number): boolean {
  return typeof name === 'string' && SECRET_WORD.test(name)
}

/** Learns what stands under secret keys, at any depth, and passwords in addresses. Unchecked values will do. */
export function learnSecrets(secrets: Secrets, value: unknown, underSecretKey = false): void {
  if (Array.isArray(value)) for (const entry of value) learnSecrets(secrets, entry, underSecretKey)
  else if (typeof value === 'object' && value !== null)
    for (const [key, entry] of Object.entries(value)) learnSecrets(secrets, entry, underSecretKey || isSecretKey(key))
  else if (typeof value === 'string' || typeof value === 'number') {
    if (underSecretKey) secrets.learn(String(value))
    else learnPassword(secrets, String(value))
  }
}

/** Learns the secrets of an environment, also those of other programs: they have no place in a log of ours either. */
export function learnEnvironment(secrets: Secrets, env: Readonly<Record<string, string | undefined>>): void {
  for (const [name, value = ''] of Object.entries(env)) {
    if (isSecretKey(name) && (name.startsWith('TALLOW_') || value.length >= FOREIGN_LENGTH_MIN)) secrets.learn(value)
    else learnPassword(secrets, value)
  }
}

const SECRET_LINE = /^\s*(?:-\s*|export\s+)?["']?([\w-]+)["']?\s*[:=]\s*(.+?)\s*$/

/** Learns the secrets of a text that could not be read as what it should be: of each line by itself. */
export function learnFromLines(secrets: Secrets, text: string): void {
  for (const line of text.split('\n')) {
    const [, name = '', value = ''] = SECRET_LINE.exec(line) ?? []
    if (!isSecretKey(name)) continue
    secrets.learn(value)
    secrets.learn(value.replace(/\s+#.*$/, '').replace(/^(["'])(.*)\1$/, '$2'))
  }
}

/** `http://user:password@host` */
function learnPassword(secrets: Secrets, text: string): void {
  const password = /^[a-z][a-z\d+.-]*:\/\/[^/?#@]*:([^/?#]*)@/i.exec(text)?.[1]
  if (password === undefined) return
  secrets.learn(password)
  try {
    secrets.learn(decodeURIComponent(password))
  } catch {
    // No percent-encoding: as it is, then.
  }
}
