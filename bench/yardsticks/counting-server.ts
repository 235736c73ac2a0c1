// A server that takes points and only counts them, in a process of its own: what it costs does not count for who writes.
import { createServer } from 'node:http'
import { gunzip } from 'node:zlib'

const LINE_FEED = 0x0a

let lines = 0
let bytes = 0

const server = createServer((request, response) => {
  const chunks: Buffer[] = []
  request.on('data', (chunk: Buffer) => chunks.push(chunk))
  request.on('end', () => {
    const body = Buffer.concat(chunks)
    const done = (text: Buffer): void => {
      count(text)
      response.writeHead(204).end()
    }
    if (request.headers['content-encoding'] !== 'gzip') done(body)
    else gunzip(body, (error, text) => (error ? response.writeHead(400).end(error.message) : done(text)))
  })
})
server.listen(0, '127.0.0.1', () => process.send?.({ address: server.address() }))

process.on('message', () => {
  process.send?.({ lines, bytes })
  lines = 0
  bytes = 0
})

/** Batches are cut in other places by each who writes: line ends in between are not counted. */
function count(text: Buffer): void {
  for (let at = text.indexOf(LINE_FEED); at >= 0; at = text.indexOf(LINE_FEED, at + 1)) {
    lines++
    bytes--
  }
  lines++
  bytes += text.length
}
