import assert from 'node:assert/strict'
import { createWriteStream, readdirSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { test, type TestContext } from 'node:test'
import { InfluxServer } from '../../../src/telemetry/destinations/influx-server.ts'
import type { LineDestination } from '../../../src/telemetry/destinations/line-destination.ts'
import { LineFile } from '../../../src/telemetry/destinations/line-file.ts'
import { packLines } from '../../../src/telemetry/line-run.ts'
import { listen, openSink, outboxFolder, received } from '../support/sinks.ts'

const FOLDER = join(import.meta.dirname, '../../../src/telemetry/destinations')
const PORT = 'line-destination.ts'
const never = new AbortController().signal

interface Opened {
  readonly destination: LineDestination
  /** What it took, in order. */
  readonly lines: () => readonly string[]
}

/** One for each file of the folder: a new destination gets an entry here, and with it the contract. */
const ADAPTERS: Readonly<Record<string, (context: TestContext) => Promise<Opened>>> = {
  'influx-server.ts': async context => {
    const lines: string[] = []
    const url = await listen(context, (request, response) => {
      void received(request).then(got => {
        if (request.method === 'POST') lines.push(...got.lines)
        response.writeHead(204).end()
      })
    })
    return { destination: new InfluxServer({ url, org: 'o', bucket: 'b' }), lines: () => lines }
  },
  'line-file.ts': async context => {
    const path = join(outboxFolder(context), 'deep', 'points.lp')
    const lines = (): readonly string[] => readFileSync(path, 'utf8').split('\n').slice(0, -1)
    return { destination: new LineFile({ path }), lines }
  },
}

test('every destination is held to the contract', () => {
  assert.deepEqual(
    readdirSync(FOLDER).filter(file => file !== PORT),
    Object.keys(ADAPTERS),
  )
})

for (const [file, open] of Object.entries(ADAPTERS)) {
  test(`${file}: lines arrive in order, of several measurements in one request`, async context => {
    const { destination, lines } = await open(context)
    const runs = [packLines('a', ['a x=1 1', 'a x=2 2']), packLines('b', ['b x="ü€😀" 1'])]
    assert.deepEqual(await destination.send(runs, never), { kind: 'sent' })
    assert.deepEqual(await destination.send([packLines('a', ['a x=3 3'])], never), { kind: 'sent' })
    assert.deepEqual(lines(), ['a x=1 1', 'a x=2 2', 'b x="ü€😀" 1', 'a x=3 3'])
    destination.close()
  })

  test(`${file}: an aborted request is one that failed`, async context => {
    const { destination } = await open(context)
    const outcome = await destination.send([packLines('a', ['a x=1 1'])], AbortSignal.abort())
    assert.equal(outcome.kind, 'failed')
    destination.close()
  })

  test(`${file}: it tells whether it can be reached, and does not throw`, async context => {
    const { destination } = await open(context)
    assert.ok(['up', 'unknown'].includes(await destination.state()))
    destination.close()
  })
}

test('a line that a kill has left half written is cut off, and comes again', async context => {
  const path = join(outboxFolder(context), 'points.lp')
  await new Promise<void>(resolve => createWriteStream(path).end('a x=1 1\na x=2 2\na x=3', () => resolve()))
  const destination = new LineFile({ path })
  await destination.send([packLines('a', ['a x=3 3'])], never)
  assert.equal(readFileSync(path, 'utf8'), 'a x=1 1\na x=2 2\na x=3 3\n')
})

test('a file that has grown is put aside under the next number, and none is lost', async context => {
  const folder = outboxFolder(context)
  const destination = new LineFile({ path: join(folder, 'points.lp'), bytesMax: 20 })
  for (let index = 0; index < 7; index++) await destination.send([packLines('a', [`a x=${index} ${index}`])], never)
  assert.deepEqual(readdirSync(folder).sort(), ['points.lp', 'points.lp.1', 'points.lp.2'])
  const all = ['points.lp.1', 'points.lp.2', 'points.lp'].map(name => readFileSync(join(folder, name), 'utf8')).join('')
  assert.equal(all.split('\n').length - 1, 7)
})

test('points reach a file through the outbox, and wait while it cannot be written', async context => {
  const folder = outboxFolder(context)
  const wrong = openSink(context, new LineFile({ path: join('/proc/none', 'points.lp') }), { closeTimeoutMs: 50 })
  wrong.sink.writeOwn('own', { x: 1 })
  await wrong.sink.flush()
  assert.deepEqual([wrong.sink.stats().pending, wrong.sink.stats().lost], [1, 0])
  await wrong.sink.close()
  const path = join(folder, 'points.lp')
  const { sink } = openSink(context, new LineFile({ path }), { path: wrong.path })
  await sink.close()
  assert.match(readFileSync(path, 'utf8'), /^own,bot=demo x=1 \d{19}\n$/)
})
