import type { Config } from '../config/schema.ts'
import { fail, ok, reasonOf, warn, type Finding } from './finding.ts'

const ANSWER_WITHIN_MS = 5_000

/** Whether InfluxDB answers and, of version 2, takes the token. Nothing is written there. */
export async function influxFinding({ influx }: Config): Promise<Finding> {
  const name = 'influxdb'
  const { url, file } = influx
  if (file !== undefined) return ok(name, `points go to the file ${file}`)
  if (url === undefined) return ok(name, 'off: influx.url is not set')
  try {
    const answer = await get(new URL('ping', withSlash(url)))
    if (!answer.ok)
      return warn(name, `${url} answered the ping with ${answer.status}`, 'is it InfluxDB? check influx.url')
    const version = answer.headers.get('x-influxdb-version')
    const reached = `${url} answers${version === null ? '' : `, version ${version}`}`
    return influx.v1 === undefined ? await tokenFinding(reached, influx) : ok(name, reached)
  } catch (error) {
    return fail(
      name,
      `${url} does not answer: ${causeOf(error)}`,
      'start InfluxDB, or check influx.url and the network',
    )
  }
}

async function tokenFinding(
  reached: string,
  { url = '', token = '', bucket = '' }: Config['influx'],
): Promise<Finding> {
  const buckets = new URL('api/v2/buckets', withSlash(url))
  buckets.search = new URLSearchParams({ name: bucket, limit: '1' }).toString()
  const { status } = await get(buckets, { authorization: `Token ${token}` })
  if (status === 401)
    return fail('influxdb', `${reached}, but refuses the token`, 'check influx.token (TALLOW__INFLUX__TOKEN)')
  return ok('influxdb', reached)
}

async function get(address: URL, headers: Readonly<Record<string, string>> = {}): Promise<Response> {
  const answer = await fetch(address, { headers, signal: AbortSignal.timeout(ANSWER_WITHIN_MS), redirect: 'manual' })
  await answer.body?.cancel()
  return answer
}

function withSlash(url: string): string {
  return url.endsWith('/') ? url : `${url}/`
}

/** fetch says "fetch failed", and why in the cause. */
function causeOf(error: unknown): string {
  const cause = error instanceof Error && error.cause instanceof Error ? error.cause : error
  const code = cause instanceof Error && 'code' in cause ? ` (${String(cause.code)})` : ''
  return reasonOf(cause) === '' ? `no connection${code}` : reasonOf(cause)
}
