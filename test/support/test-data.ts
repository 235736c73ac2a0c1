import { existsSync } from 'node:fs'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'

const ROOT = process.env.TALLOW_TEST_DATA ?? fileURLToPath(new URL('../../../shared/data', import.meta.url))

/**
 * Path of a file of real candles or third-party results, which live beside the repository, not in it.
 * Undefined where there is none; with TALLOW_REQUIRE_TEST_DATA=1 its absence is an error.
 * @param relativePath such as `candles/ccxt-json-2023/BTC_USDT-1m.json.gz`.
 */
export function testData(relativePath: string): string | undefined {
  const path = join(ROOT, relativePath)
  if (existsSync(path)) return path
  if (process.env.TALLOW_REQUIRE_TEST_DATA === '1') throw new Error(`test data is required but ${path} is not there`)
  return undefined
}

/**
 * For the `skip` option of a test that reads real files: `test('…', { skip: withoutTestData('candles') }, …)`.
 * @returns the reason to skip, or false when all the files are there.
 */
export function withoutTestData(...relativePaths: readonly string[]): string | false {
  const absent = relativePaths.find(path => testData(path) === undefined)
  return absent === undefined ? false : `no test data: ${absent} is not in ${ROOT} (set TALLOW_TEST_DATA)`
}

/** Path of a file that a test which was not skipped can count on. */
export function requireTestData(relativePath: string): string {
  const path = testData(relativePath)
  if (path === undefined)
    throw new Error(`no test data at ${join(ROOT, relativePath)}: skip this test with withoutTestData`)
  return path
}
