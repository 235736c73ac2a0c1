import type { Io } from '../io.ts'

/** Prints the one JSON document that `--json` stands for. Numbers that JSON has no word for become null. */
export function printJson(io: Io, document: unknown): void {
  io.stdout(`${JSON.stringify(document)}\n`)
}
