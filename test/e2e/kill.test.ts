import assert from 'node:assert/strict'
import { test, type TestContext } from 'node:test'
import { Chance } from './kill/chance.ts'
import { planDeaths } from './kill/deaths.ts'
import { KilledBot, type Recovery } from './kill/killed-bot.ts'
import { deathText, type Death } from './kill/life.ts'
import { POINTS } from './kill/points.ts'
import { compareWithBacktest } from './kill/reference.ts'
import { busyFolder } from './kill/strategy.ts'

const LONG = process.env.TALLOW_TEST_LONG === '1'
const FOLDERS = LONG ? 20 : 1
const DEATHS_PER_FOLDER = LONG ? 25 : 10
/** Exchange time per real time: some fifty slices a second, with two fills in each. */
const SPEED = 3_000
/**
 * From the moment that the daemon has its data folder to that when it decides. The figure is 1,000 ms on a machine of its
 * own; a suite that shares two cores with others is given more, so that it fails for what Tallow does.
 */
const RECOVERED_WITHIN_MS = 5_000

test(`killed ${FOLDERS * DEATHS_PER_FOLDER} times, at named points and at any moment, it loses nothing, books nothing twice and goes on as if nothing had been`, async t => {
  const chance = new Chance()
  t.diagnostic(`KILL_SEED=${chance.seed} gives the same deaths`)
  const reached = new Set<string>()
  const died = new Map<string, number>()
  const recoveries: Recovery[] = []
  for (const deaths of planDeaths(FOLDERS, DEATHS_PER_FOLDER, chance)) {
    const bot = await killAgainAndAgain(t, deaths)
    recoveries.push(...bot.recoveries)
    for (const name of bot.reached) reached.add(name)
    for (const death of deaths)
      if (death.kind === 'point') died.set(death.point.name, (died.get(death.point.name) ?? 0) + 1)
  }
  const names = POINTS.map(({ name }) => name)
  assert.deepEqual(
    names.filter(name => !reached.has(name)),
    [],
    'points that were never reached',
  )
  if (LONG)
    assert.deepEqual(
      names.filter(name => !died.has(name)),
      [],
      'points at which it never died',
    )
  t.diagnostic(`${names.length} named points reached, died at ${died.size} of them`)
  tellRecoveries(t, recoveries)
})

/** One data folder, through all these deaths, to an end in good order. */
async function killAgainAndAgain(t: TestContext, deaths: readonly Death[]): Promise<KilledBot> {
  const cwd = busyFolder(t, SPEED)
  const bot = new KilledBot(cwd)
  for (const death of deaths) {
    try {
      await bot.live(death)
    } catch (error) {
      throw new Error(`after its death ${deathText(death)}`, { cause: error })
    }
    if (!LONG) t.diagnostic(`died ${deathText(death)}: ${bot.last?.fillIds.length ?? 0} fills`)
  }
  const before = bot.last?.fillIds.length ?? 0
  await bot.live({ kind: 'stopped', after: /trailing_stop_loss/, commanded: true })
  const { last } = bot
  assert.ok(last && last.fillIds.length > before, 'it trades on')
  assert.ok(bot.told > 0, 'it told something')
  const { orders, fills } = await compareWithBacktest(cwd, last.rows)
  t.diagnostic(
    `${last.runs} runs, ${last.equityTimes.length} slices without a hole, ${bot.told} lines told and kept; as in a backtest: ${orders} orders, ${fills} fills`,
  )
  return bot
}

function tellRecoveries(t: TestContext, recoveries: readonly Recovery[]): void {
  const figures = (['fromLockMs', 'fromUpMs', 'fromSpawnMs'] as const).map(of => {
    const sorted = recoveries.map(recovery => recovery[of]).sort((a, b) => a - b)
    const at = (part: number): number => sorted[Math.ceil(part * sorted.length) - 1] ?? Number.NaN
    return { of, median: at(0.5), p99: at(0.99) }
  })
  const words = { fromLockMs: 'its data folder', fromUpMs: 'its first line of code', fromSpawnMs: 'spawn' }
  for (const { of, median, p99 } of figures)
    t.diagnostic(`from ${words[of]} to deciding: median ${median} ms, p99 ${p99} ms, ${recoveries.length} starts`)
  const [fromLock] = figures
  assert.ok(fromLock && fromLock.p99 < RECOVERED_WITHIN_MS, 'it recovers soon')
}
