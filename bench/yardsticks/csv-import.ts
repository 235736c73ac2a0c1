// Reads a CSV of candles as `data import` does and tells time and peak memory.
import { loadCandleFile } from '../../src/frame/formats/load-candle-file.ts'

const startedMs = performance.now()
const { frame } = await loadCandleFile(process.argv[2] ?? '')
const ms = performance.now() - startedMs
const sum = frame.close.values.subarray(0, frame.length).reduce((total, value) => total + value, 0)
console.log(JSON.stringify({ ms, mb: process.resourceUsage().maxRSS / 1_024, rows: frame.length, sum }))
