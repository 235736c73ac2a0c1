import { compareCinar, CINAR_CASES } from './golden-cinar.ts'
import { compareLean, LEAN_CASES } from './golden-lean.ts'
import { compareSkender, SKENDER_CASES } from './golden-skender.ts'
import { compareTulip, TULIP_CASES } from './golden-tulip.ts'
import type { Comparison } from './golden.ts'

const START = '<!-- compared: written by npm run indicators -->'
const END = '<!-- /compared -->'

interface Line extends Comparison {
  readonly source: string
}

/** The page with the table of what was compared written anew. @throws when the page has no place for it. */
export function withComparisons(page: string): string {
  const [before, after] = [page.indexOf(START), page.indexOf(END)]
  if (before < 0 || after < before) throw new Error(`docs/indicators.md: no lines "${START}" and "${END}"`)
  return `${page.slice(0, before + START.length)}\n\n${table(allComparisons())}\n\n${page.slice(after)}`
}

function allComparisons(): Line[] {
  const lines = [
    ...SKENDER_CASES.flatMap(known => from('Skender', compareSkender(known))),
    ...TULIP_CASES.flatMap(known => from('Tulip', compareTulip(known))),
    ...LEAN_CASES.flatMap(known => from('LEAN', [compareLean(known)])),
    ...CINAR_CASES.flatMap(known => from('cinar', compareCinar(known))),
  ]
  return lines.sort((a, b) => (a.key === b.key ? 0 : a.key < b.key ? -1 : 1))
}

function from(source: string, comparisons: readonly Comparison[]): Line[] {
  return comparisons.map(comparison => ({ ...comparison, source }))
}

function table(lines: readonly Line[]): string {
  const cells = lines.map(({ key, output, source, rows, difference }) => [
    `\`${key}\`${output === 'value' ? '' : ` ${output}`}`,
    source,
    String(rows),
    difference === 0 ? '0' : magnitude(difference),
  ])
  const all = [['column', 'source', 'rows', 'largest difference'], ...cells]
  const widths = all[0]!.map((_, column) => Math.max(...all.map(row => row[column]!.length)))
  const written = all.map(row => `| ${row.map((cell, column) => cell.padEnd(widths[column]!)).join(' | ')} |`)
  const rule = `| ${widths.map(width => '-'.repeat(width)).join(' | ')} |`
  return [written[0], rule, ...written.slice(1)].join('\n')
}

/** Rounded up to a power of ten: the last bits of a difference depend on the machine. */
function magnitude(difference: number): string {
  return `< 1e${Math.floor(Math.log10(difference)) + 1}`
}
