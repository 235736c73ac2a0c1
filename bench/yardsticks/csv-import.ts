// Reads a CSV of candles as `data import` does, or without its threads, and tells time, processor time and peak memory.
import { readFileSync } from 'node:fs'
import { availableParallelism } from 'node:os'
import { loadCandleFile } from '../../src/frame/formats/load-candle-file.ts'
import { createWorkerPool } from '../../src/runtime/create-worker-pool.ts'

const pool = createWorkerPool({ size: Math.min(availableParallelism(), 4) })
const startedMs = performance.now()
const startedCpu = process.cpuUsage()
const { frame } = await loadCandleFile(process.argv[2] ?? '', process.argv[3] === 'alone' ? {} : { runner: pool })
const ms = performance.now() - startedMs
const { user, system } = process.cpuUsage(startedCpu)
const cpuMs = (user + system) / 1_000
await pool.close()
const sum = frame.close.values.subarray(0, frame.length).reduce((total, value) => total + value, 0)
console.log(JSON.stringify({ ms, cpuMs, mb: peakMb(), rows: frame.length, sum }))

/** Of this program alone: what `getrusage` tells includes the process that started it. */
function peakMb(): number {
  return Number(/VmHWM:\s+(\d+)/.exec(readFileSync('/proc/self/status', 'utf8'))?.[1]) / 1_024
}
