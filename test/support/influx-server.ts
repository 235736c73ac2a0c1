import { spawn, type ChildProcess } from 'node:child_process'
import { once } from 'node:events'
import { accessSync, constants, mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { createServer } from 'node:net'
import { tmpdir } from 'node:os'
import { delimiter, join } from 'node:path'
import { setTimeout as delay } from 'node:timers/promises'

/** InfluxDB reads its whole log before it answers: after a kill -9 with millions of points that takes a while. */
const UP_WITHIN_MS = 180_000
const START_POLL_MS = 50

/** A real InfluxDB 1 for one test file. */
export interface TestInflux {
  readonly url: string
  /** The first column after the time of an InfluxQL answer, over all rows and series. */
  query(database: string, influxQl: string): Promise<readonly (readonly unknown[])[]>
  /** How many points a measurement has, by the server's own count of a field. */
  count(database: string, measurement: string, field: string): Promise<number>
  /** kill -9; undefined where the server is not ours to kill. */
  readonly kill: (() => Promise<void>) | undefined
  /** Starts it again on the same port and files. */
  readonly restart: (() => Promise<void>) | undefined
  stop(): Promise<void>
}

/**
 * For the `skip` option of a suite that needs InfluxDB.
 * @returns the reason to skip, or false when there is a server. With TALLOW_REQUIRE_SERVERS=1 its absence is an error.
 */
export function withoutInflux(): string | false {
  return withoutServer('influxd', 'TALLOW_TEST_INFLUX_URL', 'apt-get install influxdb')
}

export function withoutServer(binary: string, variable: string, install: string): string | false {
  if (process.env[variable] || onPath(binary)) return false
  const reason = `no ${binary} on the path: install it with "${install}", or name a running one in ${variable}`
  if (process.env.TALLOW_REQUIRE_SERVERS === '1') throw new Error(reason)
  return reason
}

/** Starts `influxd` on free loopback ports in a temporary folder, or takes the one of TALLOW_TEST_INFLUX_URL. */
export async function startInflux(): Promise<TestInflux> {
  const running = process.env.TALLOW_TEST_INFLUX_URL
  if (running) return { ...queries(running), kill: undefined, restart: undefined, stop: async () => undefined }
  const folder = mkdtempSync(join(tmpdir(), 'tallow-influx-'))
  const [httpPort, rpcPort] = [await freePort(), await freePort()]
  const url = `http://127.0.0.1:${httpPort}`
  const config = join(folder, 'influxdb.conf')
  writeFileSync(config, configText(folder, httpPort, rpcPort))
  let child = await start(config, url)
  return {
    ...queries(url),
    kill: () => end(child, 'SIGKILL'),
    restart: async () => {
      child = await start(config, url)
    },
    stop: async () => {
      await end(child, 'SIGTERM')
      rmSync(folder, { recursive: true, force: true })
    },
  }
}

/** A port on loopback that nothing listens on. */
export async function freePort(): Promise<number> {
  const server = createServer().listen(0, '127.0.0.1')
  await once(server, 'listening')
  const address = server.address()
  server.close()
  await once(server, 'close')
  if (address === null || typeof address === 'string') throw new Error('no port')
  return address.port
}

/** Ends a child and waits until it is gone. */
export async function end(child: ChildProcess, signal: NodeJS.Signals): Promise<void> {
  if (child.exitCode !== null || child.signalCode !== null) return
  const exited = once(child, 'exit')
  child.kill(signal)
  await exited
}

/** Waits until a server answers below 500 at `url`. */
export async function untilUp(url: string, child: ChildProcess): Promise<void> {
  const giveUpAt = performance.now() + UP_WITHIN_MS
  while (performance.now() < giveUpAt) {
    if (child.exitCode !== null) throw new Error(`the server behind ${url} ended with ${child.exitCode}`)
    const status = await fetch(url).then(
      response => response.status,
      () => 599,
    )
    if (status < 500) return
    await delay(START_POLL_MS)
  }
  throw new Error(`the server behind ${url} did not come up`)
}

async function start(config: string, url: string): Promise<ChildProcess> {
  const child = spawn('influxd', ['-config', config], { stdio: 'ignore' })
  try {
    await untilUp(`${url}/ping`, child)
  } catch (error) {
    await end(child, 'SIGKILL')
    throw error
  }
  return child
}

function configText(folder: string, httpPort: number, rpcPort: number): string {
  return `
reporting-disabled = true
bind-address = "127.0.0.1:${rpcPort}"
[meta]
  dir = "${folder}/meta"
[data]
  dir = "${folder}/data"
  wal-dir = "${folder}/wal"
  query-log-enabled = false
[http]
  bind-address = "127.0.0.1:${httpPort}"
  log-enabled = false
[monitor]
  store-enabled = false
[logging]
  level = "error"
`
}

function queries(url: string): Pick<TestInflux, 'url' | 'query' | 'count'> {
  const query: TestInflux['query'] = async (database, influxQl) => {
    const parameters = new URLSearchParams({ db: database, q: influxQl, epoch: 'ns' })
    const response = await fetch(`${url}/query?${parameters.toString()}`, { method: 'POST' })
    const body = (await response.json()) as {
      error?: string
      results?: { error?: string; series?: { values: unknown[][] }[] }[]
    }
    const result = body.results?.[0]
    const error = body.error ?? result?.error
    if (error) throw new Error(error)
    return (result?.series ?? []).flatMap(series => series.values)
  }
  return {
    url,
    query,
    count: async (database, measurement, field) => {
      const rows = await query(database, `SELECT count("${field}") FROM "${measurement}"`)
      return Number(rows[0]?.[1] ?? 0)
    },
  }
}

function onPath(binary: string): boolean {
  return (process.env.PATH ?? '').split(delimiter).some(folder => {
    try {
      accessSync(join(folder, binary), constants.X_OK)
      return true
    } catch {
      return false
    }
  })
}
