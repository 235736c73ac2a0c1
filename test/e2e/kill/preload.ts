// Loaded into the daemon before anything else (`node --import`). It watches what the daemon does through the doors that
// lead out of it - SQLite, files, the log - and kills the process at one of the named points, so that no line of Tallow
// has to know of it. SIGKILL to oneself is as sudden as from outside: no handler, no flush, no finally.
import fs, { appendFileSync, readFileSync } from 'node:fs'
import { registerHooks, syncBuiltinESMExports } from 'node:module'
import { basename } from 'node:path'
import { fileURLToPath } from 'node:url'
import { isMainThread } from 'node:worker_threads'
import Database from 'better-sqlite3'
import { ORDERS_VARIABLE, type Edit, type Note, type PreloadOrders } from './orders-to-preload.ts'
import { matches, POINTS, TransactionNames, type Happening } from './points.ts'

const STDERR = 2
const text = process.env[ORDERS_VARIABLE]
// The watchdog's thread loads it as well, and is no daemon.
if (text !== undefined && isMainThread) {
  const orders = JSON.parse(text) as PreloadOrders
  editSources(orders.edits ?? [], orders)
  watch(orders)
}

function note(orders: PreloadOrders, what: Note): void {
  appendFileSync(orders.journal, `${JSON.stringify(what)}\n`)
}

function watch(orders: PreloadOrders): void {
  const reached = new Map<string, number>()
  const happens = (when: 'before' | 'after', happening: Happening): void => {
    for (const point of POINTS) {
      if (point.when !== when || !matches(point, happening)) continue
      const times = (reached.get(point.name) ?? 0) + 1
      reached.set(point.name, times)
      if (times === 1) note(orders, { kind: 'reached', point: point.name })
      if (orders.dieAt?.point !== point.name || times < orders.dieAt.nth) continue
      process.kill(process.pid, 'SIGKILL')
    }
  }
  /** Around a method: what it is about, then before, then after. */
  const around = <This extends object, Args extends unknown[], R>(
    target: This,
    name: string,
    about: (self: This, args: Args) => Happening | undefined,
  ): void => {
    const methods = target as Record<string, (...args: Args) => R>
    const original = methods[name]
    if (original === undefined) throw new Error(`there is no ${name} to watch`)
    methods[name] = function (this: This, ...args: Args): R {
      const happening = about(this, args)
      if (happening) happens('before', happening)
      const result = original.apply(this, args)
      if (happening) happens('after', happening)
      return result
    }
  }
  watchSqlite(orders, around)
  around(fs, 'renameSync', (_self, [, to]: [string, string]) => ({ kind: 'rename', file: basename(to), text: '' }))
  around(fs, 'writeSync', (_self, [fd, data, from = 0]: [number, Uint8Array | string, number?]) => {
    if (fd !== STDERR) return undefined
    const said = typeof data === 'string' ? data : Buffer.from(data).toString('utf8', from)
    if (said.includes('deciding from')) note(orders, { kind: 'ready', at: Date.now() })
    return { kind: 'say', file: '', text: said }
  })
  syncBuiltinESMExports()
  note(orders, { kind: 'up', at: Date.now() })
}

type Around = <This extends object, Args extends unknown[]>(
  target: This,
  name: string,
  about: (self: This, args: Args) => Happening | undefined,
) => void

function watchSqlite(orders: PreloadOrders, around: Around): void {
  const any = new Database(':memory:')
  const statements = Object.getPrototypeOf(any.prepare('SELECT 1')) as Database.Statement
  any.close()
  const names = new TransactionNames()
  let durable = false
  around(statements, 'run', self => {
    const file = basename(self.database.name)
    const sql = self.source.replace(/\s+/g, ' ').trim()
    const label = file === 'ledger.db' ? names.label(sql) : sql
    if (label === 'COMMIT slice' && !durable) {
      durable = true
      const synchronous = Number(self.database.pragma('synchronous', { simple: true }))
      note(orders, { kind: 'durable', synchronous })
    }
    return { kind: 'run', file, text: label }
  })
  around(Database.prototype, 'exec', (self, [sql]: [string]) => {
    const file = basename(self.name)
    if (file === 'ledger.lock') note(orders, { kind: 'locked', at: Date.now() })
    return { kind: 'exec', file, text: sql.trim() }
  })
  around(Database.prototype, 'close', self => ({
    kind: 'close',
    file: basename(self.name),
    text: '',
  }))
}

/** Makes a variant of Tallow: replaces texts in the sources as they are loaded. */
function editSources(edits: readonly Edit[], orders: PreloadOrders): void {
  if (edits.length === 0) return
  registerHooks({
    load(url, context, next) {
      const loaded = next(url, context)
      const path = url.startsWith('file:') ? fileURLToPath(url) : ''
      const own = edits.filter(({ file }) => path.endsWith(`/${file}`))
      if (own.length === 0) return loaded
      let source = readFileSync(path, 'utf8')
      for (const { file, from, to } of own) {
        if (source.split(from).length !== 2) throw new Error(`${file} does not hold once: ${from}`)
        source = source.replace(from, () => to)
        note(orders, { kind: 'edited', file, from })
      }
      return { ...loaded, source }
    },
  })
}
