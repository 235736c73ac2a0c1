import { join, resolve } from 'node:path'
import type { Logger } from 'pino'
import { OffsetClock } from '../exchange/clock/offset-clock.ts'
import { realSleep } from '../exchange/simulator/real-time.ts'
import { SqliteLedgerRows } from '../ledger/sqlite/sqlite-ledger-rows.ts'
import { InfluxServer } from '../telemetry/destinations/influx-server.ts'
import type { LineDestination } from '../telemetry/destinations/line-destination.ts'
import { LineFile } from '../telemetry/destinations/line-file.ts'
import { OutboxSink, type SinkObserver } from '../telemetry/outbox-sink.ts'
import type { PointSink } from '../telemetry/point.ts'
import type { Config } from './config/schema.ts'
import { formatCount } from './output/format.ts'

const BYTES_PER_MB = 1024 * 1024

/** Where points go; undefined when they are off. @throws bad input on an address that cannot work. */
export function pointDestination({ influx, data_dir }: Config): LineDestination | undefined {
  const { url, token, org, bucket, v1, file } = influx
  if (file !== undefined) return new LineFile({ path: resolve(data_dir, file) })
  if (url === undefined) return undefined
  return new InfluxServer({
    url,
    ...(token === undefined ? {} : { token }),
    ...(org === undefined ? {} : { org }),
    ...(bucket === undefined ? {} : { bucket }),
    ...(v1 === undefined ? {} : { v1 }),
  })
}

export function outboxPath({ data_dir }: Pick<Config, 'data_dir'>): string {
  return join(data_dir, 'outbox.db')
}

/** The rows of the bot that become points. */
export function pointRows({ data_dir, bot }: Pick<Config, 'data_dir' | 'bot'>): SqliteLedgerRows {
  return new SqliteLedgerRows(join(data_dir, 'ledger.db'), bot)
}

/** The sink of a run; undefined when points are off. @throws TallowError when its outbox cannot be used. */
export function openPoints(config: Config, log: Logger): PointSink | undefined {
  const destination = pointDestination(config)
  if (destination === undefined) return undefined
  const { influx, bot } = config
  return OutboxSink.open(
    {
      bot,
      path: outboxPath(config),
      batchSize: influx.batch_size,
      flushIntervalMs: influx.flush_interval_ms,
      bytesMax: influx.max_outbox_mb * BYTES_PER_MB,
    },
    {
      destination,
      rows: pointRows(config),
      clock: new OffsetClock({ now: () => Date.now(), sleep: realSleep }),
      random: Math.random,
      observer: logged(log),
    },
  )
}

/** Sends what waits, for a bounded time, and says what became of the run's points. */
export async function closePoints(points: PointSink, log: Logger): Promise<void> {
  const waiting = points.stats().pending
  if (waiting > 0) log.info(`sending ${formatCount(waiting, 'point')} that wait`)
  await points.close()
  const { sent, pending, lost, lastError } = points.stats()
  const became = `points: ${sent} sent, ${pending} left for the next run, ${lost} lost`
  if (pending + lost === 0) log.info(became)
  else log.warn(`${became}: ${lastError ?? 'see above'}`)
}

function logged(log: Logger): SinkObserver {
  return {
    away: reason => log.warn(`points wait on disk: ${reason}`),
    back: () => log.info('points are sent again'),
    deadLetter: lines =>
      log.error(
        `${formatCount(lines.length, 'point')} refused, tallow metrics dead-letter list shows them: ${lines.at(-1)?.reason ?? ''}`,
      ),
    dropped: (points, reason) => {
      const counts = points.map(({ measurement, points: count }) => `${count} ${measurement}`)
      log.error(`points dropped: ${counts.join(', ')}: ${reason}`)
    },
    refused: (measurement, reason) => log.warn(`a point of "${measurement}" cannot be stored: ${reason}`),
    damaged: movedTo => log.error(`outbox.db was damaged: it is now ${movedTo}, and a new one is begun`),
  }
}
