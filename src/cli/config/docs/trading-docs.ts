import type { KeyDocs } from './key-doc.ts'

export const TRADING_DOCS: KeyDocs = {
  trading: { text: 'What is traded, by which strategies, with how much.' },
  'trading.symbols': {
    text: 'What is traded. Empty: all that the embedded exchange has; a real exchange needs them named.',
  },
  'trading.timeframe': {
    text: 'On which candles the strategies decide; replaces their own. Absent: their own.',
    example: '1h',
  },
  'trading.strategies': {
    text: 'Names from ./strategies or the package, or files, in the order in which they decide.',
    example: '\n- name: rsi-macd\n  params: {}',
  },
  'trading.strategies[].name': { text: 'A name from ./strategies or the package, or a file.' },
  'trading.strategies[].params': { text: 'Parameters that differ from the defaults in its file.' },
  'trading.wait_for': {
    text: 'What strategies wait for before they decide, if they do not say themselves: warmup, the first value of each column, or settle, so many rows that the first one no longer matters (at most history.settle_rows_max).',
  },
  'trading.filled_candles': {
    text: 'What strategies do on candles that were filled in because the exchange has none, if they do not say themselves: close-only, they exit and do not enter, or trade.',
  },
  'trading.cash': {
    text: 'Paper money at the first start, quote currency. Later starts keep what the ledger says.',
  },
  'trading.stake': {
    text: "What one entry may spend: all (of equity, divided by the number of symbols), 25% (of equity), 100 (quote currency), or risk:1% (what loses 1 % of the equity when the entry's stop is hit).",
  },
  'trading.fee_rate': { text: "Share of each order's value: 0.001 is 0.1 %." },
  'trading.maker_fee_rate': {
    text: 'The same for orders that rested in the book. Absent: as fee_rate.',
    example: '0.0008',
  },
  'trading.slippage_bps': {
    text: "What market orders and stops fill worse than the candle's price, in basis points: 5 is 0.05 %.",
  },
  risk: {
    text: 'Bounds on entries. Exits are never held back. Shares are of equity, candles those that strategies decide on; what is absent is not bounded. Every refusal is counted with its reason.',
  },
  'risk.open_positions_max': { text: 'Positions and orders for one, over all strategies.', example: '5' },
  'risk.symbol_exposure_share_max': {
    text: 'What one symbol may hold: 0.25 is a quarter of the equity.',
    example: '0.25',
  },
  'risk.long_exposure_share_max': { text: 'What all longs together may hold.', example: '0.8' },
  'risk.short_exposure_share_max': { text: 'What all shorts together may hold.', example: '0.3' },
  'risk.cooldown_candles': {
    text: 'A symbol is left alone for so many candles, from that of its last exit on.',
    example: '3',
  },
  'risk.stop_loss_guard': { text: 'So many stops within so many candles hold entries back.' },
  'risk.stop_loss_guard.stops': { text: 'How many stops.' },
  'risk.stop_loss_guard.lookback_candles': { text: 'Within how many candles.' },
  'risk.stop_loss_guard.pause_candles': { text: 'For how many candles entries are then held back.' },
  'risk.stop_loss_guard.per_symbol': { text: 'Counts and holds back each symbol apart: true or false.' },
  'risk.max_drawdown': { text: 'Closed trades that fell so far below their best, together, hold entries back.' },
  'risk.max_drawdown.drawdown_share': { text: 'How far, as a share of equity.' },
  'risk.max_drawdown.lookback_candles': { text: 'Within how many candles.' },
  'risk.max_drawdown.pause_candles': { text: 'For how many candles entries are then held back.' },
  'risk.daily_loss_share_max': {
    text: 'No entry on a day (UTC) whose closed trades have lost such a share of equity.',
    example: '0.05',
  },
}
