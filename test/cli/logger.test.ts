import assert from 'node:assert/strict'
import { spawnSync } from 'node:child_process'
import { readFileSync, renameSync, statSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { test } from 'node:test'
import { stripVTControlCharacters } from 'node:util'
import { createLogger } from '../../src/cli/logger.ts'
import { LogFile } from '../../src/cli/log-file.ts'
import { emptyFolder, filesIn, quietIo } from './run-cli.ts'

const INFO = { level: 'info', file_size_mb_max: 50, files_max: 5 } as const
const LOGGER = join(import.meta.dirname, '../../src/cli/logger.ts')
const IO = join(import.meta.dirname, '../../src/cli/io.ts')

test('on a terminal a message is one line for people, there before the call returns', () => {
  const io = quietIo('/', { stderrIsTty: true })
  const log = createLogger(io, INFO)
  log.info('bought BTC/USDT')
  log.warn({ rows: [{ openTime: 1 }] }, '1 row refused')
  log.debug('not shown')
  assert.equal(io.err.length, 2)
  const plain = io.err.map(stripVTControlCharacters)
  assert.match(plain[0] ?? '', /^\[\d\d:\d\d:\d\d\] INFO: bought BTC\/USDT\n$/)
  assert.match(plain[1] ?? '', /^\[\d\d:\d\d:\d\d\] WARN: 1 row refused \{"rows":\[\{"openTime":1\}\]\}\n$/)
  assert.notEqual(io.err[0], plain[0], 'in colour')
})

test('without colour where NO_COLOR is set', () => {
  const io = quietIo('/', { stderrIsTty: true, env: { NO_COLOR: '1' } })
  createLogger(io, INFO).info('bought BTC/USDT')
  assert.match(io.err.join(''), /^\[\d\d:\d\d:\d\d\] INFO: bought BTC\/USDT\n$/)
})

test('elsewhere a message is one JSON line with its time in UTC', () => {
  const io = quietIo('/')
  createLogger(io, INFO).info('bought BTC/USDT')
  const { time, ...rest } = JSON.parse(io.err.join('')) as Record<string, unknown>
  assert.deepEqual(rest, { level: 30, msg: 'bought BTC/USDT' })
  assert.match(String(time), /^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{3}Z$/)
})

test('a secret is taken out of messages, objects, errors and their causes', () => {
  for (const stderrIsTty of [true, false]) {
    const io = quietIo('/', { stderrIsTty })
    io.secrets.learn('s3cr3t-value/"x')
    const log = createLogger(io, INFO)
    log.info('answered: token s3cr3t-value/"x is wrong')
    log.warn({ request: { headers: { authorization: 'Token s3cr3t-value/"x' } } }, 'refused')
    log.error(new Error('outer', { cause: new Error(`at ${encodeURIComponent('s3cr3t-value/"x')}`) }))
    log.error({ err: Object.assign(new Error('s3cr3t-va…'), { config: { token: 's3cr3t-value/"x' } }) }, 'failed')
    const said = io.err.map(stripVTControlCharacters).join('')
    assert.doesNotMatch(said, /s3cr3t-v/)
    assert.ok((said.match(/\[secret\]/g)?.length ?? 0) >= 6, said)
    if (!stderrIsTty) for (const line of io.err) JSON.parse(line)
  }
})

test('a line in which a secret stands for a number is a line of JSON all the same', () => {
  const io = quietIo('/')
  io.secrets.learn('12345678')
  createLogger(io, INFO).info({ rows: 12345678 }, 'read')
  assert.match(String((JSON.parse(io.err.join('')) as { msg: string }).msg), /"rows":\[secret\],"msg":"read"/)
})

test('lines of a process that ends right after are there, on stderr and in the file', context => {
  const folder = emptyFolder(context)
  for (const file of [undefined, join(folder, 'tallow.log')]) {
    const script = `
      import { createLogger } from ${JSON.stringify(LOGGER)}
      import { processIo } from ${JSON.stringify(IO)}
      const log = createLogger(processIo(), ${JSON.stringify({ ...INFO, file })})
      for (let index = 0; index < 500; index++) log.info({ index, padding: 'x'.repeat(500) }, 'audit')
      log.fatal('last words')
      process.kill(process.pid, 'SIGKILL')`
    const ended = spawnSync(process.execPath, ['--input-type=module', '-e', script], { encoding: 'utf8' })
    assert.equal(ended.signal, 'SIGKILL')
    const lines = (file === undefined ? ended.stderr : readFileSync(file, 'utf8')).trimEnd().split('\n')
    assert.equal(lines.length, 501)
    assert.match(lines.at(-1) ?? '', /"level":60.*"last words"/)
    if (file !== undefined) assert.equal(ended.stderr, '')
  }
})

test('on a terminal the lines of a file are shown as well', context => {
  const folder = emptyFolder(context)
  const io = quietIo(folder, { stderrIsTty: true, env: { NO_COLOR: '1' } })
  createLogger(io, { ...INFO, file: 'a.log' }).info('bought')
  assert.match(io.err.join(''), /INFO: bought\n$/)
  assert.match(readFileSync(join(folder, 'a.log'), 'utf8'), /^\{"level":30,.*"msg":"bought"\}\n$/)
  assert.equal(statSync(join(folder, 'a.log')).mode & 0o777, 0o600)
})

test('a file that has grown past its bound is put aside, and the oldest goes', context => {
  const folder = emptyFolder(context)
  const path = join(folder, 'a.log')
  const log = new LogFile({ path, sizeBytesMax: 10, filesMax: 3 }, assert.fail)
  for (const word of ['first', 'second', 'third', 'fourth']) log.write(`${word.padEnd(12)}\n`)
  assert.deepEqual(filesIn(folder), ['a.log', 'a.log.1', 'a.log.2'])
  const words = ['a.log', 'a.log.1', 'a.log.2'].map(name => readFileSync(join(folder, name), 'utf8').trim())
  assert.deepEqual(words, ['fourth', 'third', 'second'])
})

test('a start goes on in the file that is there, and counts what it holds', context => {
  const folder = emptyFolder(context)
  const path = join(folder, 'a.log')
  writeFileSync(path, 'of the last run\n')
  const log = new LogFile({ path, sizeBytesMax: 10, filesMax: 2 }, assert.fail)
  log.write('new\n')
  assert.equal(readFileSync(`${path}.1`, 'utf8'), 'of the last run\n')
  assert.equal(readFileSync(path, 'utf8'), 'new\n')
})

test('after a SIGHUP the log goes on in a new file', context => {
  const folder = emptyFolder(context)
  const hangups: (() => void)[] = []
  const io = { ...quietIo(folder), onHangup: (listener: () => void) => void hangups.push(listener) }
  const log = createLogger(io, { ...INFO, file: 'a.log' })
  log.info('before')
  renameSync(join(folder, 'a.log'), join(folder, 'a.log.old'))
  log.info('still before')
  hangups[0]?.()
  log.info('after')
  assert.match(readFileSync(join(folder, 'a.log.old'), 'utf8'), /"before".*\n.*"still before"\}\n$/)
  assert.match(readFileSync(join(folder, 'a.log'), 'utf8'), /^[^\n]*"after"\}\n$/)
})

test('lines that cannot be written are told once, and end nothing', () => {
  const troubles: string[] = []
  const log = new LogFile({ path: '/dev/full', sizeBytesMax: 1_000, filesMax: 1 }, text => troubles.push(text))
  log.write('a\n')
  log.write('b\n')
  assert.equal(troubles.length, 1)
  assert.match(troubles[0] ?? '', /the log file cannot be written: ENOSPC/)
})

test('a log file in a folder that is not there is refused with a remedy', context => {
  const folder = emptyFolder(context)
  assert.throws(() => createLogger(quietIo(folder), { ...INFO, file: 'no/a.log' }), {
    kind: 'bad-input',
    where: 'log.file',
    hint: /make the folder/,
  })
})

test('a reader that takes nothing holds the process up for a second, not for ever', context => {
  const folder = emptyFolder(context)
  const script = `
    import { writeFileSync } from 'node:fs'
    import { processIo } from ${JSON.stringify(IO)}
    const io = processIo()
    const startedAt = performance.now()
    for (let index = 0; index < 2_000; index++) io.stderr('x'.repeat(999) + '\\n')
    writeFileSync('took', String(performance.now() - startedAt))`
  writeFileSync(join(folder, 'script.mjs'), script)
  const reader = 'while [ ! -e took ]; do sleep 0.05; done; cat >/dev/null'
  const pipe = `"${process.execPath}" script.mjs 2>&1 >/dev/null | { ${reader}; }`
  const ended = spawnSync('bash', ['-c', pipe], { cwd: folder, encoding: 'utf8', timeout: 20_000 })
  assert.equal(ended.status, 0, ended.stderr)
  const took = Number(readFileSync(join(folder, 'took'), 'utf8'))
  assert.ok(took > 900 && took < 5_000, `${took} ms`)
})
