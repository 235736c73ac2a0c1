import { badInput, TallowError } from '../domain/errors.ts'
import type { Intent } from '../domain/intent.ts'
import type { Leg } from './leg.ts'
import type { EngineState } from './state.ts'

/** What a strategy returned, if it is an intent or nothing. @throws bad input that names the strategy. */
export function asIntent(leg: Leg, answer: unknown): Intent | undefined {
  if (answer === undefined || answer === null || answer === false) return undefined
  if (isIntent(answer)) return answer
  throw badInput(`strategy ${leg.strategy.name} returned ${describe(answer)}`, {
    where: leg.strategy.file,
    hint: 'return enterLong(…), exit(…) or nothing',
  })
}

function isIntent(answer: unknown): answer is Intent {
  if (typeof answer !== 'object' || answer === null) return false
  const kind = (answer as Partial<Intent>).kind
  return kind === 'enter-long' || kind === 'exit'
}

function describe(answer: unknown): string {
  if (answer instanceof Promise) return 'a promise: decide cannot be async'
  if (typeof answer === 'function') return 'a function'
  return JSON.stringify(answer) ?? typeof answer
}

/**
 * What to throw for an error that came out of the engine: when a strategy was deciding, it says which one, on what
 * candle, and where in the user's file; otherwise it is the error itself.
 */
export function explainFailure(state: EngineState, error: unknown): unknown {
  const leg = state.deciding
  if (leg === undefined) return error
  state.deciding = undefined
  const at = new Date(leg.view.time).toISOString()
  const said = error instanceof Error ? error.message : String(error)
  return badInput(`strategy ${leg.strategy.name} failed on ${leg.market.series.symbol} at ${at}: ${said}`, {
    where: placeOf(error) ?? leg.strategy.file,
    cause: error,
    ...(error instanceof TallowError && error.hint !== undefined ? { hint: error.hint } : {}),
  })
}

/** `file:line:column` of the topmost stack frame. */
function placeOf(error: unknown): string | undefined {
  if (!(error instanceof Error)) return undefined
  const frame = /\((.*?:\d+:\d+)\)|at (\/.*?:\d+:\d+)/.exec(error.stack ?? '')
  return frame?.[1] ?? frame?.[2]
}
