export interface TableColumn {
  readonly title: string
  /** Numbers stand at the right, so that their digits line up. */
  readonly align?: 'left' | 'right'
}

/**
 * A plain table: a title line and one line a row, two spaces between columns.
 * @param rows cells as text, perhaps coloured; a missing one is empty.
 */
export function table(columns: readonly TableColumn[], rows: readonly (readonly string[])[]): string {
  const lines = [columns.map(column => column.title), ...rows]
  const widths = columns.map((_, index) => Math.max(...lines.map(cells => visibleLength(cells[index] ?? ''))))
  return lines.map(cells => line(cells, columns, widths)).join('')
}

function line(cells: readonly string[], columns: readonly TableColumn[], widths: readonly number[]): string {
  const padded = columns.map((column, index) => {
    const text = cells[index] ?? ''
    const space = ' '.repeat((widths[index] ?? 0) - visibleLength(text))
    return column.align === 'right' ? space + text : text + space
  })
  return `${padded.join('  ').trimEnd()}\n`
}

function visibleLength(text: string): number {
  // eslint would rather not see control characters in a pattern; colours are made of them.
  return text.replaceAll(ESCAPE, '').length
}

const ESCAPE = new RegExp(`${String.fromCharCode(27)}\\[\\d+m`, 'g')
