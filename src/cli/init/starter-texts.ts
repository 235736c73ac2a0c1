/** strategies/my-first.ts */
export const STRATEGY = `import { crossedAbove, crossedBelow, defineStrategy, ema, enterLong, exit, int, number, rsi } from 'tallow'

/** Buys when the fast average crosses above the slow one, unless the RSI is high already; sells when it crosses back. */
export default defineStrategy({
  // Set them in tallow.yaml, or with --param fast=10. A value outside of its range is refused.
  params: {
    fast: int(12, { min: 2, max: 500 }),
    slow: int(48, { min: 3, max: 1000 }),
    rsiMax: number(70, { min: 0, max: 100 }),
  },

  // Each is computed once per symbol, however many strategies ask for it.
  columns: ({ params }) => ({
    fast: ema({ period: params.fast }),
    slow: ema({ period: params.slow }),
    rsi: rsi({ period: 14 }),
  }),

  // Called at the close of each candle. Series only look back: rsi.now has just closed, rsi.ago(1) is the one before.
  decide({ fast, slow, rsi, position, params }) {
    if (!position && crossedAbove(fast, slow) && rsi.now < params.rsiMax)
      return enterLong({ reason: 'turned up', stopLossPercent: 3 })
    if (position && crossedBelow(fast, slow)) return exit('turned down')
  },
})
`

/** README.md @param tallow how it is called. */
export function readme(tallow: string): string {
  return `# A Tallow bot

\`\`\`sh
${tallow} config check     # is the config in order?
${tallow} run --for 60s    # trade on paper for a minute; without --for until Ctrl-C
${tallow} backtest         # the same strategy over the candles that the run has gathered
\`\`\`

While \`run\` goes on, in a second terminal:

\`\`\`sh
${tallow} health           # is it well?
${tallow} status           # what it holds
${tallow} trades           # what it has done
${tallow} explain BTC/USDT 2024-01-01T02:00   # what it decided at a candle, and why
\`\`\`

- \`tallow.yaml\`: the config; \`${tallow} config show\` tells what is in force and why.
- \`strategies/my-first.ts\`: your strategy. Change it, and run a backtest; there is no build step.
- \`tsconfig.json\`: tells the editor where the types of \`tallow\` are.
- \`.env.example\`: how keys and tokens are given. Copy it to \`.env\`.
- \`data/\`: candles and ledger, made by \`run\`. The ledger is the record of money.

## From here

- A backtest over candles of your own: \`${tallow} backtest --data BTC_USDT-1m.csv\`; \`--param fast=10\` sets a parameter.
- Binance's own candles, on paper: take \`exchange.simulator\` out of \`tallow.yaml\`, set \`market.late_after_ms: 10000\`, and give
  it a new \`data_dir\`.
- Something does not work: \`${tallow} doctor\`.
`
}
