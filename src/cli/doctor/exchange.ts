import { TallowError } from '../../domain/errors.ts'
import { createCcxtSource } from '../../exchange/ccxt/ccxt-source.ts'
import type { Config } from '../config/schema.ts'
import type { Io } from '../io.ts'
import { clockSynchronised } from './clock-synchronised.ts'
import { fail, ok, reasonOf, warn, type Finding } from './finding.ts'

/** Somebody waits for the answer. */
const ANSWER_WITHIN_MS = 5_000

/** Whether the exchange answers, and whether this machine's clock agrees with its. */
export async function exchangeFindings({ exchange, health }: Config, io: Io): Promise<readonly Finding[]> {
  if (exchange.simulator !== undefined)
    return [
      ok('exchange', 'embedded: it needs no network'),
      await clockAlone('the embedded exchange has a time of its own'),
    ]
  try {
    const { offsetMs, roundTripMs } = await measure(exchange, io)
    return [
      ok('exchange', `${exchange.id} answers in ${roundTripMs.toFixed(0)} ms`),
      await clockFinding(offsetMs, roundTripMs, health.clock_offset_max_ms),
    ]
  } catch (error) {
    const remedy = (error instanceof TallowError ? error.hint : undefined) ?? 'check network, proxy and firewall'
    return [fail('exchange', reasonOf(error), remedy), await clockAlone('the exchange did not tell its time')]
  }
}

async function measure(
  { id, base_url: baseUrl, request_timeout_ms: timeoutMs }: Config['exchange'],
  io: Io,
): Promise<{ readonly offsetMs: number; readonly roundTripMs: number }> {
  const source = await createCcxtSource({
    exchangeId: id,
    timeoutMs: Math.min(timeoutMs, ANSWER_WITHIN_MS),
    ...(baseUrl === undefined ? {} : { baseUrl }),
  })
  try {
    // The first answer pays for name, connection and encryption.
    await source.serverTime()
    const askedAt = io.now()
    const time = await source.serverTime()
    const answeredAt = io.now()
    return { offsetMs: time - (askedAt + answeredAt) / 2, roundTripMs: answeredAt - askedAt }
  } finally {
    await source.close()
  }
}

async function clockFinding(offsetMs: number, roundTripMs: number, maxMs: number): Promise<Finding> {
  const direction = offsetMs > 0 ? 'behind' : 'ahead of'
  const detail = `${Math.abs(offsetMs).toFixed(0)} ms ${direction} the exchange, within ${(roundTripMs / 2).toFixed(0)} ms`
  if (Math.abs(offsetMs) > maxMs + roundTripMs / 2) return fail('clock', detail, 'set up NTP: timedatectl set-ntp true')
  const synchronised = await clockSynchronised()
  if (synchronised === false) return warn('clock', `${detail}, but it is not synchronised`, 'timedatectl set-ntp true')
  return ok('clock', synchronised ? `${detail}, synchronised` : detail)
}

async function clockAlone(why: string): Promise<Finding> {
  const synchronised = await clockSynchronised()
  if (synchronised === false) return warn('clock', 'not synchronised', 'timedatectl set-ntp true')
  return ok('clock', synchronised ? 'synchronised' : `not compared: ${why}`)
}
