/** What a strategy wants. Risk turns it into an order or a refusal. */
export type Intent = EnterLong | Exit

export interface EnterLong {
  readonly kind: 'enter-long'
  /** In base units; overrides the stake. */
  readonly amount?: number
  readonly reason: string
}

export interface Exit {
  readonly kind: 'exit'
  readonly reason: string
}
