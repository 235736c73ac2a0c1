import assert from 'node:assert/strict'
import type { TestContext } from 'node:test'
import type { CheckName, CheckStatus, HealthDocument } from '../../../src/telemetry/health-document.ts'
import { runCli } from '../../cli/run-cli.ts'
import { checkOf, until } from './ask.ts'

/** Something that goes wrong for real, and what `tallow health` makes of it. */
export interface HealthCase {
  readonly title: string
  readonly check: CheckName
  /** What the check comes to. */
  readonly status: CheckStatus
  readonly verdict: HealthDocument['status']
  /** What is wrong and what to do, as it is told. */
  readonly advice: RegExp
  readonly goesWrong: () => unknown
  /** Puts it right again. */
  readonly mended?: () => unknown
  readonly live?: boolean
  readonly withinMs?: number
}

const WITHIN_MS = 30_000

/**
 * Lets one thing after the other go wrong under a daemon that runs, and holds what is told of each: the check, the verdict,
 * both exit codes, the advice on the terminal and, of a daemon that can be asked, the answers over HTTP.
 * @param url of its HTTP server; undefined once it no longer answers.
 */
export async function goWrong(
  test: TestContext,
  cwd: string,
  cases: readonly HealthCase[],
  url?: string,
): Promise<void> {
  const health = async (...flags: readonly string[]) => runCli(cwd, ['health', '--data-dir', 'data', ...flags])
  const look = async (): Promise<HealthDocument> => JSON.parse((await health('--json')).stdout) as HealthDocument
  for (const { title, check, status, verdict, advice, goesWrong, mended, live, withinMs } of cases)
    await test.test(title, async t => {
      await goesWrong()
      const startedAt = performance.now()
      const isTold = (document: HealthDocument): boolean =>
        document.status === verdict &&
        checkOf(document, check)?.status === status &&
        advice.test(checkOf(document, check)?.detail ?? '')
      const document = await until(`${check} ${status}, ${verdict}`, look, isTold, withinMs ?? WITHIN_MS)
      t.diagnostic(`told after ${((performance.now() - startedAt) / 1_000).toFixed(1)} s`)
      const bad = verdict === 'unhealthy' || verdict === 'unreachable'
      assert.deepEqual([document.ready, document.live], [!bad && document.ready, live ?? verdict !== 'unreachable'])
      const [loose, strict] = await Promise.all([health(), health('--strict')])
      assert.deepEqual([loose.code, strict.code], [Number(bad), 1])
      assert.match(loose.stdout, advice, 'the terminal tells it too')
      if (url !== undefined) await checkHttp(url, document)
      await mended?.()
    })
}

async function checkHttp(url: string, { status, live }: HealthDocument): Promise<void> {
  const [healthz, readyz] = await Promise.all([fetch(`${url}/healthz`), fetch(`${url}/readyz`)])
  assert.equal(healthz.status, live ? 200 : 503)
  if (status === 'unhealthy') assert.equal(readyz.status, 503)
  const metrics = await (await fetch(`${url}/metrics`)).text()
  assert.match(metrics, new RegExp(`^tallow_live\\{.*\\} ${live ? 1 : 0}$`, 'm'))
}
