import type { Logger } from 'pino'
import type { ReadModel } from '../runtime/read-model.ts'
import type { Config } from './config/schema.ts'
import { isLoopback } from './config/http-section.ts'

/**
 * Serves health and metrics of a daemon until it is closed. Loaded only where it is on.
 * @param scrub takes secrets out of a text.
 * @throws retry-later when the port is taken.
 */
export async function openHttp(
  { http }: Pick<Config, 'http'>,
  model: ReadModel,
  log: Logger,
  scrub: (text: string) => string,
): Promise<{ close(): Promise<void> } | undefined> {
  if (!http.enabled) return undefined
  const [{ HttpServer }, { healthRoutes }, { metricsRoute }] = await Promise.all([
    import('../server/http-server.ts'),
    import('../server/health-routes.ts'),
    import('../server/runtime-metrics.ts'),
  ])
  const routes = [...healthRoutes(model), metricsRoute(model)]
  const server = await HttpServer.open({
    host: http.host,
    port: http.port,
    whenTaken: http.when_taken,
    allowedHosts: http.allowed_hosts,
    routes,
    scrub,
    onFailure: error => log.error(`http: ${error instanceof Error ? error.message : String(error)}`),
  })
  const taken = http.port !== 0 && !server.url.endsWith(`:${http.port}`) ? ` (port ${http.port} is taken)` : ''
  log.info(`listening at ${server.url}${taken}: ${routes.map(({ path }) => path).join(', ')}`)
  if (!isLoopback(http.host))
    log.warn(`whoever reaches ${server.url} reads equity and positions: see to it that nobody else can`)
  return server
}
