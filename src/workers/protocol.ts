import type { PackedError } from './packed-error.ts'

/** What a worker is asked: to run a task that a module exports, or a function given as its source. */
export type Order =
  | { readonly id: number; readonly module: string; readonly name: string; readonly input: unknown }
  | { readonly id: number; readonly source: string; readonly input: readonly unknown[] }

/** What a worker says when it is done. */
export type Answer =
  { readonly id: number; readonly value: unknown } | { readonly id: number; readonly error: PackedError }
