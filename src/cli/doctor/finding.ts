/** What one look at machine, folder or network found. */
export interface Finding {
  readonly name: string
  readonly status: 'ok' | 'warn' | 'fail'
  readonly detail: string
  /** What to do about it; empty when nothing has to be done. */
  readonly remedy: string
}

export function ok(name: string, detail: string): Finding {
  return { name, status: 'ok', detail, remedy: '' }
}

export function warn(name: string, detail: string, remedy: string): Finding {
  return { name, status: 'warn', detail, remedy }
}

export function fail(name: string, detail: string, remedy: string): Finding {
  return { name, status: 'fail', detail, remedy }
}

export function reasonOf(error: unknown): string {
  return error instanceof Error ? error.message : String(error)
}
