import type { Metric, MetricLabels } from '../telemetry/prometheus-text.ts'

/** A value that goes up and down; undefined is left out. */
export function gauge(name: string, help: string, value: number | undefined, labels?: MetricLabels): Metric {
  return { name, help, type: 'gauge', samples: [{ value, ...(labels && { labels }) }] }
}

/** A count that only goes up, from 0 at each start. */
export function counter(name: string, help: string, value: number | undefined): Metric {
  return { name, help, type: 'counter', samples: [{ value }] }
}
