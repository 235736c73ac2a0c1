import { crossedAbove, crossedBelow, defineStrategy, enterLong, exit, int, sma } from 'tallow'

/** Long while the fast average is above the slow one, from cross to cross. */
export default defineStrategy({
  params: {
    fast: int(10, { min: 1, max: 5000 }),
    slow: int(30, { min: 2, max: 10_000 }),
  },
  columns: ({ params }) => ({ fast: sma({ period: params.fast }), slow: sma({ period: params.slow }) }),
  decide({ fast, slow, position }) {
    if (!position && crossedAbove(fast, slow)) return enterLong({ reason: 'crossed above' })
    if (position && crossedBelow(fast, slow)) return exit('crossed below')
  },
})
