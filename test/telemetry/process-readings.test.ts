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

test('free space is told for a folder that is there', async context => {
  const readings = new ProcessReadings()
  context.after(() => readings.close())
  const free = await readings.diskFreeBytes('.')
  assert.ok(free !== undefined && free > 0)
  assert.equal(await readings.diskFreeBytes('./no/such/folder'), undefined)
})
