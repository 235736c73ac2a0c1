const START = Date.UTC(2024, 0, 1)
const MINUTE = 60_000

export const DIP_EVERY = 20

/** Minutes at 100, of which every 20th falls to 90 and the next is back: a stop 5 % below is hit in it, whenever one buys. */
export function dips(count: number): string {
  const rows = Array.from({ length: count }, (_, index) => {
    const prices =
      index % DIP_EVERY === 0 ? '100,100.5,89,90' : index % DIP_EVERY === 1 ? '90,101,89.5,100' : '100,101,99,100'
    return `${START + index * MINUTE},${prices},5`
  })
  return ['openTime,open,high,low,close,volume', ...rows, ''].join('\n')
}
