import type { ServerResponse } from 'node:http'
import { realSleep } from './real-time.ts'

export interface SimulatedRequest {
  /** `/api/v3/klines`. */
  readonly path: string
  readonly params: URLSearchParams
  /** How many requests came before it. */
  readonly index: number
}

/** What goes wrong with one answer. */
export type Fault =
  | {
      readonly kind: 'status'
      readonly status: number
      readonly body?: string
      readonly headers?: Readonly<Record<string, string>>
    }
  /** A 200 with a page in place of JSON, as proxies and maintenance do. */
  | { readonly kind: 'html' }
  /** A 200 whose body is this. */
  | { readonly kind: 'body'; readonly body: string }
  /** The right answer after so many real ms. */
  | { readonly kind: 'delay'; readonly delayMs: number }
  /** No answer at all. */
  | { readonly kind: 'hang' }
  /** Headers, half a body, and then nothing. */
  | { readonly kind: 'stall' }
  /** The connection breaks. */
  | { readonly kind: 'reset' }

export type FaultPlan = (request: SimulatedRequest) => Fault | undefined

/** @returns whether the fault took the place of the answer. */
export async function playFault(fault: Fault, response: ServerResponse): Promise<boolean> {
  switch (fault.kind) {
    case 'delay':
      await realSleep(fault.delayMs)
      return false
    case 'hang':
      return true
    case 'stall':
      response.writeHead(200, { 'content-type': 'application/json' })
      response.write('[[')
      return true
    case 'reset':
      response.socket?.resetAndDestroy()
      return true
    case 'html':
      response.writeHead(200, { 'content-type': 'text/html' })
      response.end('<html><body>We will be back soon</body></html>')
      return true
    case 'body':
      response.writeHead(200, { 'content-type': 'application/json' })
      response.end(fault.body)
      return true
    case 'status':
      response.writeHead(fault.status, { 'content-type': 'application/json', ...fault.headers })
      response.end(fault.body ?? '{"code":-1000,"msg":"An unknown error occurred while processing the request."}')
      return true
  }
}
