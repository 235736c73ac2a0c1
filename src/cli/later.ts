/**
 * Commands and flags that are promised but not built: they answer "not in this version" instead of "unknown", so that
 * a script written for a later Tallow is told the truth. A line goes when its command comes.
 */
const LATER_COMMANDS: ReadonlySet<string> = new Set([
  'bench',
  'db',
  'monte-carlo',
  'parity',
  'replay',
  'sweep',
  'verify-strategy',
  'walk-forward',
])

const LATER_FLAGS: Readonly<Record<string, readonly string[]>> = {
  backtest: ['--report', '--verify', '--workers'],
  run: ['--live'],
}

/** @param path the command's words after `tallow`: `config show`. */
export function isLaterCommand(path: string): boolean {
  return LATER_COMMANDS.has(path)
}

/** @param path the command's words, @param flag without its value. */
export function isLaterFlag(path: string, flag: string): boolean {
  return Object.hasOwn(LATER_FLAGS, path) && LATER_FLAGS[path]?.includes(flag) === true
}
