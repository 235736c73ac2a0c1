import assert from 'node:assert/strict'
import { resolve } from 'node:path'
import { test } from 'node:test'
import ts from 'typescript'

const ROOT = resolve(import.meta.dirname, '../..')

/** Compiles strategy files that are not on disk against the public entry; what the compiler says of each. */
function diagnose(sources: readonly string[]): readonly (readonly string[])[] {
  const { config } = ts.readConfigFile(resolve(ROOT, 'tsconfig.json'), path => ts.sys.readFile(path)) as {
    config: { compilerOptions: object }
  }
  const { options } = ts.convertCompilerOptionsFromJson(config.compilerOptions, ROOT)
  const host = ts.createCompilerHost(options)
  const files = new Map(sources.map((text, index) => [resolve(ROOT, `strategies/typed-${index}.ts`), text]))
  const getSourceFile = host.getSourceFile.bind(host)
  host.fileExists = path => files.has(path) || ts.sys.fileExists(path)
  host.getSourceFile = (path, languageVersion, ...rest) => {
    const text = files.get(path)
    return text === undefined
      ? getSourceFile(path, languageVersion, ...rest)
      : ts.createSourceFile(path, text, languageVersion)
  }
  const program = ts.createProgram([...files.keys()], { ...options, noEmit: true }, host)
  return [...files.keys()].map(path =>
    ts
      .getPreEmitDiagnostics(program, program.getSourceFile(path))
      .map(({ messageText }) => ts.flattenDiagnosticMessageText(messageText, '\n')),
  )
}

const strategy = (decide: string, more = ''): string => `
  import { choice, defineStrategy, enterLong, exit, int, macd, rsi } from 'tallow'
  export default defineStrategy({
    params: { period: int(14), mode: choice('a', ['a', 'b']) },
    columns: ({ params }) => ({ rsi: rsi({ period: params.period }), macd: macd().on('4h') }),
    ${more}
    ${decide}
  })`

test('a misspelled column, output, parameter or option does not compile; the right ones do', () => {
  const cases: readonly [string, RegExp | undefined][] = [
    [
      strategy(
        `decide({ rsi, macd, close, position, params }) {
        if (!position && rsi.now < params.period && macd.signal.ago(1) > close.now) return enterLong({ amount: 1 })
        if (params.mode === 'b') return exit('done')
      },`,
        `timeframe: '1h',`,
      ),
      undefined,
    ],
    [strategy('decide({ rsy }) { rsy },'), /Property 'rsy' does not exist/],
    [strategy('decide({ macd }) { macd.signl },'), /'signl' does not exist.*Did you mean 'signal'/],
    [strategy('decide({ macd }) { macd.now },'), /'now' does not exist/],
    [strategy('decide({ params }) { params.peroid },'), /'peroid' does not exist.*Did you mean 'period'/],
    [strategy(`decide({ params }) { if (params.mode === 'c') return },`), /no overlap/],
    [strategy('decide({ close }) { close.now = 1 },'), /read-only/],
    [strategy('decide(view) { view.position = undefined },'), /read-only/],
    [strategy('decide: () => enterLong({ stopLoss: 1 }),'), /'stopLoss' does not exist/],
    [strategy('decide: () => enterLong({ trailing: { percent: 1, after: 2 } }),'), /'after' does not exist/],
    [
      strategy(
        `decide({ order, close, position }) {
        if (!position) return enterLong({ stopLossPercent: 3, roi: { 0: 1 }, trailing: 2, limit: 5, goodForCandles: 2 })
        if (order?.price && order.price > close.now) return exit({ percent: 50 })
      },`,
      ),
      undefined,
    ],
    [strategy('decide({ order }) { order.price },'), /possibly 'undefined'/],
    [strategy('decide: () => true,'), /not assignable/],
    [strategy('async decide() { return exit() },'), /not assignable/],
    [strategy('decide() {},', `timeframe: '1hour',`), /'"1hour"' is not assignable/],
    [strategy('decide() {},', 'columms: () => ({}),'), /'columms' does not exist/],
    [
      `import { defineStrategy } from 'tallow'\nexport default defineStrategy({ decide({ rsi }) { rsi } })`,
      /'rsi' does not exist/,
    ],
  ]
  const said = diagnose(cases.map(([text]) => text))
  for (const [index, [text, expected]] of cases.entries()) {
    if (expected === undefined) assert.deepEqual(said[index], [], text)
    else assert.match(said[index]!.join('\n'), expected, text)
  }
})
