export type MetricLabels = Readonly<Record<string, string>>

export interface MetricSample {
  readonly labels?: MetricLabels
  /** One that is not finite is left out: what is not known is absent. */
  readonly value: number | undefined
}

/** One metric with all its samples. */
export interface Metric {
  /** `tallow_fetch_seconds`: the unit last, `_total` behind it on counters. */
  readonly name: string
  readonly type: 'gauge' | 'counter'
  readonly help: string
  readonly samples: readonly MetricSample[]
}

/** The content type of the text. */
export const PROMETHEUS_CONTENT_TYPE = 'text/plain; version=0.0.4; charset=utf-8'

/**
 * Metrics in Prometheus' text format, version 0.0.4.
 * @param common labels of every sample.
 * https://prometheus.io/docs/instrumenting/exposition_formats/
 */
export function prometheusText(metrics: readonly Metric[], common: MetricLabels = {}): string {
  return metrics.map(metric => metricText(metric, common)).join('')
}

function metricText({ name, type, help, samples }: Metric, common: MetricLabels): string {
  const lines = samples.flatMap(({ labels, value }) =>
    value === undefined || !Number.isFinite(value) ? [] : [`${name}${labelText({ ...common, ...labels })} ${value}\n`],
  )
  if (lines.length === 0) return ''
  return `# HELP ${name} ${help.replace(/\\/g, '\\\\').replace(/\n/g, '\\n')}\n# TYPE ${name} ${type}\n${lines.join('')}`
}

function labelText(labels: MetricLabels): string {
  const pairs = Object.entries(labels).map(([name, value]) => `${name}="${escaped(value)}"`)
  return pairs.length === 0 ? '' : `{${pairs.join(',')}}`
}

function escaped(value: string): string {
  return value.replace(/\\/g, '\\\\').replace(/"/g, '\\"').replace(/\n/g, '\\n')
}
