/** One thing that a file of a room may import: everything of a room, or those of its files that match. */
type Allowed = string | { readonly room: string; readonly files: RegExp; readonly called: string }

const exchangePorts: Allowed = { room: 'exchange', files: /^(candle-source|order-gateway)\.ts$/, called: 'its ports' }
const candleStore: Allowed = { room: 'market', files: /^(store\/.*|[^/]*store[^/]*)$/, called: 'the candle store' }
const readModel: Allowed = { room: 'runtime', files: /^read-model[^/]*$/, called: 'the read model' }

const BELOW_RUNTIME = [
  'domain',
  'frame',
  'workers',
  'exchange',
  'market',
  'indicators',
  'strategy',
  'risk',
  'broker',
  'engine',
  'ledger',
  'telemetry',
]

/** The rooms of `src/` in reading order, and what each may import. This table is the law; the test only applies it. */
const ROOMS: Readonly<Record<string, readonly Allowed[]>> = {
  domain: [],
  frame: ['domain'],
  workers: ['domain'],
  exchange: ['domain', 'frame'],
  market: ['domain', 'frame', 'workers', 'exchange'],
  indicators: ['domain', 'frame'],
  strategy: ['domain', 'frame', 'indicators'],
  risk: ['domain'],
  broker: ['domain', 'frame', exchangePorts],
  engine: ['domain', 'frame', 'indicators', 'strategy', 'risk', 'broker'],
  ledger: ['domain'],
  telemetry: ['domain', 'ledger'],
  runtime: BELOW_RUNTIME,
  backtest: ['domain', 'frame', 'workers', candleStore, 'indicators', 'strategy', 'risk', 'broker', 'engine', 'ledger'],
  server: ['domain', 'ledger', 'telemetry', readModel],
  cli: [...BELOW_RUNTIME, 'runtime', 'backtest', 'server'],
}

/**
 * The one file outside the rooms: what `import … from 'tallow'` reaches. It may import all. Only the command line imports
 * it, to hand it to strategies.
 */
export const PUBLIC_ENTRY = 'index.ts'

/**
 * Why one file may not import another, or undefined when it may.
 * @param from a path below `src/`, with forward slashes: `engine/step.ts`.
 */
export function refusal(from: string, to: string): string | undefined {
  const room = roomOf(from)
  if (from === PUBLIC_ENTRY || (to === PUBLIC_ENTRY && room === 'cli')) return undefined
  if (to === PUBLIC_ENTRY) return 'the public entry is for users; import the file that has it'
  const target = roomOf(to)
  const allowed = ROOMS[room]
  if (allowed === undefined) return `${room}/ is not a room`
  if (room === target || allowed.includes(target)) return undefined
  for (const part of allowed) {
    if (typeof part === 'string' || part.room !== target) continue
    return part.files.test(to.slice(target.length + 1)) ? undefined : `of ${target}/ only ${part.called}`
  }
  return `${room}/ may not import ${target}/`
}

function roomOf(path: string): string {
  return path.split('/')[0] ?? path
}
