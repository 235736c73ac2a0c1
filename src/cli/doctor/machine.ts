import { existsSync, readFileSync } from 'node:fs'
import { totalmem } from 'node:os'
import { dirname, join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { memoryAllowedBytes } from '../../telemetry/process-readings.ts'
import { packageVersion } from '../package-folder.ts'
import { fail, ok, reasonOf, warn, type Finding } from './finding.ts'

const MEBIBYTE = 1024 * 1024
/** What the daemon takes with a few symbols, and as much again. */
const MEMORY_WARN_BYTES = 256 * MEBIBYTE
const MEMORY_FREE_WARN_BYTES = 100 * MEBIBYTE
/** Tested with; older ones that start (22.18) do as well. */
const NODE_TESTED = 24

/** Node, and what comes compiled. Each is loaded here for the first time: one that does not load is a finding. */
export async function machineFindings(): Promise<readonly Finding[]> {
  return [nodeFinding(), await sqliteFinding(), await loaderFinding(), await versionsFinding(), memoryFinding()]
}

function nodeFinding(): Finding {
  const { node } = process.versions
  const detail = `${node} at ${process.execPath}, ${process.platform} ${process.arch}`
  if (Number.parseInt(node) % 2 === 0 && Number.parseInt(node) >= NODE_TESTED) return ok('node', detail)
  return warn('node', detail, `it works, but Node ${NODE_TESTED} is what is tested: npm rebuild node brings it along`)
}

/** @returns SQLite's version. */
async function sqliteVersion(): Promise<string> {
  const { default: Database } = await import('better-sqlite3')
  const memory = new Database(':memory:')
  try {
    return memory.prepare<[], { version: string }>('SELECT sqlite_version() AS version').get()?.version ?? 'unknown'
  } finally {
    memory.close()
  }
}

async function sqliteFinding(): Promise<Finding> {
  try {
    return ok('native_addon', `better-sqlite3 loads, SQLite ${await sqliteVersion()}`)
  } catch (error) {
    return fail(
      'native_addon',
      `better-sqlite3 does not load: ${reasonOf(error)}`,
      'install again with this Node: npm rebuild better-sqlite3, or npm ci',
    )
  }
}

async function loaderFinding(): Promise<Finding> {
  try {
    const { transform, version } = await import('esbuild')
    await transform('const answer: number = 1', { loader: 'ts' })
    return ok('strategy_loader', `esbuild ${version} reads TypeScript`)
  } catch (error) {
    return fail(
      'strategy_loader',
      `esbuild does not run: ${reasonOf(error).split('\n')[0] ?? ''}`,
      'install again without leaving out optional dependencies: npm ci',
    )
  }
}

async function versionsFinding(): Promise<Finding> {
  const parts = [`tallow ${packageVersion()}`, `node ${process.versions.node}`, `ccxt ${ccxtVersion()}`]
  const sqlite = await sqliteVersion().catch(() => 'missing')
  return ok('versions', [...parts, `sqlite ${sqlite}`].join(', '))
}

/** Read from its manifest: to load all of ccxt for it would take a second. */
function ccxtVersion(): string {
  for (let folder = dirname(fileURLToPath(import.meta.resolve('ccxt'))); ; folder = dirname(folder)) {
    const manifest = join(folder, 'package.json')
    const { name, version } = existsSync(manifest) ? readManifest(manifest) : {}
    if (name === 'ccxt') return version ?? 'unknown'
    if (folder === dirname(folder)) return 'unknown'
  }
}

function readManifest(path: string): { readonly name?: string; readonly version?: string } {
  return JSON.parse(readFileSync(path, 'utf8')) as { readonly name?: string; readonly version?: string }
}

function memoryFinding(): Finding {
  const allowed = memoryAllowedBytes(process.constrainedMemory(), totalmem())
  const free = process.availableMemory()
  const detail = `${mebibytes(allowed)} allowed, ${mebibytes(free)} of it free`
  if (allowed < MEMORY_WARN_BYTES)
    return warn('memory', detail, `give it ${mebibytes(MEMORY_WARN_BYTES)}, or use config/memory-optimized.yaml`)
  if (free < MEMORY_FREE_WARN_BYTES)
    return warn('memory', detail, 'end other programs, or give the machine more memory')
  return ok('memory', detail)
}

function mebibytes(bytes: number): string {
  return `${Math.round(bytes / MEBIBYTE)} MiB`
}
