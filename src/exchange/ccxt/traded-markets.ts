import type { Instrument } from '../../domain/instrument.ts'
import type { CandleSource } from '../candle-source.ts'

/** What can be traded, in lists that stay the same while what they hold follows the exchange. */
export class TradedMarkets {
  readonly #source: Pick<CandleSource, 'instruments'>
  readonly #symbols: string[] = []
  readonly #instruments = new Map<string, Instrument>()

  constructor(source: Pick<CandleSource, 'instruments'>) {
    this.#source = source
  }

  /** Ordered. */
  get symbols(): readonly string[] {
    return this.#symbols
  }

  /** By symbol. */
  get instruments(): ReadonlyMap<string, Instrument> {
    return this.#instruments
  }

  /** Takes over what the source tells now. */
  async read(signal?: AbortSignal): Promise<void> {
    const found = await this.#source.instruments(signal)
    this.#symbols.splice(0)
    this.#instruments.clear()
    for (const instrument of found) {
      this.#symbols.push(instrument.symbol)
      this.#instruments.set(instrument.symbol, instrument)
    }
  }
}
