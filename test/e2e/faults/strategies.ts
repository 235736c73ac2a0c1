/** Buys whenever it holds nothing, but not in a dip, whose price no stop would ever be hit from; leaves by its stop. */
export const STOPPED_OUT = `
import { defineStrategy, enterLong } from 'tallow'
export default defineStrategy({
  columns: () => ({}),
  decide({ position, close }) {
    return position || close.now < 100 ? undefined : enterLong({ stopLossPercent: 5, reason: 'flat' })
  },
})
`

/** Says so, and then never comes back from its fourth candle. */
export const LOOPS = `
import { defineStrategy } from 'tallow'
let calls = 0
export default defineStrategy({
  columns: () => ({}),
  decide() {
    if (++calls < 4) return undefined
    process.stderr.write('into the loop\\n')
    for (;;) calls = calls + 1 - 1
  },
})
`

/** Buys, and throws in line 8 when it holds something, or at once. */
export function throwing(when: 'holding' | 'flat'): string {
  return `
import { defineStrategy, enterLong } from 'tallow'
export default defineStrategy({
  columns: () => ({}),
  decide({ position, close }) {
    const level = (position as undefined | { level: { price: number } })
    if (${when === 'holding' ? 'level === undefined' : 'close.now < 0'}) return enterLong({ stopLossPercent: 5, reason: 'flat' })
    return level!.level.price > 0 ? undefined : enterLong()
  },
})
`
}

/** What is no intent, and what is said of it. */
export const RUBBISH: Readonly<Record<string, readonly [answer: string, said: RegExp]>> = {
  promise: ['Promise.reject(new Error("late"))', /returned a promise/],
  number: ['1', /it is 1$/],
  text: ['"buy"', /it is "buy"$/],
  list: ['[enterLong()]', /it is an object$/],
  kind: ['({ kind: "buy" })', /it is an object of kind "buy"$/],
  nan: ['enterLong({ amount: Number.NaN })', /amount is NaN; it must be a positive number/],
  much: ['({ kind: "exit", reason: "", percent: 400 })', /percent is 400; it must be a number above 0 and up to 100/],
  stop: ['enterLong({ stopLossPercent: Number.NaN })', /stopLossPercent is NaN; it must be/],
  trap: ['({ get kind() { throw new Error("trap") } })', /it cannot be read: trap/],
}

export function returning(answer: string): string {
  return `
import { defineStrategy, enterLong } from 'tallow'
export default defineStrategy({ columns: () => ({}), decide: () => ${answer} as never })
`
}
