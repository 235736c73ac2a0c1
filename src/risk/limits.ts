import { multiply, type Decimal } from '../domain/money.ts'
import type { PositionSide } from '../domain/order.ts'
import type { Protection } from './protections.ts'

/** Bounds on what is held, over all strategies of the wallet. Absent: none. */
export interface RiskLimits {
  /** Positions and orders for one, together. */
  readonly openPositionsMax?: number
  /** Share of equity that one symbol may hold, and all positions of a side: 1 is all of it. */
  readonly symbolExposureMax?: Decimal
  readonly longExposureMax?: Decimal
  readonly shortExposureMax?: Decimal
  readonly protections?: readonly Protection[]
}

export const NO_LIMITS: RiskLimits = Object.freeze({})

/** What the wallet holds, orders that wait for an entry included; values in quote currency. */
export interface Exposure {
  readonly positions: number
  readonly symbol: Decimal
  readonly side: Decimal
}

export type LimitReason = 'max-open-positions' | 'max-symbol-exposure' | 'max-side-exposure'

/** Which bound an entry would break, if any. @param opensPosition false when it adds to one. */
export function brokenLimit(
  limits: RiskLimits,
  side: PositionSide,
  opensPosition: boolean,
  quote: Decimal,
  exposure: Exposure,
  equity: Decimal,
): LimitReason | undefined {
  const { openPositionsMax, symbolExposureMax } = limits
  const sideMax = side === 'long' ? limits.longExposureMax : limits.shortExposureMax
  if (opensPosition && openPositionsMax !== undefined && exposure.positions >= openPositionsMax)
    return 'max-open-positions'
  if (symbolExposureMax !== undefined && exposure.symbol + quote > multiply(equity, symbolExposureMax))
    return 'max-symbol-exposure'
  if (sideMax !== undefined && exposure.side + quote > multiply(equity, sideMax)) return 'max-side-exposure'
  return undefined
}
