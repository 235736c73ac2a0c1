import type { Io } from '../io.ts'
import { colours } from './colour.ts'
import { fittedTable, type TableColumn } from './table.ts'

/** Prints a table that fits the terminal, and says what it had to leave out. */
export function printTable(io: Io, columns: readonly TableColumn[], rows: readonly (readonly string[])[]): void {
  const { text, dropped } = fittedTable(columns, rows, io.columns)
  io.stdout(text)
  if (dropped.length > 0) io.stdout(colours(io, 'stdout').dim(`left out: ${dropped.join(', ')} (--json has them)\n`))
}
