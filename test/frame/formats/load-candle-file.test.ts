import assert from 'node:assert/strict'
import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { after, before, test } from 'node:test'
import { gzipSync } from 'node:zlib'
import fc from 'fast-check'
import { strToU8, zipSync } from 'fflate'
import { ROW_REVISED, type CandleFrame } from '../../../src/frame/candle-frame.ts'
import { loadCandleFile, type LoadOptions } from '../../../src/frame/formats/load-candle-file.ts'
import { minuteFrames, MINUTE_MS, rowsOf } from '../frames.ts'

const T0 = 1_700_000_040_000
const NAMED: LoadOptions = { symbol: 'BTC/USDT', timeframe: '1m' }
/** Four good candles. */
const ROWS = [0, 1, 2, 3].map(at => [T0 + at * MINUTE_MS, 10 + at, 12.5 + at, 9.25 + at, 11 + at, 100 + at] as const)
const EXPECTED = ROWS.map(row => [...row, 0])

let folder = ''
before(async () => {
  folder = await mkdtemp(join(tmpdir(), 'tallow-load-'))
})
after(() => rm(folder, { recursive: true }))

let files = 0
async function put(content: string | Uint8Array, name = `file${files++}`): Promise<string> {
  const path = join(folder, name)
  await writeFile(path, content)
  return path
}

async function load(content: string | Uint8Array, options: LoadOptions = NAMED) {
  return loadCandleFile(await put(content), options)
}

const csv = (lines: readonly string[], end = '\n') => lines.map(line => line + end).join('')
const bare = ROWS.map(row => row.join(','))
const binanceRow = (row: readonly number[], scale = 1) => {
  const [time = 0, ...values] = row
  const strings = values.map(value => value.toFixed(8))
  return [time * scale, ...strings, (time + 59_999) * scale, '1.0', 5, '2.0', '3.0', 0]
}
const quote = (fields: readonly (string | number)[]) =>
  fields.map(field => (typeof field === 'string' ? `"${field}"` : field))
const BINANCE_HEADER =
  'open_time,open,high,low,close,volume,close_time,quote_volume,count,taker_buy_volume,taker_buy_quote_volume,ignore'
const iso = (time: number) => new Date(time).toISOString()

const DIALECTS: readonly (readonly [string, string, string])[] = [
  ['ccxt rows', 'ccxt', JSON.stringify(ROWS)],
  ['ccxt rows over several lines', 'ccxt', JSON.stringify(ROWS, null, 2)],
  ['ccxt rows with strings', 'ccxt', JSON.stringify(ROWS.map(row => row.map(String)))],
  ['Binance REST answers', 'binance', JSON.stringify(ROWS.map(row => binanceRow(row)))],
  ['Binance rows without header', 'binance', csv(ROWS.map(row => binanceRow(row).join(',')))],
  ['Binance rows with header', 'binance', csv([BINANCE_HEADER, ...ROWS.map(row => binanceRow(row).join(','))])],
  ['Binance rows in microseconds', 'binance', csv(ROWS.map(row => binanceRow(row, 1_000).join(',')))],
  ['Binance rows with quoted values', 'binance', csv(ROWS.map(row => quote(binanceRow(row)).join(',')))],
  ['bare CSV', 'csv', csv(bare)],
  ["Tallow's own CSV", 'csv', csv(['openTime,open,high,low,close,volume', ...bare])],
  ['CSV without a last newline', 'csv', csv(bare).trimEnd()],
  ['CSV with CRLF', 'csv', csv(['openTime,open,high,low,close,volume', ...bare], '\r\n')],
  ['CSV with a byte-order mark', 'csv', `\uFEFF${csv(['Date,Open,High,Low,Close,Volume', ...bare])}`],
  ['CSV with empty lines', 'csv', csv(['openTime,open,high,low,close,volume', ...bare.flatMap(row => [row, ''])])],
  [
    'CSV with semicolons',
    'csv',
    csv(['time;open;high;low;close;volume', ...bare.map(row => row.replaceAll(',', ';'))]),
  ],
  [
    'CSV with blanks after commas',
    'csv',
    csv(['time, open, high, low, close, volume', ...bare.map(row => row.replaceAll(',', ', '))]),
  ],
  [
    'CSV with columns in another order and others between them',
    'csv',
    csv([
      'Close,ticker,Volume,Date,Low,High,Open',
      ...ROWS.map(([t, o, h, l, c, v]) => [c, 'BTC', v, iso(t), l, h, o].join(',')),
    ]),
  ],
  [
    'CSV with dates',
    'csv',
    csv([
      'date,open,high,low,close,volume',
      ...ROWS.map(([t, ...rest]) => [iso(t).slice(0, 19).replace('T', ' '), ...rest].join(',')),
    ]),
  ],
  [
    'CSV with epoch seconds',
    'csv',
    csv(['timestamp,open,high,low,close,volume', ...ROWS.map(([t, ...rest]) => [t / 1_000, ...rest].join(','))]),
  ],
  ['CSV with a pandas index', 'csv', csv([',Open,High,Low,Close,Volume', ...bare])],
  [
    'CSV with a banner line',
    'csv',
    csv(['Created on 10-17-2019,https://example.org', 'date,open,high,low,close,volume', ...bare]),
  ],
  ['newest-first CSV', 'csv', csv(['date,open,high,low,close,volume', ...bare.toReversed()])],
  [
    'CSV with the volume in both assets',
    'csv',
    csv([
      'unix,date,symbol,open,high,low,close,Volume USDT,Volume BTC',
      ...ROWS.map(([t, o, h, l, c, v]) => [t, iso(t), 'BTC/USDT', o, h, l, c, 9e9, v].join(',')),
    ]),
  ],
  [
    'objects with decimal strings',
    'objects',
    JSON.stringify(
      ROWS.map(([t, o, h, l, c, v]) => ({
        base: 'BTC',
        close: String(c),
        high: String(h),
        low: String(l),
        open: String(o),
        openTimeInISO: iso(t),
        openTimeInMillis: t,
        volume: String(v),
      })),
    ),
  ],
  [
    'objects with short keys',
    'objects',
    JSON.stringify(ROWS.map(([t, o, h, l, c, v]) => ({ t: t / 1_000, o, h, l, c, v }))),
  ],
]

for (const [name, format, content] of DIALECTS) {
  test(`${name}: read, plain and packed`, async () => {
    for (const bytes of [strToU8(content), gzipSync(content), zipSync({ 'inner.csv': strToU8(content) })]) {
      const { series, frame, report } = await load(bytes)
      assert.deepEqual(rowsOf(frame), EXPECTED)
      assert.deepEqual(series, { exchange: 'file', ...NAMED })
      assert.deepEqual([report.format, report.rows, report.taken, report.refusedCount], [format, 4, 4, 0])
    }
  })
}

test('a format that is asked for must be the one that is there', async () => {
  for (const [, format, content] of DIALECTS)
    assert.equal((await load(content, { ...NAMED, format })).report.format, format)
  await assert.rejects(load(JSON.stringify(ROWS), { ...NAMED, format: 'csv' }), { message: /format ccxt, not csv/ })
  await assert.rejects(load('x', { ...NAMED, format: 'bincance' }), { hint: /did you mean "binance"/ })
  assert.equal((await load(JSON.stringify(ROWS), { ...NAMED, format: 'freqtrade' })).report.format, 'ccxt')
})

test('names come from the file name where no options give them', async () => {
  const content = csv(bare)
  const byName = await loadCandleFile(await put(content, 'ETHBTC-1m-2023-11.csv'))
  assert.deepEqual(byName.series, { exchange: 'file', symbol: 'ETH/BTC', timeframe: '1m' })
  const given = await loadCandleFile(await put(content, 'LTC_USDT-1m.csv'), { exchange: 'mine', symbol: 'A/B' })
  assert.deepEqual(given.series, { exchange: 'mine', symbol: 'A/B', timeframe: '1m' })
  const unnamed = { kind: 'bad-input', hint: /--symbol .* --data-timeframe/ }
  await assert.rejects(loadCandleFile(await put(content, 'candles.csv')), {
    ...unnamed,
    message: /timeframe; its rows are 1m apart/,
  })
  await assert.rejects(loadCandleFile(await put(content, 'x-1m.csv')), { ...unnamed, message: /symbol/ })
  await assert.rejects(loadCandleFile(await put(content, 'b.csv'), { symbol: 'btc' }), { kind: 'bad-input' })
})

test('a timeframe that the rows contradict is refused with both named', async () => {
  await assert.rejects(loadCandleFile(await put(csv(bare), 'BTC_USDT-5m.csv')), {
    kind: 'bad-input',
    message: "the rows are 1m apart, but the file's name says 5m",
  })
  await assert.rejects(load(csv(bare), { ...NAMED, timeframe: '1h' }), {
    message: /1m apart, but the timeframe given says 1h/,
  })
  const gap = csv([bare[0]!, bare[3]!])
  assert.equal((await load(gap)).frame.length, 2)
})

test('other column orders are taken as named', async () => {
  const bitfinex = csv(ROWS.map(([t, o, h, l, c, v]) => [t, o, c, h, l, v].join(',')))
  const columns = ['time', 'open', 'close', 'high', 'low', 'volume']
  assert.deepEqual(rowsOf((await load(bitfinex, { ...NAMED, columns })).frame), EXPECTED)
  const kraken = JSON.stringify(ROWS.map(([t, o, h, l, c, v]) => [t / 1_000, o, h, l, c, '10.5', v, 7]))
  const longer = ['time', 'open', 'high', 'low', 'close', 'vwap', 'volume', 'count']
  assert.deepEqual(rowsOf((await load(kraken, { ...NAMED, columns: longer })).frame), EXPECTED)
  await assert.rejects(load(bitfinex, { ...NAMED, columns: ['time', 'open', 'clsoe', 'high', 'low', 'volume'] }), {
    kind: 'bad-input',
    message: /name no close/,
    hint: /did you mean "close" by "clsoe"/,
  })
  await assert.rejects(load(bitfinex, { ...NAMED, columns: longer }), { message: /6 fields, but --columns names 8/ })
})

test('an order that the rows give away is proposed, also when bad rows are left out', async () => {
  for (const order of [
    ['open', 'close', 'high', 'low'],
    ['low', 'high', 'open', 'close'],
    ['open', 'close', 'low', 'high'],
  ]) {
    const content = csv(
      ROWS.map(([time, open, high, low, close, volume]) => {
        const prices: Record<string, number> = { open, high, low, close }
        return [time, ...order.map(name => prices[name]), volume].join(',')
      }),
    )
    for (const onBadRow of ['refuse', 'skip'] as const)
      await assert.rejects(load(content, { ...NAMED, onBadRow }), {
        kind: 'bad-input',
        hint: `the rows fit another order: --columns time,${order.join(',')},volume`,
      })
  }
})

test('a bad row is refused with its line, its text and a remedy', async () => {
  const header = 'openTime,open,high,low,close,volume'
  const cases: readonly [string, RegExp][] = [
    [`${T0 + 240_000},10,12,9,abc,5`, /^line 6 is no candle: the close is "abc", which is not a number$/],
    [`${T0 + 240_000},10,12,9,NaN,5`, /^line 6 .*the close is "NaN"/],
    [`${T0 + 240_000},10,,9,11,5`, /^line 6 .*the high is empty/],
    [`sometime,10,12,9,11,5`, /^line 6 .*the time is "sometime", which is not a time/],
    [`${T0 + 240_000},10,12,13,11,5`, /^line 6 .*the high is below the low: open 10, high 12, low 13/],
    [`${T0 + 240_000},13,12,9,11,5`, /^line 6 .*lies outside/],
    [`${T0 + 240_000},0,12,0,11,5`, /^line 6 .*zero or negative/],
    [`${T0 + 240_000},10,12,9,11,-5`, /^line 6 .*volume is negative/],
    [`${T0 + 240_001},10,12,9,11,5`, /^line 6 .*does not fall on a bar .*2023-11-14T22:18:00\.001Z/],
    [`${T0 + 240_000},10,12,9,11`, /^line 6 .*it has 5 fields, not 6/],
    [`${T0 + 240_000},10,12,9,11,5,6`, /^line 6 .*it has 7 fields, not 6/],
  ]
  for (const [line, message] of cases) {
    const path = await put(csv([header, ...bare, line]))
    await assert.rejects(
      loadCandleFile(path, NAMED),
      { name: 'TallowError', kind: 'bad-input', message, where: path, hint: /\w/ },
      line,
    )
    const skipped = await loadCandleFile(path, { ...NAMED, onBadRow: 'skip' })
    assert.deepEqual(rowsOf(skipped.frame), EXPECTED)
    assert.equal(skipped.report.refused[0]?.row, 6)
    assert.equal(skipped.report.misaligned + skipped.report.invalid, 1)
  }
  const json = JSON.stringify([...ROWS.slice(0, 2), [T0 + 120_000, 10, null, 9, 11, 5], ...ROWS.slice(3)])
  await assert.rejects(load(json), { message: /^row 3 is no candle: the high is "null"/ })
  await assert.rejects(load(JSON.stringify([...ROWS, [1, 2]])), { message: /^row 5 .*it has 2 values, not 6/ })
  await assert.rejects(load(JSON.stringify([{ t: T0, o: 1, h: 1, l: 1, c: 'x', v: 1 }, { t: T0 + MINUTE_MS }])), {
    message: /^row 1 is no candle: the close is "x".* \(and 1 more rows\)$/,
  })
})

test('an object that stands where a number belongs is shown as it is', async () => {
  const content = JSON.stringify(ROWS.map(([t, o, h, l, c]) => ({ t, o, h, l, c, v: t === T0 ? { base: 1 } : 1 })))
  await assert.rejects(load(content), { message: /^row 1 is no candle: the volume is "\{"base":1\}"/ })
})

test('a file in which nothing is a candle is refused also when bad rows are left out', async () => {
  const content = csv(['time,open,high,low,close,volume', ...ROWS.map(([time]) => `${time},a,b,c,d,e`)])
  await assert.rejects(load(content, { ...NAMED, onBadRow: 'skip' }), {
    kind: 'bad-input',
    message: /none of the 4 rows/,
  })
})

test('rows out of order are sorted in and counted, repeated ones dropped, differing ones kept once and marked', async () => {
  const [a, b, c, d] = bare as [string, string, string, string]
  const revision = b.replace(/,101$/, ',999')
  const { frame, report } = await load(csv([a, c, b, b, revision, d]))
  assert.deepEqual(
    rowsOf(frame),
    EXPECTED.map((row, at) => (at === 1 ? [...row.slice(0, 6), ROW_REVISED] : row)),
  )
  assert.deepEqual(
    {
      rows: report.rows,
      taken: report.taken,
      outOfOrder: report.outOfOrder,
      duplicates: report.duplicates,
      revised: report.revised,
    },
    { rows: 6, taken: 4, outOfOrder: 1, duplicates: 1, revised: 1 },
  )
  assert.deepEqual(
    report.repaired.map(note => note.row),
    [3, 4, 5],
  )
  assert.equal(report.newestFirst, false)
  const reversed = await load(csv(bare.toReversed()))
  assert.deepEqual([reversed.report.outOfOrder, reversed.report.newestFirst], [3, true])
})

test('rows in any order, with repetitions, give the frame of the sorted ones, and every row is accounted for', async () => {
  const shuffled = minuteFrames
    .filter((frame: CandleFrame) => frame.length > 1)
    .chain(frame => {
      const rows = rowsOf(frame)
      const order = fc.array(fc.nat(rows.length - 1), { maxLength: 20 })
      return fc.tuple(fc.constant(rows), fc.shuffledSubarray(rows, { minLength: rows.length }), order)
    })
  await fc.assert(
    fc.asyncProperty(shuffled, async ([rows, mixed, again]) => {
      const repeated = [...mixed, ...again.map(at => rows[at]!)]
      const content = csv(repeated.map(row => row.slice(0, 6).join(',')))
      const loaded = await load(content).catch((error: unknown) => {
        assert.match(String(error), /apart/) // a few sparse rows may contradict 1m
        return undefined
      })
      if (!loaded) return
      assert.deepEqual(rowsOf(loaded.frame), rows)
      const { rows: all, taken, duplicates, revised, refusedCount } = loaded.report
      assert.deepEqual([all, duplicates, revised], [repeated.length, again.length, 0])
      assert.equal(all, taken + duplicates + revised + refusedCount)
    }),
    { numRuns: 50 },
  )
})

test('a report names a bounded number of rows and counts all', async () => {
  const bad = Array.from({ length: 5_000 }, () => 'x,1,1,1,1,1')
  const { report } = await load(csv(['time,open,high,low,close,volume', ...bare, ...bad]), {
    ...NAMED,
    onBadRow: 'skip',
  })
  assert.equal(report.refusedCount, 5_000)
  assert.equal(report.refused.length, 100)
})

test('broken JSON is refused with the row at which it breaks', async () => {
  const whole = JSON.stringify(ROWS)
  await assert.rejects(load(whole.slice(0, -20)), {
    kind: 'bad-input',
    message: /ends in the middle of row 4/,
    hint: /cut off/,
  })
  await assert.rejects(load(whole.slice(0, whole.indexOf('],') + 2)), { message: /ends in the middle of row 2/ })
  await assert.rejects(load(whole.replace('],[', '] [')), { message: /broken at row 1: unexpected "\[/ })
  await assert.rejects(load(`${whole} x`), { kind: 'bad-input' })
  await assert.rejects(load(whole.replace('],[', '],{},[')), { message: /broken at row 2/ })
  await assert.rejects(load('[{"t":1,"o":1'), { message: /the JSON is broken/ })
  await assert.rejects(load('{"data":[]}'), { message: /no list of candles/ })
  await assert.rejects(load('[]'), { message: /no candles/ })
  await assert.rejects(load('[{"a":1}]'), { message: /no key for time, open, high, low, close, volume/ })
})

test('cutting a file anywhere ends in a refusal or in rows of the file, never in anything else', async () => {
  await fc.assert(
    fc.asyncProperty(fc.constantFrom(...DIALECTS), fc.nat(), async ([, , content], at) => {
      const cut = content.slice(0, at % content.length)
      const loaded = await load(cut).catch((error: unknown) => {
        assert.equal((error as { kind?: string }).kind, 'bad-input', String(error))
        return undefined
      })
      for (const row of loaded ? rowsOf(loaded.frame) : [])
        assert.ok(
          ROWS.some(([time]) => time === row[0]),
          String(row),
        )
    }),
    { numRuns: 300 },
  )
})

test('bytes of any kind are refused as bad input or read, and never crash', async () => {
  const likely = fc.array(
    fc.constantFrom('[', ']', '{', '}', ',', '\n', '"', '1', '1700000040000', '.', 'e', ' ', 'open', 'time'),
    { maxLength: 60 },
  )
  const bytes = fc.oneof(
    fc.uint8Array({ maxLength: 200 }),
    likely.map(parts => strToU8(parts.join(''))),
  )
  await fc.assert(
    fc.asyncProperty(bytes, async content => {
      const failed = await load(content, { ...NAMED, onBadRow: 'skip' }).catch((error: unknown) => error)
      if (failed instanceof Error) assert.equal((failed as { kind?: string }).kind, 'bad-input', failed.stack)
    }),
    { numRuns: 500 },
  )
})

test('a CSV that has no candles in it is refused with what it has instead', async () => {
  await assert.rejects(load('1672531436,90.5,1.1\n'), { message: /3 fields/, hint: /trades/ })
  await assert.rejects(load('timestamp,price,amount\n1,2,3\n'), {
    message: 'no column for open, high, low, close, volume',
    hint: /timestamp, price, amount/,
  })
  await assert.rejects(load('time,open,high,low,close\n1,2,3,4,5\n'), { message: 'no column for volume' })
  await assert.rejects(load('hello\nworld\n'), { message: /no candles/ })
  await assert.rejects(load('time,open,high,low,close,volume\n'), { message: /no candles/ })
  await assert.rejects(load(`${T0},1,1,1,1,1,1\n`), { message: /7 fields/, hint: /--columns/ })
})

test('what is no readable file is refused with the reason', async () => {
  const at = (name: string) => join(folder, name)
  await mkdir(at('folder'))
  await assert.rejects(loadCandleFile(at('none.csv'), NAMED), {
    kind: 'bad-input',
    where: at('none.csv'),
    message: /no such file/,
  })
  await assert.rejects(loadCandleFile(at('folder'), NAMED), { kind: 'bad-input', message: /a folder/ })
  await assert.rejects(load(''), { message: 'the file is empty' })
  await assert.rejects(load(' \n\n'), { message: 'the file is empty' })
  await assert.rejects(load(gzipSync('')), { message: 'the file is empty' })
  await assert.rejects(load(gzipSync(JSON.stringify(ROWS)).subarray(0, 40)), { message: /damaged/ })
  await assert.rejects(load(zipSync({ 'a.csv': strToU8('a'), 'b.csv': strToU8('b') })), { message: /2 files/ })
  await assert.rejects(load(strToU8('PK\x03\x04 and no more')), { kind: 'bad-input' })
  await assert.rejects(load('ARROW1\0\0'), { kind: 'bad-input', message: /Feather file cannot be read/ })
  await assert.rejects(load('PAR1\x15\x04'), { kind: 'bad-input', message: /Parquet file cannot be read/ })
  await assert.rejects(load('FEA1 and more'), { message: /Feather file of the first version/ })
  await assert.rejects(load('<!DOCTYPE html><p>404'), { message: /web page/ })
  await assert.rejects(load(new Uint8Array([1, 2, 0, 4])), { message: /binary/ })
})
