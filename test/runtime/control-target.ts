import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import type { TestContext } from 'node:test'
import { badInput } from '../../src/domain/errors.ts'
import { botStatus, type BotStatus } from '../../src/runtime/control/bot-status.ts'
import { ControlServer, type ControlOptions } from '../../src/runtime/control/control-server.ts'
import type { ControlTarget } from '../../src/runtime/control/control-target.ts'
import type { Heartbeat } from '../../src/telemetry/health-document.ts'

export const IDLE_STATUS: BotStatus = botStatus({
  bot: 'demo',
  running: true,
  cash: 10_000n * 10n ** 18n,
  equity: undefined,
  mode: undefined,
  positions: [],
  orders: [],
  priceOf: () => undefined,
  protections: [],
  excluded: [],
})

/** A bot that trades BTC/USDT in two legs, and remembers what it was told. */
export class RecordingTarget implements ControlTarget {
  readonly told: string[] = []
  current: BotStatus = IDLE_STATUS

  async setMode(mode: string): Promise<void> {
    this.told.push(mode)
  }

  async close(symbol: string): Promise<{ readonly legs: number }> {
    if (symbol !== 'BTC/USDT')
      throw badInput(`the bot does not trade ${symbol}`, { hint: 'did you mean BTC/USDT?', where: 'trading.symbols' })
    this.told.push(`close ${symbol}`)
    return { legs: 2 }
  }

  stop(): void {
    this.told.push('stop')
  }

  async reload(): Promise<void> {
    this.told.push('reload')
  }

  status(): BotStatus {
    return this.current
  }

  heartbeat(): Heartbeat | undefined {
    return undefined
  }
}

/** A folder of the test's own; everybody may look into it. */
export function dataFolder(context: TestContext): string {
  const folder = mkdtempSync(join(tmpdir(), 'tallow-control-'))
  context.after(() => rmSync(folder, { recursive: true, force: true }))
  return folder
}

/** A server that is gone after the test. */
export async function openServer(
  context: TestContext,
  path: string,
  target: ControlTarget = new RecordingTarget(),
  options: ControlOptions = {},
): Promise<ControlServer> {
  const server = await ControlServer.open(path, target, options)
  context.after(() => server.close())
  return server
}
