import type { KeyDocs } from './key-doc.ts'

export const EXCHANGE_DOCS: KeyDocs = {
  exchange: { text: 'Where candles come from.' },
  'exchange.id': { text: 'As ccxt calls it: binance, kraken, okx …' },
  'exchange.base_url': {
    text: "Sends requests there instead of the exchange's own address.",
    example: 'http://127.0.0.1:8899',
  },
  'exchange.api_key': {
    text: 'Keys are not needed for candles and paper trading, and no version trades with real money yet. Set them by TALLOW__EXCHANGE__API_KEY and TALLOW__EXCHANGE__API_SECRET, never in a file that is shared.',
    example: 'your-key',
  },
  'exchange.api_secret': { text: 'The secret of that key.', example: 'your-secret' },
  'exchange.request_timeout_ms': { text: 'How long one request may take, real time, connection and body included.' },
  'exchange.concurrent_requests': { text: 'Requests on their way at once.' },
  'exchange.batch_size': {
    text: 'Series that are asked for at once, on their way or before the request budget; of the others the most overdue comes next. Never fewer than concurrent_requests.',
  },
  'exchange.weight_share_max': {
    text: "Share of the exchange's request budget that is used at most. Lower it when other programs share the address.",
  },
  'exchange.retries_max': { text: 'Further attempts after a request failed in a way that may pass.' },
  'exchange.metadata_max_age_h': {
    text: 'Markets, filters and fees are kept in the data folder and asked for again when they are older; 0 asks at every start. While the exchange is away older ones are used, with a warning.',
  },
  'exchange.simulator': {
    text: "With this section the exchange is embedded: it speaks Binance's REST on loopback, and no request leaves the machine.",
  },
  'exchange.simulator.seed': { text: 'The same seed gives the same candles.' },
  'exchange.simulator.candles': {
    text: 'Candle files to play, relative to where tallow is started; without them candles are made up from the seed.',
  },
  'exchange.simulator.speed': { text: 'Exchange time per real time: at 600 a 1m candle closes every 100 ms.' },
  'exchange.simulator.symbols': { text: 'Made-up symbols.' },
  'exchange.simulator.start_time': {
    text: 'Exchange time at the first start, UTC; later starts go on where it was.',
  },
  'exchange.simulator.port': { text: 'Port on 127.0.0.1; 0 takes a free one.' },
  'exchange.simulator.weight_per_minute': {
    text: 'Request budget that it grants, per minute of exchange time.',
  },
  'exchange.simulator.latency_ms': {
    text: 'How long it takes to answer, real time: 50 is about what a real exchange needs.',
  },
}
