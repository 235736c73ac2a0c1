import assert from 'node:assert/strict'
import { describe, test } from 'node:test'
import { ADAPTERS } from './adapters.ts'
import { CASH, MANIFEST } from './fixtures.ts'

for (const [name, open] of Object.entries(ADAPTERS)) {
  describe(`${name} ledger`, () => {
    test('a reader finds the equity of every slice between two instants, both included', context => {
      const { ledger, reader } = open(context)
      ledger.beginRun(MANIFEST, 5, CASH)
      for (const time of [300, 100, 200, 400]) ledger.commit([{ kind: 'equity', time, equity: time / 8, cash: CASH }])
      assert.deepEqual(reader.equity({ from: 200, to: 300 }), [
        { bot: 'demo', time: 200, equity: 25 },
        { bot: 'demo', time: 300, equity: 37.5 },
      ])
      assert.deepEqual(reader.equity({ bot: 'demo', from: 200, to: 300 }), reader.equity({ from: 200, to: 300 }))
      assert.deepEqual(reader.equity({ bot: 'other', from: 0, to: 1_000 }), [])
      assert.deepEqual(reader.equity({ from: 201, to: 299 }), [])
    })
  })
}
