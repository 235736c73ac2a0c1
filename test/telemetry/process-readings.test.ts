import assert from 'node:assert/strict'
import { spawnSync } from 'node:child_process'
import { mkdirSync, rmdirSync, writeFileSync } from 'node:fs'
import { totalmem } from 'node:os'
import { join } from 'node:path'
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

const CGROUP = join('/sys/fs/cgroup/memory', `tallow-test-${process.pid}`)
/** Version 1: in version 2 the limit of a group that already has processes is not ours to set. */
const withoutCgroup = (): string | false => {
  try {
    mkdirSync(CGROUP)
    rmdirSync(CGROUP)
    return false
  } catch {
    return 'limits memory by a cgroup of its own, which takes root and cgroup version 1'
  }
}

test('in a container its limit is what is allowed', { skip: withoutCgroup() }, context => {
  mkdirSync(CGROUP)
  context.after(() => rmdirSync(CGROUP))
  writeFileSync(join(CGROUP, 'memory.limit_in_bytes'), String(300 * 1024 * 1024))
  const module = new URL('../../src/telemetry/process-readings.ts', import.meta.url).href
  const script = `const { ProcessReadings } = await import('${module}'); const readings = new ProcessReadings(); console.log(readings.memory().allowedBytes); readings.close()`
  const inside = 'echo $$ > "$0/cgroup.procs"; exec "$1" --input-type=module -e "$2"'
  const { stdout, stderr } = spawnSync('sh', ['-c', inside, CGROUP, process.execPath, script], { encoding: 'utf8' })
  assert.equal(stdout, `${300 * 1024 * 1024}\n`, stderr)
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
