import assert from 'node:assert/strict'
import { test } from 'node:test'
import { inspect } from 'node:util'
import fc from 'fast-check'
import { SECRET_MARK, Secrets } from '../../src/domain/secrets.ts'

const SECRET = 'Zx9/qW+7 "tR4\\kL=é2pB'

function knowing(...values: readonly string[]): Secrets {
  const secrets = new Secrets()
  for (const value of values) secrets.learn(value)
  return secrets
}

const base64 = (text: string): string => Buffer.from(text).toString('base64')
const lower = (text: string): string => text.replaceAll(/%../g, escape => escape.toLowerCase())

/** Every way in which a secret has been seen to get into a log. */
const FORMS: Readonly<Record<string, (secret: string) => string>> = {
  raw: secret => `refused ${secret}, try again`,
  'cut off': secret => `refused ${secret.slice(0, 8)}…`,
  'cut off later': secret => `refused ${secret.slice(0, 15)}…`,
  'in a URL': secret => `GET https://x/y?key=${encodeURIComponent(secret)}&a=1`,
  'in a URL, small letters': secret => `GET https://x/y?key=${lower(encodeURIComponent(secret))}&a=1`,
  'in a form': secret => new URLSearchParams({ key: secret, a: '1' }).toString(),
  'in JSON': secret => JSON.stringify({ key: secret }),
  'in JSON within JSON': secret => JSON.stringify({ body: JSON.stringify({ key: secret }) }),
  'in base64': secret => base64(secret),
  'in base64 behind one byte': secret => base64(`:${secret}`),
  'in base64 behind a name': secret => `Basic ${base64(`me:${secret}`)}`,
  'in base64 before more': secret => base64(`ab${secret}@host`),
  'in base64 for URLs': secret => Buffer.from(secret).toString('base64url'),
  'in base64 in a URL': secret => `?auth=${encodeURIComponent(base64(secret))}`,
  'in hexadecimal': secret => Buffer.from(secret).toString('hex'),
  'in the stack of a cause': secret => inspect(new Error('outer', { cause: new Error(`inner ${secret}`) })),
}

for (const [form, written] of Object.entries(FORMS))
  test(`a secret is taken out ${form}`, () => {
    const text = written(SECRET)
    const clean = knowing('another-secret-value', SECRET).scrub(text)
    assert.ok(clean.includes(SECRET_MARK), clean)
    for (const trace of traces(SECRET)) assert.ok(!clean.includes(trace), `${trace} is in ${clean}`)
    assert.equal(knowing('another-secret-value').scrub(text), text)
  })

/** What must not be found: eight characters of any form. */
function traces(secret: string): readonly string[] {
  const alignments = [secret, ` ${secret}`, `  ${secret}`].map(text => base64(text).slice(4, 12))
  return [secret, encodeURIComponent(secret), JSON.stringify(secret).slice(1, -1), base64(secret)]
    .map(text => text.slice(0, 8))
    .concat(alignments)
}

test('what surrounds a secret stays', () => {
  const secrets = knowing('s3cr3t-value')
  assert.equal(secrets.scrub('a s3cr3t-value b s3cr3t-value'), `a ${SECRET_MARK} b ${SECRET_MARK}`)
  assert.equal(secrets.scrub('s3cr3t- is not enough of it'), 's3cr3t- is not enough of it')
  assert.equal(secrets.scrub(''), '')
})

test('of two secrets that begin alike each is taken out whole', () => {
  const secrets = knowing('same-beginning-1', 'same-beginning-22-longer')
  assert.equal(secrets.scrub('x same-beginning-22-longer y'), `x ${SECRET_MARK} y`)
  assert.equal(secrets.scrub('x same-beginning-1 y'), `x ${SECRET_MARK} y`)
})

test('a short secret is taken out whole only, one of under four characters is none', () => {
  assert.equal(knowing('abcd12').scrub('abcd1 abcd12'), `abcd1 ${SECRET_MARK}`)
  assert.equal(knowing('abc', '').scrub('abc'), 'abc')
})

test('any secret in any text is gone, and a line of JSON stays one', () => {
  // Not of digits alone: a number that is no text any more is no number either.
  const secret = fc.string({ unit: 'binary', minLength: 8, maxLength: 40 }).filter(text => /[^\d.\s-]{8}/.test(text))
  const text = fc.string({ unit: 'grapheme', maxLength: 20 })
  fc.assert(
    fc.property(secret, text, text, (value, before, after) => {
      const clean = knowing(value).scrub(JSON.stringify({ level: 30, msg: before + value + after }))
      const { msg, level } = JSON.parse(clean) as { msg: string; level: number }
      assert.equal(level, 30)
      assert.ok(!msg.includes(value) || SECRET_MARK.includes(value))
    }),
    { numRuns: 500 },
  )
})

test('a line without a secret costs microseconds', () => {
  const secrets = knowing(...Array.from({ length: 20 }, (_, index) => `secret-number-${index}-${'x'.repeat(60)}`))
  const line = JSON.stringify({ level: 30, msg: 'bought BTC/USDT 0.1 at 42,000.00 '.repeat(10) })
  secrets.scrub(line)
  const startedAt = performance.now()
  for (let round = 0; round < 1_000; round++) secrets.scrub(line)
  assert.ok(performance.now() - startedAt < 1_000, 'a millisecond a line would be felt')
})
