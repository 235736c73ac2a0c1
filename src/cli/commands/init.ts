import { lstatSync, statSync, writeFileSync } from 'node:fs'
import { basename, dirname, join, relative, resolve } from 'node:path'
import type { Command } from 'commander'
import { badInput, neverRetry } from '../../domain/errors.ts'
import type { CommandContext } from '../context.ts'
import { packagePathFrom } from '../init/package-path.ts'
import { commandOf, starterFiles } from '../init/starter-files.ts'
import type { Io } from '../io.ts'
import { makeFolder } from '../make-folder.ts'

/** `tallow init`: a folder to start from. Nothing that is there is overwritten. */
export function registerInit(program: Command, { io }: CommandContext): void {
  program
    .command('init')
    .description('make a folder with a config, a strategy and types for the editor; overwrites nothing')
    .argument('[dir]', 'the folder, new or without files of these names', '.')
    .addHelpText('after', '\nExample:\n  $ tallow init my-bot')
    .action((dir: string) => {
      init(io, dir)
    })
}

function init(io: Io, dir: string): void {
  const folder = resolve(io.cwd, dir)
  const tallow = packagePathFrom(folder)
  const files = starterFiles(botName(folder), tallow)
  refuseExisting(folder, [...files.keys()])
  for (const [name, text] of files) write(join(folder, name), text)
  io.stdout(`made in ${folder}:\n${[...files.keys()].map(name => `  ${name}\n`).join('')}`)
  const there = relative(io.cwd, folder)
  const command = commandOf(tallow)
  const steps = ['config check', 'run --for 60s', 'backtest'].map(words => `${command} ${words}`)
  if (there !== '') steps.unshift(`cd ${there}`)
  io.stdout(`\nnext:\n${steps.map(step => `  ${step}\n`).join('')}`)
}

/** What the config allows of the folder's name. */
function botName(folder: string): string {
  const name = basename(folder)
    .toLowerCase()
    .replace(/[^a-z0-9_-]+/g, '-')
    .replace(/^-+|-+$/g, '')
    .slice(0, 64)
  return name === '' ? 'my-bot' : name
}

/** Before anything is made: half a folder would be in the way of the next try. */
function refuseExisting(folder: string, names: readonly string[]): void {
  if (statSync(folder, { throwIfNoEntry: false })?.isDirectory() === false)
    throw badInput(`${folder} is a file`, { where: folder, hint: 'name another folder' })
  // A link that leads nowhere would be written through.
  const existing = names.filter(name => lstatSync(join(folder, name), { throwIfNoEntry: false }) !== undefined)
  if (existing.length === 0) return
  throw badInput(`nothing was made: ${existing.join(', ')} ${existing.length === 1 ? 'is' : 'are'} there already`, {
    where: folder,
    hint: 'move them away, or name a new folder: tallow init DIR',
  })
}

function write(path: string, text: string): void {
  try {
    makeFolder(dirname(path))
    writeFileSync(path, text, { flag: 'wx' })
  } catch (error) {
    throw neverRetry(`${path} could not be written: ${error instanceof Error ? error.message : String(error)}`, {
      where: path,
      cause: error,
      hint: 'name a folder that this user may write to',
    })
  }
}
