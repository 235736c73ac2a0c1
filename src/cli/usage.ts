import type { Command, CommanderError } from 'commander'
import { badInput, type TallowError } from '../domain/errors.ts'
import { nearest } from '../domain/nearest.ts'
import { isLaterCommand, isLaterFlag } from './later.ts'

/** Says in Tallow's words what commander refused at `command`: what, and the nearest right name. */
export function usageError(command: Command, error: CommanderError): TallowError {
  const quoted = /'([^']*)'/.exec(error.message)?.[1] ?? ''
  switch (error.code) {
    case 'commander.unknownOption':
      return unknownFlag(command, quoted.split('=')[0] ?? quoted)
    case 'commander.unknownCommand':
      return unknownCommand(command, quoted)
    case 'commander.excessArguments':
      return badInput(`${fullName(command)} takes no argument "${command.args.at(-1) ?? ''}"`, helpHint(command))
    default:
      return badInput(error.message.replace(/^error: /, ''), helpHint(command))
  }
}

/** The refusal of a command or flag that comes later. @param why where there is more to say. */
function notInThisVersion(what: string, why?: string): TallowError {
  return badInput(`${what} is not in this version${why === undefined ? '' : `: ${why}`}`, {
    hint: 'tallow --help lists what is there',
  })
}

function unknownFlag(command: Command, flag: string): TallowError {
  const path = pathOf(command)
  if (path === 'run' && flag === '--live')
    return notInThisVersion('run --live', 'no code sends a real order yet; without it, run trades on paper')
  if (isLaterFlag(path, flag)) return notInThisVersion(`${path} ${flag}`)
  const near = nearest(flag, flagsOf(command))
  if (near !== undefined) return badInput(`${fullName(command)} has no flag ${flag}`, { hint: `did you mean ${near}?` })
  const owners = command.commands.filter(child => flagsOf(child).includes(flag)).map(child => child.name())
  if (owners.length === 0) return badInput(`${fullName(command)} has no flag ${flag}`, helpHint(command))
  return badInput(`${flag} belongs behind the command: ${owners.join(', ')}`, {
    hint: `write ${fullName(command)} ${owners[0] ?? ''} ${flag}`,
  })
}

function unknownCommand(command: Command, name: string): TallowError {
  const path = [pathOf(command), name].filter(part => part !== '').join(' ')
  if (isLaterCommand(path)) return notInThisVersion(`tallow ${path}`)
  const near = nearest(
    name,
    command.commands.map(child => child.name()),
  )
  return badInput(`${fullName(command)} has no command "${name}"`, {
    hint: near === undefined ? `${fullName(command)} --help lists them` : `did you mean "${near}"?`,
  })
}

function flagsOf(command: Command): string[] {
  return [...command.options.flatMap(option => [option.long ?? '', option.short ?? '']), '--help'].filter(
    flag => flag !== '',
  )
}

function helpHint(command: Command): { readonly hint: string } {
  return { hint: `${fullName(command)} --help shows how it is used` }
}

/** The command's words after `tallow`. */
function pathOf(command: Command): string {
  return fullName(command).split(' ').slice(1).join(' ')
}

function fullName(command: Command): string {
  const names: string[] = []
  for (let at: Command | null = command; at !== null; at = at.parent) names.unshift(at.name())
  return names.join(' ')
}
