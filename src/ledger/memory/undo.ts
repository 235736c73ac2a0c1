import { bug } from '../../domain/errors.ts'

/** Takes back what one entry did. */
export type Undo = () => void

/** @throws bug when the key is there already. */
export function insert<V>(map: Map<string, V>, key: string, value: V, what: string): Undo {
  if (map.has(key)) throw bug(`${what} ${key} is in the ledger already`)
  map.set(key, value)
  return () => map.delete(key)
}
