/** Undefined where nothing was measured. */
export interface PerformanceFigures {
  readonly memoryBytes: number | undefined
  readonly cacheHitRate: number | undefined
  readonly averageFetchSeconds: number | undefined
  readonly iterationSeconds: number | undefined
}

const MEBIBYTE = 1024 * 1024

/** The line that the daemon logs once a minute: `performance summary memory_mb=… cache_hit_rate=… …`. */
export function performanceSummary(figures: PerformanceFigures): string {
  const memoryMb = figures.memoryBytes === undefined ? undefined : figures.memoryBytes / MEBIBYTE
  const parts = [
    `memory_mb=${show(memoryMb, 1)}`,
    `cache_hit_rate=${show(figures.cacheHitRate, 3)}`,
    `avg_fetch_s=${show(figures.averageFetchSeconds, 3)}`,
    `iteration_s=${show(figures.iterationSeconds, 3)}`,
  ]
  return `performance summary ${parts.join(' ')}`
}

function show(value: number | undefined, digits: number): string {
  return value === undefined || !Number.isFinite(value) ? 'unknown' : value.toFixed(digits)
}
