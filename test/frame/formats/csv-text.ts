import fc from 'fast-check'
import { LANES } from '../../../src/frame/formats/lanes.ts'
import type { RawRows } from '../../../src/frame/formats/raw-rows.ts'

const digits = (most: number) => fc.stringMatching(new RegExp(`^\\d{0,${most}}$`))
const exponent = fc.oneof(
  { weight: 4, arbitrary: fc.constant('') },
  fc.tuple(fc.constantFrom('e', 'E', 'e-', 'E+'), fc.nat(330)).map(([sign, size]) => `${sign}${size}`),
)
/** Numbers as programs and people write them, and texts that only begin like one. */
export const numberText = fc.oneof(
  { weight: 4, arbitrary: fc.double({ noNaN: true, noDefaultInfinity: true, min: 1e-9, max: 1e9 }).map(String) },
  fc.double().map(String),
  fc
    .tuple(fc.constantFrom('', '', '', '-', '+'), digits(21), fc.constantFrom('', '.'), digits(26), exponent)
    .map(parts => parts.join('')),
  fc.constantFrom('-0', '0', '00012.50', '1e-8', '1E5', '.5', '5.', '1e', '1e+', '-', '.', 'NaN', 'null', '1.2.3'),
  fc.constantFrom('9007199254740993', '9007199254740992', '18014398509481985', '0.1000000000000000055511151231257827'),
)
const timeText = fc.oneof(
  { weight: 6, arbitrary: fc.nat(10_000).map(at => `${1_700_000_000_000 + at * 60_000}`) },
  fc.constantFrom('1700000000', '1700000000000000', '1700000000000000000', '1700000000.5', '1.7e12', '-1', ''),
  fc.constantFrom('2024-01-01 12:00:00', '2024-01-01 01-PM', '2024-01-01T00:00:00Z', 'yesterday'),
)
/** Mostly as it is, sometimes in what stands around fields. */
const dressed = (text: fc.Arbitrary<string>) =>
  fc.oneof(
    { weight: 8, arbitrary: text },
    text.map(inner => `"${inner}"`),
    text.map(inner => ` ${inner} `),
    text.map(inner => `${inner}\r`),
  )
const field = dressed(fc.oneof({ weight: 5, arbitrary: fc.nat(99_999).map(cents => `${cents / 100}`) }, numberText))

/** Lines of candles, most of them plain, with all kinds of others among them; without their ends. */
export function csvLines(separator: string, fieldCount: number): fc.Arbitrary<readonly string[]> {
  const fields = fc.tuple(dressed(timeText), fc.array(field, { minLength: fieldCount - 1, maxLength: fieldCount - 1 }))
  const row = fields.map(([time, others]) => [time, ...others].join(separator))
  const other = fc.oneof(
    fc.constantFrom('', ' ', separator, '\r', 'abc', '1700000000000'),
    row.map(text => `${text}${separator}`),
    fc.array(field, { maxLength: 9 }).map(texts => texts.join(separator)),
  )
  return fc.array(fc.oneof({ weight: 6, arbitrary: row }, other), { maxLength: 30 })
}

/** All that rows hold, to be compared; `Object.is` tells -0 from 0 and takes NaN for NaN. */
export function contentsOf(rows: RawRows) {
  return {
    lanes: LANES.map(lane => [...rows.values[lane].subarray(0, rows.length)]),
    numbers: [...rows.numbers.subarray(0, rows.length)],
    problems: rows.problems(),
  }
}
