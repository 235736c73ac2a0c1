/** 1e-18: as fine as the ledger counts. */
export const ONE = 10n ** 18n

/** Whole units of 1e-18 of a plain decimal text: `-12.345`. @throws when it is none, or finer. */
export function units(text: string): bigint {
  const match = /^(-?)(\d+)(?:\.(\d{1,18}))?$/.exec(text)
  if (!match) throw new Error(`the ledger holds "${text}" where a decimal has to be`)
  const [, sign, whole = '', fraction = ''] = match
  const value = BigInt(whole + fraction.padEnd(18, '0'))
  return sign === '-' ? -value : value
}

/** The shortest plain decimal text. */
export function textOf(value: bigint): string {
  const negative = value < 0n
  const digits = String(negative ? -value : value).padStart(19, '0')
  const fraction = digits.slice(-18).replace(/0+$/, '')
  return `${negative ? '-' : ''}${digits.slice(0, -18)}${fraction === '' ? '' : `.${fraction}`}`
}

export function float(value: bigint): number {
  return Number(value) / 1e18
}
