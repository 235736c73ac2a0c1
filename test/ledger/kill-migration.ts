// A process that brings a ledger up to date and kills itself before the statement of the given number. A number beyond
// the last one lets it finish; it then prints how many there were.
import { writeSync } from 'node:fs'
import Database from 'better-sqlite3'
import { migrate } from '../../src/ledger/sqlite/migrate.ts'
import { MIGRATIONS } from '../../src/ledger/sqlite/schema.ts'

const STDOUT = 1
const [path = '', killAt = ''] = process.argv.slice(2)
let statements = 0

const database = new Database(path, {
  verbose: () => {
    statements++
    if (statements === Number(killAt)) process.kill(process.pid, 'SIGKILL')
  },
})
database.pragma('synchronous = FULL')
database.pragma('foreign_keys = ON')
migrate(database, path, MIGRATIONS)
writeSync(STDOUT, `${statements}\n`)
