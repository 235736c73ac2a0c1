import { existsSync, statSync } from 'node:fs'
import { resolve } from 'node:path'
import { badInput } from '../domain/errors.ts'
import type { IndicatorDefinition } from '../indicators/define.ts'
import { runFile } from './run-file.ts'

/**
 * The indicators that a user's file exports, as default or by name.
 * @param tallow the namespace that `import … from 'tallow'` resolves to.
 * @throws bad input with file, line and column for what does not compile or throws; when there is no file or none in it.
 */
export async function loadIndicators(path: string, tallow: object): Promise<readonly IndicatorDefinition[]> {
  const file = resolve(path)
  if (!existsSync(file) || !statSync(file).isFile())
    throw badInput(`there is no file ${file}`, { hint: 'check the path' })
  const { exported } = await runFile(file, 'indicator', tallow)
  const found = new Set<IndicatorDefinition>()
  for (const value of Object.values(exported)) if (isIndicator(value)) found.add(value.definition)
  if (found.size === 0)
    throw badInput('the file exports no indicator', {
      where: file,
      hint: 'write: export const mine = defineIndicator({ … })',
    })
  return [...found]
}

function isIndicator(value: unknown): value is { readonly definition: IndicatorDefinition } {
  if (typeof value !== 'function') return false
  const { definition } = value as { readonly definition?: Partial<IndicatorDefinition> }
  return typeof definition === 'object' && typeof definition.fold === 'function' && typeof definition.name === 'string'
}
