import type { PackagePath } from './package-path.ts'
import { readme, STRATEGY } from './starter-texts.ts'

/** The files of a new folder, by their paths in it. @param bot its name. */
export function starterFiles(bot: string, tallow: PackagePath): ReadonlyMap<string, string> {
  return new Map([
    ['tallow.yaml', config(bot, tallow.path)],
    ['strategies/my-first.ts', STRATEGY],
    ['tsconfig.json', `${JSON.stringify(tsconfig(tallow), null, 2)}\n`],
    ['.env.example', ENV_EXAMPLE],
    ['.gitignore', GITIGNORE],
    ['README.md', readme(commandOf(tallow))],
  ])
}

/** Only where it is installed may npx be asked: elsewhere it would fetch whatever the registry has under that name. */
export function commandOf({ isInstalled }: PackagePath): string {
  return isInstalled ? 'npx tallow' : 'tallow'
}

function config(bot: string, tallow: string): string {
  return `# yaml-language-server: $schema=${tallow}/config/tallow.schema.json
# A bot of your own, on paper; at first on an exchange inside the process: no key, no account, no network.
# Every key with its default, unit and effect: ${tallow}/config/default.yaml
# After a change: tallow config check

# Part of every order id; its account is kept under this name in the ledger.
bot: ${bot}

# Folder of candles and ledger, relative to where tallow is started. Delete it to begin again.
data_dir: ./data

exchange:
  # As ccxt calls it.
  id: binance
  # The exchange inside the process, with made-up candles. Take this section out, and Binance's own candles are traded:
  # on paper all the same, with the network but without a key.
  simulator:
    # Another seed gives other candles.
    seed: 1
    # Exchange time per real time: a 1m candle closes every 100 ms, a day takes 144 s.
    speed: 600
    # What it makes up.
    symbols: [BTC/USDT, ETH/USDT]

trading:
  # What is traded.
  symbols: [BTC/USDT, ETH/USDT]
  # On which candles the strategy decides.
  timeframe: 1m
  strategies:
    # The file strategies/my-first.ts.
    - name: my-first
      # What differs from the defaults in that file.
      params: { fast: 12, slow: 48 }
  # Paper money at the first start, in the quote currency (USDT).
  cash: 10000
  # What one entry may spend: a quarter of the equity. Also: all, 100 (USDT), risk:1% (by the distance to the stop).
  stake: 25%
  # Share of each order's value: 0.001 is 0.1 %.
  fee_rate: 0.001
  # What market orders fill worse than the candle's price, in basis points: 2 is 0.02 %.
  slippage_bps: 2

market:
  # How long after its close a candle may come before the others are decided on without it, in milliseconds of exchange
  # time: 100 ms of real time at speed 600. For a real exchange: 10000.
  late_after_ms: 60000

log:
  # A line for each trade, and a summary a minute. debug adds a line for each slice of candles.
  level: info
`
}

/** For the editor alone: tallow runs TypeScript as it is. */
function tsconfig({ path, isInstalled }: PackagePath): object {
  return {
    compilerOptions: {
      target: 'es2024',
      module: 'preserve',
      strict: true,
      noEmit: true,
      skipLibCheck: true,
      allowImportingTsExtensions: true,
      types: [],
      ...(isInstalled ? {} : { paths: { tallow: [`${path}/dist/index.d.ts`] } }),
    },
    include: ['strategies'],
  }
}

const ENV_EXAMPLE = `# Copy to .env, which tallow reads and git does not: chmod 600 .env
# Any key of the config can be set like this: sections are divided by two underscores.

# Not needed for paper trading.
# TALLOW__EXCHANGE__API_KEY=
# TALLOW__EXCHANGE__API_SECRET=

# For points to InfluxDB, beside influx.url, org and bucket in tallow.yaml.
# TALLOW__INFLUX__TOKEN=
`

const GITIGNORE = `node_modules/
data/
.env
*.log
*.log.*
`
