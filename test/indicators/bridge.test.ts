import assert from 'node:assert/strict'
import { spawnSync } from 'node:child_process'
import { test } from 'node:test'
import { setConfig } from 'technicalindicators'
import { wma } from '../../src/indicators/wma.ts'

const exactWma = (window: readonly number[]): number =>
  window.reduce((sum, value, index) => sum + value * (index + 1), 0) / ((window.length * (window.length + 1)) / 2)

test('values stay right past the rows at which its stream is started anew', () => {
  const closes = Array.from({ length: 9000 }, (_, row) => 100 + Math.sin(row) * 10)
  const values = wma(closes, { period: 5 })
  for (let row = 4; row < closes.length; row++) {
    const exact = exactWma(closes.slice(row - 4, row + 1))
    assert.ok(Math.abs(values[row]! - exact) <= 1e-12 * exact, `row ${row}`)
  }
})

test('a process-wide precision of the library does not round its values', () => {
  setConfig('precision', 3)
  try {
    const value = wma([1, 2.12345678], { period: 2 })[1]!
    assert.ok(Math.abs(value - exactWma([1, 2.12345678])) < 1e-12, String(value))
  } finally {
    setConfig('precision', undefined)
  }
})

test('the library is loaded at the first value, not before', () => {
  const script = `
    import { createRequire } from 'node:module'
    import { wma } from ${JSON.stringify(new URL('../../src/indicators/wma.ts', import.meta.url).href)}
    const { cache } = createRequire(${JSON.stringify(import.meta.url)})
    const loaded = () => Object.keys(cache).some(path => path.includes('technicalindicators'))
    const spec = wma({ period: 3 })
    const before = loaded() || spec.createFold() === undefined
    wma([1, 2, 3], { period: 3 })
    console.log(before, loaded())
  `
  const { stdout, stderr } = spawnSync(process.execPath, ['--input-type=module', '-e', script], { encoding: 'utf8' })
  assert.equal(stdout.trim(), 'false true', stderr)
})

test('it does not keep the closes of the past in memory', () => {
  // 2 million list items of some 50 bytes each would be 100 MB.
  const script = `
    import { wma } from ${JSON.stringify(new URL('../../src/indicators/wma.ts', import.meta.url).href)}
    wma(new Float64Array(2_000_000).fill(1.5), { period: 2 })
    console.log('done')
  `
  const args = ['--max-old-space-size=40', '--input-type=module', '-e', script]
  const { stdout, stderr } = spawnSync(process.execPath, args, { encoding: 'utf8' })
  assert.equal(stdout.trim(), 'done', stderr.slice(0, 500))
})
