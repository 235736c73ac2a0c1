import { existsSync } from 'node:fs'
import { dirname, join, resolve } from 'node:path'
import { parseEnv } from 'node:util'
import { badInput } from '../../domain/errors.ts'
import type { Io } from '../io.ts'
import { keyFaults } from './check-keys.ts'
import { describeIssue } from './describe-issue.ts'
import { envLayer } from './env-layer.ts'
import { pathText, type KeyPath } from './key-path.ts'
import { mergeLayers, originIn, placeIn, type ConfigFault, type Layer } from './layers.ts'
import { readSettings } from './read-settings.ts'
import { learnSecrets } from './secret-keys.ts'
import { configSchema, type Config } from './schema.ts'
import { yamlLayer } from './yaml-layer.ts'

const DEFAULT_FILE = 'tallow.yaml'

/** A flag that stands for a config key. */
export interface Override {
  /** As typed: `--cash`. */
  readonly flag: string
  readonly path: KeyPath
  /** Undefined: the flag was not given. */
  readonly value: unknown
}

export interface ConfigRequest {
  /** `-c`, in order; later wins. None: `./tallow.yaml` if it is there. */
  readonly files?: readonly string[]
  readonly overrides?: readonly Override[]
}

export interface LoadedConfig {
  /** `data_dir` is absolute. */
  readonly config: Config
  /** What was read, in order: files, then `.env` files. */
  readonly sources: readonly string[]
  /** Where a key was set, or its section; undefined when nobody did. */
  readonly place: (path: KeyPath) => string | undefined
  /** What gave a value: `tallow.yaml:12:5`, `.env: TALLOW__BOT`, `environment: …`, `--cash`, `default`. */
  readonly origin: (path: KeyPath) => string
}

/**
 * Reads the config: defaults, then files, `.env` beside them, environment, flags; later wins. Touches nothing.
 * @throws bad input that tells the first fault: what, where, what is expected.
 */
export function loadConfig(io: Io, request: ConfigRequest = {}): LoadedConfig {
  const { faults, loaded } = readConfig(io, request)
  if (loaded !== undefined) return loaded
  const [first] = faults
  const more = faults.length > 1 ? ` (and ${faults.length - 1} more: tallow config check lists them)` : ''
  throw badInput(`${first?.message ?? 'the config is wrong'}${more}`, {
    ...(first?.where === undefined ? {} : { where: first.where }),
    ...(first?.hint === undefined ? {} : { hint: first.hint }),
  })
}

export type ConfigReading =
  | { readonly loaded: LoadedConfig; readonly faults: readonly [] }
  | { readonly loaded: undefined; readonly faults: readonly ConfigFault[] }

/** The same, with all faults returned. @throws bad input when a file cannot be read at all. */
export function readConfig(io: Io, request: ConfigRequest): ConfigReading {
  const { layers, faults, sources } = readLayers(io, request)
  for (const layer of layers) faults.push(...keyFaults(configSchema, layer))
  // Merging comes after the keys are known to be harmless.
  if (faults.length > 0) return { loaded: undefined, faults }
  const merged = mergeLayers(configSchema, layers)
  const parsed = configSchema.safeParse(merged)
  if (!parsed.success)
    return { loaded: undefined, faults: parsed.error.issues.map(issue => describeIssue(issue, merged, layers)) }
  const config = { ...parsed.data, data_dir: resolve(io.cwd, parsed.data.data_dir) }
  const loaded = {
    config,
    sources,
    place: (path: KeyPath) => placeIn(layers, path),
    origin: (path: KeyPath) => originIn(layers, path),
  }
  return { loaded, faults: [] }
}

interface Layers {
  readonly layers: Layer[]
  readonly faults: ConfigFault[]
  readonly sources: string[]
}

function readLayers(io: Io, request: ConfigRequest): Layers {
  const found: Layers = { layers: [], faults: [], sources: [] }
  const add = (read: { readonly layer: Layer; readonly faults: readonly ConfigFault[] }): void => {
    // Before anything is said about it.
    learnSecrets(io.secrets, read.layer.values)
    found.layers.push(read.layer)
    found.faults.push(...read.faults)
  }
  const files = configFiles(io, request)
  for (const name of files) {
    add(yamlLayer(name, resolve(io.cwd, name), io.secrets))
    found.sources.push(name)
  }
  const folders = new Set(files.length > 0 ? files.map(name => dirname(resolve(io.cwd, name))) : [io.cwd])
  for (const folder of folders) {
    const path = join(folder, '.env')
    if (!existsSync(path)) continue
    add(envLayer(configSchema, parseEnv(readSettings('file of settings', path)), path))
    found.sources.push(path)
  }
  add(envLayer(configSchema, io.env, 'environment'))
  found.layers.push(...(request.overrides ?? []).filter(({ value }) => value !== undefined).map(flagLayer))
  return found
}

function configFiles(io: Io, request: ConfigRequest): readonly string[] {
  if (request.files !== undefined && request.files.length > 0) return request.files
  return existsSync(join(io.cwd, DEFAULT_FILE)) ? [DEFAULT_FILE] : []
}

function flagLayer({ flag, path, value }: Override): Layer {
  const values = path.reduceRight<unknown>((inner, key) => ({ [key]: inner }), value)
  const own = pathText(path)
  return {
    values,
    placeOf: asked => (asked.length >= path.length && pathText(asked).startsWith(own) ? flag : undefined),
  }
}
