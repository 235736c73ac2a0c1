import assert, { AssertionError } from 'node:assert/strict'
import { suite, test, type TestContext } from 'node:test'
import { Chance } from './kill/chance.ts'
import { deathAt } from './kill/deaths.ts'
import { KilledBot } from './kill/killed-bot.ts'
import { deathText } from './kill/life.ts'
import { POINTS } from './kill/points.ts'
import { compareWithBacktest } from './kill/reference.ts'
import { busyFolder } from './kill/strategy.ts'
import { VARIANTS, type Variant } from './kill/variants.ts'

/** A bug has to show within so many deaths, the comparison with a backtest behind them. */
const DEATHS_MAX = 10
const SPEED = 3_000

// A harness that finds nothing proves nothing: these have bugs on purpose, and must not pass it.
suite('the kill harness sees what it is there for', { concurrency: 1 }, () => {
  for (const variant of VARIANTS)
    test(`caught: ${variant.name}`, async t => {
      const chance = new Chance()
      const caught = await catchIt(t, variant, chance)
      assert.ok(caught !== undefined, `not seen in ${DEATHS_MAX} deaths, KILL_SEED=${chance.seed}`)
      t.diagnostic(caught)
    })
})

/** @returns which check saw it and when; undefined when none did. */
async function catchIt(t: TestContext, variant: Variant, chance: Chance): Promise<string | undefined> {
  const cwd = busyFolder(t, SPEED)
  const points = POINTS.filter(({ name }) => variant.dieAt.includes(name))
  assert.equal(points.length, variant.dieAt.length, 'every point that it names is there')
  const bot = new KilledBot(cwd, variant.edits)
  for (let deaths = 1; deaths <= DEATHS_MAX; deaths++) {
    const point = points[chance.whole(0, points.length - 1)]
    assert.ok(point)
    const death = deathAt(point, chance, variant.times)
    const seen = await seenBy(() => bot.live(death))
    if (seen !== undefined) return `after death ${deaths}, ${deathText(death)}: ${seen}`
    const rows = bot.last?.rows
    const differs = rows && rows.equity.length > 0 ? await seenBy(() => compareWithBacktest(cwd, rows)) : undefined
    if (differs !== undefined) return `after death ${deaths}, beside a backtest: ${differs}`
  }
  return undefined
}

/** What a check says of it, in its first line; undefined when all are content. Other errors are none of the harness. */
async function seenBy(check: () => Promise<unknown>): Promise<string | undefined> {
  try {
    await check()
    return undefined
  } catch (error) {
    if (error instanceof AssertionError) return error.message.split('\n')[0]
    throw error
  }
}
