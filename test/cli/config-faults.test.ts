import assert from 'node:assert/strict'
import { writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { test, type TestContext } from 'node:test'
import { RIGHT_FILES, WRONG_ENVIRONMENTS, WRONG_FILES, WRONG_FLAGS } from './config-faults/texts.ts'
import { MISSPELLED, WRONG_VALUES, yamlOf } from './config-faults/values.ts'
import { emptyFolder, filesIn, runCli } from './run-cli.ts'

interface Fault {
  readonly message: string
  readonly where?: string
  readonly hint?: string
}

/** `config check` in a folder with this config: it must refuse, and leave the folder and every object as they were. */
async function refused(
  context: TestContext,
  title: string,
  config: string | Uint8Array,
  env: Readonly<Record<string, string>> = {},
): Promise<readonly Fault[]> {
  const folder = emptyFolder(context)
  writeFileSync(join(folder, 'tallow.yaml'), config)
  const { code, stdout, stderr } = await runCli(folder, ['config', 'check', '--json'], { env })
  assert.deepEqual([code, stderr], [2, ''], title)
  assert.deepEqual(filesIn(folder), ['tallow.yaml'], title)
  assertUnpolluted(title)
  const { faults } = JSON.parse(stdout) as { faults: readonly Fault[] }
  assert.ok(faults.length > 0, title)
  for (const { message, where, hint } of faults)
    for (const part of [message, where, hint]) assert.ok(part !== undefined && part !== '', `${title}: ${message}`)
  return faults
}

const OWN_NAMES = Object.getOwnPropertyNames(Object.prototype).join()

function assertUnpolluted(title: string): void {
  assert.equal(Object.getOwnPropertyNames(Object.prototype).join(), OWN_NAMES, title)
  assert.equal(({} as Record<string, unknown>).polluted, undefined, title)
}

function told(faults: readonly Fault[]): string {
  return faults.map(({ message, where = '', hint = '' }) => `${message} | ${where} | ${hint}`).join('\n')
}

/** Goes on after a case that fails, and tells all of them. */
async function eachOf<T>(rows: readonly T[], check: (row: T) => Promise<void>): Promise<void> {
  const failures: string[] = []
  for (const row of rows) {
    try {
      await check(row)
    } catch (error) {
      failures.push(error instanceof Error ? error.message : String(error))
    }
  }
  assert.deepEqual(failures, [])
}

test('the table has its 200 cases', () => {
  const count = [WRONG_VALUES, MISSPELLED, WRONG_FILES, WRONG_ENVIRONMENTS, WRONG_FLAGS].flat().length
  assert.ok(count >= 200, `${count} cases`)
})

test(`${WRONG_VALUES.length} wrong values are refused by path, place and reason`, async context => {
  await eachOf(WRONG_VALUES, async row => {
    const yaml = yamlOf(row)
    const text = told(await refused(context, yaml, yaml))
    const [key, , reason] = row
    assert.ok(text.startsWith(key), `${yaml}${text}`)
    assert.match(text, /\| tallow\.yaml:\d+:\d+ \|/, yaml)
    assert.match(text, reason, `${yaml}${text}`)
  })
})

test(`${MISSPELLED.length} misspelled keys are refused with the right one`, async context => {
  await eachOf(MISSPELLED, async ([yaml, path, right]) => {
    const [fault] = await refused(context, yaml, yaml)
    assert.equal(fault?.message, `there is no key "${path}"`)
    assert.equal(fault?.hint, `did you mean "${right}"?`, path)
    assert.match(fault?.where ?? '', /^tallow\.yaml:1:\d+$/)
  })
})

test(`${WRONG_FILES.length} files that are no config are refused with the reason`, async context => {
  await eachOf(WRONG_FILES, async ([title, bytes, reason]) => {
    const faults = await refused(context, title, bytes)
    assert.match(told(faults), reason, `${title}: ${told(faults)}`)
    assert.match(faults[0]?.where ?? '', /tallow\.yaml/, title)
  })
})

test('files that look odd and are right are taken', async context => {
  await eachOf(RIGHT_FILES, async ([title, bytes]) => {
    const folder = emptyFolder(context)
    writeFileSync(join(folder, 'tallow.yaml'), bytes)
    const { code, stderr } = await runCli(folder, ['config', 'check'])
    assert.deepEqual([code, stderr], [0, ''], title)
  })
})

test(`${WRONG_ENVIRONMENTS.length} wrong environments are refused by the name of the variable`, async context => {
  await eachOf(WRONG_ENVIRONMENTS, async ([env, name, reason]) => {
    const title = JSON.stringify(env)
    const text = told(await refused(context, title, '# nothing\n', env))
    assert.match(text, /environment/, title)
    assert.ok(text.includes(name), `${title}: ${text}`)
    assert.match(text, reason, `${title}: ${text}`)
  })
})

test('the same in .env is refused by the name of the file and the variable', async context => {
  await eachOf(WRONG_ENVIRONMENTS, async ([env, name, reason]) => {
    const folder = emptyFolder(context)
    const lines = Object.entries(env).map(([key, value]) => `${key}='${value}'\n`)
    writeFileSync(join(folder, '.env'), lines.join(''))
    const { code, stdout } = await runCli(folder, ['config', 'check', '--json'])
    assert.equal(code, 2, name)
    const text = told((JSON.parse(stdout) as { faults: readonly Fault[] }).faults)
    assert.match(text, reason, `${name}: ${text}`)
    assert.ok(text.includes(join(folder, '.env')) && text.includes(name), text)
    assertUnpolluted(name)
  })
})

test(`${WRONG_FLAGS.length} wrong flags are refused with exit 2, and nothing is made`, async context => {
  await eachOf(WRONG_FLAGS, async ([argv, reason]) => {
    const folder = emptyFolder(context)
    const { code, stdout, stderr } = await runCli(folder, argv)
    assert.deepEqual([code, stdout], [2, ''], argv.join(' '))
    assert.match(stderr, reason)
    assert.match(stderr, /\n {2}next: /, argv.join(' '))
    assert.deepEqual(filesIn(folder), [])
    assertUnpolluted(argv.join(' '))
  })
})
