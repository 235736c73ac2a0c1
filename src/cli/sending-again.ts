import { badInput } from '../domain/errors.ts'
import { OffsetClock } from '../exchange/clock/offset-clock.ts'
import { realSleep } from '../exchange/simulator/real-time.ts'
import type { SendAgainOptions, SentAgain } from '../telemetry/sender/send-again.ts'
import type { Config } from './config/schema.ts'
import { interruptible } from './interruptible.ts'
import type { Io } from './io.ts'
import { pointDestination } from './plug-points.ts'

const PATIENCE_MS = 30_000

/**
 * Sends to where the config's points go, until it is done or interrupted.
 * @returns undefined when it was interrupted. @throws bad input when points are off.
 */
export async function sendingAgain(
  io: Io,
  config: Config,
  send: (again: SendAgainOptions) => Promise<SentAgain>,
): Promise<SentAgain | undefined> {
  const destination = pointDestination(config)
  if (destination === undefined)
    throw badInput('points are off: there is nowhere to send them', {
      where: 'influx.url',
      hint: 'set influx.url, or influx.file, in the config',
    })
  const clock = new OffsetClock({ now: () => io.now(), sleep: realSleep })
  try {
    let result: SentAgain | undefined
    await interruptible(io, undefined, async signal => {
      result = await send({ destination, clock, random: Math.random, signal, patienceMs: PATIENCE_MS })
    })
    return result
  } finally {
    destination.close()
  }
}
