import assert from 'node:assert/strict'
import { readdirSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import { test } from 'node:test'
import { audit } from './support/audit.ts'
import { fastConfig, folderWith, startTallow, tallow, type Tallow } from './support/tallow.ts'

const LONG = process.env.TALLOW_TEST_LONG === '1'
const SECONDS = LONG ? 300 : 16
const SPEED = 6_000

interface Reading {
  readonly rssMb: number
  readonly descriptors: number
}

test(
  `${SECONDS} s at ${SPEED} × real time: memory and descriptors do not grow without bound, the loop turns`,
  { skip: process.platform === 'linux' ? false : 'reads /proc' },
  async t => {
    const cwd = folderWith(t, { 'tallow.yaml': fastConfig(SPEED, 'rsi-macd') })
    const daemon = startTallow(t, cwd, ['run'])
    await daemon.said(/trade closed/, 15_000)
    const readings: Reading[] = []
    const delays: number[] = []
    const readEveryMs = (SECONDS * 1_000) / 8
    for (let count = 0; count < 8; count++) {
      await sleep(readEveryMs)
      readings.push(read(daemon))
      if (count % 4 === 3) delays.push(await loopDelay(cwd))
    }
    const ended = await daemon.end('SIGINT')
    assert.equal(ended.code, 0)
    assert.doesNotMatch(ended.stderr, /[Uu]nhandled|Warning:|"level":[56]0/)
    const { equityTimes, fillIds } = audit(join(cwd, 'data'))

    const settled = readings.slice(2)
    const rss = settled.map(({ rssMb }) => rssMb)
    const descriptors = settled.map(reading => reading.descriptors)
    t.diagnostic(
      `${equityTimes.length} slices, ${fillIds.length} fills; RSS ${readings.map(({ rssMb }) => rssMb.toFixed(0)).join(' ')} MB; ` +
        `descriptors ${readings.map(reading => reading.descriptors).join(' ')}; loop delay p99 ${delays.map(ms => ms.toFixed(0)).join(' ')} ms`,
    )
    assert.ok(Math.max(...rss) < 600, 'memory')
    assert.ok((rss.at(-1) ?? 0) - (rss[0] ?? 0) < 200, 'memory grows')
    assert.ok(Math.max(...descriptors) - Math.min(...descriptors) <= 12, 'descriptors grow')
    assert.ok(Math.max(...delays) < 500, 'the event loop starves')
  },
)

function read({ pid }: Tallow): Reading {
  const [, pages = ''] = readFileSync(`/proc/${pid}/statm`, 'utf8').split(' ')
  return { rssMb: (Number(pages) * 4_096) / 2 ** 20, descriptors: readdirSync(`/proc/${pid}/fd`).length }
}

async function loopDelay(cwd: string): Promise<number> {
  const { code, stdout } = await tallow(cwd, ['health', '--json'])
  assert.equal(code, 0, stdout)
  const { checks } = JSON.parse(stdout) as { checks: { name: string; value: number | null }[] }
  return checks.find(({ name }) => name === 'event_loop_delay')?.value ?? Number.NaN
}
