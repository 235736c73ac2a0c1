import type { KeyDocs } from './key-doc.ts'

export const HTTP_DOCS: KeyDocs = {
  http: { text: 'Where the daemon tells how it is: /healthz, /readyz, and /metrics for Prometheus.' },
  'http.enabled': { text: 'Whether it listens at all.' },
  'http.host': { text: 'Address to listen at. Others than those of this machine alone need allow_public.' },
  'http.port': { text: 'One for each bot; 0 takes a free one and says which.' },
  'http.when_taken': {
    text: 'Another program has the port: refuse ends the start with 1, any takes a free port and says which.',
  },
  'http.allow_public': {
    text: 'Whether it may listen where other machines reach it. Whoever does reads equity and positions; there is no password yet.',
  },
  'http.allowed_hosts': {
    text: 'Names and addresses, without port, by which it may be asked besides localhost and http.host: a container name that Prometheus uses.',
  },
}
