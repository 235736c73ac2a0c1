import { badInput } from '../domain/errors.ts'
import type { ColumnSpec } from './column-spec.ts'
import { requestColumn } from './define.ts'
import { SOURCES, type Source } from './fold.ts'
import { indicatorByName } from './registry.ts'

const COLUMN = /^([a-z][a-z0-9-]*)(?:\((.*)\))?$/

/**
 * The column that a canonical key stands for: `rsi(14)`, `ema(20,seed=first)`, `rsi(14,of=ema(10,of=hl2()))`,
 * `sma(20,of=volume)`, `sma(5,of=macd(12,26,9).signal)`. Parameters that are left out have their defaults: `rsi`.
 * @throws bad input for text that is no key, an unknown indicator, or wrong parameters.
 */
export function parseColumn(text: string): ColumnSpec {
  const [, name, args = ''] = COLUMN.exec(text.trim()) ?? []
  if (name === undefined)
    throw badInput(`"${text}" is no column`, { hint: 'write e.g. rsi(14), ema(20,seed=first) or rsi(14,of=ema(10))' })
  const definition = indicatorByName(name)
  const positional = Object.entries(definition.params)
    .filter(([, { type }]) => type === 'int' || type === 'number')
    .map(([param]) => param)
  const given: Record<string, string> = {}
  let inner: string | undefined
  for (const [index, part] of splitTop(args).entries()) {
    const at = part.search(/^[A-Za-z0-9]+=/) === 0 ? part.indexOf('=') : -1
    const param = at < 0 ? positional[index] : part.slice(0, at)
    if (param === undefined)
      throw badInput(`"${text}": ${name} has no parameter number ${index + 1}`, {
        hint: `its parameters are: ${Object.keys(definition.params).join(', ') || 'none'}`,
      })
    if (param === 'of') inner = part.slice(at + 1)
    else given[param] = part.slice(at + 1)
  }
  const spec = requestColumn(definition, given)
  return inner === undefined ? spec : composed(spec, inner)
}

function composed(spec: ColumnSpec, inner: string): ColumnSpec {
  if (SOURCES.some(lane => lane === inner)) return spec.of(inner as Source)
  const [, column = inner, output] = /^(.*\))\.([A-Za-z]+)$/.exec(inner) ?? []
  const open = spec as { of(column: ColumnSpec, output?: string): ColumnSpec }
  return open.of(parseColumn(column), output)
}

/** At the commas that stand in no bracket. */
function splitTop(text: string): readonly string[] {
  const parts: string[] = []
  let depth = 0
  let part = ''
  for (const sign of text) {
    if (sign === '(') depth++
    if (sign === ')') depth--
    if (sign === ',' && depth === 0) {
      parts.push(part.trim())
      part = ''
    } else part += sign
  }
  return part.trim() === '' && parts.length === 0 ? [] : [...parts, part.trim()]
}
