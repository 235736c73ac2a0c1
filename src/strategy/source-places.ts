import { SourceMap, type SourceMapPayload } from 'node:module'
import { dirname, resolve } from 'node:path'

/** Tells where in the user's sources an error arose. Node maps no stacks of code that runs through `node:vm`. */
export class SourcePlaces {
  readonly #script: string
  readonly #folder: string
  readonly #map: SourceMap
  readonly #sources: ReadonlySet<string>

  /**
   * @param script name under which the bundled code runs.
   * @param map its source map, as JSON; sources are relative to the folder of `file`.
   */
  constructor(script: string, file: string, map: string) {
    const payload = JSON.parse(map) as SourceMapPayload
    this.#script = script
    this.#folder = dirname(file)
    this.#map = new SourceMap(payload)
    this.#sources = new Set(payload.sources.map(source => resolve(this.#folder, source)))
  }

  /**
   * `file:line:column` of the innermost call in the user's own sources, else in a package they import; undefined when
   * the error has not come through them.
   */
  of(error: unknown): string | undefined {
    if (!(error instanceof Error)) return undefined
    const places = stackPlaces(error.stack ?? '').flatMap(place => this.#original(place) ?? [])
    return places.find(place => !place.includes('/node_modules/')) ?? places[0]
  }

  #original({ file, line, column }: StackPlace): string | undefined {
    // Somebody may have mapped the stack already.
    if (file !== this.#script) return this.#sources.has(file) ? `${file}:${line}:${column}` : undefined
    const entry = this.#map.findEntry(line - 1, column - 1)
    if (!('originalSource' in entry)) return undefined
    const source = resolve(this.#folder, entry.originalSource)
    return `${source}:${entry.originalLine + 1}:${entry.originalColumn + 1}`
  }
}

interface StackPlace {
  readonly file: string
  readonly line: number
  readonly column: number
}

/** The places in the frames of a stack, innermost first. */
function stackPlaces(stack: string): StackPlace[] {
  return stack.split('\n').flatMap(text => {
    const match = /^\s+at (?:.*\()?(?:file:\/\/)?(.+?):(\d+):(\d+)\)?$/.exec(text)
    return match?.[1] === undefined ? [] : { file: match[1], line: Number(match[2]), column: Number(match[3]) }
  })
}
