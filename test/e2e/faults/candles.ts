const START = Date.UTC(2024, 0, 1)
const MINUTE = 60_000

/** Minutes at 100, of which every so many fall to 90 and the next are back: a stop 5 % below is hit in it, whenever one buys. */
export function dips(count: number, every = 20): string {
  const rows = Array.from({ length: count }, (_, index) => {
    const prices = index % every === 0 ? '100,100.5,89,90' : index % every === 1 ? '90,101,89.5,100' : '100,101,99,100'
    return `${START + index * MINUTE},${prices},5`
  })
  return ['openTime,open,high,low,close,volume', ...rows, ''].join('\n')
}
