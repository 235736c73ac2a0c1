import assert from 'node:assert/strict'
import { test } from 'node:test'
import fc from 'fast-check'
import { prometheusText } from '../../src/telemetry/prometheus-text.ts'

test('a metric is a help line, a type line and a line for each sample', () => {
  const text = prometheusText(
    [
      {
        name: 'tallow_orders_total',
        type: 'counter',
        help: 'Orders, by what happened.',
        samples: [{ labels: { event: 'placed' }, value: 3 }, { value: 1e21 }],
      },
    ],
    { bot: 'demo' },
  )
  assert.equal(
    text,
    '# HELP tallow_orders_total Orders, by what happened.\n' +
      '# TYPE tallow_orders_total counter\n' +
      'tallow_orders_total{bot="demo",event="placed"} 3\n' +
      'tallow_orders_total{bot="demo"} 1e+21\n',
  )
})

test('what is not known or no number is absent, and a metric without samples altogether', () => {
  const metric = (value: number | undefined) =>
    ({ name: 'a', type: 'gauge', help: 'A.', samples: [{ value }] }) as const
  for (const value of [undefined, Number.NaN, Infinity]) assert.equal(prometheusText([metric(value)]), '')
  assert.match(prometheusText([metric(0)]), /\na 0\n$/)
})

test('whatever a label or a help holds, the text has as many lines as it should, and the label reads back', () => {
  fc.assert(
    fc.property(fc.string({ unit: 'binary' }), fc.string(), (label, help) => {
      const text = prometheusText([
        { name: 'a', type: 'gauge', help, samples: [{ labels: { reason: label }, value: 1 }] },
      ])
      const lines = text.split('\n')
      assert.equal(lines.length, 4)
      const quoted = /^a\{reason="((?:[^"\\]|\\.)*)"\} 1$/su.exec(lines[2] ?? '')?.[1]
      assert.equal(
        quoted?.replace(/\\(.)/gsu, (_, escaped: string) => (escaped === 'n' ? '\n' : escaped)),
        label,
      )
    }),
  )
})
