import assert from 'node:assert/strict'
import { test } from 'node:test'
import { TallowError } from '../../src/domain/errors.ts'
import { ema } from '../../src/indicators/ema.ts'
import { hl2 } from '../../src/indicators/hl2.ts'
import { macd } from '../../src/indicators/macd.ts'
import { parseColumn } from '../../src/indicators/parse-column.ts'
import { indicators } from '../../src/indicators/registry.ts'
import { requestColumn } from '../../src/indicators/define.ts'
import { rsi } from '../../src/indicators/rsi.ts'
import { sma } from '../../src/indicators/sma.ts'
import { walkFrame } from './frames.ts'

test('every canonical key gives back its column, composed ones too', () => {
  const frame = walkFrame(200)
  for (const spec of [
    rsi({ period: 7 }),
    ema({ period: 20, seed: 'first' }),
    sma({ period: 5 }).of('volume'),
    rsi({ period: 7 }).of(ema({ period: 3, seed: 'first' }).of(hl2())),
    sma({ period: 4 }).of(macd({ fast: 3, slow: 6, signal: 2 }), 'signal'),
    ...indicators.map(definition => requestColumn(definition, {})),
  ]) {
    const parsed = parseColumn(spec.key)
    assert.equal(parsed.key, spec.key)
    if (!spec.key.startsWith('bearish') && !spec.key.startsWith('bullish'))
      assert.deepEqual(parsed.over(frame), spec.over(frame), spec.key)
  }
})

test('what is left out has its default; names and order are free', () => {
  assert.equal(parseColumn('rsi').key, 'rsi(14)')
  assert.equal(parseColumn(' macd( 5, slow=10 ) ').key, 'macd(5,10,9)')
  assert.equal(parseColumn('ema(seed=first,period=3)').key, 'ema(3,seed=first)')
})

test('what is no column is refused with what to write', () => {
  const refused: readonly (readonly [string, RegExp])[] = [
    ['', /is no column/],
    ['rsi(14', /is no column/],
    ['rzi(14)', /no indicator "rzi".*did you mean "rsi"/],
    ['rsi(14,3)', /no parameter number 2/],
    ['rsi(peroid=3)', /no parameter "peroid".*did you mean "period"/],
    ['rsi(0)', /"period" is/],
    ['rsi(x)', /not a number/],
    ['sma(3,of=macd())', /not said which output/],
    ['sma(3,of=macd().sgnal)', /no output "sgnal"/],
    ['sma(3,of=)', /is no column/],
  ]
  for (const [text, why] of refused)
    assert.throws(
      () => parseColumn(text),
      (error: unknown) =>
        error instanceof TallowError && error.kind === 'bad-input' && why.test(`${error.message} ${error.hint ?? ''}`),
      text,
    )
})
