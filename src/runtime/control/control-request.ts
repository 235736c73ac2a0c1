import { badInput } from '../../domain/errors.ts'
import { nearest } from '../../domain/nearest.ts'
import { checkSymbol } from '../../domain/series.ts'

/** What a running daemon can be asked to do. */
const COMMANDS = ['pause', 'resume', 'close-only', 'close', 'stop', 'reload', 'status', 'health'] as const

type SymbolCommand = 'close'
export type PlainCommand = Exclude<(typeof COMMANDS)[number], SymbolCommand>

export type ControlRequest =
  | { readonly command: PlainCommand }
  /** `symbol` is a ccxt symbol, of any exchange that the bot trades on. */
  | { readonly command: SymbolCommand; readonly symbol: string }

/** Reads one request line. @throws bad input, whatever was sent. */
export function parseRequest(line: string): ControlRequest {
  const command = field(parseObject(line), 'command')
  const known = COMMANDS.find(name => name === command)
  if (known === undefined) throw unknownCommand(command)
  if (known !== 'close') return { command: known }
  const symbol = field(parseObject(line), 'symbol')
  if (typeof symbol !== 'string')
    throw badInput('close needs a symbol', { hint: 'send {"command":"close","symbol":"BTC/USDT"}' })
  return { command: known, symbol: checkSymbol(symbol) }
}

function parseObject(line: string): object {
  let value: unknown
  try {
    value = JSON.parse(line)
  } catch (error) {
    throw badInput('the request is no JSON', { hint: 'send one line such as {"command":"status"}', cause: error })
  }
  if (typeof value === 'object' && value !== null) return value
  throw badInput('the request is no JSON object', { hint: 'send one line such as {"command":"status"}' })
}

/** Own fields only: what a request inherits was not sent. */
function field(request: object, name: string): unknown {
  return Object.getOwnPropertyDescriptor(request, name)?.value
}

function unknownCommand(command: unknown): Error {
  if (typeof command !== 'string') return badInput('the request names no command', { hint: `send one of ${all()}` })
  const near = nearest(command.slice(0, 32), COMMANDS)
  return badInput(`there is no command "${command.slice(0, 32)}"`, {
    hint: near === undefined ? `send one of ${all()}` : `did you mean "${near}"?`,
  })
}

function all(): string {
  return COMMANDS.join(', ')
}
