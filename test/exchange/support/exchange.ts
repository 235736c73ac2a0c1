import type { TestContext } from 'node:test'
import { createCcxtSource, type CcxtSource } from '../../../src/exchange/ccxt/ccxt-source.ts'
import type { ResponseUsage } from '../../../src/exchange/limiter/request-limiter.ts'
import type { WallTime } from '../../../src/exchange/clock/wall-time.ts'
import { RecordedSource } from '../../../src/exchange/recorded/recorded-source.ts'
import { startSimulator, type Simulator, type SimulatorOptions } from '../../../src/exchange/simulator/simulator.ts'
import type { CandleFrame } from '../../../src/frame/candle-frame.ts'
import { realSleep } from '../../../src/exchange/simulator/real-time.ts'

export function recording(frame: CandleFrame, symbol = 'BTC/USDT'): RecordedSource {
  return new RecordedSource({ exchange: 'binance', recordings: new Map([[symbol, { timeframe: '1m', frame }]]) })
}

/** Real timers, but a clock that stands still until a test moves it. */
export class StillWall implements WallTime {
  #now = 0
  readonly sleep = realSleep

  now(): number {
    return this.#now
  }

  advance(ms: number): void {
    this.#now += ms
  }
}

export interface Exchange {
  readonly simulator: Simulator
  readonly source: CcxtSource
  readonly usages: ResponseUsage[]
  readonly wall: StillWall
}

/** The embedded exchange with its time standing still, and the real ccxt connected to it. */
export async function startExchange(
  context: TestContext,
  options: Omit<SimulatorOptions, 'wall'>,
  timeoutMs = 5_000,
): Promise<Exchange> {
  const wall = new StillWall()
  const simulator = await startSimulator({ ...options, wall })
  const usages: ResponseUsage[] = []
  const source = await createCcxtSource({
    exchangeId: 'binance',
    baseUrl: simulator.url,
    timeoutMs,
    onResponse: usage => usages.push(usage),
  })
  context.after(async () => {
    await source.close()
    await simulator.close()
  })
  return { simulator, source, usages, wall }
}
