import { existsSync, readFileSync, rmSync } from 'node:fs'
import { join } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import { pathToFileURL } from 'node:url'
import { ControlClient } from '../../../src/runtime/control/control-client.ts'
import { Tallow, type Ended } from '../support/tallow.ts'
import { ORDERS_VARIABLE, type Edit, type Note, type PreloadOrders } from './orders-to-preload.ts'
import type { Point } from './points.ts'

/** How a life of the daemon ends. */
export type Death =
  | { readonly kind: 'point'; readonly point: Point; readonly nth: number }
  /** So many ms after the process was made, or after it said that it decides. */
  | { readonly kind: 'moment'; readonly after: 'spawn' | 'ready'; readonly ms: number }
  /**
   * It trades until something matches in its log, is asked to go on as it does when `commanded`, and is stopped in good
   * order.
   */
  | { readonly kind: 'stopped'; readonly after: RegExp; readonly commanded: boolean }

/** One process from its start to its end. */
export interface Life {
  readonly death: Death
  /** What it said in its log, line by line. */
  readonly said: readonly string[]
  readonly notes: readonly Note[]
  readonly ended: Ended
  readonly spawnedAt: number
}

const PRELOAD = pathToFileURL(join(import.meta.dirname, 'preload.ts')).href
/** A point is reached, and a start is done, within so long also on a machine that does other things. */
const WITHIN_MS = 30_000

/** What is said of a death, for people. */
export function deathText(death: Death): string {
  if (death.kind === 'point') return `at "${death.point.name}" ${death.nth}`
  if (death.kind === 'moment')
    return `${Math.round(death.ms)} ms after ${death.after === 'spawn' ? 'its start' : 'it decided'}`
  return 'in good order'
}

/** Starts the daemon in a folder and leads it to its death. @throws when it dies otherwise, or not at all. */
export async function live(cwd: string, death: Death, edits: readonly Edit[] = []): Promise<Life> {
  const journal = join(cwd, 'journal.jsonl')
  rmSync(journal, { force: true })
  const orders: PreloadOrders = {
    journal,
    edits,
    ...(death.kind === 'point' ? { dieAt: { point: death.point.name, nth: death.nth } } : {}),
  }
  const spawnedAt = Date.now()
  const daemon = new Tallow(cwd, ['run'], {
    NODE_OPTIONS: `--import ${PRELOAD}`,
    // Starts are what most of the time goes into.
    NODE_COMPILE_CACHE: join(cwd, 'compiled'),
    [ORDERS_VARIABLE]: JSON.stringify(orders),
  })
  try {
    const ended = await lead(daemon, cwd, death)
    const asked = death.kind === 'stopped' ? null : 'SIGKILL'
    if (ended.signal !== asked || (asked === null && ended.code !== 0))
      throw new Error(`the daemon did not die ${deathText(death)}: ${ended.signal ?? ended.code}\n${ended.stderr}`)
    return { death, said: messages(ended.stderr), notes: readNotes(journal), ended, spawnedAt }
  } finally {
    await daemon.end('SIGKILL')
  }
}

async function lead(daemon: Tallow, cwd: string, death: Death): Promise<Ended> {
  switch (death.kind) {
    case 'moment':
      if (death.after === 'ready') await daemon.said(/deciding from/, WITHIN_MS)
      await sleep(death.ms)
      return daemon.end('SIGKILL')
    case 'stopped':
      await daemon.said(death.after, WITHIN_MS)
      if (death.commanded) await resume(cwd)
      return daemon.end('SIGINT')
    case 'point':
      return leadTo(daemon, cwd, death.point)
  }
}

async function leadTo(daemon: Tallow, cwd: string, { course, name }: Point): Promise<Ended> {
  if (course === 'commanded' || course === 'stopping') await daemon.said(/(bought|sold) /, WITHIN_MS)
  if (course === 'stopping') return daemon.end('SIGINT')
  // It dies while it does what it is asked, and gives no answer.
  if (course === 'commanded') await resume(cwd).catch(() => undefined)
  const giveUpAt = performance.now() + WITHIN_MS
  while (!daemon.hasEnded) {
    if (performance.now() > giveUpAt) throw new Error(`the point "${name}" was not reached:\n${daemon.stderr}`)
    await sleep(5)
  }
  return daemon.end()
}

/** Changes nothing, since trading is on already; but it is recorded. */
async function resume(cwd: string): Promise<void> {
  const client = await ControlClient.connect(join(cwd, 'data', 'control.sock'))
  try {
    await client?.ask({ command: 'resume' })
  } finally {
    client?.close()
  }
}

/** The messages of a log; a line that the end cut off is none. */
function messages(log: string): readonly string[] {
  return log.split('\n').flatMap(line => {
    try {
      const { msg } = JSON.parse(line) as { msg?: unknown }
      return typeof msg === 'string' ? [msg] : []
    } catch {
      return []
    }
  })
}

function readNotes(journal: string): readonly Note[] {
  if (!existsSync(journal)) return []
  const lines = readFileSync(journal, 'utf8').split('\n')
  return lines.filter(line => line.endsWith('}')).map(line => JSON.parse(line) as Note)
}
