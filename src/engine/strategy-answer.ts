import type { Intent } from '../domain/intent.ts'
import { failureOf } from '../strategy/failed-at.ts'
import { StrategyError } from '../strategy/strategy-error.ts'
import { intentFault } from '../strategy/intent-fault.ts'
import type { Leg } from './leg.ts'
import type { EngineState } from './state.ts'

/** What a strategy returned, if it is an intent or nothing. @throws StrategyError. */
export function asIntent(leg: Leg, answer: unknown): Intent | undefined {
  if (answer === undefined || answer === null || answer === false) return undefined
  const { name, file } = leg.strategy
  if (answer instanceof Promise) {
    // Its own failure is no news beside ours, and must not end the process.
    answer.catch(() => undefined)
    throw new StrategyError(name, `strategy ${name} returned a promise on ${candleOf(leg)}: decide answers at once`, {
      where: file,
      hint: 'take "async" and "await" out of decide',
    })
  }
  const fault = faultIn(answer)
  if (fault === undefined) return answer as Intent
  throw new StrategyError(name, `strategy ${name} returned no intent on ${candleOf(leg)}: ${fault}`, {
    where: file,
    hint: 'return enterLong(…), enterShort(…), add(…), exit(…), cancel(…) or nothing',
  })
}

/** What cannot even be read is no intent either. */
function faultIn(answer: unknown): string | undefined {
  try {
    return intentFault(answer)
  } catch (error) {
    return `it cannot be read: ${error instanceof Error ? error.message : String(error)}`
  }
}

/**
 * What to throw for an error that came out of the engine: when a strategy was deciding, it says which one, on what
 * candle, and where in the user's file; otherwise it is the error itself.
 */
export function explainFailure(state: EngineState, error: unknown): unknown {
  const leg = state.deciding
  if (leg === undefined) return error
  state.deciding = undefined
  const { name, file, placeOf } = leg.strategy
  const { message, details } = failureOf(`strategy ${name} failed on ${candleOf(leg)}`, placeOf?.(error) ?? file, error)
  return new StrategyError(name, message, details)
}

function candleOf(leg: Leg): string {
  return `${leg.market.series.symbol} at ${new Date(leg.view.time).toISOString()}`
}
