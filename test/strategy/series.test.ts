import assert from 'node:assert/strict'
import { test } from 'node:test'
import fc from 'fast-check'
import { Column } from '../../src/frame/column.ts'
import { crossedAbove, crossedBelow, Series } from '../../src/index.ts'
import { Cursor } from '../../src/strategy/cursor.ts'

function seriesOf(
  values: readonly number[],
  row = values.length - 1,
): { series: Series; column: Column; cursor: Cursor } {
  const column = new Column(0)
  column.values = Float64Array.from(values)
  const cursor = new Cursor()
  cursor.row = row
  return { series: new Series(column, cursor), column, cursor }
}

test('a series shows the row at the cursor and those before; beyond the first there is NaN', () => {
  fc.assert(
    fc.property(fc.array(fc.double(), { minLength: 1, maxLength: 20 }), fc.nat(30), fc.nat(30), (values, at, back) => {
      const row = at % values.length
      const { series } = seriesOf(values, row)
      assert.ok(Object.is(series.now, values[row]))
      assert.ok(Object.is(series.ago(back), values[row - back] ?? Number.NaN))
    }),
  )
  const { series } = seriesOf([1], -1)
  assert.ok(Number.isNaN(series.now) && Number.isNaN(series.ago(0)) && Number.isNaN(series.ago(1)))
})

test('a series follows its column when that moves to a larger array', () => {
  const { series, column, cursor } = seriesOf([1, 2])
  column.reserve(1_000)
  column.values[2] = 3
  cursor.row = 2
  assert.deepEqual([series.now, series.ago(2)], [3, 1])
})

test('a cross is one candle long, counts a touch as the other side, and NaN crosses nothing', () => {
  const above: readonly [readonly number[], readonly number[], boolean][] = [
    [[1, 3], [2, 2], true],
    [[2, 3], [2, 2], true],
    [[3, 3], [2, 2], false],
    [[1, 2], [2, 2], false],
    [[Number.NaN, 3], [2, 2], false],
    [[1, 3], [Number.NaN, 2], false],
    [[1, Number.NaN], [2, 2], false],
    [[3], [2], false],
  ]
  for (const [a, b, expected] of above) {
    const [left, right] = [seriesOf(a).series, seriesOf(b).series]
    const mirrored = [seriesOf(a.map(v => -v)).series, seriesOf(b.map(v => -v)).series] as const
    assert.equal(crossedAbove(left, right), expected)
    assert.equal(crossedBelow(...mirrored), expected)
    if (b.every(value => value === 2)) {
      assert.equal(crossedAbove(left, 2), expected)
      assert.equal(crossedBelow(mirrored[0], -2), expected)
    }
  }
})
