import { TallowError, type ErrorDetails } from '../domain/errors.ts'

/** A strategy failed while it decided, or answered with what is no intent: bad input that names it. */
export class StrategyError extends TallowError {
  readonly strategy: string

  constructor(strategy: string, message: string, details: ErrorDetails) {
    super('bad-input', message, details)
    this.strategy = strategy
  }
}
