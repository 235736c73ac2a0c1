import { bug } from '../domain/errors.ts'
import type { ExitPlan, ExitState } from '../domain/exit-plan.ts'

/** An exit plan as the ledger keeps it. @throws bug on NaN and infinities, which JSON would turn into nothing. */
export function planText(plan: ExitPlan): string {
  return JSON.stringify(plan, refuseNonFinite)
}

export function planOf(text: string): ExitPlan {
  // Written by `planText`, which takes nothing but a plan.
  return JSON.parse(text) as ExitPlan
}

/** What an exit plan has come to, as the ledger keeps it. @throws bug on NaN and infinities. */
export function exitsText(exits: ExitState): string {
  return JSON.stringify(exits, refuseNonFinite)
}

export function exitsOf(text: string): ExitState {
  // Written by `exitsText`, which takes nothing but such a state. JSON leaves out a stop that is undefined.
  const { plan, stop, trailed } = JSON.parse(text) as ExitState
  return { plan, stop, trailed }
}

function refuseNonFinite(key: string, value: unknown): unknown {
  if (typeof value === 'number' && !Number.isFinite(value)) throw bug(`${key} of an exit plan is ${value}`)
  return value
}
