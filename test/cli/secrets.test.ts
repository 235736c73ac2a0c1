import assert from 'node:assert/strict'
import { writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { test } from 'node:test'
import { badInput, bug } from '../../src/domain/errors.ts'
import { Secrets } from '../../src/domain/secrets.ts'
import { isSecretKey, learnEnvironment, learnFromLines, learnSecrets } from '../../src/cli/config/secret-keys.ts'
import { hidingSecrets } from '../../src/cli/hide-secrets.ts'
import { reportError } from '../../src/cli/report-error.ts'
import { emptyFolder, quietIo, runCli } from './run-cli.ts'

test('keys and variables are secret by their last word', () => {
  const secret =
    'api_key api_secret apiKey token TALLOW__INFLUX__TOKEN AWS_SECRET_ACCESS_KEY password passphrase mnemonic'
  const open = 'keys_max tokens_per_day id bot key_path api_key_id symbols TERM PATH HOME secretary'
  for (const name of secret.split(' ')) assert.ok(isSecretKey(name), name)
  for (const name of open.split(' ')) assert.ok(!isSecretKey(name), name)
})

test('what stands under a secret key is learnt at any depth, and passwords in addresses', () => {
  const secrets = new Secrets()
  learnSecrets(secrets, {
    exchange: {
      api_key: 'canary-one',
      nested: [{ token: ['canary-two', { deep: 'canary-three' }] }, { pin_secret: 12345678 }],
    },
    proxy: 'http://me:canary%2Ffour@proxy:3128/path',
    open: 'nothing-to-hide',
  })
  const text = 'canary-one canary-two canary-three 12345678 canary%2Ffour canary/four nothing-to-hide'
  assert.equal(secrets.scrub(text), `${'[secret] '.repeat(6)}nothing-to-hide`)
})

test('of other programs’ variables only what is long enough to be a secret is learnt', () => {
  const secrets = new Secrets()
  learnEnvironment(secrets, {
    HOT_KEY: 'yes-yes',
    GITHUB_TOKEN: 'canary-token',
    TALLOW__EXCHANGE__API_KEY: 'canary',
    DATABASE_URL: 'postgres://user:canary-password@host/db',
    HOME: '/home/somebody',
  })
  const text = 'yes-yes canary-token canary canary-password /home/somebody'
  assert.equal(secrets.scrub(text), 'yes-yes [secret] [secret] [secret] /home/somebody')
})

test('secrets of a file that is no YAML are learnt line by line', () => {
  const secrets = new Secrets()
  learnFromLines(
    secrets,
    'influx:\n  token: "canary-one" # mine\n  - api_secret: canary-two\nexport API_KEY=canary-three\nurl: [\n',
  )
  assert.equal(secrets.scrub('canary-one canary-two canary-three'), '[secret] [secret] [secret]')
})

test('stdout and stderr are without secrets, those that are learnt later included', () => {
  const outside = quietIo('/', { env: { MY_TOKEN: 'canary-environment' } })
  const io = hidingSecrets(outside)
  io.secrets.learn('canary-later')
  io.stdout('{"a":"canary-environment"}\n')
  io.stderr('canary-later\n')
  assert.deepEqual([outside.out, outside.err], [['{"a":"[secret]"}\n'], ['[secret]\n']])
})

test('an error is told without secrets: its message, place, hint, stack and causes', () => {
  const outside = quietIo('/')
  const io = hidingSecrets(outside)
  io.secrets.learn('canary/value')
  const cause = new Error(`GET /?key=${encodeURIComponent('canary/value')}`)
  for (const error of [
    badInput('no canary/value', { where: 'at canary/value', hint: 'not canary/value', cause }),
    bug('canary/value', { cause }),
    new Error('canary/value', { cause }),
    'canary/value',
  ])
    reportError(io, error, true)
  const said = outside.err.join('')
  assert.doesNotMatch(said, /canary/)
  assert.ok((said.match(/\[secret\]/g)?.length ?? 0) >= 10, said)
})

test('a value of the config that is a secret elsewhere is not shown where it does not belong', async context => {
  const folder = emptyFolder(context)
  writeFileSync(join(folder, 'tallow.yaml'), 'exchange: { api_key: canary-value-1 }\nbot: canary-value-1!\n')
  const { code, stderr } = await runCli(folder, ['run'])
  assert.equal(code, 2)
  assert.match(stderr, /bot is "\[secret\]!"/)
})
