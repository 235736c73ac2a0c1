// Reads a CSV of candles as `data import` does, or without its threads, and tells time and peak memory.
import { availableParallelism } from 'node:os'
import { loadCandleFile } from '../../src/frame/formats/load-candle-file.ts'
import { createWorkerPool } from '../../src/runtime/create-worker-pool.ts'

const pool = createWorkerPool({ size: Math.min(availableParallelism(), 4) })
const startedMs = performance.now()
const { frame } = await loadCandleFile(process.argv[2] ?? '', process.argv[3] === 'alone' ? {} : { runner: pool })
const ms = performance.now() - startedMs
await pool.close()
const sum = frame.close.values.subarray(0, frame.length).reduce((total, value) => total + value, 0)
console.log(JSON.stringify({ ms, mb: process.resourceUsage().maxRSS / 1_024, rows: frame.length, sum }))
