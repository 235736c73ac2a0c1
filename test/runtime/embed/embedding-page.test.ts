import assert from 'node:assert/strict'
import { spawnSync } from 'node:child_process'
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { test } from 'node:test'
import { pathToFileURL } from 'node:url'

const ROOT = join(import.meta.dirname, '../../..')
const ENTRY = pathToFileURL(join(ROOT, 'src/index.ts')).href

test('the programs of docs/embedding.md run, and say what the page promises', t => {
  const page = readFileSync(join(ROOT, 'docs/embedding.md'), 'utf8')
  const programs = [...page.matchAll(/```ts\n([\s\S]*?)```/g)].map(([, code]) => code ?? '')
  assert.equal(programs.length, 2)
  const folder = mkdtempSync(join(tmpdir(), 'tallow-embed-'))
  t.after(() => rmSync(folder, { recursive: true, force: true }))
  const said = programs.map((code, index) => {
    const file = join(folder, `program-${index}.mts`)
    writeFileSync(file, code.replaceAll("'tallow'", `'${ENTRY}'`))
    const { status, stdout, stderr } = spawnSync(process.execPath, [file], {
      cwd: folder,
      encoding: 'utf8',
      timeout: 60_000,
    })
    assert.equal(status, 0, stderr)
    return stdout
  })
  assert.match(said[0] ?? '', /^500 \d+(\.\d+)? (2023-12-31T23:59|2024-01-01T00:0\d):00\.000Z\nrsi \d+\.\d\d\n$/)
  assert.equal(said[1], '1 1\n8\n')
})
