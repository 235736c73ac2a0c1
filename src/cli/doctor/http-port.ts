import { createServer } from 'node:net'
import type { Config } from '../config/schema.ts'
import { fail, ok, reasonOf, warn, type Finding } from './finding.ts'

/** Whether the daemon could listen at its port. It is taken for a moment to find out, unless the daemon has it already. */
export async function httpPortFinding({ http }: Config, daemonRuns: boolean): Promise<Finding> {
  const name = 'http_port'
  const place = `${http.host}:${http.port}`
  if (!http.enabled) return ok(name, 'off: http.enabled is false')
  if (http.port === 0) return ok(name, 'any that is free')
  if (daemonRuns) return ok(name, `${place}, not tried while a daemon runs`)
  try {
    await tryToListen(http.host, http.port)
    return ok(name, `${place} is free`)
  } catch (error) {
    const detail = `${place} cannot be used: ${reasonOf(error)}`
    if (http.when_taken === 'any')
      return warn(name, detail, 'the daemon takes another: set http.port to one of its own')
    return fail(name, detail, 'give this bot a port of its own: http.port')
  }
}

async function tryToListen(host: string, port: number): Promise<void> {
  const server = createServer()
  try {
    await new Promise<void>((resolve, reject) => {
      server.once('error', reject).listen({ host, port, exclusive: true }, resolve)
    })
  } finally {
    server.close()
  }
}
