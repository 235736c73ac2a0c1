import assert from 'node:assert/strict'
import { test } from 'node:test'
import { performanceSummary } from '../../src/telemetry/performance-summary.ts'

test('the line has four figures in fixed order', () => {
  const figures = {
    memoryBytes: 128.25 * 1024 * 1024,
    cacheHitRate: 0.98765,
    averageFetchSeconds: 0.12,
    iterationSeconds: 1,
  }
  assert.equal(
    performanceSummary(figures),
    'performance summary memory_mb=128.3 cache_hit_rate=0.988 avg_fetch_s=0.120 iteration_s=1.000',
  )
})

test('what was not measured is called unknown', () => {
  const nothing = {
    memoryBytes: undefined,
    cacheHitRate: undefined,
    averageFetchSeconds: Number.NaN,
    iterationSeconds: undefined,
  }
  assert.equal(
    performanceSummary(nothing),
    'performance summary memory_mb=unknown cache_hit_rate=unknown avg_fetch_s=unknown iteration_s=unknown',
  )
})
