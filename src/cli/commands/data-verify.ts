import { existsSync } from 'node:fs'
import { resolve } from 'node:path'
import type { Command } from 'commander'
import { badInput, neverRetry, TallowError } from '../../domain/errors.ts'
import { nearest } from '../../domain/nearest.ts'
import { parseSeriesKey } from '../../domain/series.ts'
import { labelFromFileName } from '../../frame/formats/file-label.ts'
import { loadCandleFile } from '../../frame/formats/load-candle-file.ts'
import { verifyFrame, type SeriesVerdict } from '../../frame/verify.ts'
import type { CandleStore } from '../../market/candle-store.ts'
import { configOf, type ConfigOptions, withConfigOptions } from '../config-options.ts'
import type { CommandContext } from '../context.ts'
import { withFileLabels, type FileLabelOptions } from '../file-labels.ts'
import type { Io } from '../io.ts'
import { colours } from '../output/colour.ts'
import { formatCount, formatNumber, formatTime } from '../output/format.ts'
import { printJson } from '../output/json.ts'
import { withStore } from '../store-path.ts'

const GAPS_SHOWN_MAX = 20

interface VerifyOptions extends ConfigOptions, FileLabelOptions {
  readonly json?: true
  readonly strict?: true
}

export function registerDataVerify(group: Command, context: CommandContext): void {
  const { io } = context
  const command = group
    .command('verify')
    .argument('<series|file...>', 'binance:BTC/USDT:1h, or a candle file')
    .description('look for gaps and rows that are no candles; exit 0 also when there are some')
    .option('--strict', 'exit 1 when there is any defect')
    .option('--json', 'print { series: [ … ] }')
    .addHelpText('after', '\nExample:\n  $ tallow data verify binance:BTC/USDT:1m --strict')
  withConfigOptions(withFileLabels(command)).action(async (names: readonly string[], options: VerifyOptions) => {
    const { data_dir: dataDir } = configOf(io, options).config
    const verdicts: SeriesVerdict[] = []
    for (const name of names)
      verdicts.push(
        existsSync(resolve(io.cwd, name)) ? await verifyFile(io, name, options) : verifyStored(dataDir, name),
      )
    if (options.json) printJson(io, { series: verdicts })
    else io.stdout(verdicts.map(verdict => report(io, verdict)).join('\n'))
    context.exitCode = options.strict && verdicts.some(isDefective) ? 1 : 0
  })
}

async function verifyFile(io: Io, name: string, options: VerifyOptions): Promise<SeriesVerdict> {
  const { exchange, symbol, dataTimeframe: timeframe, columns } = options
  try {
    const loaded = await loadCandleFile(resolve(io.cwd, name), {
      exchange,
      symbol,
      timeframe,
      columns,
      onBadRow: 'skip',
    })
    return verifyFrame(loaded.series, loaded.frame, loaded.report)
  } catch (error) {
    const label = labelFromFileName(name)
    const named = (symbol ?? label.symbol) !== undefined && (timeframe ?? label.timeframe) !== undefined
    // Wrongly called is one thing (exit 2), a file that is no candle file another: that is what this command finds out.
    if (!named || !(error instanceof TallowError) || error.kind !== 'bad-input') throw error
    throw neverRetry(error.message, {
      where: error.where ?? name,
      cause: error,
      ...(error.hint === undefined ? {} : { hint: error.hint }),
    })
  }
}

function verifyStored(dataDir: string, name: string): SeriesVerdict {
  if (!/^[\w-]+:[^:]+\/.*:\w+$/.test(name))
    throw badInput(`there is no file ${name}`, { hint: 'give a candle file, or a series such as binance:BTC/USDT:1h' })
  const wanted = parseSeriesKey(name)
  const read = (store: CandleStore): SeriesVerdict => {
    const stored = store.list()
    const found = stored.find(({ key }) => key === name)
    if (found) return verifyFrame(wanted, store.read(wanted, found.from, found.to))
    const keys = stored.map(({ key }) => key)
    const near = nearest(name, keys)
    throw badInput(`the store has no series ${name}`, {
      where: dataDir,
      hint: near === undefined ? `it has: ${keys.join(', ') || 'nothing'}` : `did you mean ${near}?`,
    })
  }
  const verdict = withStore(dataDir, undefined, read)
  if (verdict !== undefined) return verdict
  throw badInput(`there are no candles in ${dataDir} yet`, {
    where: dataDir,
    hint: 'tallow data import FILE brings some in; or name the data folder with --data-dir',
  })
}

/** Counts that are defects, with their words. A bar without volume is none: nobody traded. */
function defectsOf(verdict: SeriesVerdict): readonly (readonly [number, string])[] {
  const missing = verdict.gaps.reduce((sum, gap) => sum + gap.missing, 0)
  const counts: readonly (readonly [number, string])[] = [
    [missing, `missing, in ${formatCount(verdict.gaps.length, 'gap')}`],
    [verdict.invalid, 'no candles: text, NaN, or high below low'],
    [verdict.misaligned, 'on no bar of the timeframe'],
    [verdict.duplicates, 'twice'],
    [verdict.outOfOrder, 'out of order'],
    [verdict.revised, 'twice with other values'],
    [verdict.filled, 'filled in'],
  ]
  return counts.filter(([count]) => count > 0)
}

function isDefective(verdict: SeriesVerdict): boolean {
  return verdict.candles === 0 || defectsOf(verdict).length > 0
}

function report(io: Io, verdict: SeriesVerdict): string {
  const { green, yellow } = colours(io, 'stdout')
  const defects = defectsOf(verdict)
  const span = `${formatCount(verdict.candles, 'candle')}, ${formatTime(verdict.from)} to ${formatTime(verdict.to)}`
  const lines = [`${verdict.series}: ${span}: ${isDefective(verdict) ? yellow('defects') : green('no defect')}`]
  for (const [count, text] of defects) lines.push(`  ${formatNumber(count, 0).padStart(9)}  ${text}`)
  if (verdict.zeroVolume > 0) lines.push(`  ${formatNumber(verdict.zeroVolume, 0).padStart(9)}  without volume`)
  for (const { from, to, missing } of verdict.gaps.slice(0, GAPS_SHOWN_MAX))
    lines.push(`  gap: ${formatTime(from)} to ${formatTime(to)}, ${formatNumber(missing, 0)} missing`)
  if (verdict.gaps.length > GAPS_SHOWN_MAX) lines.push(`  and ${verdict.gaps.length - GAPS_SHOWN_MAX} more gaps`)
  return `${lines.join('\n')}\n`
}
