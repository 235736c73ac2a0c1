/** What a key is for, its unit and its effect: shown by editors, and written over the key in config/default.yaml. */
export interface KeyDoc {
  readonly text: string
  /** The YAML behind `key: ` where it is not the default: where there is none, or where another form of it reads better. */
  readonly example?: string
}

/** By path: `exchange.simulator.speed`, `trading.strategies[].name`. */
export type KeyDocs = Readonly<Record<string, KeyDoc>>
