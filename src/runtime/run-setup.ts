import type { ColumnCache } from '../indicators/column-cache.ts'
import type { PaperRunOptions } from './paper-run.ts'

/** What every run of a process is made of. */
export interface RunSetup extends Omit<PaperRunOptions, 'observer' | 'columns'> {
  /** Columns of one run: those of the run before it, and its frames, must not stay in memory. */
  readonly createColumns: () => ColumnCache
}
