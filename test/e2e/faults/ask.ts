import assert from 'node:assert/strict'
import { join } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import type { BotStatus } from '../../../src/runtime/control/bot-status.ts'
import { ControlClient, type Accepted } from '../../../src/runtime/control/control-client.ts'
import type { ControlRequest } from '../../../src/runtime/control/control-request.ts'
import { CONTROL_SOCKET } from '../../../src/runtime/control/socket-path.ts'
import type { HealthCheck, HealthDocument, Heartbeat } from '../../../src/telemetry/health-document.ts'

/** Asks the daemon of a data folder without a process of its own, which costs a second. */
export async function ask(dataDir: string, request: ControlRequest): Promise<Accepted> {
  const client = await ControlClient.connect(join(dataDir, CONTROL_SOCKET))
  assert.ok(client, 'a daemon runs there')
  try {
    return await client.ask(request)
  } finally {
    client.close()
  }
}

export async function statusOf(dataDir: string): Promise<BotStatus> {
  return (await ask(dataDir, { command: 'status' })).status as BotStatus
}

/** Undefined while the daemon has not looked yet. */
export async function healthOf(dataDir: string): Promise<HealthDocument | undefined> {
  const heartbeat = (await ask(dataDir, { command: 'health' })).heartbeat as Heartbeat | null
  return heartbeat === null ? undefined : (JSON.parse(heartbeat.document) as HealthDocument)
}

export function checkOf(health: HealthDocument | undefined, name: HealthCheck['name']): HealthCheck | undefined {
  return health?.checks.find(check => check.name === name)
}

/** Asks again and again until the answer is what is waited for. @returns that answer. */
export async function until<T>(
  what: string,
  question: () => Promise<T>,
  holds: (answer: T) => boolean,
  withinMs = 10_000,
): Promise<T> {
  const giveUpAt = performance.now() + withinMs
  for (;;) {
    const answer = await question()
    if (holds(answer)) return answer
    if (performance.now() > giveUpAt) assert.fail(`${what}: not within ${withinMs} ms, but ${JSON.stringify(answer)}`)
    await sleep(20)
  }
}
