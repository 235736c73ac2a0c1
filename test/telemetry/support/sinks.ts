import assert from 'node:assert/strict'
import { once } from 'node:events'
import { mkdtempSync, rmSync } from 'node:fs'
import { createServer, type RequestListener } from 'node:http'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import type { TestContext } from 'node:test'
import { setTimeout as delay } from 'node:timers/promises'
import { gunzipSync } from 'node:zlib'
import { InfluxServer, type InfluxServerOptions } from '../../../src/telemetry/destinations/influx-server.ts'
import type { LineDestination, SendOutcome } from '../../../src/telemetry/destinations/line-destination.ts'
import { unpackLines, type LineRun } from '../../../src/telemetry/line-run.ts'
import { OutboxSink, type OutboxSinkOptions, type SinkObserver } from '../../../src/telemetry/outbox-sink.ts'
import type { LedgerRows } from '../../../src/ledger/ledger-rows.ts'
import type { Point } from '../../../src/telemetry/point.ts'
import { realClock } from '../../support/clocks.ts'

export const START_MS = 1_700_000_000_000

/** The n-th of many candles, each a minute of its own. */
export function candle(index: number): Point {
  return {
    measurement: 'candle',
    tags: { bot: 'demo', symbol: 'BTC/USDT' },
    fields: { close: 100 + index },
    timeMs: START_MS + index * 60_000,
  }
}

/** A folder that is gone after the test. */
export function outboxFolder(context: Pick<TestContext, 'after'>): string {
  const folder = mkdtempSync(join(tmpdir(), 'tallow-outbox-'))
  context.after(() => rmSync(folder, { recursive: true, force: true }))
  return folder
}

/** What a sink has said. */
export class Heard implements SinkObserver {
  readonly said: string[] = []
  away(reason: string): void {
    this.said.push(`away: ${reason}`)
  }
  back(): void {
    this.said.push('back')
  }
  deadLetter(lines: readonly { readonly line: string; readonly reason: string }[]): void {
    for (const { line, reason } of lines) this.said.push(`dead letter: ${line}: ${reason}`)
  }
  dropped(points: readonly { readonly measurement: string; readonly points: number }[], reason: string): void {
    for (const { measurement, points: count } of points) this.said.push(`dropped ${count} ${measurement}: ${reason}`)
  }
  refused(measurement: string, reason: string): void {
    this.said.push(`refused ${measurement}: ${reason}`)
  }
  damaged(): void {
    this.said.push('damaged')
  }
}

export interface Opened {
  readonly sink: OutboxSink
  readonly heard: Heard
  readonly path: string
}

export function openSink(
  context: Pick<TestContext, 'after'>,
  destination: LineDestination,
  options: Partial<OutboxSinkOptions> = {},
  rows?: LedgerRows,
): Opened {
  const path = options.path ?? join(outboxFolder(context), 'outbox.db')
  const heard = new Heard()
  const sink = OutboxSink.open(
    { bot: 'demo', ...options, path },
    { destination, clock: realClock, random: () => 0.5, observer: heard, ...(rows && { rows }) },
  )
  context.after(() => sink.close())
  return { sink, heard, path }
}

export function influx(options: InfluxServerOptions): LineDestination {
  return new InfluxServer(options)
}

/** A destination in this process that answers as it is told, and keeps what it took. */
export class FakeDestination implements LineDestination {
  readonly name = 'a fake'
  /** Lines of each request that was taken. */
  readonly took: (readonly string[])[] = []
  /** Lines of each request. */
  readonly asked: (readonly string[])[] = []
  answer: (lines: readonly string[], signal: AbortSignal) => SendOutcome | Promise<SendOutcome> = () => ({
    kind: 'sent',
  })

  get lines(): readonly string[] {
    return this.took.flat()
  }

  async send(runs: readonly LineRun[], signal: AbortSignal): Promise<SendOutcome> {
    const lines = runs.flatMap(unpackLines)
    this.asked.push(lines)
    const outcome = await this.answer(lines, signal)
    if (outcome.kind === 'sent') this.took.push(lines)
    return outcome
  }

  async state() {
    return 'unknown' as const
  }

  close(): void {
    // Nothing is open.
  }
}

export const AWAY: SendOutcome = { kind: 'failed', reason: 'it is away', retryAfterMs: 0, timedOut: false }

export async function until(condition: () => boolean | Promise<boolean>, what = 'it'): Promise<void> {
  for (let attempt = 0; attempt < 800; attempt++) {
    if (await condition()) return
    await delay(25)
  }
  assert.fail(`${what} did not happen within twenty seconds`)
}

export interface Received {
  readonly url: string
  readonly authorization: string
  readonly lines: readonly string[]
}

/** An HTTP server on loopback. */
export async function listen(context: TestContext, listener: RequestListener): Promise<string> {
  const server = createServer(listener).listen(0, '127.0.0.1')
  await once(server, 'listening')
  context.after(() => {
    server.closeAllConnections()
    server.close()
  })
  const address = server.address()
  assert.ok(address !== null && typeof address === 'object')
  return `http://127.0.0.1:${address.port}`
}

/** Reads what is asked of a server. */
export async function received(request: Parameters<RequestListener>[0]): Promise<Received> {
  const chunks: Buffer[] = []
  for await (const chunk of request) chunks.push(chunk as Buffer)
  const body = Buffer.concat(chunks)
  const text = request.headers['content-encoding'] === 'gzip' ? gunzipSync(body).toString() : body.toString()
  return { url: request.url ?? '', authorization: request.headers.authorization ?? '', lines: text.split('\n') }
}
