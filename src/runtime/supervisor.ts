import { join } from 'node:path'
import type { Logger } from 'pino'
import { badInput, retryLater } from '../domain/errors.ts'
import { nearest } from '../domain/nearest.ts'
import type { TradingMode } from '../domain/trading-mode.ts'
import type { ColumnCache } from '../indicators/column-cache.ts'
import type { Ledger } from '../ledger/ledger.ts'
import type { StrategyInstance } from '../strategy/instance.ts'
import type { StrategyError } from '../strategy/strategy-error.ts'
import { startingDocument, stoppedDocument, type HealthDocument, type Heartbeat } from '../telemetry/health-document.ts'
import { documentOfHeartbeat } from '../telemetry/health-heartbeat.ts'
import { ControlServer } from './control/control-server.ts'
import type { ControlTarget } from './control/control-target.ts'
import type { BotStatus, ExcludedStrategy } from './control/bot-status.ts'
import { Daemon, type DaemonOptions } from './daemon.ts'
import { exclusions } from './exclusions.ts'
import type { PaperRun } from './paper-run.ts'
import type { ReadModel, RuntimeFigures } from './read-model.ts'
import type { RunSetup } from './run-setup.ts'
import { runStatus } from './run-status.ts'
import { guardStart, type StartGuardOptions } from './start-guard.ts'
import { Tally } from './tally.ts'
import { takeBlockedNote } from './watchdog/take-note.ts'
import { Watchdog } from './watchdog/watchdog.ts'

export interface SupervisorOptions extends Omit<DaemonOptions, 'notices' | 'tally'> {
  readonly setup: RunSetup
  /** Reads config and strategies again. @throws TallowError what is wrong with them, or that it needs a restart. */
  readonly reload: () => Promise<RunSetup>
  readonly guard: StartGuardOptions
  /** How long the loop may stand still before the process ends, real ms. */
  readonly blockedAfterMs: number
  /** Resolves after so many real ms, or rejects with the signal's reason. */
  readonly wait: (ms: number, signal: AbortSignal) => Promise<void>
  /** Takes secrets out of a text. */
  readonly scrub: (text: string) => string
}

/** What control may wait for a run that is being loaded, real ms. */
const READY_WITHIN_MS = 20_000
const LOOK_EVERY_MS = 50

/**
 * Runs one daemon after the other in this process: a new one when its owner asks for a reload or a strategy has failed.
 * It holds what outlives a run: the control socket, the watchdog, what is known about strategies and restarts.
 */
export class Supervisor implements ControlTarget, ReadModel {
  readonly #options: SupervisorOptions
  readonly #ledger: Ledger
  readonly #log: Logger
  #setup: RunSetup
  #daemon: Daemon | undefined
  #columns: ColumnCache | undefined
  /** Ends the run in hand; another follows unless the whole has been stopped. */
  #runEnd = new AbortController()
  readonly #stop = new AbortController()
  /** Strategies that threw in this process, with what they threw. */
  readonly #thrown = new Map<string, ExcludedStrategy>()
  #excluded: readonly ExcludedStrategy[] = []
  /** Why strategies are left out, as far as the log has it: it is as true in the next run, and not news. */
  readonly #told = new Set<string>()
  #halted: string | undefined
  readonly #tally = new Tally()
  /** When the start of the run in hand began, this machine's time. */
  #startedAt: number
  #earlierRuns = 0

  constructor(options: SupervisorOptions) {
    this.#options = options
    this.#setup = options.setup
    this.#ledger = options.setup.ledger
    this.#log = options.log
    this.#startedAt = options.setup.wallNow()
  }

  /**
   * Trades until the signal is raised or `stop` is asked for.
   * @throws TallowError when it cannot start or go on, or when no strategy is left that works and nothing is held.
   */
  async run(signal: AbortSignal): Promise<void> {
    const ended = AbortSignal.any([signal, this.#stop.signal])
    const { dataDir, blockedAfterMs } = this.#options
    const bot = this.#setup.account.bot
    takeBlockedNote(dataDir, bot, this.#ledger, this.#log)
    const onLost = (error: Error): void => this.#log.error(`the watchdog is gone: ${error.message}`)
    const watchdog = await Watchdog.start({ bot, dataDir, blockedAfterMs, onLost })
    if (watchdog.weakness !== undefined) this.#log.warn(watchdog.weakness)
    const control = await this.#openControl()
    try {
      await this.#guardStart(ended)
      while (!ended.aborted) await this.#once(watchdog, ended)
    } finally {
      await control?.close()
      await watchdog.close()
    }
    this.#log.info('stopped')
  }

  async setMode(mode: TradingMode): Promise<void> {
    await this.#command(run => this.#enter(run, mode, 'asked for'))
    if (mode === 'on') this.#halted = undefined
  }

  async close(symbol: string): Promise<{ readonly legs: number }> {
    return this.#command(run => {
      const { legs } = run.bot.state
      const known = [...new Set(legs.map(({ market }) => market.series.symbol))]
      if (!known.includes(symbol)) {
        const near = nearest(symbol, known)
        throw badInput(`this bot does not trade ${symbol}`, {
          hint: near === undefined ? `it trades ${known.join(', ')}` : `did you mean ${near}?`,
        })
      }
      const held = legs.filter(({ market, position }) => market.series.symbol === symbol && position !== undefined)
      run.command({ kind: 'close', symbol })
      return { legs: held.length }
    })
  }

  stop(): void {
    this.#stop.abort()
  }

  async reload(): Promise<void> {
    if (this.#daemon?.trading?.behind === true)
      throw retryLater('the ledger cannot be written, and a reload begins a new run in it', {
        hint: 'tallow health says what is in its way; put that right, then reload again',
      })
    const setup = await this.#options.reload()
    this.#setup = setup
    // A file that was put right is tried again, and so is one that was not: it says the same once more.
    this.#thrown.clear()
    this.#log.info('reloading: config and strategies were read again')
    this.#runEnd.abort()
  }

  status(): BotStatus {
    const run = this.#daemon?.trading
    if (run === undefined) throw retryLater('the daemon is still loading', { hint: 'ask again in a moment' })
    return runStatus(run.bot, this.#setup.account.bot, this.#ledger.state().mode, this.#excluded)
  }

  heartbeat(): Heartbeat {
    const now = this.#setup.wallNow()
    const seconds = Math.max(0, now - this.#startedAt) / 1_000
    const starting = startingDocument(seconds, this.#options.thresholds.seriesGraceSeconds, this.#earlierRuns)
    return this.#daemon?.heartbeat ?? { at: now, document: JSON.stringify(starting) }
  }

  health(): HealthDocument {
    return documentOfHeartbeat(this.heartbeat(), this.#setup.wallNow(), 'answered')
  }

  figures(): RuntimeFigures {
    const { account, version, limiter, cache } = this.#setup
    const run = this.#daemon?.trading
    return {
      bot: account.bot,
      version,
      readings: this.#daemon?.readings,
      account: run && runStatus(run.bot, account.bot, undefined, this.#excluded),
      mode: run?.bot.state.mode,
      counts: this.#tally.counts(),
      feed: run?.feed.metrics(),
      limiter: limiter.metrics(),
      cache: cache.metrics(),
      columns: this.#columns?.metrics(),
      ledger: this.#ledger.metrics(),
      points: this.#options.points?.stats(),
    }
  }

  /** Not being able to be talked to is no reason not to look after positions. */
  async #openControl(): Promise<ControlServer | undefined> {
    const tell = (error: unknown): void => {
      this.#log.error(`control: ${error instanceof Error ? error.message : String(error)}`)
    }
    const { dataDir, scrub } = this.#options
    try {
      return await ControlServer.open(join(dataDir, 'control.sock'), this, { onFailure: tell, scrub })
    } catch (error) {
      tell(error)
      return undefined
    }
  }

  async #once(watchdog: Watchdog, ended: AbortSignal): Promise<void> {
    this.#runEnd = new AbortController()
    this.#startedAt = this.#setup.wallNow()
    this.#earlierRuns = this.#ledger.state().runs
    const blocked = exclusions(this.#ledger.faultsSince(0), this.#setup.strategies)
    this.#excluded = [
      ...blocked.map(({ name, message }) => ({ strategy: name, reason: message })),
      ...this.#thrown.values(),
    ]
    for (const { reason } of this.#excluded) if (!this.#told.has(reason)) this.#log.error(reason)
    for (const { reason } of this.#excluded) this.#told.add(reason)
    const notices = this.#excluded.map(({ reason }) => reason)
    if (this.#halted !== undefined)
      notices.push(`trading is halted: ${this.#halted}; tallow resume lets it enter again`)
    const strategies = watchdog.watched(this.#setup.strategies.map(strategy => this.#leftOut(strategy)))
    const { createColumns, ...setup } = this.#setup
    const columns = createColumns()
    this.#columns = columns
    const run = { ...setup, strategies, columns }
    const daemon = new Daemon(run, { ...this.#options, tally: this.#tally, notices })
    this.#daemon = daemon
    const halting = this.#halt(daemon, ended)
    const end = await daemon.run(AbortSignal.any([ended, this.#runEnd.signal]))
    await halting
    if (end.kind === 'strategy-failed') this.#failed(end.error)
    if (end.kind === 'grown') this.#log.info('many candles are in memory: beginning anew, with history as at a start')
  }

  /** A strategy that is left out wants nothing; what it holds stays protected by its exit plan. */
  #leftOut(strategy: StrategyInstance): StrategyInstance {
    const out = this.#excluded.some(excluded => excluded.strategy === strategy.name)
    return out ? { ...strategy, decide: () => undefined } : strategy
  }

  /** @throws the error when there is nothing left to do without the strategy. */
  #failed(error: StrategyError): void {
    const strategy = this.#setup.strategies.find(({ name }) => name === error.strategy)
    const { message, where } = error
    this.#ledger.recordFault({
      strategy: error.strategy,
      hash: strategy?.hash ?? '',
      kind: 'threw',
      message: where === undefined ? message : `${message} (${where})`,
      at: this.#setup.wallNow(),
    })
    const others = this.#setup.strategies.length > this.#excluded.length + 1
    if (!others && this.#ledger.state().positions.length === 0) {
      this.#ledger.heartbeat(this.#setup.wallNow(), JSON.stringify(stoppedDocument(error)))
      throw error
    }
    const place = where === undefined ? '' : ` (${where})`
    const reason = `strategy ${error.strategy} is left out: ${message}${place}. Correct it, then tallow reload`
    this.#thrown.set(error.strategy, { strategy: error.strategy, reason })
  }

  async #guardStart(signal: AbortSignal): Promise<void> {
    const { guard, wait } = this.#options
    const now = this.#setup.wallNow()
    const mode = this.#ledger.state().mode
    const forgiven = mode?.mode === 'on' ? { forgivenAt: mode.at } : {}
    const runs = this.#ledger.runsSince(now - guard.restartWindowMs)
    const { waitMs, halted } = guardStart(runs, now, { ...guard, ...forgiven })
    this.#halted = halted
    if (waitMs === 0) return
    this.#log.warn(`starting again in ${waitMs / 1_000} s: earlier runs did not come to their end`)
    await wait(waitMs, signal).catch((error: unknown) => {
      if (!signal.aborted) throw error
    })
  }

  /** Lets a bot that restarts again and again only exit, until its owner says otherwise. */
  async #halt(daemon: Daemon, signal: AbortSignal): Promise<void> {
    const reason = this.#halted
    if (reason === undefined || this.#ledger.state().mode?.mode === 'paused') return
    const run = await this.#loaded(daemon, signal)
    if (run === undefined) return
    this.#enter(run, 'close-only', reason)
    this.#log.error(`trading is halted: ${reason}`)
  }

  #enter(run: PaperRun, mode: TradingMode, reason: string): void {
    const change = { kind: 'mode', mode, reason, at: this.#setup.wallNow() } as const
    run.command({ kind: 'set-mode', mode }, [change])
  }

  async #command<T>(work: (run: PaperRun) => T): Promise<T> {
    const daemon = this.#daemon
    const run = daemon && (await this.#loaded(daemon, this.#stop.signal))
    if (run === undefined)
      throw retryLater('the daemon is still loading', { hint: 'ask again when it has begun to decide' })
    return work(run)
  }

  /** What trades, as soon as it does; undefined when that takes too long or never comes. */
  async #loaded(daemon: Daemon, signal: AbortSignal): Promise<PaperRun | undefined> {
    for (let waited = 0; waited < READY_WITHIN_MS && !signal.aborted; waited += LOOK_EVERY_MS) {
      if (daemon.trading !== undefined) return daemon.trading
      await this.#options.wait(LOOK_EVERY_MS, signal).catch(() => undefined)
    }
    return undefined
  }
}
