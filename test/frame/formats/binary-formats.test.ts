import assert from 'node:assert/strict'
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { test, type TestContext } from 'node:test'
import { gzipSync } from 'node:zlib'
import { tableFromIPC } from '@uwdata/flechette'
import { makeData, makeVector, Table, tableToIPC, TimestampNanosecond, vectorFromArray } from 'apache-arrow'
import { parquetWriteBuffer } from 'hyparquet-writer'
import { readParquet as readByWasm } from 'parquet-wasm'
import { hashFrame } from '../../../src/frame/data-hash.ts'
import { CandleFrame } from '../../../src/frame/candle-frame.ts'
import { loadCandleFile } from '../../../src/frame/formats/load-candle-file.ts'
import { candleWriter } from '../../../src/frame/formats/write-candles.ts'
import { requireTestData, withoutTestData } from '../../support/test-data.ts'

const NAMES = ['date', 'open', 'high', 'low', 'close', 'volume'] as const
const HOUR = 3_600_000
const START = Date.UTC(2024, 0, 1)
const REAL = 'candles/ccxt-json-2021/SHIB_USDT-5m.json.gz'

function folder(context: TestContext): string {
  const path = mkdtempSync(join(tmpdir(), 'tallow-formats-'))
  context.after(() => rmSync(path, { recursive: true, force: true }))
  return path
}

function hours(rows: number): CandleFrame {
  const frame = new CandleFrame(rows)
  for (let row = 0; row < rows; row++)
    frame.append(START + row * HOUR, 1e-8 + row / 7, 9e7 + row, 1e-9, 1 + row / 3, row === 2 ? 0 : Math.PI * row)
  return frame
}

function lanesOf(frame: CandleFrame): Float64Array[] {
  const columns = [frame.time, frame.open, frame.high, frame.low, frame.close, frame.volume]
  return columns.map(({ values }) => values.slice(0, frame.length))
}

/** Columns as another library reads them, times in ms. */
function assertLanes(frame: CandleFrame, columnAt: (name: string) => ArrayLike<unknown>): void {
  for (const [index, lane] of lanesOf(frame).entries()) {
    const column = columnAt(NAMES[index]!)
    assert.equal(column.length, lane.length)
    for (let row = 0; row < lane.length; row++)
      assert.equal(Number(column[row]), lane[row], `${NAMES[index]} of row ${row}`)
  }
}

for (const ending of ['feather', 'parquet', 'csv'])
  test(`candles written as ${ending} come back bit for bit`, { skip: withoutTestData(REAL) }, async t => {
    const path = join(folder(t), `SHIB_USDT-5m.${ending}`)
    const { frame, series } = await loadCandleFile(requireTestData(REAL))
    await candleWriter(path)(frame)
    const back = await loadCandleFile(path)
    assert.equal(hashFrame(back.frame), hashFrame(frame))
    assert.deepEqual(back.series, series)
    assert.equal(back.report.format, ending)
    const first = readFileSync(path)
    await candleWriter(path)(back.frame)
    assert.ok(first.equals(readFileSync(path)), 'the same bytes when it is written again')
  })

test('another library reads the Feather that is written, by name and with its times as times', async t => {
  const path = join(folder(t), 'A_USDT-1h.feather')
  const frame = hours(5_000)
  await candleWriter(path)(frame)
  const table = tableFromIPC(readFileSync(path))
  assert.deepEqual([...table.names], [...NAMES])
  assert.equal((table.getChild('date').type as { timezone?: string }).timezone, 'UTC')
  assertLanes(frame, name => table.getChild(name).toArray() as ArrayLike<unknown>)
})

test('another library reads the Parquet that is written, by name and with its times as times', async t => {
  const path = join(folder(t), 'A_USDT-1h.parquet')
  const frame = hours(5_000)
  await candleWriter(path)(frame)
  const table = tableFromIPC(readByWasm(readFileSync(path)).intoIPCStream())
  assert.deepEqual([...table.names], [...NAMES])
  assertLanes(frame, name => table.getChild(name).toArray() as ArrayLike<unknown>)
})

test('Feather with nanoseconds, packed columns in another order and gaps of values is read, and bad rows are told', async t => {
  const path = join(folder(t), 'A_USDT-1h.feather.gz')
  const frame = hours(4)
  const ns = BigInt64Array.from({ length: 4 }, (_, row) => BigInt(frame.timeAt(row)) * 1_000_000n)
  const lane = (values: Float64Array) => makeVector(values.subarray(0, 4))
  const table = new Table({
    volume: vectorFromArray([1, null, 0, 3]),
    close: lane(frame.close.values),
    index: vectorFromArray([0, 1, 2, 3]),
    open: lane(frame.open.values),
    low: lane(frame.low.values),
    high: lane(frame.high.values),
    timestamp: makeVector(makeData({ type: new TimestampNanosecond('UTC'), data: ns, length: 4, nullCount: 0 })),
  })
  writeFileSync(path, gzipSync(tableToIPC(table, 'file')))
  await assert.rejects(loadCandleFile(path), { kind: 'bad-input', message: /^row 2 is no candle: the volume is empty/ })
  const { frame: read, report } = await loadCandleFile(path, { onBadRow: 'skip' })
  assert.equal(report.refusedCount, 1)
  assert.deepEqual(read.candle(0), { ...frame.candle(0), volume: 1 })
  assert.deepEqual(read.candle(2), { ...frame.candle(3), volume: 3 })
})

/** A hundred hours from 2024 on, as pyarrow 25 wrote them; LZ4 is what `to_feather` of pandas, and freqtrade with it, takes by itself. */
const PANDAS_LZ4 = [
  'QVJST1cxAAD/////eAEAABAAAAAAAAoADAAGAAUACAAKAAAAAAEEAAwAAAAIAAgAAAAEAAgAAAAEAAAABgAAAAQBAADAAAAAkAAAAGQAAAA0AA',
  'AABAAAACT///8AAAEDEAAAABgAAAAEAAAAAAAAAAYAAAB2b2x1bWUAAFb///8AAAIAUP///wAAAQMQAAAAGAAAAAQAAAAAAAAABQAAAGNsb3Nl',
  'AAAAgv///wAAAgB8////AAABAxAAAAAUAAAABAAAAAAAAAADAAAAbG93AKr///8AAAIApP///wAAAQMQAAAAGAAAAAQAAAAAAAAABAAAAGhpZ2',
  'gAAAAA1v///wAAAgDQ////AAABAxAAAAAcAAAABAAAAAAAAAAEAAAAb3BlbgAABgAIAAYABgAAAAAAAgAQABQACAAGAAcADAAAABAAEAAAAAAA',
  'AQoQAAAAIAAAAAQAAAAAAAAABAAAAGRhdGUAAAAACAAMAAYACAAIAAAAAAABAAQAAAADAAAAVVRDAAAAAAD/////iAEAABQAAAAAAAAADAAYAA',
  'YABQAIAAwADAAAAAADBAAcAAAAkAkAAAAAAAAAAAAADAAcABAABAAIAAwADAAAAOgAAAAcAAAAFAAAAGQAAAAAAAAAAAAAAAQABAAEAAAADAAA',
  'AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAIECAAAAAAAAiAIAAAAAAAAAAAAAAAAAAIgCAAAAAAAAswEAAAAAAABABAAAAAAAAAAAAAAAAAAAQA',
  'QAAAAAAACwAQAAAAAAAPAFAAAAAAAAAAAAAAAAAADwBQAAAAAAACwAAAAAAAAAIAYAAAAAAAAAAAAAAAAAACAGAAAAAAAAswEAAAAAAADYBwAA',
  'AAAAAAAAAAAAAAAA2AcAAAAAAACyAQAAAAAAAAAAAAAGAAAAZAAAAAAAAAAAAAAAAAAAAGQAAAAAAAAAAAAAAAAAAABkAAAAAAAAAAAAAAAAAA',
  'AAZAAAAAAAAAAAAAAAAAAAAGQAAAAAAAAAAAAAAAAAAABkAAAAAAAAAAAAAAAAAAAAIAMAAAAAAAAEIk0YYECCagIAALEA9FHCjAEAAIDiiAgA',
  'MQDRvwgAMYC/9ggAQQCuLcMgACGcZAgAMQCLmwgAMYB50ggAQQBoCcQgACFWQAgAMQBFdwgAMYAzrggAMQAi5QgAQIAQHMUoADEA/1IIADGA7Y',
  'kIADEA3MAIADGAyvcIAEAAuS7GKAAxgKdlCAAxAJacCAAxgITTCABBAHMKxyAAIWFBCAAxAFB4CAAxgD6vCAAxAC3mCABAgBsdyCgAMQAKVAgA',
  'MYD4iggAMQDnwQgAMYDV+AgAQADEL8koADGAsmYIADEAoZ0IADGAj9QIAEEAfgvKIAAhbEIIADEAW3kIADGASbAIADEAOOcIAECAJh7LKAAxAB',
  'VVCAAxgAOMCAAxAPLCCAAxgOD5CABAAM8wzCgAMYC9ZwgAMQCsnggAMYCa1QgAQQCJDM0gACF3QwgAMQBmeggAMYBUsQgAMQBD6AgAQIAxH84o',
  'ADEAIFYIADGADo0IADEA/cMIADGA6/oIAEAA2jHPKAAxgMhoCAAxALefCAAxgKXWCABBAJQN0CAAIYJECAAxAHF7CAAxgF+yCAAxAE7pCABAgD',
  'wg0SgAMQArVwgAMYAZjggAMQAIxQgAMYD2+wgAQADlMtIoADGA02kIADEAwqAIADGAsNcIAEEAnw7TIAAhjUUIADEAfHwIADGAarMIADEAWeoI',
  'AECARyHUKAAxADZYCAAxgCSPCAAxABPGCAAxgAH9CABAAPAz1SgAMYDeaggAMQDNoQgAMYC72AgAQQCqD9YgACGYRggAMQCHfQgAMYB1tAgAMQ',
  'Bk6wgAQIBSItcoADEAQVkIAICAL5DXjAEAAAAAAAAAAAAAAAAAIAMAAAAAAAAEIk0YYECCnAEAABEAAQAh8D8HACMA9AgAE/gIABP8CAAiAEAg',
  'ABMCCAATBAgAEwYIABMICAATCggAEwwIABMOCAATEAgAExEIABMSCAATEwgAExQIABMVCAATFggAExcIABMYCAATGQgAExoIABMbCAATHAgAEx',
  '0IABMeCAATHwgAEiAIABOACAAjACEQAAMIACMAIhAAAwgAIwAjEAADCAAjACQQAAMIACMAJRAAAwgAIwAmEAADCAAjACcQAAMIACMAKBAAAwgA',
  'IwApEAADCAAjACoQAAMIACMAKxAAAwgAIwAsEAADCAAjAC0QAAMIACMALhAAAwgAIwAvEAADCAAiADAQABNACAATgAgAE8AIACMAMSAAAwgAE4',
  'AIABPACAAjADIgAAMIABOACAATwAgAIwAzIAADCAATgAgAE8AIACMANCAAAwgAE4AIABPACAAjADUgAAMIABOACAATwAgAIwA2IAADCAATgAgA',
  'E8AIACMANyAAAwgAE4AIABPACAAjADggAAMIABOACAATwAgAIwA5IAADCACwgDlAAAAAAADAOUAAAAAAAAAAAAAgAwAAAAAAAAQiTRhgQIKZAQ',
  'AAEgABABJABwATBAgAEwgIABMMCAATEAgAExIIABMUCAATFggAExgIABMaCAATHAgAEx4IABMgCAATIQgAEyIIABMjCAATJAgAEyUIABMmCAAT',
  'JwgAEygIABMpCAATKggAEysIABMsCAATLQgAEy4IABMvCAASMAgAE4AIACMAMRAAAwgAIwAyEAADCAAjADMQAAMIACMANBAAAwgAIwA1EAADCA',
  'AjADYQAAMIACMANxAAAwgAIwA4EAADCAAjADkQAAMIACMAOhAAAwgAIwA7EAADCAAjADwQAAMIACMAPRAAAwgAIwA+EAADCAAjAD8QAAMIACIA',
  'QBAAE0AIABOACAATwAgAIwBBIAADCAATgAgAE8AIACMAQiAAAwgAE4AIABPACAAjAEMgAAMIABOACAATwAgAIwBEIAADCAATgAgAE8AIACMARS',
  'AAAwgAE4AIABPACAAjAEYgAAMIABOACAATwAgAIwBHIAADCAATgAgAE8AIACMASCAAAwgAE4AIABPACAAjAEkgAAMIALCASUAAAAAAAMBJQAAA',
  'AAAgAwAAAAAAAAQiTRhgQIIVAAAAEQABACHgPwcADwgA///9UAAAAOA/AAAAAAAAAAAgAwAAAAAAAAQiTRhgQIKcAQAAEQABACH4PwcAIwD8CA',
  'AiAEAQABMCCAATBAgAEwYIABMICAATCggAEwwIABMOCAATEAgAExEIABMSCAATEwgAExQIABMVCAATFggAExcIABMYCAATGQgAExoIABMbCAAT',
  'HAgAEx0IABMeCAATHwgAEiAIABOACAAjACEQAAMIACMAIhAAAwgAIwAjEAADCAAjACQQAAMIACMAJRAAAwgAIwAmEAADCAAjACcQAAMIACMAKB',
  'AAAwgAIwApEAADCAAjACoQAAMIACMAKxAAAwgAIwAsEAADCAAjAC0QAAMIACMALhAAAwgAIwAvEAADCAAiADAQABNACAATgAgAE8AIACMAMSAA',
  'AwgAE4AIABPACAAjADIgAAMIABOACAATwAgAIwAzIAADCAATgAgAE8AIACMANCAAAwgAE4AIABPACAAjADUgAAMIABOACAATwAgAIwA2IAADCA',
  'ATgAgAE8AIACMANyAAAwgAE4AIABPACAAjADggAAMIABOACAATwAgAIwA5IAADCAATgAgAE8AIALAAOkAAAAAAAEA6QAAAAAAAAAAAACADAAAA',
  'AAAABCJNGGBAgpsBAAARAAEAISRABwAjACYIABMoCAATKggAEywIABMuCAATMAgAEzEIABMyCAATMwgAEzQIABM1CAATNggAEzcIABM4CAATOQ',
  'gAEzoIABM7CAATPAgAEz0IABM+CAATPwgAEkAIABOACAAjAEEQAAMIACMAQhAAAwgAIwBDEAADCAAjAEQQAAMIACMARRAAAwgAIwBGEAADCAAj',
  'AEcQAAMIACMASBAAAwgAIwBJEAADCAAjAEoQAAMIACMASxAAAwgAIwBMEAADCAAjAE0QAAMIACMAThAAAwgAIwBPEAADCAAiAFAQABNACAATgA',
  'gAE8AIACMAUSAAAwgAE4AIABPACAAjAFIgAAMIABOACAATwAgAIwBTIAADCAATgAgAE8AIACMAVCAAAwgAE4AIABPACAAjAFUgAAMIABOACAAT',
  'wAgAIwBWIAADCAATgAgAE8AIACMAVyAAAwgAE4AIABPACAAjAFggAAMIABOACAATwAgAIwBZIAADCAATgAgAE8AIACMAWiAAAwgAE4AIABPACA',
  'CwAFtAAAAAAABAW0AAAAAAAAAAAAAA/////wAAAAAQAAAADAAUAAYACAAMABAADAAAAAAABAA4AAAAKAAAAAQAAAABAAAAiAEAAAAAAACQAQAA',
  'AAAAAJAJAAAAAAAAAAAAAAAAAAAIAAgAAAAEAAgAAAAEAAAABgAAAAQBAADAAAAAkAAAAGQAAAA0AAAABAAAACT///8AAAEDEAAAABgAAAAEAA',
  'AAAAAAAAYAAAB2b2x1bWUAAFb///8AAAIAUP///wAAAQMQAAAAGAAAAAQAAAAAAAAABQAAAGNsb3NlAAAAgv///wAAAgB8////AAABAxAAAAAU',
  'AAAABAAAAAAAAAADAAAAbG93AKr///8AAAIApP///wAAAQMQAAAAGAAAAAQAAAAAAAAABAAAAGhpZ2gAAAAA1v///wAAAgDQ////AAABAxAAAA',
  'AcAAAABAAAAAAAAAAEAAAAb3BlbgAABgAIAAYABgAAAAAAAgAQABQACAAGAAcADAAAABAAEAAAAAAAAQoQAAAAIAAAAAQAAAAAAAAABAAAAGRh',
  'dGUAAAAACAAMAAYACAAIAAAAAAABAAQAAAADAAAAVVRDAKABAABBUlJPVzE=',
].join('')
const PANDAS_ZSTD = [
  'QVJST1cxAAD/////eAEAABAAAAAAAAoADAAGAAUACAAKAAAAAAEEAAwAAAAIAAgAAAAEAAgAAAAEAAAABgAAAAQBAADAAAAAkAAAAGQAAAA0AA',
  'AABAAAACT///8AAAEDEAAAABgAAAAEAAAAAAAAAAYAAAB2b2x1bWUAAFb///8AAAIAUP///wAAAQMQAAAAGAAAAAQAAAAAAAAABQAAAGNsb3Nl',
  'AAAAgv///wAAAgB8////AAABAxAAAAAUAAAABAAAAAAAAAADAAAAbG93AKr///8AAAIApP///wAAAQMQAAAAGAAAAAQAAAAAAAAABAAAAGhpZ2',
  'gAAAAA1v///wAAAgDQ////AAABAxAAAAAcAAAABAAAAAAAAAAEAAAAb3BlbgAABgAIAAYABgAAAAAAAgAQABQACAAGAAcADAAAABAAEAAAAAAA',
  'AQoQAAAAIAAAAAQAAAAAAAAABAAAAGRhdGUAAAAACAAMAAYACAAIAAAAAAABAAQAAAADAAAAVVRDAAAAAAD/////kAEAABQAAAAAAAAADAAYAA',
  'YABQAIAAwADAAAAAADBAAcAAAAcAQAAAAAAAAAAAAADAAeABAABAAIAAwADAAAAPAAAAAkAAAAGAAAAGQAAAAAAAAAAAAAAAAABgAIAAcABgAA',
  'AAAAAAEMAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAgQEAAAAAAACIAQAAAAAAAAAAAAAAAAAAiAEAAAAAAACzAAAAAAAAAEACAAAAAAAAAA',
  'AAAAAAAABAAgAAAAAAAKgAAAAAAAAA6AIAAAAAAAAAAAAAAAAAAOgCAAAAAAAAJAAAAAAAAAAQAwAAAAAAAAAAAAAAAAAAEAMAAAAAAACvAAAA',
  'AAAAAMADAAAAAAAAAAAAAAAAAADAAwAAAAAAAK0AAAAAAAAAAAAAAAYAAABkAAAAAAAAAAAAAAAAAAAAZAAAAAAAAAAAAAAAAAAAAGQAAAAAAA',
  'AAAAAAAAAAAABkAAAAAAAAAAAAAAAAAAAAZAAAAAAAAAAAAAAAAAAAAGQAAAAAAAAAAAAAAAAAAAAgAwAAAAAAACi1L/1gIAJ9CwC0FAD0UcKM',
  'AQAAgOKIANG/gL/2AK4tw4CcZACLm4B50gBoCcSAVkAARXeAM64AIuWAEBzFAP9SgO2JANzAgMr3ALkuxoCnZQCWnICE0wBzCseAYUEAUHiAPq',
  '8ALeaAGx3IAApUgPiKAOfBgNX4AMQvyYCyZgChnYCP1AB+C8qAbEIAW3mASbAAOOeAJh7LABVVgAOMAPLCgOD5AM8wzIC9ZwCsnoCa1QCJDM2A',
  'd0MAZnqAVLEAQ+iAMR/OACBWgA6NAP3DgOv6ANoxz4DIaAC3n4Cl1gCUDdCAgkQAcXuAX7IATumAPCDRACtXgBmOAAjFgPb7AOUy0oDTaQDCoI',
  'Cw1wCfDtOAjUUAfHyAarMAWeqARyHUADZYgCSPABPGgAH9APAz1YDeagDNoYC72ACqD9aAmEYAh32AdbQAZOuAUiLXAEFZgC+Q14wBAABiqBDM',
  '3g7g1xBAHxFFA8GeoZBKkI45BooOhF2GQioxPJRSAAAAAAAAACADAAAAAAAAKLUv/WAgAg0FAPLIHShgdSEdQG0dRVGU6SiKomjhMAzDMAWeI8',
  'dVf/31119//fXX3/f9rpUUbPc/W9m+EvaVr690fWXrK1lfufpK1VemvhJ1T9d0S5d0R1d0Qxd0P9dzO5dzN1dzMxdzsVQoE0kE8nA0GAtFAnEw',
  'FAgDQYAHAMyOyf4/YqgQwN4O4NcQEukDMg/YM+oZe8b+cMstt9xyi1tuOREgGqzVAVYKAAAAAAAgAwAAAAAAACi1L/1gIAK1BACSSBshUFeGAz',
  'AzMzMzIWZmZmbqZ2ZUMzMzMzMzM9OSmhbCM0wBbPc/W9m+MvaVsK98faXrK1tfyfrK1VeqvpI3dVH3dE23dEl3dEU3dEH3cz23czl3czUZzMVS',
  'oUwkEcjD0WAsFAnEwVAgDAQBQDY/Y6gQyA/g1xAS6QMSj4ls1JbIph580EEHHXSggw4SQogsOwJASwEgAwAAAAAAACi1L/1gIAKVAABIAAAAAA',
  'AA4D8AAgAPVwq04AgAAAAAIAMAAAAAAAAotS/9YCAC7QQA8sgcJXAvpANYVVWV+PT//3/9////Y02IQaq//vrrr7/++uuv1/V9Cyls/J/tK2Ff',
  '+fpK11e2vpL1lauvVH1l6itRX3m6plu6pDu6ohu6oPu5ntu5nLu5mpu5mHuxVCgTSQTycDQYC0UCcTAUCANBAMBnx2T/H2KoEMDeDuDXEBLpA2',
  '4YSGYkM8lM0s0333zzzW6++SYEiGDt0QBWCgAgAwAAAAAAACi1L/1gIALdBADySBwlYMksBzAMwzAMMAiCpY0tYovYIraIHQOQq4C/hb/lFa+h',
  'KFowBZum6ibrTVhPwnoR1oOw3oP1HKzXYD0G6y1YT8F6CY7gB27gBU7gAy7gAQ7gJSf5yEUecpDv4+lwNpoM5mKpUCaSCOThaDAWTqGqAWKoEM',
  'DeDuDXEBLpA24YSGYkM8lMUibffPPNV7755puPXN2t1QFWCgAAAP////8AAAAAEAAAAAwAFAAGAAgADAAQAAwAAAAAAAQAOAAAACgAAAAEAAAA',
  'AQAAAIgBAAAAAAAAmAEAAAAAAABwBAAAAAAAAAAAAAAAAAAACAAIAAAABAAIAAAABAAAAAYAAAAEAQAAwAAAAJAAAABkAAAANAAAAAQAAAAk//',
  '//AAABAxAAAAAYAAAABAAAAAAAAAAGAAAAdm9sdW1lAABW////AAACAFD///8AAAEDEAAAABgAAAAEAAAAAAAAAAUAAABjbG9zZQAAAIL///8A',
  'AAIAfP///wAAAQMQAAAAFAAAAAQAAAAAAAAAAwAAAGxvdwCq////AAACAKT///8AAAEDEAAAABgAAAAEAAAAAAAAAAQAAABoaWdoAAAAANb///',
  '8AAAIA0P///wAAAQMQAAAAHAAAAAQAAAAAAAAABAAAAG9wZW4AAAYACAAGAAYAAAAAAAIAEAAUAAgABgAHAAwAAAAQABAAAAAAAAEKEAAAACAA',
  'AAAEAAAAAAAAAAQAAABkYXRlAAAAAAgADAAGAAgACAAAAAAAAQAEAAAAAwAAAFVUQwCgAQAAQVJST1cx',
].join('')

for (const [name, text] of [
  ['LZ4, as freqtrade and pandas write it by themselves,', PANDAS_LZ4],
  ['ZSTD', PANDAS_ZSTD],
] as const)
  test(`Feather packed by ${name} is read`, async t => {
    const path = join(folder(t), 'BTC_USDT-1h.feather')
    writeFileSync(path, Buffer.from(text, 'base64'))
    const { frame, report } = await loadCandleFile(path)
    assert.equal(report.rows, 100)
    assert.deepEqual(frame.candle(1), {
      openTime: START + HOUR,
      open: 1.25,
      high: 2.5,
      low: 0.5,
      close: 1.75,
      volume: 11,
    })
    assert.equal(frame.lastTime, START + 99 * HOUR)
  })

test('Parquet of other writers is read: dates, whole numbers, Snappy', async t => {
  const path = join(folder(t), 'A_USDT-1d.parquet')
  const days = Array.from({ length: 5 }, (_, row) => new Date(START + row * 24 * HOUR))
  const whole = (from: number) => Int32Array.from({ length: 5 }, (_, row) => from + row)
  const columnData = [
    { name: 'Volume', data: whole(7) },
    { name: 'Date', data: days, type: 'TIMESTAMP' as const },
    { name: 'High', data: whole(20) },
    { name: 'Low', data: whole(10) },
    { name: 'Open', data: whole(12) },
    { name: 'Close', data: whole(13) },
  ]
  writeFileSync(path, new Uint8Array(parquetWriteBuffer({ columnData })))
  const { frame } = await loadCandleFile(path)
  assert.deepEqual(frame.candle(4), { openTime: START + 96 * HOUR, open: 16, high: 24, low: 14, close: 17, volume: 11 })
})

test('a file of columns that is cut off, holds no candles or lacks a column is refused with a word', async t => {
  const root = folder(t)
  const frame = hours(100)
  for (const ending of ['feather', 'parquet']) {
    const path = join(root, `A_USDT-1h.${ending}`)
    await candleWriter(path)(frame)
    const whole = readFileSync(path)
    for (const size of [6, 100, whole.length >> 1, whole.length - 1]) {
      writeFileSync(path, whole.subarray(0, size))
      await assert.rejects(loadCandleFile(path), {
        kind: 'bad-input',
        message: /cannot be read|is cut off|holds no candles/,
      })
    }
    await candleWriter(path)(new CandleFrame())
    await assert.rejects(loadCandleFile(path), { kind: 'bad-input', message: /holds no candles/ })
  }
  const lacking = join(root, 'B_USDT-1h.feather')
  writeFileSync(
    lacking,
    tableToIPC(new Table({ date: vectorFromArray([1, 2]), open: vectorFromArray([1, 2]) }), 'file'),
  )
  await assert.rejects(loadCandleFile(lacking), {
    kind: 'bad-input',
    message: 'no column for high, low, close, volume',
  })
})

test('the ending of a file says what is written, and others are refused', () => {
  assert.throws(() => candleWriter('candles.xlsx'), { kind: 'bad-input', message: '".xlsx" files are not written' })
  assert.throws(() => candleWriter('candles'), { kind: 'bad-input' })
})
