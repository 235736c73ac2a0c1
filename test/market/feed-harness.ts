import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import type { Candle } from '../../src/domain/candle.ts'
import { compareKeys, seriesKey, type SeriesId } from '../../src/domain/series.ts'
import { barOpen, nextBarOpen } from '../../src/domain/timeframe.ts'
import { CandleStore } from '../../src/market/candle-store.ts'
import { Feed, type FeedOptions } from '../../src/market/feed.ts'
import type { FeedEvent } from '../../src/market/feed-events.ts'
import { FrameCache } from '../../src/market/frame-cache.ts'
import type { Slice } from '../../src/market/slice.ts'
import { VirtualClock } from '../support/virtual-clock.ts'
import { FakeExchange, noLimiter, type Manners } from './fake-exchange.ts'

export const START = Date.UTC(2024, 0, 1)
export const MINUTE = 60_000

export function temporaryFolder(): { path: string; remove: () => void } {
  const path = mkdtempSync(join(tmpdir(), 'tallow-market-'))
  return { path, remove: () => rmSync(path, { recursive: true, force: true }) }
}

export interface Harness {
  readonly clock: VirtualClock
  readonly exchange: FakeExchange
  readonly feed: Feed
  readonly store: CandleStore
  readonly slices: Slice[]
  readonly events: FeedEvent[]
  /** Stops the feed and removes its files. */
  end(): Promise<void>
}

/** A feed over a fake exchange in virtual time, with a real store. */
export function harness(
  wanted: readonly SeriesId[],
  candles: ReadonlyMap<string, readonly Candle[]>,
  manners: (clock: VirtualClock) => Manners = () => ({}),
  more: Partial<FeedOptions> = {},
): Harness {
  const folder = temporaryFolder()
  const clock = new VirtualClock(START)
  const exchange = new FakeExchange(candles, clock, manners(clock))
  const store = more.store ?? CandleStore.open(join(folder.path, 'candles.db'))
  const slices: Slice[] = []
  const events: FeedEvent[] = []
  const feed = new Feed({
    series: wanted,
    source: exchange,
    limiter: noLimiter,
    clock,
    store,
    cache: new FrameCache(),
    sink: slice => void slices.push(slice),
    onEvent: event => void events.push(event),
    ...more,
  })
  const end = async (): Promise<void> => {
    await feed.stop()
    if (!more.store) store.close()
    folder.remove()
  }
  return { clock, exchange, feed, store, slices, events, end }
}

/** The slices that a perfect exchange leads to: what a backtest over the same candles sees. */
export function idealSlices(
  wanted: readonly SeriesId[],
  candles: ReadonlyMap<string, readonly Candle[]>,
  from: number,
  to: number,
) {
  const ordered = [...wanted].sort((a, b) => compareKeys(seriesKey(a), seriesKey(b)))
  const slices: { time: number; candles: { key: string; candle: Candle }[]; late: string[] }[] = []
  for (let time = from + MINUTE; time <= to; time += MINUTE) {
    const slice = { time, candles: [] as { key: string; candle: Candle }[], late: [] as string[] }
    for (const series of ordered) {
      const open = barOpen(series.timeframe, time - 1)
      if (nextBarOpen(series.timeframe, open) !== time) continue
      const candle = candles.get(series.symbol)?.find(({ openTime }) => openTime === open)
      if (candle) slice.candles.push({ key: seriesKey(series), candle })
      else slice.late.push(seriesKey(series))
    }
    if (slice.candles.length > 0) slices.push(slice)
  }
  return slices
}

/** Slices without what legitimately depends on timing. */
export function withoutNextOpen(slices: readonly Slice[]) {
  return slices.map(({ time, candles, late }) => ({
    time,
    candles: candles.map(({ key, candle }) => ({ key, candle })),
    late: [...late],
  }))
}
