/** A refusal in Binance's words. https://developers.binance.com/docs/binance-spot-api-docs/errors */
export class BinanceError extends Error {
  readonly status: number
  readonly code: number

  constructor(status: number, code: number, message: string) {
    super(message)
    this.name = 'BinanceError'
    this.status = status
    this.code = code
  }
}

export const invalidSymbol = (): BinanceError => new BinanceError(400, -1121, 'Invalid symbol.')
export const invalidInterval = (): BinanceError => new BinanceError(400, -1120, 'Invalid interval.')
export const missingParameter = (name: string): BinanceError =>
  new BinanceError(400, -1102, `Mandatory parameter '${name}' was not sent, was empty/null, or malformed.`)
export const illegalParameter = (name: string): BinanceError =>
  new BinanceError(400, -1100, `Illegal characters found in parameter '${name}'; legal range is '^[0-9]{1,20}$'.`)
