import { EXCHANGE_DOCS } from './exchange-docs.ts'
import { HEALTH_DOCS } from './health-docs.ts'
import { HTTP_DOCS } from './http-docs.ts'
import { INFLUX_DOCS } from './influx-docs.ts'
import type { KeyDocs } from './key-doc.ts'
import { PROCESS_DOCS } from './process-docs.ts'
import { TRADING_DOCS } from './trading-docs.ts'

/** Every key of the config. A test holds that none is missing; after a change here: npm run config. */
export const KEY_DOCS: KeyDocs = {
  ...PROCESS_DOCS,
  ...EXCHANGE_DOCS,
  ...TRADING_DOCS,
  ...INFLUX_DOCS,
  ...HTTP_DOCS,
  ...HEALTH_DOCS,
}
