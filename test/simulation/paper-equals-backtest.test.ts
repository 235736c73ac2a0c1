import assert from 'node:assert/strict'
import { test } from 'node:test'
import { temporaryFolder } from '../support/paper.ts'
import { liveOnPaper, type Lived } from './live-on-paper.ts'
import { outcomeOfBacktest, outcomeOnPaper, textOf, type Outcome } from './outcome-text.ts'
import { scenario } from './scenario.ts'
import { Sightings } from './sightings.ts'

const LONG = process.env.TALLOW_TEST_LONG === '1'
const SEEDS = LONG ? 200 : 20
const TWICE = LONG ? 20 : 2

type After = Parameters<typeof temporaryFolder>[0]

async function onPaper(seed: number, after: After): Promise<{ readonly lived: Lived; readonly outcome: Outcome }> {
  const folder = temporaryFolder(after)
  const run = scenario(seed)
  const lived = await liveOnPaper(run, folder)
  return { lived, outcome: outcomeOnPaper(run, lived, folder) }
}

/** Told by its first line alone: a text of megabytes helps nobody. */
function assertSameText(actual: string, expected: string): void {
  if (actual === expected) return
  const lines = actual.split('\n')
  const others = expected.split('\n')
  const first = lines.findIndex((line, index) => line !== others[index])
  const part = (text: readonly string[]): string => text.slice(Math.max(0, first - 12), first + 6).join('\n')
  assert.fail(`line ${first} is\n${part(lines)}\nand in the other\n${part(others)}`)
}

const seen = new Sightings()

for (let seed = 1; seed <= SEEDS; seed++)
  test(`paper that is killed and started again comes to the bytes of a backtest (seed ${seed})`, async t => {
    const { lived, outcome } = await onPaper(seed, t)
    assert.equal(lived.found.length, scenario(seed).kills.length + 1)
    assertSameText(textOf(outcome), textOf(outcomeOfBacktest(scenario(seed), lived)))
    seen.add(lived, outcome)
  })

test('in these runs everything has happened that a run can meet', () => {
  assert.deepEqual(seen.missing(), [])
})

for (let seed = 1; seed <= TWICE; seed++)
  test(`the same seed comes to the same bytes twice (seed ${seed})`, async t => {
    const first = await onPaper(seed, t)
    const second = await onPaper(seed, t)
    assertSameText(textOf(second.outcome), textOf(first.outcome))
    assert.deepEqual(second.lived.found, first.lived.found)
    assert.deepEqual(second.lived.record.events, first.lived.record.events)
  })

test('the text of an outcome tells one unit of money and one order of fills from another', () => {
  const outcome: Outcome = {
    orders: [],
    fills: [],
    trades: [],
    refusals: {},
    positions: [],
    cash: '1',
    equity: [[0, 1]],
  }
  const other: Outcome = { ...outcome, cash: '1.000000000000000001' }
  assert.notEqual(textOf(outcome), textOf(other))
  assert.throws(() => {
    assertSameText(textOf(other), textOf(outcome))
  }, /1\.000000000000000001/)
})
