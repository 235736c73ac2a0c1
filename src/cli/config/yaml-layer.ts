import { readFileSync } from 'node:fs'
import { isAlias, isMap, isScalar, isSeq, LineCounter, parseDocument, type Document } from 'yaml'
import { badInput } from '../../domain/errors.ts'
import type { KeyPath } from './key-path.ts'
import type { ConfigFault, Layer } from './layers.ts'

/**
 * Reads a config file.
 * @param name how messages call it. @param path absolute.
 * @throws bad input when it cannot be read.
 */
export function yamlLayer(
  name: string,
  path: string,
): { readonly layer: Layer; readonly faults: readonly ConfigFault[] } {
  const lines = new LineCounter()
  const document = parseDocument(readText(name, path), { lineCounter: lines, prettyErrors: false })
  const placeAt = (offset: number): string => {
    const { line, col } = lines.linePos(offset)
    return `${name}:${line}:${col}`
  }
  const faults = [...document.errors, ...document.warnings].map(problem => ({
    message: `the config is no valid YAML: ${problem.message}`,
    where: placeAt(problem.pos[0]),
    hint: 'mend the line; keys are indented by two spaces, values stand behind ": "',
  }))
  const layer: Layer = {
    values: faults.length > 0 ? {} : valuesOf(document, name),
    placeOf: keyPath => {
      const offset = offsetOf(document, keyPath)
      return offset === undefined ? undefined : placeAt(offset)
    },
  }
  return { layer, faults }
}

function readText(name: string, path: string): string {
  try {
    return readFileSync(path, 'utf8')
  } catch (error) {
    const code = (error as { code?: string }).code
    if (code === 'ENOENT')
      throw badInput(`there is no config file ${name}`, { where: path, hint: 'check the path given to --config' })
    throw badInput(`the config file ${name} cannot be read: ${code ?? String(error)}`, {
      where: path,
      cause: error,
      hint: 'give --config a file that this user may read',
    })
  }
}

/** Plain values. A file whose aliases refer to each other without end is refused by the parser's own bound. */
function valuesOf(document: Document, name: string): unknown {
  try {
    return document.toJS() as unknown
  } catch (error) {
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
