import { legName, type LegName } from '../domain/leg-name.ts'
import { formatDecimal } from '../domain/money.ts'
import type { Position } from '../domain/position.ts'
import { nameOf, type EngineState } from '../engine/state.ts'
import type { ExitState } from '../domain/exit-plan.ts'
import type { LedgerState } from '../ledger/ledger.ts'

interface Held {
  readonly position: Position
  readonly exits: ExitState | undefined
}

/**
 * Compares what the engine holds with what is on record: positions with what protects them, cash, orders that wait.
 * @param recorded read when no commit waits: memory is then meant to be the same.
 * @returns what differs, in words; none when all is as it should be.
 */
export function differences(state: EngineState, recorded: LedgerState): readonly string[] {
  const inMemory = new Map<string, Held>()
  for (const leg of state.legs)
    if (leg.position !== undefined)
      inMemory.set(legName(nameOf(leg)), { position: leg.position, exits: leg.watch?.state() })
  const inLedger = new Map<string, Held>(recorded.positions.map(held => [legName(held.of), held]))
  const names = new Set([...inMemory.keys(), ...inLedger.keys()])
  const found: string[] = []
  for (const name of names) {
    const [here, there] = [inMemory.get(name), inLedger.get(name)]
    if (!sameHolding(here, there))
      found.push(`position of ${name}: ${holding(here)} in memory, ${holding(there)} in the ledger`)
  }
  if (recorded.cash !== undefined && recorded.cash !== state.cash)
    found.push(`cash: ${formatDecimal(state.cash)} in memory, ${formatDecimal(recorded.cash)} in the ledger`)
  return [...found, ...orderDifferences(state, recorded)]
}

function orderDifferences(state: EngineState, { openOrders }: LedgerState): readonly string[] {
  const waiting = new Map<string, LegName>()
  for (const leg of state.legs) if (leg.pending !== undefined) waiting.set(leg.pending.order.clientId, nameOf(leg))
  const open = new Map(openOrders.map(order => [order.clientId, order]))
  return [
    ...[...waiting].filter(([id]) => !open.has(id)).map(([id]) => `order ${id} waits in memory and not in the ledger`),
    ...[...open]
      .filter(([id]) => !waiting.has(id))
      .map(([id]) => `order ${id} is open in the ledger and not in memory`),
  ]
}

function sameHolding(here: Held | undefined, there: Held | undefined): boolean {
  if (here === undefined || there === undefined) return here === there
  const fields = Object.keys(here.position) as (keyof Position)[]
  return fields.every(field => here.position[field] === there.position[field]) && here.exits?.stop === there.exits?.stop
}

function holding(held: Held | undefined): string {
  if (held === undefined) return 'nothing'
  const { position, exits } = held
  const stop = exits?.stop === undefined ? '' : `, stop ${exits.stop}`
  return `${position.side} ${formatDecimal(position.amount)} at ${formatDecimal(position.entryPrice)}${stop}`
}
