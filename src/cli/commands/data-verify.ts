import { existsSync } from 'node:fs'
import { resolve } from 'node:path'
import type { Command } from 'commander'
import { compareFrames, type Comparison } from '../../frame/compare-frames.ts'
import type { Gap } from '../../frame/gaps.ts'
import { configOf, type ConfigOptions, withConfigOptions } from '../config-options.ts'
import type { CommandContext } from '../context.ts'
import { withFileLabels, type FileLabelOptions } from '../file-labels.ts'
import type { Io } from '../io.ts'
import { colours } from '../output/colour.ts'
import { formatCount, formatDuration, formatNumber, formatTime } from '../output/format.ts'
import { printJson } from '../output/json.ts'
import { verifyFile, verifyStored, type VerifiedSource } from '../verify-source.ts'

const GAPS_SHOWN_MAX = 20

interface VerifyOptions extends ConfigOptions, FileLabelOptions {
  readonly json?: true
  readonly strict?: true
}

/** Two sources of one market, beside each other. */
interface Compared extends Comparison {
  readonly a: string
  readonly b: string
}

export function registerDataVerify(group: Command, context: CommandContext): void {
  const { io } = context
  const command = group
    .command('verify')
    .argument('<series|file...>', 'binance:BTC/USDT:1h, or a candle file; several of one symbol are compared')
    .description('look for gaps, damage and rows that are no candles; exit 0 also when there are some')
    .option('--strict', 'exit 1 when there is any defect')
    .option('--json', 'print { series: [ … ] }, with comparisons: [ … ] of several sources of one symbol')
    .addHelpText(
      'after',
      '\nExamples:\n  $ tallow data verify binance:BTC/USDT:1m --strict\n  $ tallow data verify binance:BTC/USDT:1h download/BTC_USDT-1h.json',
    )
  withConfigOptions(withFileLabels(command)).action(async (names: readonly string[], options: VerifyOptions) => {
    const { data_dir: dataDir } = configOf(io, options).config
    const sources: VerifiedSource[] = []
    for (const name of names)
      sources.push(
        existsSync(resolve(io.cwd, name)) ? await verifyFile(io, name, options) : verifyStored(dataDir, name),
      )
    const comparisons = compareAll(sources)
    if (options.json)
      printJson(io, { series: sources.map(document), ...(comparisons.length > 0 ? { comparisons } : {}) })
    else
      io.stdout(
        [...sources.map(source => report(io, source)), ...comparisons.map(one => comparisonReport(io, one))].join('\n'),
      )
    const isBad = sources.some(isDefective) || comparisons.some(({ shiftMs }) => shiftMs !== 0 && shiftMs !== null)
    context.exitCode = options.strict && isBad ? 1 : 0
  })
}

/** Each source with the first one of its symbol. */
function compareAll(sources: readonly VerifiedSource[]): readonly Compared[] {
  const found: Compared[] = []
  for (const [index, b] of sources.entries()) {
    const a = sources.slice(0, index).find(({ series }) => series.symbol === b.series.symbol)
    if (!a) continue
    const part = ({ series, frame }: VerifiedSource) => ({ timeframe: series.timeframe, frame })
    const comparison = compareFrames(part(a), part(b))
    if (comparison) found.push({ a: a.name, b: b.name, ...comparison })
  }
  return found
}

function document({ verdict, report: read, damaged, causes }: VerifiedSource) {
  return {
    ...verdict,
    gaps: verdict.gaps.map(gap => ({ ...gap, ...causeOf(causes, gap) })),
    ...(damaged.length === 0 ? {} : { damaged: damaged.map(({ from, to, candles }) => ({ from, to, candles })) }),
    ...(read?.newestFirst ? { newestFirst: true } : {}),
    ...((read?.twelveHours ?? 0) > 0 ? { twelveHours: read?.twelveHours } : {}),
  }
}

/** What was found out of a gap; of several causes in one gap nothing is said. */
function causeOf(causes: VerifiedSource['causes'], gap: Gap): { readonly cause?: string } {
  const known = causes.find(({ from, to }) => from <= gap.from && to >= gap.to)
  return known ? { cause: known.cause } : {}
}

/** Counts that are defects, with their words. A bar without volume is none: nobody traded. */
function defectsOf({ verdict, damaged }: VerifiedSource): readonly (readonly [number, string])[] {
  const missing = verdict.gaps.reduce((sum, gap) => sum + gap.missing, 0)
  const lost = damaged.reduce((sum, { candles }) => sum + candles, 0)
  const counts: readonly (readonly [number, string])[] = [
    [lost, `not readable, in ${formatCount(damaged.length, 'damaged chunk')}: tallow data repair fetches them again`],
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

function isDefective(source: VerifiedSource): boolean {
  return source.verdict.candles === 0 || defectsOf(source).length > 0
}

function report(io: Io, source: VerifiedSource): string {
  const { green, yellow } = colours(io, 'stdout')
  const { verdict, report: read, causes } = source
  const line = (count: number, text: string): string => `  ${formatNumber(count, 0).padStart(9)}  ${text}`
  const span = `${formatCount(verdict.candles, 'candle')}, ${formatTime(verdict.from)} to ${formatTime(verdict.to)}`
  const lines = [`${verdict.series}: ${span}: ${isDefective(source) ? yellow('defects') : green('no defect')}`]
  for (const [count, text] of defectsOf(source)) lines.push(line(count, text))
  if (verdict.zeroVolume > 0) lines.push(line(verdict.zeroVolume, 'without volume'))
  if (read?.newestFirst) lines.push('  the file is newest first')
  if ((read?.twelveHours ?? 0) > 0) lines.push(line(read?.twelveHours ?? 0, 'times on a 12-hour clock'))
  for (const gap of verdict.gaps.slice(0, GAPS_SHOWN_MAX)) {
    const { cause } = causeOf(causes, gap)
    const missing = `${formatNumber(gap.missing, 0)} missing${cause === undefined ? '' : `: ${cause}`}`
    lines.push(`  gap: ${formatTime(gap.from)} to ${formatTime(gap.to)}, ${missing}`)
  }
  if (verdict.gaps.length > GAPS_SHOWN_MAX) lines.push(`  and ${verdict.gaps.length - GAPS_SHOWN_MAX} more gaps`)
  return `${lines.join('\n')}\n`
}

function comparisonReport(io: Io, { a, b, timeframe, common, equal, correlation, shiftMs }: Compared): string {
  const { yellow } = colours(io, 'stdout')
  const lines = [
    `${a} and ${b} on ${timeframe}: ${formatCount(common, 'common candle')}, ${formatNumber(equal, 0)} of them with the same prices`,
  ]
  if (correlation !== null) lines.push(`  their moves agree at ${formatNumber(correlation)}`)
  if (shiftMs !== null && shiftMs !== 0) {
    const far = formatDuration(Math.abs(shiftMs))
    const side = shiftMs > 0 ? 'late' : 'early'
    lines.push(
      yellow(`  the times of ${b} are ${far} too ${side} for those of ${a}: moved by that much, their moves agree`),
    )
  }
  return `${lines.join('\n')}\n`
}
