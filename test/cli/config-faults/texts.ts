/** A config file as bytes, what the refusal says of it. */
export type WrongFile = readonly [title: string, bytes: string | Uint8Array, reason: RegExp]

const INVALID = /no valid YAML/
const FORBIDDEN = /is not allowed/

/** Nine of each level below it: a thousand million at the end. */
function bomb(): string {
  const lines = ['a: &a [x, x, x, x, x, x, x, x, x]']
  for (let depth = 0; depth < 8; depth++) {
    const one = String.fromCharCode(97 + depth)
    const next = String.fromCharCode(98 + depth)
    lines.push(`${next}: &${next} [${Array.from({ length: 9 }, () => `*${one}`).join(', ')}]`)
  }
  return lines.join('\n')
}

function utf16(text: string, mark: boolean, bigEndian: boolean): Uint8Array {
  const bytes = Buffer.from(`${mark ? '\ufeff' : ''}${text}`, 'utf16le')
  return bigEndian ? bytes.swap16() : bytes
}

export const WRONG_FILES: readonly WrongFile[] = [
  ['an empty file', '', /is empty/],
  ['a file of blanks', ' \n\n  \n', /is empty/],
  ['a list', '- bot\n- a\n', /no map of keys/],
  ['a word', 'tallow\n', /no map of keys/],
  ['a number', '5\n', /no map of keys/],
  ['two documents', 'bot: a\n---\nbot: b\n', /two documents/],
  ['three documents', 'bot: a\n---\nbot: b\n---\nbot: c\n', /two documents/],
  ['a key twice', 'bot: a\nbot: b\n', /the key bot stands twice/],
  ['a section twice', 'trading: { cash: 1 }\nlog: {}\ntrading: { cash: 2 }\n', /the key trading stands twice/],
  ['a key twice in a section', 'trading:\n  cash: 1\n  cash: 1\n', /the key cash stands twice/],
  ['a key twice, once in quotes', 'bot: a\n"bot": b\n', /stands twice/],
  ['a tab before a key', 'trading:\n\tcash: 1\n', /tab/],
  ['a tab deeper', 'exchange:\n  simulator:\n\t\tspeed: 1\n', /tab|YAML/],
  ['a list that is not closed', 'bot: [a\n', INVALID],
  ['a map that is not closed', 'trading: { cash: 1\n', INVALID],
  ['a quote that is not closed', 'bot: "a\n', INVALID],
  ['a wrong escape', 'bot: "\\q"\n', INVALID],
  ['a wrong indentation', 'trading:\n  cash: 1\n stake: all\n', INVALID],
  ['a key without a colon', 'bot\ndata_dir: a\n', INVALID],
  ['a colon too many', 'bot: a: b\n', INVALID],
  ['a reserved sign', 'bot: @a\n', INVALID],
  ['a backtick', 'bot: `a`\n', INVALID],
  ['a percent sign', '%bot: a\n', /YAML|map of keys/],
  ['an unknown alias', 'bot: *nowhere\n', /alias.*: nowhere/],
  ['an alias to itself', 'trading: &a { symbols: *a }\n', /YAML|cannot be read|deep/],
  ['aliases to itself that multiply', `trading: &a { symbols: [${'*a, '.repeat(50)}*a] }\n`, /cannot be read/],
  ['two anchors', 'bot: &a &b c\n', INVALID],
  ['an unknown tag', 'bot: !secret a\n', INVALID],
  ['a function by tag', 'bot: !!js/function "function () {}"\n', INVALID],
  ['a regular expression by tag', 'bot: !!js/regexp /a/\n', INVALID],
  ['a Python object by tag', 'bot: !!python/object/apply:os.system [ls]\n', INVALID],
  ['bytes by tag', 'bot: !!binary aGk=\n', /must be text/],
  ['a merge key', 'base: &a { cash: 1 }\ntrading:\n  <<: *a\n', /there is no key "base"/],
  ['a merge key of a known section', 'trading: &a { cash: 1 }\nhistory:\n  <<: *a\n', /there is no key "history\.<<"/],
  ['a merge of the prototype', 'trading:\n  <<: { __proto__: { cash: 1 } }\n', /there is no key "trading\.<<"/],
  ['a key that is a list', '? [a, b]\n: c\n', /there is no key/],
  ['a key that is a map', '? { a: b }\n: c\n', /there is no key/],
  ['a key that is a number', '5: a\n', /there is no key "5"/],
  ['a key that is empty', '"": a\n', /there is no key ""/],
  ['a key that is null', '~: a\n', /there is no key/],
  ['__proto__', '__proto__: { polluted: 1 }\n', FORBIDDEN],
  ['__proto__ in quotes', '"__proto__": { polluted: 1 }\n', FORBIDDEN],
  ['__proto__ by escapes', '"\\x5f_proto_\\u005f": { polluted: 1 }\n', FORBIDDEN],
  ['__proto__ in a section', 'trading: { __proto__: { polluted: 1 } }\n', FORBIDDEN],
  ['__proto__ in parameters', 'trading: { strategies: [{ name: a, params: { __proto__: 1 } }] }\n', FORBIDDEN],
  ['__proto__ by alias', 'trading: &a { cash: 1 }\n__proto__: *a\n', FORBIDDEN],
  ['constructor', 'constructor: { prototype: { polluted: 1 } }\n', FORBIDDEN],
  ['constructor in a section', 'exchange: { simulator: { constructor: 1 } }\n', FORBIDDEN],
  ['prototype', 'prototype: { polluted: 1 }\n', FORBIDDEN],
  ['prototype in parameters', 'trading: { strategies: [{ name: a, params: { prototype: 1 } }] }\n', FORBIDDEN],
  ['toString', 'toString: 1\n', /there is no key "toString"/],
  ['hasOwnProperty', 'trading: { hasOwnProperty: 1 }\n', /there is no key "trading\.hasOwnProperty"/],
  ['aliases that multiply', bomb(), /cannot be read/],
  ['a deep nest of lists', `bot: ${'['.repeat(20_000)}`, /deep|YAML/],
  ['a deep nest of closed lists', `bot: ${'['.repeat(500)}${']'.repeat(500)}`, /deep/],
  ['a deep nest of maps', `trading: ${'{ a: '.repeat(500)}1${' }'.repeat(500)}`, /there is no key "trading\.a"/],
  ['JSON that is cut off', '{"bot": "a", "trading": {', INVALID],
  ['XML', '<config><bot>a</bot></config>\n', /map of keys/],
  ['TOML', '[trading]\ncash = 1\n', /YAML|map of keys/],
  ['INI', 'bot=a\n', /map of keys/],
  ['a shell script', '#!/bin/sh\necho hi\n', /map of keys/],
  ['Latin-1', Buffer.from('# Währung\nbot: a\n', 'latin1'), /not in UTF-8: line 1/],
  ['Latin-1 in the third line', Buffer.from('bot: a\nlog: {}\ndata_dir: ./schön\n', 'latin1'), /not in UTF-8: line 3/],
  ['UTF-16, little end first', utf16('bot: a\n', true, false), /UTF-16/],
  ['UTF-16, big end first', utf16('bot: a\n', true, true), /UTF-16/],
  ['UTF-16 without a mark', utf16('bot: a\n', false, false), /binary/],
  ['a NUL', 'bot: a\0\n', /binary/],
  ['a picture', Uint8Array.of(0x89, 0x50, 0x4e, 0x47, 0x0d, 0x0a, 0x1a, 0x0a, 0, 0, 0, 0x0d), /binary/],
  ['gzip', Uint8Array.of(0x1f, 0x8b, 8, 0, 0, 0, 0, 0, 0, 3), /binary/],
  ['an overlong form of /', Uint8Array.of(0x62, 0x3a, 0x20, 0xc0, 0xaf), /not in UTF-8/],
  ['half a surrogate pair', Uint8Array.of(0x62, 0x3a, 0x20, 0xed, 0xa0, 0x80), /not in UTF-8/],
  ['two megabytes of comments', `# ${'x'.repeat(78)}\n`.repeat(26_000), /larger than 1 MiB/],
  ['two megabytes of zeros', new Uint8Array(2_000_000), /larger than 1 MiB/],
  ['a bell', 'bot: "\u0007"\n', /1 to 64/],
]

export const RIGHT_FILES: readonly (readonly [title: string, bytes: string | Uint8Array])[] = [
  ['comments alone', '# bot: a\n'],
  ['a byte order mark', '\ufeffbot: a\n'],
  ['line ends of Windows', 'bot: a\r\ntrading:\r\n  cash: 1\r\n'],
  ['no line end', 'bot: a'],
  ['JSON', '{ "bot": "a", "trading": { "cash": 1 } }'],
  ['one document with its marks', '---\nbot: a\n...\n'],
  ['an alias', 'exchange: { simulator: { symbols: &s [A/USDT] } }\ntrading: { symbols: *s }\n'],
  ['sections without values', 'bot: a\ntrading:\nexchange:\n  simulator:\n'],
]

/** Variables of the environment, what the refusal says of them, and under which name. */
export const WRONG_ENVIRONMENTS: readonly (readonly [
  env: Readonly<Record<string, string>>,
  name: string,
  reason: RegExp,
])[] = [
  [{ TALLOW__BOTT: 'a' }, 'TALLOW__BOTT', /did you mean TALLOW__BOT\?/],
  [{ TALLOW__: 'a' }, 'TALLOW__', /names no key/],
  [{ TALLOW__TRADING__: 'a' }, 'TALLOW__TRADING__', /names no key/],
  [{ TALLOW____BOT: 'a' }, 'TALLOW____BOT', /names no key/],
  [{ TALLOW__TRADING__CASHH: '1' }, 'TALLOW__TRADING__CASHH', /TALLOW__TRADING__CASH\?/],
  [{ TALLOW__EXCHANGE__APIKEY: 's' }, 'TALLOW__EXCHANGE__APIKEY', /TALLOW__EXCHANGE__API_KEY\?/],
  [{ TALLOW__INFLUX__TOKN: 's' }, 'TALLOW__INFLUX__TOKN', /TALLOW__INFLUX__TOKEN\?/],
  [{ TALLOW__BOT__NAME: 'a' }, 'TALLOW__BOT__NAME', /holds no keys of its own/],
  [{ TALLOW__TRADING__STRATEGIES__0__NAME: 'a' }, 'TALLOW__TRADING__STRATEGIES__0__NAME', /holds no keys of its own/],
  [{ TALLOW_BOT: 'a' }, 'TALLOW_BOT', /did you mean TALLOW__BOT\?/],
  [{ TALLOW_LOG_LEVEL: 'debug' }, 'TALLOW_LOG_LEVEL', /TALLOW__LOG__LEVEL\?/],
  [{ TALLOW_EXCHANGE__API_KEY: 's' }, 'TALLOW_EXCHANGE__API_KEY', /TALLOW__EXCHANGE__API_KEY\?/],
  [{ TALLOW_TRADING: '{}' }, 'TALLOW_TRADING', /TALLOW__TRADING\?/],
  [{ TALLOW__BOT: 'a', TALLOW__bot: 'b' }, 'TALLOW__bot', /so does TALLOW__BOT/],
  [{ TALLOW_DATA_DIR: 'a', TALLOW__DATA_DIR: 'b' }, 'TALLOW', /sets "data_dir", and so does/],
  [{ TALLOW____PROTO____X: '1' }, 'TALLOW____PROTO____X', /names no key/],
  [{ TALLOW__CONSTRUCTOR: '{}' }, 'TALLOW__CONSTRUCTOR', /names no key/],
  [{ TALLOW__TRADING__PROTOTYPE__X: '1' }, 'TALLOW__TRADING__PROTOTYPE__X', /names no key/],
  [{ TALLOW__TRADING: '{ __proto__: { cash: 1 } }' }, 'TALLOW__TRADING', /not allowed/],
  [{ TALLOW__TRADING: '{ constructor: { cash: 1 } }' }, 'TALLOW__TRADING', /not allowed/],
  [{ TALLOW__TRADING: 'lots', TALLOW__TRADING__CASH: '1' }, 'TALLOW__TRADING', /keys of its own/],
  [{ TALLOW__TRADING__CASH: 'lots' }, 'TALLOW__TRADING__CASH', /must be a number/],
  [{ TALLOW__TRADING__CASH: '' }, 'TALLOW__TRADING__CASH', /must be a number/],
  [{ TALLOW__TRADING__CASH: '-1' }, 'TALLOW__TRADING__CASH', /at least/],
  [{ TALLOW__TRADING__CASH: 'Infinity' }, 'TALLOW__TRADING__CASH', /number/],
  [{ TALLOW__TRADING__SYMBOLS: 'btc' }, 'TALLOW__TRADING__SYMBOLS', /symbol/],
  [{ TALLOW__TRADING__SYMBOLS: 'A/B,A/B' }, 'TALLOW__TRADING__SYMBOLS', /listed twice/],
  [{ TALLOW__TRADING__SYMBOLS: '[A/B' }, 'TALLOW__TRADING__SYMBOLS', /must be a list/],
  [{ TALLOW__TRADING: '&a { symbols: [*a, *a] }' }, 'TALLOW__TRADING', /keys of its own/],
  [{ TALLOW__TRADING__SYMBOLS: '' }, 'TALLOW__TRADING__SYMBOLS', /symbol/],
  [{ TALLOW__RISK__STOP_LOSS_GUARD__PER_SYMBOL: 'yes' }, 'TALLOW__RISK__STOP_LOSS_GUARD__PER_SYMBOL', /true or false/],
  [{ TALLOW__LOG__LEVEL: 'loud' }, 'TALLOW__LOG__LEVEL', /one of/],
  [{ TALLOW__EXCHANGE__API_KEY: '' }, 'TALLOW__EXCHANGE__API_KEY', /is empty/],
  [{ TALLOW__INFLUX__URL: 'nowhere' }, 'TALLOW__INFLUX__URL', /http/],
]

/** What is typed, what the refusal says of it. */
export const WRONG_FLAGS: readonly (readonly [argv: readonly string[], reason: RegExp])[] = [
  [['run', '--cash', 'lots'], /--cash/],
  [['run', '--cash', '-1'], /--cash/],
  [['run', '--cash', 'NaN'], /--cash/],
  [['run', '--fee', '2'], /--fee/],
  [['run', '--stake', '200%'], /--stake/],
  [['run', '--slippage-bps', '5000'], /--slippage-bps/],
  [['run', '--timeframe', '7m'], /--timeframe/],
  [['run', '--symbols', 'btc'], /--symbols/],
  [['run', '--data-dir', ''], /data_dir is empty/],
  [['run', '--data-dir', 'a\0b'], /NUL/],
  [['run', '-s', 'rsi-macd', '--param', '__proto__=1'], /__proto__/],
  [['run', '-s', 'rsi-macd', '--param', 'constructor=1'], /constructor/],
  [['run', '-s', 'rsi-macd', '--param', 'prototype=1'], /prototype/],
  [['run', '-s', 'rsi-macd', '--param', 'fast'], /--param|name=value/],
  [['run', '-s', 'rsi-macd', '--param', 'fast=2', '--param', 'fast=3'], /fast/],
  [['run', '-c', 'nowhere.yaml'], /there is no config file nowhere\.yaml/],
  [['run', '-c', '.'], /cannot be read: EISDIR/],
  [['run', '-c', '/dev/zero'], /larger than 1 MiB/],
  [['run', '-c', '/dev/null'], /is empty/],
  [['run', '-c', ''], /config file/],
  [['config', 'check', '--data-dir', ''], /data_dir is empty/],
  [['config', 'check', '--confg', 'a'], /did you mean --config/],
]
