/** Text for spreadsheets, as RFC 4180 has it: a line a record, each with a carriage return. */

/**
 * @param header names of the columns.
 * @param records cells as text, already in the form in which they are to stand.
 */
export function csv(header: readonly string[], records: readonly (readonly string[])[]): string {
  return [header, ...records].map(cells => `${cells.map(quoted).join(',')}\r\n`).join('')
}

/**
 * A text of unknown origin as a cell that stays one: a spreadsheet would take what begins with `=`, `+`, `-` or `@` for a
 * formula and run it. The apostrophe is its own word for "this is text".
 */
export function plainCell(text: string): string {
  return /^[=+\-@\t\r\n]/.test(text) ? `'${text}` : text
}

function quoted(cell: string): string {
  return /[",\r\n]/.test(cell) ? `"${cell.replaceAll('"', '""')}"` : cell
}
