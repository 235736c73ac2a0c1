/** What stands where a secret stood. */
export const SECRET_MARK = '[secret]'

/** A text cut off behind so many characters of a secret still gives it away in part. */
const PREFIX_LENGTH = 8
/** What is shorter is in every other word, and no secret. */
const LENGTH_MIN = 4

/**
 * The secrets of a process, known by value: wherever one occurs in a text, raw or encoded, whole or cut off behind its
 * eighth character, it is taken out. Names of keys help nobody here: secrets also stand in URLs, messages and causes.
 */
export class Secrets {
  /** Encoded forms by what they begin with. */
  readonly #forms = new Map<string, Set<string>>()
  #beginnings: RegExp | undefined

  /** From now on `value` is taken out of texts. One of less than four characters is not: it would be all over them. */
  learn(value: string): void {
    if (value.length < LENGTH_MIN) return
    for (const form of formsOf(value)) {
      const beginning = value.length < PREFIX_LENGTH ? form : form.slice(0, PREFIX_LENGTH)
      const forms = this.#forms.get(beginning)
      if (forms === undefined) this.#forms.set(beginning, new Set([form]))
      else forms.add(form)
      this.#beginnings = undefined
    }
  }

  /** The text without secrets. What is left of a line of JSON is one. */
  readonly scrub = (text: string): string => {
    if (this.#forms.size === 0) return text
    this.#beginnings ??= anyOf([...this.#forms.keys()])
    let clean = ''
    let from = 0
    this.#beginnings.lastIndex = 0
    for (let found; (found = this.#beginnings.exec(text)) !== null;) {
      clean += text.slice(from, withoutHalfEscape(text, found.index, -1)) + SECRET_MARK
      from = withoutHalfEscape(text, found.index + this.#matched(text, found.index, found[0]), 1)
      this.#beginnings.lastIndex = from
    }
    return from === 0 ? text : clean + text.slice(from)
  }

  /** How many characters of the text are a secret, or the beginning of one. */
  #matched(text: string, at: number, beginning: string): number {
    let longest = beginning.length
    for (const form of this.#forms.get(beginning) ?? []) {
      let length = longest
      if (!text.startsWith(form.slice(0, length), at)) continue
      while (length < form.length && text[at + length] === form[length]) length++
      longest = length
    }
    return longest
  }
}

/** Where a backslash before `index` belongs to what stands behind it, the cut is moved by one. */
function withoutHalfEscape(text: string, index: number, by: 1 | -1): number {
  let backslashes = 0
  while (text[index - 1 - backslashes] === '\\') backslashes++
  return backslashes % 2 === 0 || index >= text.length ? index : index + by
}

function anyOf(texts: readonly string[]): RegExp {
  // The longest first: where two begin alike, the whole one is meant.
  const longestFirst = [...texts].sort((a, b) => b.length - a.length)
  return new RegExp(longestFirst.map(text => text.replace(/[\\^$.*+?()[\]{}|]/g, '\\$&')).join('|'), 'g')
}

/** As it is, in JSON (also in JSON within JSON), in URLs and forms, in base64 and hexadecimal. */
function formsOf(value: string): ReadonlySet<string> {
  const inJson = escaped(value)
  const inUrl = encodeURIComponent(value.toWellFormed())
  const inUrls = [inUrl, inUrl.replace(/[!'()*]/g, strictly), new URLSearchParams([['', value]]).toString().slice(1)]
  const encoded = base64Forms(value)
  const hexadecimal = Buffer.from(value).toString('hex')
  return new Set([
    value,
    inJson,
    escaped(inJson),
    ...inUrls,
    ...inUrls.map(lowerCaseEscapes),
    ...encoded,
    ...encoded.map(text => text.replaceAll('+', '-').replaceAll('/', '_')),
    ...encoded.map(encodeURIComponent),
    hexadecimal,
    hexadecimal.toUpperCase(),
  ])
}

function escaped(text: string): string {
  return JSON.stringify(text).slice(1, -1)
}

/** What encodeURIComponent leaves and stricter clients encode. */
function strictly(character: string): string {
  return `%${character.charCodeAt(0).toString(16).toUpperCase()}`
}

function lowerCaseEscapes(text: string): string {
  return text.replaceAll(/%[\dA-F]{2}/g, escape => escape.toLowerCase())
}

/**
 * Three bytes become four characters, so that a value looks different with 0, 1 or 2 bytes before it (`user:secret`).
 * Only characters that are the value's alone are kept.
 */
function base64Forms(value: string): readonly string[] {
  return [0, 1, 2].map(before => {
    const bytes = Buffer.from(`${' '.repeat(before)}${value}`)
    const whole = Math.floor((bytes.length * 8) / 6)
    return bytes.toString('base64').slice(before === 0 ? 0 : before + 1, whole)
  })
}
