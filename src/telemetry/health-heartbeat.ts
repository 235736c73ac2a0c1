import { type HealthCheck, type HealthDocument, type Heartbeat, unreachableDocument } from './health-document.ts'
import { inWords } from './health-limit.ts'

/**
 * How far one came who asked the daemon itself. `answered`: it gave its heartbeat. `silent`: it is there and does not
 * answer. `gone`: it left a socket at which nobody listens. `nobody`: there is no socket, so nothing is known from it.
 */
export type Contact = 'answered' | 'silent' | 'gone' | 'nobody'

/** A daemon reports every 5 s; after so long it hangs or is gone. */
const STALE_AFTER_MS = 15_000

/**
 * The daemon's newest document, believed only while it is fresh and nothing speaks against it. What is left of an old one
 * is told as what it is: what was so, and how long ago.
 * @param nowMs real time, UTC ms, as the heartbeat's own.
 * @param withinMs how long a silent daemon was given.
 */
export function documentOfHeartbeat(
  heartbeat: Heartbeat | undefined,
  nowMs: number,
  contact: Contact,
  withinMs = 0,
): HealthDocument {
  if (heartbeat === undefined) return unreachableDocument(withoutReport(contact, withinMs))
  const document = parsed(heartbeat)
  if (document === undefined)
    return unreachableDocument('the report of the daemon cannot be read: is it of another version?')
  const reason = doubt(document, nowMs - heartbeat.at, contact, withinMs)
  return reason === undefined ? document : pastDocument(document, reason, Math.abs(nowMs - heartbeat.at) / 1_000)
}

function withoutReport(contact: Contact, withinMs: number): string {
  switch (contact) {
    case 'silent':
      return `${silence(withinMs)} and has left no report: end it with kill -9 and start it again`
    case 'gone':
      return 'the daemon was killed before it had reported: start tallow run'
    case 'answered':
    case 'nobody':
      return 'no daemon runs on this data folder: start tallow run'
  }
}

/** Why a report does not tell how the daemon is now; undefined when it does. */
function doubt(document: HealthDocument, ageMs: number, contact: Contact, withinMs: number): string | undefined {
  // A last word stays true.
  if (document.status === 'unreachable') return undefined
  const ago = inWords(Math.abs(ageMs) / 1_000)
  if (contact === 'silent')
    return `${silence(withinMs)}; it last reported ${ago} ago: its loop is blocked, or the process is stopped; see its log, then kill -9 and start it again`
  if (contact === 'gone')
    return `the daemon is gone: it was killed and last reported ${ago} ago; see its log and start tallow run`
  if (ageMs > STALE_AFTER_MS)
    return contact === 'answered'
      ? `the daemon answers, but has not looked at itself for ${ago}: see its log and restart it`
      : `the daemon has not reported for ${ago}: it was killed or hangs; see its log and start it again`
  if (ageMs < -STALE_AFTER_MS)
    return `the last report of the daemon is from ${ago} in the future: the clock of this machine was set back; let NTP set it, then restart the daemon`
  return undefined
}

function silence(withinMs: number): string {
  return `the daemon has not answered within ${inWords(withinMs / 1_000)}`
}

/** What was known, as the past: no value of it counts any more. */
function pastDocument(document: HealthDocument, reason: string, ageSeconds: number): HealthDocument {
  const { mode, restarts, status } = document
  const concerns = document.checks.filter(check => check.status === 'warn' || check.status === 'fail')
  const named = concerns.length === 0 ? '' : ` (${concerns.map(({ name }) => name).join(', ')})`
  const told = { ...unreachableDocument(`${reason}. It was ${status} then${named}`), mode, restarts }
  return {
    ...told,
    checks: [
      ...told.checks,
      ...document.checks.filter(({ name }) => name !== 'last_error').map(check => pastCheck(check, ageSeconds)),
    ],
    series: document.series.map(series => ({ ...series, ageSeconds: null, stale: true })),
  }
}

function pastCheck(check: HealthCheck, ageSeconds: number): HealthCheck {
  const { name, threshold, unit, status, value, detail } = check
  const figure = value === null ? '' : ` at ${value} ${unit}`
  const why = detail === '' ? '' : `: ${detail}`
  return {
    name,
    status: 'unknown',
    value: null,
    threshold,
    unit,
    detail: `${status}${figure} ${inWords(ageSeconds)} ago${why}`,
  }
}

function parsed({ document }: Heartbeat): HealthDocument | undefined {
  try {
    // Written by evaluateHealth in the daemon, into a ledger whose schema was checked, or handed over its socket.
    return JSON.parse(document) as HealthDocument
  } catch {
    return undefined
  }
}
