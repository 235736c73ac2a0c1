import { LRUCache } from 'lru-cache'
import { structuredCodec } from '../src/market/cache/cache-codec.ts'
import { forSoLong } from '../src/market/cache/expiry.ts'
import { TieredCache } from '../src/market/cache/tiered-cache.ts'
import { digits, ratio, type Benchmark } from './benchmark.ts'

const ENTRIES = 1_000
const GETS = 2_000_000

interface Value {
  readonly numbers: Float64Array
}

export const benchmark: Benchmark = {
  name: 'cache',
  run: context => {
    const keys = Array.from({ length: ENTRIES }, (_, index) => `binance:S${index}/USDT:1m`)
    const bytes = ENTRIES * 2_000
    const codec = { ...structuredCodec<Value>(), sizeBytes: ({ numbers }: Value) => numbers.byteLength }
    let now = 0
    const tiered = new TieredCache<Value>({ codec, maxSizeBytes: bytes, expiry: forSoLong(1e12), now: () => now })
    const bare = new LRUCache<string, Value>({
      maxSize: bytes,
      sizeCalculation: ({ numbers }) => numbers.byteLength,
    })
    for (const [index, key] of keys.entries()) {
      const value = { numbers: new Float64Array(100).fill(index) }
      tiered.set(key, value)
      bare.set(key, value)
    }
    const ask = (get: (key: string) => Value | undefined): number => {
      let sum = 0
      for (let index = 0; index < GETS; index++) sum += get(keys[(index * 7) % ENTRIES]!)?.numbers[0] ?? Number.NaN
      now++
      return sum
    }
    const timings = context.alternate({
      tiered: () => ask(key => tiered.get(key)),
      bare: () => ask(key => bare.get(key)),
    })
    context.check(timings.tiered.result === timings.bare.result, 'the two did not give the same values')
    const nanoseconds = (ms: number): string => `${digits((ms * 1e6) / GETS)} ns`
    return {
      title: 'Cache',
      about: `${GETS.toLocaleString('en-US')} gets of ${ENTRIES.toLocaleString('en-US')} entries that are all there: the tiered cache, which weighs, counts and looks at the expiry, beside a bare \`lru-cache\` bounded by bytes.`,
      tables: [
        {
          head: ['get', 'a call', 'of bare lru-cache'],
          rows: [
            [
              'tiered cache, hot',
              nanoseconds(timings.tiered.medianMs),
              ratio(timings.tiered.medianMs / timings.bare.medianMs),
            ],
            ['bare lru-cache', nanoseconds(timings.bare.medianMs), ratio(1)],
          ],
        },
      ],
    }
  },
}
