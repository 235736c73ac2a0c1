import { cachedBy } from '../market/cache/cached.ts'

/** `cached(fn, options)`: the results of a function, kept; by this machine's time. */
export const cached = cachedBy(Date.now)
