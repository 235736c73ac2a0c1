import { existsSync } from 'node:fs'
import { join } from 'node:path'
import { CandleStore } from '../market/candle-store.ts'

export function storePath(dataDir: string): string {
  return join(dataDir, 'candles.db')
}

/** Reads the store; `absent` when nothing was ever stored. Creates nothing. */
export function withStore<T>(dataDir: string, absent: T, read: (store: CandleStore) => T): T {
  const path = storePath(dataDir)
  if (!existsSync(path)) return absent
  const store = CandleStore.open(path, { readonly: true })
  try {
    return read(store)
  } finally {
    store.close()
  }
}
