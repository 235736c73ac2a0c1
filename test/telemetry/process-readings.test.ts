import assert from 'node:assert/strict'
import { totalmem } from 'node:os'
import { test } from 'node:test'
import { setTimeout as delay } from 'node:timers/promises'
import { memoryAllowedBytes, ProcessReadings } from '../../src/telemetry/process-readings.ts'

test('a limit of the cgroup counts where there is one, else the machine', () => {
  assert.equal(memoryAllowedBytes(512, 4_096), 512)
  assert.equal(memoryAllowedBytes(0, 4_096), 4_096)
  assert.equal(memoryAllowedBytes(2 ** 64, 4_096), 4_096)
})

test('memory is what this process has, of what it may have', context => {
  const readings = new ProcessReadings()
  context.after(() => readings.close())
  const { usedBytes, allowedBytes } = readings.memory()
  assert.ok(usedBytes > 10 * 1024 * 1024 && usedBytes < allowedBytes)
  assert.ok(allowedBytes <= totalmem())
})

test('a blocked loop shows in the delay, and only once', async context => {
  const readings = new ProcessReadings()
  context.after(() => readings.close())
  await delay(100)
  const blockedUntil = performance.now() + 300
  while (performance.now() < blockedUntil) continue
  await delay(30)
  const blocked = readings.takeEventLoopDelayP99Ms()
  assert.ok(blocked !== undefined && blocked > 200 && blocked < 3_000, `${blocked} ms`)
  assert.equal(readings.takeEventLoopDelayP99Ms(), undefined)
})

test('a standstill of over a second counts by its length, though it is one sample of many', async context => {
  const readings = new ProcessReadings()
  context.after(() => readings.close())
  await delay(1_500)
  const blockedUntil = performance.now() + 1_200
  while (performance.now() < blockedUntil) continue
  await delay(1_500)
  const blocked = readings.takeEventLoopDelayP99Ms()
  assert.ok(blocked !== undefined && blocked > 1_000, `${blocked} ms`)
})

test('the heap has a bound of its own', context => {
  const readings = new ProcessReadings()
  context.after(() => readings.close())
  const { usedBytes, allowedBytes } = readings.heap()
  assert.ok(usedBytes > 1024 * 1024 && usedBytes < allowedBytes)
})
