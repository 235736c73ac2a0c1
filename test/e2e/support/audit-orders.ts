import assert from 'node:assert/strict'
import { ONE, units } from './decimal-text.ts'
import type { EventRow, FillRow, LedgerRows, OrderRow } from './ledger-rows.ts'
import { legOf } from './own-book.ts'

export function orderById({ orders }: Pick<LedgerRows, 'orders'>): ReadonlyMap<string, OrderRow> {
  return new Map(orders.map(order => [order.client_id, order]))
}

/** Each order once, with the fill and the events that its status says, within its own terms; one at a time for a leg. */
export function checkOrders({ orders, fills, events }: LedgerRows): void {
  const byId = orderById({ orders })
  assert.equal(byId.size, orders.length, 'an order is there twice')
  const fillsOf = Map.groupBy(fills, fill => fill.client_id)
  const eventsOf = Map.groupBy(events, event => event.client_id)
  const waiting = new Map<string, OrderRow>()
  for (const order of orders) {
    const filled = fillsOf.get(order.client_id) ?? []
    assert.equal(filled.length, order.status === 'filled' ? 1 : 0, `${order.client_id} is ${order.status}: its fills`)
    for (const fill of filled) checkTerms(order, fill)
    checkEvents(order, eventsOf.get(order.client_id) ?? [])
    if (order.status !== 'open') continue
    const other = waiting.get(legOf(order))
    assert.equal(other, undefined, `${order.client_id} waits beside ${other?.client_id}`)
    waiting.set(legOf(order), order)
  }
  for (const event of events) assert.ok(byId.has(event.client_id), `an event names ${event.client_id}`)
}

/** A fill is of its order: same market and side, the amount or sum asked for, never worse than its limit. */
function checkTerms(order: OrderRow, fill: FillRow): void {
  const what = `fill ${fill.fill_id} is not what its order asked for`
  assert.equal(`${legOf(fill)} ${fill.side}`, `${legOf(order)} ${order.side}`, what)
  if (order.amount !== null) assert.equal(fill.amount, order.amount, what)
  if (order.quote !== null)
    assert.ok((units(fill.price) * units(fill.amount)) / ONE + units(fill.fee) <= units(order.quote), what)
  if (order.type === 'limit' && order.price !== null) {
    const worse = units(fill.price) - units(order.price)
    assert.ok(order.side === 'buy' ? worse <= 0n : worse >= 0n, what)
  }
  assert.ok(fill.time >= order.decided_at, `${what}: it is older`)
  if (order.expires_at !== null) assert.ok(fill.time < order.expires_at, `${what}: it had expired`)
}

function checkEvents(order: OrderRow, events: readonly EventRow[]): void {
  const wanted = order.status === 'open' ? ['open'] : ['open', order.status]
  assert.deepEqual(
    events.map(({ status }) => status),
    wanted,
    `what became of ${order.client_id}`,
  )
}

/**
 * No slice was decided on twice: not by two runs, of which each begins where the ledger ended before it, and not by one
 * leg. Orders say which run decided them.
 */
export function checkDecidedOnce({ runs, orders, decisions, equity }: LedgerRows): void {
  const seen = new Set<string>()
  for (const decision of decisions) {
    const key = `${legOf(decision)} ${decision.time}`
    assert.ok(!seen.has(key), `two decisions of ${key}`)
    seen.add(key)
  }
  const from = runs.map(({ manifest }) => (JSON.parse(manifest) as { decidesFrom: number }).decidesFrom)
  const index = new Map(runs.map(({ id }, at) => [id, at]))
  for (const { client_id, run_id, decided_at, purpose } of orders) {
    const run = index.get(run_id ?? -1) ?? assert.fail(`${client_id} is of no run`)
    // What protects a position works in slices of the past, too.
    if (purpose !== 'protect') assert.ok(decided_at >= (from[run] ?? 0), `${client_id} was decided before its run`)
    const next = from[run + 1]
    if (next !== undefined) assert.ok(decided_at < next, `${client_id} was decided in a slice of a later run`)
  }
  const times = new Set(equity.map(row => row.time))
  const first = equity[0]?.time ?? Number.POSITIVE_INFINITY
  for (const instant of from)
    if (instant >= first) assert.ok(times.has(instant), `a run took over at ${instant}, where no slice was committed`)
}
