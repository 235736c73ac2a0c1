/** The public entry: what strategies and embedding programs import as `tallow`. */
export { boolean, choice, int, number } from './domain/param.ts'
export { defineStrategy } from './strategy/define.ts'
export type { BaseView, ColumnView, PositionView, Strategy, StrategyOptions, StrategyView } from './strategy/define.ts'
export { enterLong, exit } from './strategy/intents.ts'
export { Series } from './strategy/series.ts'
export { crossedAbove, crossedBelow } from './strategy/signals.ts'
export { sma } from './indicators/sma.ts'
