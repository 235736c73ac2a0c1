import { isAlias, isMap, isScalar, isSeq, LineCounter, parseDocument, type Document, type YAMLError } from 'yaml'
import { badInput } from '../../domain/errors.ts'
import type { Secrets } from '../../domain/secrets.ts'
import { hasCycle } from './cycle.ts'
import type { KeyPath } from './key-path.ts'
import type { ConfigFault, Layer } from './layers.ts'
import { readSettings } from './read-settings.ts'
import { learnFromLines } from './secret-keys.ts'

/**
 * Reads a config file.
 * @param name how messages call it. @param path absolute. @param secrets learns those of a file that is no valid YAML.
 * @throws bad input when it cannot be read.
 */
export function yamlLayer(
  name: string,
  path: string,
  secrets: Secrets,
): { readonly layer: Layer; readonly faults: readonly ConfigFault[] } {
  const text = readSettings(`config file ${name}`, path)
  if (text.trim() === '')
    throw badInput(`the config file ${name} is empty`, {
      where: path,
      hint: 'was it cut off? write key: value lines, or name another file; comments alone will do',
    })
  const lines = new LineCounter()
  const document = parsed(text, name, lines)
  const placeAt = (offset: number): string => {
    const { line, col } = lines.linePos(offset)
    return `${name}:${line}:${col}`
  }
  const problems = [...document.errors, ...document.warnings]
  if (problems.length > 0) learnFromLines(secrets, text)
  const faults = problems.map(problem => faultOf(problem, text, placeAt(problem.pos[0])))
  const layer: Layer = {
    values: faults.length > 0 ? {} : valuesOf(document, name),
    placeOf: keyPath => {
      const offset = offsetOf(document, keyPath)
      return offset === undefined ? undefined : placeAt(offset)
    },
  }
  return { layer, faults }
}

function parsed(text: string, name: string, lineCounter: LineCounter): Document {
  try {
    return parseDocument(text, { lineCounter, prettyErrors: false, logLevel: 'error' })
  } catch (error) {
    // The parser calls itself for each level.
    if (!(error instanceof RangeError)) throw error
    throw tooDeep(name)
  }
}

function tooDeep(name: string): Error {
  return badInput('the config is nested too deep', { where: name, hint: 'no key lies deeper than five levels' })
}

function faultOf(problem: YAMLError, text: string, where: string): ConfigFault {
  const [key] = /^["']?[\w-]+/.exec(text.slice(problem.pos[0])) ?? []
  if (problem.code === 'DUPLICATE_KEY')
    return { message: `the key ${key ?? ''} stands twice`, where, hint: 'take one of the two out' }
  if (problem.code === 'MULTIPLE_DOCS')
    return { message: 'the config has two documents', where, hint: 'take the --- out, or name two files with -c' }
  if (problem.code === 'TAB_AS_INDENT')
    return { message: 'the config is indented by a tab', where, hint: 'indent by two blanks' }
  return {
    message: `the config is no valid YAML: ${problem.message}`,
    where,
    hint: 'mend the line; keys are indented by two spaces, values stand behind ": "',
  }
}

/** Plain values. A file whose aliases refer to each other without end is refused by the parser's own bound. */
function valuesOf(document: Document, name: string): unknown {
  try {
    const values: unknown = document.toJS()
    if (hasCycle(values)) throw new Error('an alias refers to what it is part of')
    return values
  } catch (error) {
    if (error instanceof RangeError) throw tooDeep(name)
    throw badInput(`the config cannot be read: ${error instanceof Error ? error.message : String(error)}`, {
      where: name,
      hint: 'write the values out instead of repeating them by aliases',
    })
  }
}

/** Where a key (or list entry) stands, in characters from the start. */
function offsetOf(document: Document, path: KeyPath): number | undefined {
  let node: unknown = document.contents
  let offset = document.range?.[0] ?? 0
  for (const key of path) {
    if (isAlias(node)) node = node.resolve(document)
    if (isMap(node)) {
      const pair = node.items.find(item => isScalar(item.key) && String(item.key.value) === String(key))
      if (!pair || !isScalar(pair.key)) return undefined
      offset = pair.key.range?.[0] ?? offset
      node = pair.value
    } else if (isSeq(node)) {
      const item: unknown = node.items[Number(key)]
      if (item === undefined) return undefined
      offset = (item as { range?: readonly number[] }).range?.[0] ?? offset
      node = item
    } else return undefined
  }
  return offset
}
