import assert from 'node:assert/strict'
import { test } from 'node:test'
import { colours } from '../../src/cli/output/colour.ts'
import {
  formatCount,
  formatDuration,
  formatNumber,
  formatPercent,
  formatPrice,
  formatTime,
} from '../../src/cli/output/format.ts'
import { Progress } from '../../src/cli/output/progress.ts'
import { table } from '../../src/cli/output/table.ts'
import { quietIo } from './run-cli.ts'

test('numbers line up at the right, whatever colour they have', () => {
  const { red } = colours(quietIo('/', { stdoutIsTty: true }), 'stdout')
  const text = table(
    [{ title: 'name' }, { title: 'profit', align: 'right' }, { title: '' }],
    [
      ['a', red('-5.00'), 'x'],
      ['longer', '1,234.00'],
    ],
  )
  const plain = text.replaceAll(new RegExp(`${String.fromCharCode(27)}\\[\\d+m`, 'g'), '')
  assert.notEqual(plain, text)
  assert.equal(plain, 'name      profit\na          -5.00  x\nlonger  1,234.00\n')
})

test('there are colours on a terminal only, and none with NO_COLOR', () => {
  const painted = (env: Record<string, string>, stdoutIsTty: boolean): boolean =>
    colours(quietIo('/', { env, stdoutIsTty }), 'stdout').red('x') !== 'x'
  assert.equal(painted({}, true), true)
  assert.equal(painted({}, false), false)
  assert.equal(painted({ NO_COLOR: '1' }, true), false)
  assert.equal(painted({ NO_COLOR: '' }, true), true)
  assert.equal(painted({ TERM: 'dumb' }, true), false)
})

test('what has no value is a dash', () => {
  for (const format of [formatNumber, formatPrice, formatPercent, formatTime, formatDuration])
    for (const value of [null, undefined, Number.NaN, Number.POSITIVE_INFINITY]) assert.equal(format(value), '-')
})

test('times are UTC, durations show their two largest units', () => {
  assert.equal(formatTime(Date.UTC(2024, 0, 1, 12, 30)), '2024-01-01 12:30')
  assert.equal(formatTime(Date.UTC(2024, 0, 1, 12, 30, 5)), '2024-01-01 12:30:05')
  assert.equal(formatDuration(250), '250 ms')
  assert.equal(formatDuration(65_000), '1 m 5 s')
  assert.equal(formatDuration(3_600_000), '1 h')
  assert.equal(formatDuration(3 * 86_400_000 + 4 * 3_600_000 + 59_000), '3 d 4 h')
})

test('numbers keep the digits that matter', () => {
  assert.equal(formatNumber(1_234.5), '1,234.50')
  assert.equal(formatPercent(12.345), '12.35 %')
  assert.equal(formatPrice(0.000012345678), '0.000012345678')
  assert.equal(formatPrice(64_123.456), '64123.456')
  assert.equal(formatCount(1, 'gap'), '1 gap')
  assert.equal(formatCount(2_000, 'gap'), '2,000 gaps')
})

test('progress shows rate and time left after a second, on a terminal', () => {
  let now = 0
  const io = quietIo('/', { stderrIsTty: true, now: () => now })
  const progress = new Progress(io, 'candles', 1_000)
  now = 500
  progress.update(100)
  assert.deepEqual(io.err, [])
  now = 2_000
  progress.update(200)
  assert.match(io.err.join(''), /20 % {2}200 of 1,000 candles {2}100\/s {2}8 s left/)
  now = 2_050
  progress.update(210)
  assert.equal(io.err.length, 1)
  progress.end()
  assert.deepEqual(io.out, [])
})

test('progress is silent when nobody watches', () => {
  let now = 0
  const io = quietIo('/', { now: () => now })
  const progress = new Progress(io, 'candles', 1_000)
  now = 60_000
  progress.update(200)
  progress.end()
  assert.deepEqual(io.err, [])
})
