#!/usr/bin/env node
// Plain JavaScript that Node 12 can still parse: an older Node has to get as far as the version check below. Nothing
// else may be loaded before it, since native addons crash there instead of saying what is wrong.
import { spawn } from 'child_process'
import { existsSync, readFileSync } from 'fs'
import { constants } from 'os'
import { dirname, join } from 'path'
import { fileURLToPath, pathToFileURL } from 'url'

const NODE_MIN = /** @type {const} */ ([22, 18])
const RESTARTED = 'TALLOW_RESTARTED_WITH_PINNED_NODE'
const FORWARDED_SIGNALS = ['SIGINT', 'SIGTERM', 'SIGHUP', 'SIGQUIT', 'SIGUSR2']
const SIGNAL_GRACE_MS = 100

const self = fileURLToPath(import.meta.url)
const packageFolder = dirname(dirname(self))

/** @param {string} version `24.1.0` */
function isNewEnough(version) {
  const parts = version.split('.').map(Number)
  const major = parts[0] || 0
  return major > NODE_MIN[0] || (major === NODE_MIN[0] && (parts[1] || 0) >= NODE_MIN[1])
}

/** @param {string} file */
function versionIn(file) {
  try {
    return String(JSON.parse(readFileSync(file, 'utf8')).version)
  } catch (_error) {
    return '0.0.0'
  }
}

/** The nearest Node of the npm package `node` that is new enough: ours in a checkout, a neighbour once installed. */
function findPinnedNode() {
  const executable = process.platform === 'win32' ? 'node.exe' : 'node'
  for (let folder = packageFolder; ; folder = dirname(folder)) {
    const pinned = join(folder, 'node_modules', 'node')
    const path = join(pinned, 'bin', executable)
    if (existsSync(path) && isNewEnough(versionIn(join(pinned, 'package.json')))) return path
    if (folder === dirname(folder)) return undefined
  }
}

/**
 * Runs this file again with another Node and ends as that process ends. Signals are handed on and never end this
 * process first: on Ctrl-C the daemon still has to close its ledger.
 * @param {string} node
 */
function restartWith(node) {
  const env = Object.assign({}, process.env)
  env[RESTARTED] = '1'
  const child = spawn(node, process.execArgv.concat(self, process.argv.slice(2)), { stdio: 'inherit', env: env })
  const forward = function (/** @type {NodeJS.Signals} */ signal) {
    child.kill(signal)
  }
  FORWARDED_SIGNALS.forEach(signal => process.on(signal, forward))
  child.on('error', error => {
    console.error('tallow: could not start ' + node + ': ' + error.message)
    process.exit(1)
  })
  child.on('close', (code, signal) => {
    FORWARDED_SIGNALS.forEach(name => process.removeListener(name, forward))
    if (!signal) process.exit(code === null ? 1 : code)
    process.kill(process.pid, signal)
    // The first process of a container survives its own signals: it must not end as if all were well.
    setTimeout(() => process.exit(128 + constants.signals[signal]), SIGNAL_GRACE_MS)
  })
}

/** @returns {string | undefined} the compiled command line, or its sources in a checkout that was not built. */
function findMain() {
  const compiled = join(packageFolder, 'dist', 'cli', 'main.js')
  const source = join(packageFolder, 'src', 'cli', 'main.ts')
  const order = process.env.TALLOW_SRC === '1' ? [source, compiled] : [compiled, source]
  return order.find(existsSync)
}

function start() {
  delete process.env[RESTARTED]
  const main = findMain()
  if (main === undefined) {
    console.error('tallow: neither dist/ nor src/ is in ' + packageFolder + '; run `npm run build`, or install again')
    process.exitCode = 1
    return
  }
  process.setSourceMapsEnabled(true)
  import(pathToFileURL(main).href)
    .then(loaded => loaded.main(process.argv.slice(2)))
    .then(code => {
      process.exitCode = code
    })
    .catch(error => {
      console.error(error)
      process.exitCode = 1
    })
}

function explainOldNode() {
  const restarted = process.env[RESTARTED] === '1'
  const pinned = restarted ? undefined : findPinnedNode()
  if (pinned !== undefined) {
    restartWith(pinned)
    return
  }
  console.error(
    'tallow: needs Node.js ' +
      NODE_MIN.join('.') +
      ' or newer, this is ' +
      process.versions.node +
      '; install Node.js 24, or run `npm rebuild node` here to bring the pinned one back',
  )
  process.exitCode = 2
}

if (isNewEnough(process.versions.node)) start()
else explainOldNode()
