/** What is sent back. */
export interface Answer {
  readonly status: number
  readonly contentType: string
  readonly body: string
}

/** One address that can be read. */
export interface Route {
  /** Without query: `/healthz`. */
  readonly path: string
  /** Must not wait: it runs on the loop that trades. */
  answer(): Answer
}

export function jsonAnswer(status: number, document: unknown): Answer {
  return { status, contentType: 'application/json; charset=utf-8', body: `${JSON.stringify(document)}\n` }
}

/** A refusal in words. */
export function refusal(status: number, error: string, hint: string): Answer {
  return jsonAnswer(status, { error, hint })
}
