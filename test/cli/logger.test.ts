import assert from 'node:assert/strict'
import { test } from 'node:test'
import { stripVTControlCharacters } from 'node:util'
import { createLogger } from '../../src/cli/logger.ts'
import { quietIo } from './run-cli.ts'

test('on a terminal a message is one line for people, there before the call returns', () => {
  const io = quietIo('/', { stderrIsTty: true })
  const log = createLogger(io, 'info')
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
  createLogger(io, 'info').info('bought BTC/USDT')
  assert.match(io.err.join(''), /^\[\d\d:\d\d:\d\d\] INFO: bought BTC\/USDT\n$/)
})

test('elsewhere a message is one JSON line with its time in UTC', () => {
  const io = quietIo('/')
  createLogger(io, 'info').info('bought BTC/USDT')
  const { time, ...rest } = JSON.parse(io.err.join('')) as Record<string, unknown>
  assert.deepEqual(rest, { level: 30, msg: 'bought BTC/USDT' })
  assert.match(String(time), /^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{3}Z$/)
})
