import { existsSync, statSync } from 'node:fs'
import type { ConfigReading, LoadedConfig } from '../config/load-config.ts'
import { fail, ok, warn, type Finding } from './finding.ts'

/** Whether the config can be used. */
export function configFinding({ loaded, faults }: ConfigReading): Finding {
  if (loaded !== undefined)
    return ok('config', loaded.sources.length > 0 ? loaded.sources.join(', ') : 'no file: built-in defaults')
  const [first] = faults
  const more = faults.length > 1 ? `, and ${faults.length - 1} more` : ''
  return fail(
    'config',
    `${first?.where ?? ''}: ${first?.message ?? ''}${more}`,
    `${first?.hint ?? ''}; tallow config check lists all`,
  )
}

/** Whether files that hold keys are for their owner alone. */
export function secretFilesFinding({ sources, origin, config }: LoadedConfig): Finding {
  const name = 'secret_files'
  const secrets = [
    ['exchange', 'api_key'],
    ['exchange', 'api_secret'],
    ['influx', 'token'],
  ].filter(([section, key]) => Reflect.get(Reflect.get(config, section ?? '') as object, key ?? '') !== undefined)
  const holding = sources.filter(file => secrets.some(path => origin(path).startsWith(`${file}:`)))
  const open = holding.filter(file => existsSync(file) && (statSync(file).mode & 0o077) !== 0)
  if (open.length === 0) return ok(name, holding.length > 0 ? `${holding.join(', ')}: for their owner alone` : 'none')
  return warn(name, `${open.join(', ')} can be read by other users, and has keys in it`, `chmod 600 ${open.join(' ')}`)
}
