// A process with a watchdog: `node watched-process.ts WATCHDOG DATA_DIR BLOCKED_AFTER_MS WHAT`. WATCHDOG is the module,
// 0 ms stands for the default, and WHAT is one of the scenes below. It says what it is about to do.
import { execSync } from 'node:child_process'
import { writeSync } from 'node:fs'
import { setTimeout as delay } from 'node:timers/promises'
import { pathToFileURL } from 'node:url'
import type { StrategyInstance } from '../../../src/strategy/instance.ts'
import type * as watchdogModule from '../../../src/runtime/watchdog/watchdog.ts'

const [module = '', dataDir = '', limit, what = ''] = process.argv.slice(2)
const blockedAfterMs = Number(limit)
const { Watchdog } = (await import(pathToFileURL(module).href)) as typeof watchdogModule

/** Asked by the strategy "spin", and none of them comes back soon. */
const BLOCKS: Readonly<Record<string, () => unknown>> = {
  loop() {
    for (;;);
  },
  regex: () => /^(a+)+$/.test(`${'a'.repeat(60)}!`),
  'atomics-wait': () => sleepHard(30_000),
  'child-process': () => execSync('sleep 20'),
}

const SCENES: Readonly<Record<string, () => unknown>> = {
  /** A thousand calls, each short. */
  many() {
    const spin = strategy('spin', () => sleepHard(20))
    for (let count = 0; count < 1_000; count++) decide(spin)
  },
  nobody: () => BLOCKS.loop?.(),
  'after-a-throw'() {
    const spin = strategy('spin', () => {
      throw new Error('a fault of its own')
    })
    try {
      decide(spin)
    } catch {
      BLOCKS.loop?.()
    }
  },
  idle: () => setInterval(() => undefined, 1_000),
  /** Hardly ever idle, and never for long in one go: of its own time, so that it goes on where it was stopped. */
  busy() {
    const spin = strategy('spin', () => burn(blockedAfterMs / 10))
    const again = (): void => {
      decide(spin)
      setImmediate(again)
    }
    again()
  },
  'deaf-stderr'() {
    try {
      for (;;) writeSync(2, 'x'.repeat(65_536))
    } catch {
      BLOCKS.loop?.()
    }
  },
  async closed() {
    await watchdog.close()
    await watchdog.close()
    sleepHard(blockedAfterMs * 3)
    say('still here')
  },
  exit: () => process.exit(3),
  'nothing-left': () => undefined,
}

const watchdog = await Watchdog.start({
  bot: 'paper',
  dataDir,
  ...(blockedAfterMs > 0 ? { blockedAfterMs } : {}),
  onLost: error => say(`lost: ${error.message}`),
})
if (watchdog.weakness !== undefined) say(`weakness: ${watchdog.weakness}`)
strategy('calm', () => undefined)
const block = BLOCKS[what]
const scene = block ? () => decide(strategy('spin', block)) : SCENES[what]
// Long enough for the loop to have come round.
await delay(50)
say(what)
await scene?.()

function strategy(name: string, answer: () => unknown): StrategyInstance {
  const shape = {
    file: `strategies/${name}.ts`,
    params: {},
    timeframe: '1m',
    columns: {},
    rowsToWait: () => 0,
    filledCandles: 'close-only',
  } as const
  const [watched] = watchdog.watched([{ ...shape, name, hash: `hash-of-${name}`, decide: answer }])
  if (!watched) throw new Error('nothing came back')
  return watched
}

function decide({ decide }: StrategyInstance): void {
  decide({ symbol: 'ÄTH/USDT', time: Date.UTC(2024, 0, 1) })
}

/** Blocks the thread in a native call. */
function sleepHard(ms: number): void {
  Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0, ms)
}

/** Blocks the thread until the process has used so much CPU. */
function burn(ms: number): void {
  for (let usedMs = 0, from = process.cpuUsage(); usedMs < ms;) {
    const { user, system } = process.cpuUsage(from)
    usedMs = (user + system) / 1_000
  }
}

function say(text: string): void {
  process.stdout.write(`${text}\n`)
}
