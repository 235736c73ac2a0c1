import type { SymbolChoice } from './options.ts'

/** Whether something is of one of the symbols that were asked for; all are when none was. */
export function isChosen(
  choices: readonly SymbolChoice[] | undefined,
  { exchange, symbol }: { readonly exchange: string; readonly symbol: string },
): boolean {
  if (choices === undefined) return true
  return choices.some(choice => choice.symbol === symbol && (choice.exchange ?? exchange) === exchange)
}
