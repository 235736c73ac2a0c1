export interface TableColumn {
  readonly title: string
  /** Numbers stand at the right, so that their digits line up. */
  readonly align?: 'left' | 'right'
  /** Where the table is too wide, this column may be cut to so many characters. */
  readonly widthMin?: number
  /** Where that is not enough, this column may go; the lowest number goes first. */
  readonly dropRank?: number
}

const GAP = '  '

/**
 * A plain table: a title line and one line a row, two spaces between columns.
 * @param rows cells as text, perhaps coloured; a missing one is empty.
 */
export function table(columns: readonly TableColumn[], rows: readonly (readonly string[])[]): string {
  return lay(columns, rows, naturalWidths(columns, rows))
}

/**
 * A table no wider than the terminal, as far as its columns allow: long texts are cut, then columns left out.
 * @param widthMax in characters.
 * @returns the table, and the titles of the columns that are not in it.
 */
export function fittedTable(
  columns: readonly TableColumn[],
  rows: readonly (readonly string[])[],
  widthMax: number,
): { readonly text: string; readonly dropped: readonly string[] } {
  const natural = naturalWidths(columns, rows)
  const shown = new Set(columns.keys())
  const least = (index: number): number => Math.min(natural[index] ?? 0, columns[index]?.widthMin ?? Infinity)
  const ranked = [...shown]
    .filter(index => columns[index]?.dropRank !== undefined)
    .sort((a, b) => (columns[a]?.dropRank ?? 0) - (columns[b]?.dropRank ?? 0))
  const dropped: string[] = []
  for (const index of ranked) {
    if (total([...shown].map(least)) <= widthMax) break
    shown.delete(index)
    dropped.push(columns[index]?.title ?? '')
  }
  const widths = new Map([...shown].map(index => [index, natural[index] ?? 0]))
  let excess = total([...widths.values()]) - widthMax
  for (const index of shown) {
    const cut = Math.max(0, Math.min(excess, (natural[index] ?? 0) - least(index)))
    widths.set(index, (natural[index] ?? 0) - cut)
    excess -= cut
  }
  const pick = (cells: readonly string[]): string[] =>
    [...widths].map(([index, width]) => shorten(cells[index] ?? '', width))
  const kept = columns.filter((_, index) => shown.has(index))
  return { text: lay(kept, rows.map(pick), [...widths.values()]), dropped }
}

function naturalWidths(columns: readonly TableColumn[], rows: readonly (readonly string[])[]): readonly number[] {
  return columns.map(({ title }, index) =>
    rows.reduce((widest, cells) => Math.max(widest, visibleLength(cells[index] ?? '')), visibleLength(title)),
  )
}

function total(widths: readonly number[]): number {
  return widths.reduce((sum, width) => sum + width + GAP.length, -GAP.length)
}

function lay(columns: readonly TableColumn[], rows: readonly (readonly string[])[], widths: readonly number[]): string {
  const lines = [columns.map((column, index) => shorten(column.title, widths[index] ?? 0)), ...rows]
  return lines.map(cells => line(cells, columns, widths)).join('')
}

function line(cells: readonly string[], columns: readonly TableColumn[], widths: readonly number[]): string {
  const padded = columns.map((column, index) => {
    const text = cells[index] ?? ''
    const space = ' '.repeat(Math.max(0, (widths[index] ?? 0) - visibleLength(text)))
    return column.align === 'right' ? space + text : text + space
  })
  return `${padded.join(GAP).trimEnd()}\n`
}

/** A text that was cut says so. Coloured ones are as long as they are: a cut would lose the end of the colour. */
function shorten(text: string, width: number): string {
  if (text.length <= width || visibleLength(text) !== text.length) return text
  return `${text.slice(0, Math.max(0, width - 1))}…`
}

function visibleLength(text: string): number {
  // eslint would rather not see control characters in a pattern; colours are made of them.
  return text.replaceAll(ESCAPE, '').length
}

const ESCAPE = new RegExp(`${String.fromCharCode(27)}\\[\\d+m`, 'g')
