import { refusal, type Answer } from './route.ts'

/** What of a request decides whether it is answered at all. */
export interface RequestHead {
  readonly method?: string | undefined
  /** The request's target, as it came. */
  readonly url?: string | undefined
  /** Names and values in turn, as they came: a header that comes twice stands in it twice. */
  readonly rawHeaders: readonly string[]
}

const READING: ReadonlySet<unknown> = new Set(['GET', 'HEAD'])
/** Names of this machine. A page of another site that has its name point here still calls itself by its own. */
const OWN_HOSTS = ['localhost', '127.0.0.1', '[::1]']

/** Turns away what is none of our readers. */
export class RequestGuard {
  readonly #hosts: ReadonlySet<string>

  /** @param hosts names and addresses, without port, by which it may be asked besides those of this machine. */
  constructor(hosts: readonly string[]) {
    const bracketed = hosts.map(host => (host.includes(':') ? `[${host}]` : host).toLowerCase())
    this.#hosts = new Set([...OWN_HOSTS, ...bracketed])
  }

  /** Why a request is not answered; undefined when it is. */
  refuse({ method, url, rawHeaders }: RequestHead): Answer | undefined {
    const hosts = valuesOf(rawHeaders, 'host')
    const [host = ''] = hosts
    if (hosts.length !== 1 || !this.#hosts.has(withoutPort(host)))
      return refusal(403, 'not asked by a name of this server', 'use 127.0.0.1, or add the name to http.allowed_hosts')
    if (this.#isForeign(rawHeaders, host))
      return refusal(403, 'asked by a page of another site', 'open the address itself')
    if (!READING.has(method))
      return refusal(405, 'only GET and HEAD are served here', 'to control a bot: tallow --help')
    if (url === undefined || !url.startsWith('/'))
      return refusal(400, 'the request names no path', 'ask for /healthz, /readyz or /metrics')
    return undefined
  }

  /** Browsers say where a request comes from; programs say nothing, and are not driven by other sites' pages. */
  #isForeign(rawHeaders: readonly string[], host: string): boolean {
    const origins = valuesOf(rawHeaders, 'origin')
    if (origins.some(origin => origin.toLowerCase() !== `http://${host.toLowerCase()}`)) return true
    return valuesOf(rawHeaders, 'sec-fetch-site').some(site => site !== 'same-origin' && site !== 'none')
  }
}

/** `localhost:8787` → `localhost`, `[::1]:8787` → `[::1]`. The port says nothing: a container's is another outside. */
function withoutPort(host: string): string {
  return host.replace(/:\d{1,5}$/, '').toLowerCase()
}

function valuesOf(rawHeaders: readonly string[], name: string): string[] {
  return rawHeaders.filter((_, index) => index % 2 === 1 && rawHeaders[index - 1]?.toLowerCase() === name)
}
