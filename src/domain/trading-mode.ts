/**
 * What the owner of a bot lets it do. `on`: all. `close-only`: no entries; strategies may exit. `paused`: strategies are
 * not asked. What protects a position, and orders that rest, work in all of them.
 */
export const TRADING_MODES = ['on', 'close-only', 'paused'] as const
export type TradingMode = (typeof TRADING_MODES)[number]
